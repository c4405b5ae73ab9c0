// What is said about the four pictures: how far they differ, and why. Pure functions of what they show.

import { count, digits } from "../numbers";
import type { Lattice } from "../field";
import type { Kernel } from "../kernel";
import { compare, valueAt, type Difference } from "./compare";

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

/** A picture over [lo, hi]² with its standard errors; null where it is exact. */
export interface Shown { lo: number; hi: number; n: number; heights: Float32Array; errors: Lattice | null }

/** sentences say how far the pictures differ, as shares of the range of f, as far as they are there. */
export function sentences(facts: Facts, range: number, shown: (id: PictureId) => Shown | null): string {
  const parts: string[] = [], slice = shown("slice"), projected = shown("projected"), full = shown("full"), measured = shown("measured"), exact = shown("exact");
  const share = (v: number): string => `${digits((100 * v) / range, 2)} %`;
  if (exact) {
    parts.push("Two variables have no noise outside of their plane: slice smoothing, projected and full space are one picture.");
  } else if (projected) {
    parts.push(`In ${count(facts.dim)} dimensions the noise has ${width(facts)}${facts.unit} along an axis of this plane.`);
    if (full) parts.push(`Full space lies ${over(compare(full.heights, projected.heights), range, facts.name)} projected: that is the noise in the other ${count(facts.dim - 2)} directions.`);
    if (slice) {
      const near = compare(slice.heights, projected.heights), far = full && compare(slice.heights, full.heights);
      const away = near.largest < 1e-6 * range ? "the same as projected" : `up to ${share(near.largest)} of the range away from projected (typically ${share(near.typical)})`;
      parts.push(`Slice smoothing, which puts all noise into the plane, is ${away}${far ? ` and up to ${share(far.largest)} from full space (typically ${share(far.typical)})` : ""}.`);
    }
  }
  const reference = full ?? exact;
  if (measured && reference) {
    const d = compare(measured.heights, reference.heights), than = full ? "full space" : "it", worst = standardErrors(measured, reference, range), middle = measured.heights.length >> 1;
    parts.push(worst <= agreement
      ? `Measured agrees with ${than} within its errors: up to ${share(d.largest)} of the range apart.`
      : `Measured lies ${over(d, range, facts.name)} ${than}, by ${digits(measured.heights[middle]! - reference.heights[middle]!)} in the center: up to ${digits(worst, 2)} standard errors, for recorded noise is not the same in all directions.`);
  }
  if (facts.caution) parts.push(facts.caution);
  return parts.join(" ");
}

/** Pictures whose noise is common to all places agree up to so many standard errors. */
const agreement = 4;

/** standardErrors is how far apart two pictures are at the node where their errors explain it least. */
function standardErrors(a: Shown, b: Shown, range: number): number {
  const lattice = a.errors ?? b.errors;
  if (!lattice) return Infinity;
  let worst = 0;
  for (let row = 0; row < lattice.n; row++) {
    for (let col = 0; col < lattice.n; col++) {
      const [x, y] = [col, row].map((i) => lattice.lo + ((lattice.hi - lattice.lo) * i) / (lattice.n - 1)) as [number, number];
      if (x < a.lo || x > a.hi || y < a.lo || y > a.hi) continue;
      const error = Math.hypot(...[a, b].map(({ errors }) => (errors ? valueAt(errors, x, y) : 0))), apart = Math.abs(valueAt({ ...a, z: a.heights }, x, y) - valueAt({ ...b, z: b.heights }, x, y));
      if (apart > 1e-5 * range) worst = Math.max(worst, apart / error); // below, it is the rounding of the grids
    }
  }
  return worst;
}

/** over says how a picture lies over another one, whose name follows. */
function over(d: Difference, range: number, name: string): string {
  if (d.largest < 1e-6 * range) return "to a millionth of the range as high as";
  const even = d.most - d.least < Math.max(0.1 * Math.abs(d.lift), 1e-3 * range), span = even ? "nearly the same everywhere" : `${digits(d.least)} to ${digits(d.most)}`;
  return `${digits(Math.abs(d.lift))} (${digits((100 * Math.abs(d.lift)) / range, 2)} % of the range of ${name}, ${span}) ${d.lift < 0 ? "below" : "above"}`;
}

/** width of what the kernel of all dimensions leaves on an axis of the plane. */
function width({ kernel, dim, delta }: Facts): string {
  if (kernel.law === "stable") return `the same scale δ = ${digits(delta)} (an α-stable law keeps it)`;
  if (kernel.convention === "coordinate") return `the standard deviation δ = ${digits(delta)} as along every other,`;
  const root = Math.sqrt(kernel.law === "gaussian" ? dim : dim + 2), formula = kernel.law === "gaussian" ? "δ/√d" : "δ/√(d+2)";
  return `only ${formula} = ${digits(delta / root)}`;
}
