// The kernels: laws of u in f̂_δ(x) = E f(x − δu), each defined by its transfer function. landscape/kernel.go is the same in Go.

import { ballTransfer } from "./ball";
import { j1 } from "./bessel";

export type Law = "gaussian" | "uniform" | "stable";
export type Convention = "vector" | "coordinate";

export interface Kernel {
  readonly law: Law;
  readonly convention: Convention; // ignored for stable, which has a scale of its own
  readonly alpha: number; // tail index, 1 < alpha < 2; ignored for the other laws
  readonly dim?: number; // d, the number of coordinates of u, 2 if it is left out; of more than two the plane gets the marginal
}

function dim(k: Kernel): number { return k.dim ?? 2; }

/** scale is the standard deviation per axis (Gaussian) or the radius (uniform) at δ = 1. */
export function scale(k: Kernel): number {
  if (k.law === "gaussian" && k.convention === "vector") return 1 / Math.sqrt(dim(k));
  if (k.law === "uniform" && k.convention === "coordinate") return Math.sqrt(dim(k) + 2);
  return 1;
}

/** transfer is the factor by which smoothing of degree δ multiplies a plane wave of that wavenumber: E exp(−iδk·u). */
export function transfer(k: Kernel, delta: number, wavenumber: number): number {
  const w = delta * scale(k) * wavenumber;
  switch (k.law) {
    case "gaussian": return Math.exp((-w * w) / 2);
    case "uniform": return ballTransfer(dim(k), w);
    case "stable": return Math.exp(-Math.pow(w, k.alpha));
  }
}

/** stdDev of δu per axis; infinite for stable. */
export function stdDev(k: Kernel, delta: number): number {
  if (delta === 0) return 0;
  switch (k.law) {
    case "gaussian": return delta * scale(k);
    case "uniform": return (delta * scale(k)) / Math.sqrt(dim(k) + 2);
    case "stable": return Infinity;
  }
}

/** massOutside is P(‖δu‖ > r) in the plane. */
export function massOutside(k: Kernel, delta: number, r: number): number {
  if (delta === 0) return 0;
  const rho = r / (delta * scale(k));
  switch (k.law) {
    case "gaussian": return Math.exp((-rho * rho) / 2);
    case "uniform": return Math.pow(Math.max(0, 1 - rho * rho), dim(k) / 2);
    case "stable": return stableMassOutside(k.alpha, rho);
  }
}

/** stableMassOutside is 1 − ρ∫₀^∞ J₁(ρt) exp(−t^α) dt, by Simpson's rule with 40 intervals to a wave of J₁; the integrand is below 10⁻¹⁷ from t^α = 39 on. */
function stableMassOutside(alpha: number, rho: number): number {
  const end = Math.pow(39, 1 / alpha);
  const n = 2 * Math.ceil(Math.max(400, (20 * rho * end) / (2 * Math.PI))), h = end / n;
  let sum = 0;
  for (let i = 1; i <= n; i++) {
    const t = i * h;
    sum += (i === n ? 1 : i % 2 ? 4 : 2) * j1(rho * t) * Math.exp(-Math.pow(t, alpha));
  }
  return Math.min(1, Math.max(0, 1 - (rho * sum * h) / 3));
}

/** exists: f̂ exists for a function that grows as |x|^growth. An α-stable u has E‖u‖^g only for g < α. */
export function exists(k: Kernel, growth: number): boolean {
  return k.law !== "stable" || growth < k.alpha;
}

/** batchExponent is the q of δ = ηC·b^−q. */
export function batchExponent(k: Kernel): number {
  return k.law === "stable" ? (k.alpha - 1) / k.alpha : 0.5;
}

/** degree of smoothing of SGD with learning rate η, batch size b and gradient spread C. */
export function degree(k: Kernel, eta: number, b: number, c: number): number {
  return eta * c * Math.pow(b, -batchExponent(k));
}

/** learningRateFor is the inverse of degree in η. */
export function learningRateFor(k: Kernel, delta: number, b: number, c: number): number {
  return (delta / c) * Math.pow(b, batchExponent(k));
}

/** radius is where a drawing of the kernel ends: the edge of a disc, two standard deviations of a Gaussian, the scale of a stable law. */
export function radius(k: Kernel, delta: number): number {
  return delta * scale(k) * (k.law === "gaussian" ? 2 : 1);
}

/** The density of one coordinate of u, up to a factor, and how far from 0 it is worth drawing. */
export interface Marginal { density(s: number): number; reach: number }

/** marginal of u along a line of the plane: normal, that of a ball (of a disc a half circle), or an α-stable density. */
export function marginal(k: Kernel): Marginal {
  const r = scale(k);
  switch (k.law) {
    case "gaussian": return { density: (s) => Math.exp((-s * s) / (2 * r * r)), reach: 3.5 * r };
    case "uniform": return { density: (s) => Math.pow(Math.max(0, 1 - (s * s) / (r * r)), (dim(k) - 1) / 2), reach: r };
    case "stable": return { density: (s) => stableDensity(k.alpha, s), reach: 8 };
  }
}

/** stableDensity is ∫₀^∞ cos(st) exp(−t^α) dt, π times the density, by Simpson's rule; the integrand is below 10⁻⁶ from t^α = 14 on. */
function stableDensity(alpha: number, s: number): number {
  const end = Math.pow(14, 1 / alpha), n = 400, h = end / n;
  let sum = 1;
  for (let i = 1; i <= n; i++) {
    const t = i * h;
    sum += (i === n ? 1 : i % 2 ? 4 : 2) * Math.cos(s * t) * Math.exp(-Math.pow(t, alpha));
  }
  return (sum * h) / 3;
}
