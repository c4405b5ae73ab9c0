// The kernels: laws of u in f̂_δ(x) = E f(x − δu), in the plane, each defined by its transfer function. landscape/kernel.go is the same in Go.

export type Law = "gaussian" | "uniform" | "stable";
export type Convention = "vector" | "coordinate";

export interface Kernel {
  readonly law: Law;
  readonly convention: Convention; // ignored for stable, which has a scale of its own
  readonly alpha: number; // tail index, 1 < alpha < 2; ignored for the other laws
}

/** scale is the standard deviation per axis (Gaussian) or the radius (uniform) at δ = 1. */
export function scale(k: Kernel): number {
  if (k.law === "gaussian" && k.convention === "vector") return Math.SQRT1_2;
  if (k.law === "uniform" && k.convention === "coordinate") return 2; // √(d+2)
  return 1;
}

/** transfer is the factor by which smoothing of degree δ multiplies a plane wave of that wavenumber: E exp(−iδk·u). */
export function transfer(k: Kernel, delta: number, wavenumber: number): number {
  const w = delta * scale(k) * wavenumber;
  switch (k.law) {
    case "gaussian": return Math.exp((-w * w) / 2);
    case "uniform": return jinc(w);
    case "stable": return Math.exp(-Math.pow(w, k.alpha));
  }
}

/** stdDev of δu per axis; infinite for stable. */
export function stdDev(k: Kernel, delta: number): number {
  if (delta === 0) return 0;
  switch (k.law) {
    case "gaussian": return delta * scale(k);
    case "uniform": return (delta * scale(k)) / 2; // radius/√(d+2)
    case "stable": return Infinity;
  }
}

/** massOutside is P(‖δu‖ > r). */
export function massOutside(k: Kernel, delta: number, r: number): number {
  if (delta === 0) return 0;
  const rho = r / (delta * scale(k));
  switch (k.law) {
    case "gaussian": return Math.exp((-rho * rho) / 2);
    case "uniform": return Math.max(0, 1 - rho * rho);
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

/** jinc is 2J₁(w)/w, by its series where the quotient would lose digits. */
function jinc(w: number): number {
  return Math.abs(w) < 1e-4 ? 1 - (w * w) / 8 : (2 * j1(w)) / w;
}

/**
 * j1 is the Bessel function of the first kind and order 1: the power series below 12, where its largest term costs four digits of sixteen, and
 * Hankel's asymptotic expansion from there on, whose smallest term is below 10⁻¹⁰ (Abramowitz & Stegun 9.1.10 and 9.2.5).
 */
export function j1(x: number): number {
  const a = Math.abs(x);
  if (a < 12) {
    const q = -(x * x) / 4;
    let term = x / 2, sum = term;
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 60; k++) {
      term *= q / (k * (k + 1));
      sum += term;
    }
    return sum;
  }
  let p = 1, q = 0, term = 1;
  for (let k = 1; k <= 24; k++) {
    const next = (term * (4 - (2 * k - 1) * (2 * k - 1))) / (k * 8 * a);
    if (Math.abs(next) > Math.abs(term)) break; // asymptotic: its smallest term comes before
    term = next;
    const signed = k % 4 < 2 ? term : -term;
    if (k % 2) q += signed; else p += signed;
  }
  const phase = a - 0.75 * Math.PI;
  return Math.sign(x) * Math.sqrt(2 / (Math.PI * a)) * (p * Math.cos(phase) - q * Math.sin(phase));
}

/** radius is where a drawing of the kernel ends: the edge of a disc, two standard deviations of a Gaussian, the scale of a stable law. */
export function radius(k: Kernel, delta: number): number {
  return delta * scale(k) * (k.law === "gaussian" ? 2 : 1);
}

/** The density of one coordinate of u, up to a factor, and how far from 0 it is worth drawing. */
export interface Marginal { density(s: number): number; reach: number }

/** marginal of u along a line of the plane: normal, a half circle, or an α-stable density. */
export function marginal(k: Kernel): Marginal {
  const r = scale(k);
  switch (k.law) {
    case "gaussian": return { density: (s) => Math.exp((-s * s) / (2 * r * r)), reach: 3.5 * r };
    case "uniform": return { density: (s) => Math.sqrt(Math.max(0, 1 - (s * s) / (r * r))), reach: r };
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
