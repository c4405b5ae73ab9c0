// What is said about the four pictures: how far they differ, and why. Pure functions of what they show.

import { digits } from "../explore/numbers";
import type { Kernel } from "../kernel";
import { compare, type Difference } from "./compare";

/** The labels of the pictures, as they stand on every screen. */
export const labels = {
  slice: "slice smoothing (illustrative)",
  projected: "projected",
  full: "full space",
  measured: "measured",
  exact: "exact: slice smoothing, projected and full space in one",
} as const;
export type PictureId = keyof typeof labels;

/** What the words are about. */
export interface Facts {
  dim: number; // d
  kernel: Kernel; // of the plane
  delta: number; // in the units of the picture
  name: string; // "f" or "L"
  unit: string; // what follows the width of the noise in the plane: "" or " in units of the plane"
  recorded: string; // which noise "measured" has, "" while that is not known
  caution: string; // what else has to be said, "" for nothing
}

/** The heights of a picture and the greatest standard error of them, as a share of the range of f; 0 where they are exact. */
export interface Shown { heights: Float32Array; error: number }

/** sentences say how far the pictures differ, as shares of the range of f, as far as they are there. */
export function sentences(facts: Facts, range: number, shown: (id: PictureId) => Shown | null): string {
  const parts: string[] = [], slice = shown("slice"), projected = shown("projected"), full = shown("full"), measured = shown("measured"), exact = shown("exact");
  const share = (v: number): string => `${digits((100 * v) / range, 2)} %`;
  if (exact) {
    parts.push(`Two variables have no noise outside of their plane: slice smoothing, projected and full space are one picture.`);
  } else if (projected) {
    parts.push(`In ${facts.dim} dimensions the noise has ${width(facts)}${facts.unit} along an axis of this plane.`);
    if (slice) {
      const d = compare(slice.heights, projected.heights);
      parts.push(d.largest < 1e-6 * range ? "Slice smoothing, which takes all of it for noise of the plane, is the same here." : `Slice smoothing, which puts all of it into the plane, differs from projected by up to ${share(d.largest)} of the range of ${facts.name}, typically ${share(d.typical)}.`);
    }
    if (full) {
      const d = compare(full.heights, projected.heights), beside = slice && compare(full.heights, slice.heights);
      parts.push(`${lifted("Full space", d, range)}: that is the noise in the other ${facts.dim - 2} directions.`);
      if (beside) parts.push(`It differs from slice smoothing by up to ${share(beside.largest)}, typically ${share(beside.typical)}.`);
    }
  }
  const reference = full ?? exact;
  if (measured && reference) {
    const d = compare(measured.heights, reference.heights), within = 3 * (measured.error + reference.error) * range;
    parts.push(d.largest <= within
      ? `Measured, on ${facts.recorded}, agrees with ${full ? "full space" : "it"} within the errors: up to ${share(d.largest)} apart.`
      : `${lifted(`Measured, on ${facts.recorded},`, d, range, full ? "full space" : "it")}: recorded noise is not the same in all directions.`);
  }
  if (facts.caution) parts.push(facts.caution);
  return parts.join(" ");
}

/** lifted says how a picture lies over another one. */
function lifted(what: string, d: Difference, range: number, than = "projected"): string {
  const size = Math.max(Math.abs(d.least), Math.abs(d.most)), share = `${digits((100 * Math.abs(d.lift)) / range, 2)} % of the range`;
  const verb = `${what} lies ${digits(Math.abs(d.lift))} ${d.lift < 0 ? "lower" : "higher"} than ${than} in the mean, ${share}`;
  if (size < 1e-6 * range) return `${what} is the same as ${than} to a millionth of the range`;
  return d.most - d.least < 0.01 * Math.max(range, size) ? `${verb}, and nearly as much everywhere` : `${verb}, but between ${digits(d.least)} and ${digits(d.most)}`;
}

/** width of what the kernel of all dimensions leaves on an axis of the plane. */
function width({ kernel, dim, delta }: Facts): string {
  if (kernel.law === "stable") return `the same scale δ = ${digits(delta)} (an α-stable law keeps it)`;
  if (kernel.convention === "coordinate") return `the standard deviation δ = ${digits(delta)} as along every other,`;
  const root = Math.sqrt(kernel.law === "gaussian" ? dim : dim + 2), formula = kernel.law === "gaussian" ? "δ/√d" : "δ/√(d+2)";
  return `only ${formula} = ${digits(delta / root)}`;
}
