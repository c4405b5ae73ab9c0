// From a run's slice to what is drawn: the number of points, the degree of smoothing in plot units, the words.
// Pure: no DOM, no clock.

import { stdDev, type Kernel } from "../kernel";
import type { Slice } from "../protocol";
import type { Smooth } from "../smoothing";

/**
 * The four pictures: the plane's picture convolved with a kernel of the plane; with the true marginal of the kernel in d dimensions; and what
 * the server samples in all d dimensions, with the kernel and with recorded noise.
 */
export const pictures = ["slice", "projected", "full", "measured"] as const;
export type Picture = (typeof pictures)[number];
export type Law = "gaussian" | "uniform";

/** plotDelta is m·δ/‖d₁‖: one unit of α is a step of length ‖d₁‖ in parameter space. */
export function plotDelta(slice: Slice, delta: number, m: number): number {
  return (m * delta) / slice.norms[0];
}

/**
 * smoothing says which kernel of the plane makes the picture. For "slice" it is the law itself, vector convention; so it is for what is shown
 * while the server computes. For "projected" it is what the law in d dimensions leaves in the plane: exactly Gaussian with standard deviation δ/√d per axis for the
 * vector Gaussian; for the ball, whose marginal is Gaussian up to O(1/d), δ/√(d+2).
 */
export function smoothing(slice: Slice, picture: Picture, law: Law, delta: number, m: number, d: number): Smooth {
  const plane = plotDelta(slice, delta, m);
  if (picture !== "projected") return { kernel: kernel(law, "vector"), delta: plane };
  return { kernel: kernel("gaussian", "coordinate"), delta: plane / Math.sqrt(law === "gaussian" ? d : d + 2) };
}

/** largestDelta is the δ whose kernel has five standard deviations within what was evaluated beyond the view: the most that the picture smooths by. */
export function largestDelta(slice: Slice, picture: Picture, law: Law, m: number, d: number): number {
  const unit = smoothing(slice, picture, law, 1, m, Math.max(1, d));
  return slice.halo / (5 * stdDev(unit.kernel, unit.delta));
}

function kernel(law: Law, convention: Kernel["convention"]): Kernel {
  return { law, convention, alpha: 1.5 }; // alpha is not used by these laws
}

/** defaultMagnification makes δ a tenth of the view's half-width: the server's, or the same from the run's first δ; 1 while δ is not known. */
export function defaultMagnification(slice: Slice, firstDelta: number | null): number {
  const m = slice.magnification ?? (firstDelta ? (0.1 * slice.viewHalfWidth * slice.norms[0]) / firstDelta : 1);
  return Number.isFinite(m) && m > 0 ? Number(m.toPrecision(3)) : 1;
}

/** readMagnification reads what was typed: a number above 0, with or without "×"; null where it is none. */
export function readMagnification(text: string): number | null {
  const cleaned = text.trim().replace(/^[×x]\s*/, "").replace(",", ".");
  const m = Number(cleaned);
  return cleaned !== "" && Number.isFinite(m) && m > 0 && m <= 1e9 ? m : null;
}

/** zoomHalfWidth is ±8δ of the vector Gaussian that is as wide as the kernel, never more than the view and never less than a hundredth of it. */
export function zoomHalfWidth(slice: Slice, { kernel, delta }: Smooth): number {
  return Math.min(slice.viewHalfWidth, Math.max(8 * Math.SQRT2 * stdDev(kernel, delta), slice.viewHalfWidth / 100));
}

/** A slice's grid with what is not finite replaced by the largest finite value, and how many that were. */
export function finiteGrid(slice: Slice): { z: Float64Array; replaced: number } {
  const z = Float64Array.from(slice.z);
  let highest = -Infinity, replaced = 0;
  for (const v of z) if (Number.isFinite(v) && v > highest) highest = v;
  for (let i = 0; i < z.length; i++) {
    if (!Number.isFinite(z[i]!)) { z[i] = Number.isFinite(highest) ? highest : 0; replaced++; }
  }
  return { z, replaced };
}
