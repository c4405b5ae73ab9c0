// The transfer function of the uniform law on a ball of d dimensions; landscape/law_ball.go is the same in Go.

import { j0, j1 } from "./bessel";

/** ballTransfer is E cos(w·u₁) for u uniform on the unit ball of d ≥ 2 dimensions, Γ(ν+1)(2/w)^ν J_ν(w) with ν = d/2, for w ≥ 0. */
export function ballTransfer(d: number, w: number): number {
  if (d === 2) return w < 1e-4 ? 1 - (w * w) / 8 : (2 * j1(w)) / w; // of the plane, and by far the most frequent
  const nu = d / 2, q = (w * w) / (4 * (nu + 1));
  if (q <= 2) {
    let sum = 1, term = 1;
    for (let i = 1; Math.abs(term) > 1e-17; i++) sum += term *= (-w * w) / (4 * i * (nu + i));
    return sum;
  }
  if (w <= nu ? w * w > 80 * d : d > 260) return 0; // about exp(−w²/(2d)) up to w = ν
  if (w <= nu) return quadrature(d, w);
  // Λ_(ν+1) = 4ν(ν+1)/w²·(Λ_ν − Λ_(ν−1)), stable upward while the order is below w.
  let below = Math.cos(w), at = Math.sin(w) / w, order = 0.5;
  if (d % 2 === 0) { below = j0(w); at = (2 * j1(w)) / w; order = 1; }
  for (; order < nu; order++) [below, at] = [at, ((4 * order * (order + 1)) / (w * w)) * (at - below)];
  return at;
}

/** quadrature is Poisson's integral ∫cos(w·sinφ)·cosᵈφ dφ with the weight normalized, by the trapezoidal rule, for w ≤ d/2 and d ≥ 17. */
function quadrature(d: number, w: number): number {
  const root = Math.sqrt(d), h = (2 * Math.PI) / (w + 10 * root), end = Math.min(8.7 / root, Math.PI / 2);
  let sum = 0.5, total = 0.5;
  for (let phi = h; phi < end; phi += h) {
    const sin = Math.sin(phi), weight = Math.exp((d / 2) * Math.log1p(-sin * sin));
    sum += weight * Math.cos(w * sin);
    total += weight;
  }
  return sum / total;
}

const step = 0.05; // the function holds no frequency above 1: a cubic through four nodes is good to 10⁻⁷

/** ballTable is ballTransfer from a table up to w = reach, for the thousands of values that a picture takes. */
export function ballTable(d: number, reach: number): (w: number) => number {
  const table = Float64Array.from({ length: Math.ceil(reach / step) + 4 }, (_, i) => ballTransfer(d, Math.abs(i - 1) * step));
  return (w) => {
    const i = Math.floor(w / step), t = w / step - i, a = table[i]!, b = table[i + 1]!, c = table[i + 2]!, e = table[i + 3]!;
    return b + t * (c - a / 3 - b / 2 - e / 6 + t * ((a + c) / 2 - b + t * ((e - a) / 6 + (b - c) / 2)));
  };
}
