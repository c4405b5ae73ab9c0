// A field smoothed by any kernel and degree; landscape/smoother.go and spectrum.go say the same in Go. A forward transform is made
// once for each width of halo; each call of smooth is a multiplication and an inverse transform.

import { ballTable } from "./ball";
import { paddedLength, Plan } from "./fft";
import { cellsOfRing, crop, mirror, type Field } from "./field";
import { massOutside, scale, stdDev, transfer, type Kernel } from "./kernel";

/** Frequencies at which a decreasing transfer function is below this are left out. */
const negligible = 1e-10;

/** A kernel with a variance gets so many standard deviations of the halo: 2·10⁻⁸ of its mass lies beyond. */
const deviations = 6;

export class Smoother {
  private readonly spectra = new Map<number, Spectrum>(); // by the cells of halo

  /** The field must be finite everywhere: one value that is not would spread over all. */
  constructor(readonly field: Field) {
    for (const v of field.z) if (!Number.isFinite(v)) throw new Error("The picture holds values that are not finite, so it cannot be smoothed. Choose a smaller plane, or wait until it is complete.");
    this.spectrum(field.cells); // the slow part of the first call
  }

  /** smooth returns f̂_δ on the inner grid and the ring that the minima need, for δ ≥ 0; δ = 0 returns f itself. */
  smooth(kernel: Kernel, delta: number): { field: Field; mirrorMass: number } {
    if (delta === 0) return { field: crop(this.field, cellsOfRing), mirrorMass: 0 };
    const { cells, n, lo, hi } = this.field, step = (hi - lo) / (n - 1);
    return {
      field: this.spectrum(this.enough(deviations * stdDev(kernel, delta) / step)).smooth(kernel, delta),
      mirrorMass: massOutside(kernel, delta, cells * step),
    };
  }

  /** enough returns the cells of halo for a kernel that reaches so many cells: as many as fill the shortest transform that holds them. */
  private enough(reach: number): number {
    const { n, cells } = this.field;
    if (!(reach + cellsOfRing < cells)) return cells;
    const least = n + 2 * (Math.ceil(reach) + cellsOfRing);
    return Math.min(cells, (paddedLength(least) - n) >> 1);
  }

  private spectrum(cells: number): Spectrum {
    let made = this.spectra.get(cells);
    if (!made) this.spectra.set(cells, made = new Spectrum(crop(this.field, cells)));
    return made;
  }
}

/** The transform of a field, mirrored out to the length of the transform. */
class Spectrum {
  private readonly length: number; // P, of the padded line
  private readonly left: number; // where the field starts in it
  private readonly half: number; // P/2 + 1
  private readonly plan: Plan;
  private readonly spectrumRe: Float64Array; // [kx·P + ky], kx ≤ P/2: the rest follows, for the field is real
  private readonly spectrumIm: Float64Array;
  private readonly waves: Float64Array;
  private readonly factors: Float64Array; // [kx·half + ky], of the running call
  private readonly rowsRe: Float64Array; // [row·half + kx], the wanted rows after the columns are done
  private readonly rowsIm: Float64Array;
  private readonly lineRe: Float64Array;
  private readonly lineIm: Float64Array;
  private ball: { dim: number; reach: number; value: (w: number) => number } | null = null;

  constructor(private readonly field: Field) {
    const { n, cells, z } = field, m = n + 2 * cells, p = paddedLength(m), half = p / 2 + 1, left = (p - m) >> 1, rows = n + 2 * cellsOfRing;
    this.length = p; this.half = half; this.left = left;
    this.plan = new Plan(p);
    this.spectrumRe = new Float64Array(half * p);
    this.spectrumIm = new Float64Array(half * p);
    this.factors = new Float64Array(half * half);
    this.rowsRe = new Float64Array((rows + 1) * half);
    this.rowsIm = new Float64Array((rows + 1) * half);
    this.waves = wavenumbers(p, (field.hi - field.lo) / (n - 1));
    const re = (this.lineRe = new Float64Array(p)), im = (this.lineIm = new Float64Array(p));
    const source = Int32Array.from({ length: p }, (_, i) => mirror(i - left, m));
    for (let row = 0; row < p; row += 2) { // two real rows a and b make one complex row a + ib; P is even
      const a = source[row]! * m, b = source[row + 1]! * m;
      for (let i = 0; i < p; i++) { re[i] = z[a + source[i]!]!; im[i] = z[b + source[i]!]!; }
      this.plan.forward(re, im);
      for (let kx = 0; kx < half; kx++) {
        const o = kx === 0 ? 0 : p - kx, to = kx * p + row;
        this.spectrumRe[to] = (re[kx]! + re[o]!) / 2; this.spectrumIm[to] = (im[kx]! - im[o]!) / 2;
        this.spectrumRe[to + 1] = (im[kx]! + im[o]!) / 2; this.spectrumIm[to + 1] = (re[o]! - re[kx]!) / 2;
      }
    }
    for (let kx = 0; kx < half; kx++) this.plan.forward(this.spectrumRe.subarray(kx * p, (kx + 1) * p), this.spectrumIm.subarray(kx * p, (kx + 1) * p));
  }

