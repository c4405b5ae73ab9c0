// A function on a square grid with a halo; landscape/grid.go and resample.go say the same in Go.

import { functions } from "./objective";

/** Rings of halo that the search for minima needs. */
export const cellsOfRing = 4;

/** A grid with more nodes a side than this is smoothed on every other one while δ moves. */
export const mostNodesInMotion = 257;

/** n inner nodes a side on [lo, hi]² and `cells` more beyond each border, row-major; z[(row+cells)·m + col+cells] is inner node (col, row). */
export interface Field {
  lo: number;
  hi: number;
  n: number;
  cells: number;
  z: Float64Array; // m×m, m = n + 2·cells
}

/** sampleObjective evaluates a closed form on n inner nodes a side and on ⌈halo/step⌉ cells beyond each border. */
export function sampleObjective(id: string, lo: number, hi: number, halo: number, n: number): Field {
  const f = functions[id];
  if (!f) throw new Error(`There is no function “${id}” in this version of the page. Reload it, or choose another one.`);
  const cells = Math.max(Math.ceil(halo / ((hi - lo) / (n - 1))), cellsOfRing), m = n + 2 * cells;
  const z = new Float64Array(m * m), x = new Float64Array(m);
  for (let i = 0; i < m; i++) x[i] = lo + ((hi - lo) * (i - cells)) / (n - 1);
  for (let row = 0; row < m; row++) for (let col = 0; col < m; col++) z[row * m + col] = f(x[col]!, x[row]!);
  return { lo, hi, n, cells, z };
}

/**
 * fieldFromSlice resamples a slice of side×side values over [−evaluated, evaluated]² to n inner nodes on [−halfWidth, halfWidth]² with as
 * many cells of halo as were evaluated, at most n; a view without a halo gets the ring that the minima need, mirrored.
 */
export function fieldFromSlice(z: Float64Array, side: number, evaluated: number, halfWidth: number, n: number): Field {
  if (side < 3 || z.length !== side * side) throw new Error(`The slice should have ${side} × ${side} values, found ${z.length}. Load the page again.`);
  const step = (2 * halfWidth) / (n - 1);
  const cells = Math.max(cellsOfRing, Math.min(n, Math.floor((evaluated - halfWidth) / step + 1e-9)));
  const m = n + 2 * cells, at = new Float64Array(m);
  for (let i = 0; i < m; i++) at[i] = (((i - cells - (n - 1) / 2) * step + evaluated) / (2 * evaluated)) * (side - 1);
  const wide = new Float64Array(side * m), out = new Float64Array(m * m);
  for (let row = 0; row < side; row++) convolve(wide, row * m, 1, at, z, row * side, 1, side);
  for (let col = 0; col < m; col++) convolve(out, col, m, at, wide, col, m, side);
  return { lo: -halfWidth, hi: halfWidth, n, cells, z: out };
}

/** convolve resamples a line by cubic convolution (Keys 1981, a = −½), ends mirrored at the end node, at the places `at` in units of cells. */
function convolve(dst: Float64Array, to: number, toStride: number, at: Float64Array, src: Float64Array, from: number, fromStride: number, m: number): void {
  const value = (k: number): number => src[from + mirror(k, m) * fromStride]!;
  for (let i = 0; i < at.length; i++) {
    const t = at[i]!, k = t >= 0 && t <= m - 1 ? Math.min(Math.floor(t), m - 2) : Math.floor(t), s = t - k;
    const wl = (((-0.5 * s + 1) * s) - 0.5) * s, w0 = (1.5 * s - 2.5) * s * s + 1, w1 = ((-1.5 * s + 2) * s + 0.5) * s, w2 = (0.5 * s - 0.5) * s * s;
    dst[to + i * toStride] = s === 0 ? value(k) : s === 1 ? value(k + 1) : wl * value(k - 1) + w0 * value(k) + w1 * value(k + 1) + w2 * value(k + 2);
  }
}

/** mirror returns the node in [0, m) at position i of the whole-sample symmetric extension. */
export function mirror(i: number, m: number): number {
  if (m === 1) return 0;
  const period = 2 * (m - 1), j = ((i % period) + period) % period;
  return Math.min(j, period - j);
}

/** inner returns the inner nodes as 32-bit numbers for the picture. */
export function inner(field: Field): Float32Array {
  const { n, cells, z } = field, m = n + 2 * cells, out = new Float32Array(n * n);
  for (let row = 0; row < n; row++) for (let col = 0; col < n; col++) out[row * n + col] = z[(row + cells) * m + col + cells]!;
  return out;
}

/** crop returns the field with fewer cells of halo. */
export function crop(field: Field, cells: number): Field {
  const { lo, hi, n, z } = field, m = n + 2 * field.cells, w = n + 2 * cells, cut = field.cells - cells;
  if (cut === 0) return field;
  const out = new Float64Array(w * w);
  for (let row = 0; row < w; row++) out.set(z.subarray((row + cut) * m + cut, (row + cut) * m + cut + w), row * w);
  return { lo, hi, n, cells, z: out };
}

/** everyOther returns the field on every other node; n must be odd. */
export function everyOther({ lo, hi, n, cells, z }: Field): Field {
  const half = cells >> 1, count = (n + 1) / 2, m = n + 2 * cells, w = count + 2 * half, from = cells - 2 * half, out = new Float64Array(w * w);
  for (let row = 0; row < w; row++) for (let col = 0; col < w; col++) out[row * w + col] = z[(from + 2 * row) * m + from + 2 * col]!;
  return { lo, hi, n: count, cells: half, z: out };
}

/** Values on a square lattice of n×n nodes over [lo, hi]², row by row. */
export interface Lattice { lo: number; hi: number; n: number; z: Float64Array }

/** add returns the field with a lattice added to it, between its nodes by cubic convolution; beyond it, mirrored. */
export function add(field: Field, { lo, hi, n, z }: Lattice): Field {
  const m = field.n + 2 * field.cells, at = new Float64Array(m), step = (field.hi - field.lo) / (field.n - 1);
  for (let i = 0; i < m; i++) at[i] = ((field.lo + (i - field.cells) * step - lo) / (hi - lo)) * (n - 1);
  const wide = new Float64Array(n * m), out = new Float64Array(m * m);
  for (let row = 0; row < n; row++) convolve(wide, row * m, 1, at, z, row * n, 1, n);
  for (let col = 0; col < m; col++) convolve(out, col, m, at, wide, col, m, n);
  for (let i = 0; i < out.length; i++) out[i]! += field.z[i]!;
  return { ...field, z: out };
}
