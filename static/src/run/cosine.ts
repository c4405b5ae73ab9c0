// Smoothing of a square grid that is mirrored at its border, by cosine transforms: the mirrored grid is a sum of cosines, and a kernel
// multiplies each by its transfer function (DESIGN: a kernel is defined by its transfer function).

import type { Smoothing } from "./plane";

export class CosineSmoother {
  private readonly matrix: Float64Array; // T[k·m + i] = cos(π·k·i/(m−1)), with the weights of the transform
  private readonly spectrum: Float64Array; // of the grid

  /** z holds m×m values, row-major; step is their distance. */
  constructor(z: Float64Array, private readonly m: number, private readonly step: number) {
    this.matrix = new Float64Array(m * m);
    for (let k = 0; k < m; k++) {
      for (let i = 0; i < m; i++) this.matrix[k * m + i] = Math.cos((Math.PI * ((k * i) % (2 * (m - 1)))) / (m - 1)) * (i === 0 || i === m - 1 ? 0.5 : 1);
    }
    this.spectrum = this.both(z);
  }

  /** both applies the transform along rows and columns; twice gives the grid times (m−1)²/4. */
  private both(z: Float64Array): Float64Array {
    return this.once(this.once(z));
  }

  /** once transforms along rows and transposes. */
  private once(z: Float64Array): Float64Array {
    const { m, matrix } = this, out = new Float64Array(m * m);
    for (let row = 0; row < m; row++) {
      for (let k = 0; k < m; k++) {
        let sum = 0;
        for (let i = 0; i < m; i++) sum += matrix[k * m + i]! * z[row * m + i]!;
        out[k * m + row] = sum;
      }
    }
    return out;
  }

  smooth(s: Smoothing): Float64Array {
    const { m, spectrum } = this, product = new Float64Array(m * m), unit = Math.PI / ((m - 1) * this.step), scale = 4 / (m - 1) ** 2;
    for (let a = 0; a < m; a++) {
      for (let b = 0; b < m; b++) product[a * m + b] = spectrum[a * m + b]! * transfer(s, unit * Math.hypot(a, b)) * scale;
    }
    return this.both(product);
  }
}

/** transfer is the Fourier transform of the kernel in the plane at the wavenumber k: DESIGN.md 1. */
function transfer({ law, convention, delta }: Smoothing, k: number): number {
  const x = delta * k;
  if (law === "gaussian") return Math.exp(-(x * x) / (convention === "vector" ? 4 : 2));
  const r = convention === "vector" ? x : 2 * x;
  return r < 1e-6 ? 1 : (2 * besselJ1(r)) / r;
}

/** besselJ1 by Simpson's rule on J₁(x) = (1/π)∫₀^π cos(τ − x·sin τ) dτ; the integrand is periodic and smooth, so few nodes are exact. */
function besselJ1(x: number): number {
  const nodes = Math.ceil(20 + Math.abs(x));
  let sum = 0;
  for (let i = 0; i < nodes; i++) { const tau = (2 * Math.PI * i) / nodes; sum += Math.cos(tau - x * Math.sin(tau)); }
  return sum / nodes;
}