  /** smooth returns f̂_δ on the inner grid and the ring that the minima need, for δ > 0. */
  smooth(kernel: Kernel, delta: number): Field {
    const { field } = this;
    const band = this.weigh(kernel, delta), count = field.n + 2 * cellsOfRing, z = new Float64Array(count * count);
    const first = this.left + field.cells - cellsOfRing;
    this.columns(band, first, count);
    this.rows(band, first, count, z);
    return { lo: field.lo, hi: field.hi, n: field.n, cells: cellsOfRing, z };
  }

  /** weigh fills the table of factors and returns how many frequencies per axis matter. */
  private weigh(kernel: Kernel, delta: number): number {
    const { waves, half, factors, length } = this, norm = 1 / (length * length);
    let band = half;
    if (kernel.law !== "uniform") while (band > 1 && transfer(kernel, delta, waves[band - 1]!) < negligible) band--;
    if (kernel.law === "gaussian") { // a product of its axes
      const axis = new Float64Array(band);
      for (let a = 0; a < band; a++) axis[a] = transfer(kernel, delta, waves[a]!);
      for (let a = 0; a < band; a++) for (let b = 0; b < band; b++) factors[a * half + b] = norm * axis[a]! * axis[b]!;
      return band;
    }
    const factor = this.factor(kernel, delta, waves[band - 1]! * Math.SQRT2);
    for (let a = 0; a < band; a++) { // symmetric: each pair once
      for (let b = 0; b <= a; b++) {
        const t = norm * factor(Math.sqrt(waves[a]! * waves[a]! + waves[b]! * waves[b]!));
        factors[a * half + b] = factors[b * half + a] = t;
      }
    }
    return band;
  }

  /** factor is the transfer function up to a wavenumber; of a ball of many dimensions from a table, which is kept. */
  private factor(kernel: Kernel, delta: number, highest: number): (wavenumber: number) => number {
    const { dim = 2 } = kernel, stretch = delta * scale(kernel), reach = stretch * highest;
    if (kernel.law !== "uniform" || dim === 2) return (k) => transfer(kernel, delta, k);
    if (this.ball?.dim !== dim || this.ball.reach < reach) this.ball = { dim, reach: 1.3 * reach, value: ballTable(dim, 1.3 * reach) };
    const { value } = this.ball;
    return (k) => value(stretch * k);
  }

  /** columns multiplies, transforms back along ky, and keeps the wanted rows. */
  private columns(band: number, first: number, count: number): void {
    const { length: p, half, factors, spectrumRe, spectrumIm, lineRe: re, lineIm: im, rowsRe, rowsIm } = this;
    for (let kx = 0; kx < band; kx++) {
      const at = kx * p, table = kx * half;
      re.fill(0, band, p); im.fill(0, band, p);
      re[0] = spectrumRe[at]! * factors[table]!; im[0] = spectrumIm[at]! * factors[table]!;
      for (let ky = 1; ky < band; ky++) {
        const f = factors[table + ky]!;
        re[ky] = spectrumRe[at + ky]! * f; im[ky] = spectrumIm[at + ky]! * f;
        re[p - ky] = spectrumRe[at + p - ky]! * f; im[p - ky] = spectrumIm[at + p - ky]! * f;
      }
      this.plan.inverse(re, im);
      for (let row = 0, to = kx; row < count; row++, to += half) { rowsRe[to] = re[first + row]!; rowsIm[to] = im[first + row]!; }
    }
  }

  /** rows transforms back along kx, two real rows at a time, into z. */
  private rows(band: number, first: number, count: number, z: Float64Array): void {
    const { length: p, half, lineRe: re, lineIm: im, rowsRe, rowsIm } = this;
    for (let row = 0; row < count; row += 2) {
      const a = row * half, b = row + 1 < count ? a + half : a;
      re.fill(0, band, p); im.fill(0, band, p);
      for (let k = 0; k < band; k++) { // at −k a real row has the conjugate of k; at 0 and P/2 it is real
        const ar = rowsRe[a + k]!, ai = rowsIm[a + k]!, br = rowsRe[b + k]!, bi = rowsIm[b + k]!;
        re[k] = ar - bi; im[k] = ai + br;
        if (k > 0 && k < p / 2) { re[p - k] = ar + bi; im[p - k] = br - ai; }
      }
      this.plan.inverse(re, im);
      z.set(re.subarray(first, first + count), row * count);
      if (row + 1 < count) z.set(im.subarray(first, first + count), (row + 1) * count);
    }
  }
}

/**
 * wavenumbers of the frequencies 0 … P/2 along one axis: 2πj/(P·step) up to three quarters of the Nyquist frequency, from there
 * levelling off to slope 0, so that a kernel narrower than a cell grows no tails (landscape/spectrum.go has the reason).
 */
function wavenumbers(p: number, step: number): Float64Array {
  const unit = (2 * Math.PI) / (p * step), from = 0.375 * p, span = 0.125 * p, waves = new Float64Array(p / 2 + 1);
  for (let j = 0; j < waves.length; j++) {
    const t = (j - from) / span;
    waves[j] = unit * (j > from ? from + span * t * (1 - t * t * (1 - t / 2)) : j);
  }
  return waves;
}
