// What is said about a run's slice: over the picture, below it, and to who cannot see it. Pure: no DOM.

import type { Smooth } from "../smoothing";
import type { Slice } from "../protocol";
import { count, digits, percent, steady, withError } from "../numbers";
import { plotDelta, type Law, type Picture } from "./plane";
import type { Seen as Space } from "./space";

/** What of a slice is shown, and how. */
export interface Seen {
  slice: Slice;
  replaced: number; // values that are not finite
  picture: Picture;
  law: Law;
  m: number;
  delta: number | null; // null while it is not known
  smooth: Smooth | null; // of the plane; null where nothing can be smoothed
  space: Space | null; // of a picture in full space; null of the others
  raw: boolean;
  close: boolean; // zoomed to ±8δ
  found: { minima: number; mirrorMass: number } | null; // null while it is not known
  range: readonly [number, number] | null; // of the heights, where all kept slices share it
}

const labels: Record<Picture, string> = {
  slice: "slice smoothing (illustrative): the picture convolved in its plane",
  projected: "projected: the picture convolved with what the kernel leaves in this plane",
  full: "full space: the loss itself smoothed in all dimensions",
  measured: "measured: the loss smoothed by recorded noise of mini-batches",
};

const names = { full: "full space", measured: "measured" } as const;

/** drawn is the picture that is drawn: that of the plane while the one in full space is not there. */
export function drawn({ picture, space }: Pick<Seen, "picture" | "space">): Picture { return space && !space.smooth ? "slice" : picture; }

/** inSpace says how good a picture in full space is, or why it is not there; "" of the others. */
export function inSpace(seen: Seen): string {
  const { picture, space } = seen;
  if (!space || (picture !== "full" && picture !== "measured")) return "";
  const name = names[picture], words = space.words.replace(/\.$/, "");
  if (space.done && !space.smooth) return `No ${name} here, slice smoothing is shown instead. ${words}.`;
  return `${name[0]!.toUpperCase()}${name.slice(1)}: ${words}.${space.smooth ? "" : " Until it is there, slice smoothing is shown."}`;
}

/** A slice of a small network: server/sliceplan.go leaves out what a larger one would take too long for. */
const usualImages = 512, usualLevels = 4;

/** hollow: no value of the slice can be drawn. */
export function hollow({ slice, replaced }: Pick<Seen, "slice" | "replaced">): boolean {
  return slice.alphas.length < 3 || slice.betas.length !== slice.alphas.length || replaced === slice.z.length;
}

export function label(seen: Seen): string {
  const { raw, delta, picture } = seen, shown = drawn(seen);
  return raw ? "raw: the loss as it was evaluated" : delta === null ? "raw: δ is not known yet, because C is not"
    : shown === picture ? labels[picture] : `slice smoothing (illustrative); ${names[picture as keyof typeof names]} is ${seen.space!.done ? "not to be had here" : "being computed"}`;
}

export function caption(seen: Seen): string {
  const { slice, smooth, space, raw, delta, law, m, range } = seen, picture = drawn(seen), name = law === "gaussian" ? "Gaussian" : "uniform ball";
  const written = raw || !smooth || delta === null ? "raw, not smoothed"
    : space?.smooth ? `δ = ${steady(space.delta)}, drawn ×${m}: ${steady(plotDelta(slice, space.delta, m))} (${picture === "full" ? `${name}, vector convention, all dimensions` : "recorded noise"}) · ${space.words}`
    : picture === "slice" ? `δ = ${steady(delta)}, drawn ×${m}: ${steady(plotDelta(slice, delta, m))} (${name}, vector convention)`
    : `δ = ${steady(delta)}, drawn ×${m}: ${steady(smooth.delta)} standard deviation per axis (δ/√${law === "gaussian" ? "d" : "(d+2)"}, ${name})`;
  return `${written} · update ${count(slice.step)}${range ? " · one scale for all" : ""}`;
}

/** left is what the slider adds to its value when it is spoken. */
export function left({ found }: Seen): string {
  return found === null ? "" : found.minima === 0 ? "no minimum left in view" : `${count(found.minima)} ${found.minima === 1 ? "minimum" : "minima"} left in view`;
}

export function evaluated({ slice }: Seen): string {
  const n = slice.alphas.length;
  return `${n} × ${n} points (level ${slice.level + 1} of ${slice.levels}) over ±${digits(slice.viewHalfWidth + slice.halo)}, ${count(slice.images)} images, at update ${count(slice.step)}`;
}

export function lift({ slice: { lift } }: Seen): string {
  return lift ? `${withError(lift.mean, lift.stdErr)} at δ = ${steady(lift.delta)} (${count(lift.pairs)} pairs)` : "not measured yet";
}

export function inPlot({ slice, delta, m }: Seen): string {
  return delta === null ? "not known yet" : `m·δ/‖d₁‖ = ${steady(plotDelta(slice, delta, m))}; ${steady(plotDelta(slice, delta, 1))} at m = 1`;
}

export function sentence(seen: Seen): string {
  const { slice, found, replaced, range } = seen, { z } = slice;
  if (z.length === 0) return `The slice of update ${count(slice.step)} holds no values: there is nothing to draw.`;
  if (hollow(seen)) return `None of the ${count(z.length)} losses around update ${count(slice.step)} is finite: there is nothing to draw. Go back to an earlier slice to see where the run was before.`;
  const parts = [`L(θ + α·d₁ + β·d₂) around update ${count(slice.step)}, ${slice.plane ?? "both directions filter-normalised"}, ‖d₁‖ = ${digits(slice.norms[0])}.`];
  const finest = 6 * 2 ** (slice.levels - 1) + 1;
  if (slice.images < usualImages || slice.levels < usualLevels) {
    parts.push(`This network is large, so the picture is coarse: ${count(slice.images)} images behind each loss and at most ${finest} × ${finest} points.`);
  }
  if (range) parts.push(`Heights, colors and lines are those of all kept slices, ${digits(range[0])} to ${digits(range[1])}: they stay while the run plays.`);
  if (slice.loss !== null) parts.push(`The loss at the center is ${digits(slice.loss, 4)}.`);
  if (replaced > 0) parts.push(`${count(replaced)} of ${count(z.length)} points ${replaced === 1 ? "is" : "are"} not finite and drawn as the largest finite one.`);
  if (!seen.raw && seen.smooth && !seen.space?.smooth && found && found.mirrorMass > 1e-4) {
    parts.push(`${percent(found.mirrorMass)} of the kernel reaches past the evaluated plane, where the picture is mirrored.`);
  }
  if (seen.close) parts.push("Zoomed to ±8δ; between the evaluated points the picture is interpolated.");
  return parts.join(" ");
}
