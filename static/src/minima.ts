// Strict local minima of a smoothed field, to a part of a cell; landscape/minima.go states the rule and says the same in Go.

import { cellsOfRing, type Field } from "./field";

export interface Minimum { x: number; y: number; z: number }

const reach = 3; // the local polynomial takes the nodes −3 … 3 around its center, in each axis
const isolated = 1e-3; // least ratio of the two curvatures: less is a valley, not a minimum
const noiseOfPeak = 1e-9; // least curvature, as a part of max|z|: less may be rounding
const newtonSteps = 12;
const newtonSettle = 1e-9;

/**
 * minima returns the strict local minima in the closed domain, lowest first; the field needs a halo of at least four cells.
 * Candidates are nodes lower than their eight neighbors (of equal ones, one), on the grid and the first ring around it. From each,
 * Newton's method runs on the polynomial of degree 6 per axis through the 7×7 nodes around; it must settle within a cell, where
 * the polynomial curves up in both directions, in the domain, and not at a minimum found before.
 */
export function minima(field: Field): Minimum[] {
  if (field.cells < cellsOfRing) return [];
  const { z, n, cells, lo, hi } = field, m = n + 2 * cells, h = (hi - lo) / (n - 1);
  const noise = noiseOfPeak * peak(z), slack = 1e-9 * (hi - lo), found: Minimum[] = [], jet = new Jet();
  for (let row = cells - 1; row <= cells + n; row++) {
    const start = row * m;
    let left = z[start + cells - 2]!, here = z[start + cells - 1]!;
    for (let col = cells - 1; col <= cells + n; col++) {
      const i = start + col, v = here, before = left;
      left = v;
      here = z[i + 1]!;
      if (!(v < before && v <= here) || !lowest(z, m, i, v) || !jet.settle(z, m, i, noise)) continue;
      const x = lo + ((hi - lo) * (col - cells)) / (n - 1) + jet.s * h, y = lo + ((hi - lo) * (row - cells)) / (n - 1) + jet.t * h;
      const inside = x >= lo - slack && x <= hi + slack && y >= lo - slack && y <= hi + slack;
      if (inside && !found.some((q) => Math.abs(q.x - x) <= h / 2 && Math.abs(q.y - y) <= h / 2)) found.push({ x, y, z: jet.value });
    }
  }
  return found.sort((a, b) => a.z - b.z || a.y - b.y || a.x - b.x);
}

/** peak is the greatest finite |z|. */
function peak(z: Float64Array): number {
  let top = 0, low = 0;
  for (let i = 0; i < z.length; i++) {
    const v = z[i]!;
    if (v > top) { if (v < Infinity) top = v; } else if (v < low && v > -Infinity) low = v;
  }
  return Math.max(top, -low);
}

/** lowest: lower than the neighbors that come before in row-major order, not higher than those that come after; left and right are known to be so. */
function lowest(z: Float64Array, m: number, i: number, v: number): boolean {
  return v < z[i - m]! && v <= z[i + m]! && v < z[i - m - 1]! && v < z[i - m + 1]! && v <= z[i + m - 1]! && v <= z[i + m + 1]!;
}

/** The local polynomial around a node, with its first and second derivatives at (s, t) cells from it. */
class Jet {
  s = 0; t = 0; value = 0;
  private x = 0; private y = 0; private xx = 0; private xy = 0; private yy = 0;
  private readonly ws = new Float64Array(3 * (2 * reach + 1));
  private readonly wt = new Float64Array(3 * (2 * reach + 1));

  /** settle runs Newton's method from the node at index i of lines of m nodes; false where there is no minimum. */
  settle(z: Float64Array, m: number, i: number, noise: number): boolean {
    this.s = this.t = 0;
    for (let step = 0; step < newtonSteps; step++) {
      this.evaluate(z, m, i);
      const { x, y, xx, xy, yy } = this, det = xx * yy - xy * xy;
      if (!(det > 0 && xx > 0)) return false;
      let ds = (xy * y - yy * x) / det, dt = (xy * x - xx * y) / det;
      const long = Math.max(Math.abs(ds), Math.abs(dt));
      if (long > 1) {
        ds /= long;
        dt /= long;
      } else if (long < newtonSettle) {
        const large = (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy), small = det / large;
        return small >= isolated * large && small >= noise;
      }
      this.s += ds;
      this.t += dt;
      if (Math.max(Math.abs(this.s), Math.abs(this.t)) > 1) return false;
    }
    return false;
  }

  private evaluate(z: Float64Array, m: number, i: number): void {
    lagrange(this.s, this.ws);
    lagrange(this.t, this.wt);
    const { ws, wt } = this, count = 2 * reach + 1;
    let value = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (let row = 0; row < count; row++) {
      let v = 0, d = 0, dd = 0; // of this line, along it
      const line = i + (row - reach) * m - reach;
      for (let col = 0; col < count; col++) {
        const f = z[line + col]!;
        v += ws[3 * col]! * f;
        d += ws[3 * col + 1]! * f;
        dd += ws[3 * col + 2]! * f;
      }
      const w0 = wt[3 * row]!, w1 = wt[3 * row + 1]!, w2 = wt[3 * row + 2]!;
      value += w0 * v; x += w0 * d; xx += w0 * dd; y += w1 * v; xy += w1 * d; yy += w2 * v;
    }
    this.value = value; this.x = x; this.y = y; this.xx = xx; this.xy = xy; this.yy = yy;
  }
}

/** lagrange writes, for each node −3 … 3, its basis polynomial at s with its first and second derivative. */
function lagrange(s: number, weights: Float64Array): void {
  for (let i = -reach; i <= reach; i++) {
    let w = 1, d = 0, dd = 0;
    for (let j = -reach; j <= reach; j++) {
      if (j === i) continue;
      const slope = 1 / (i - j), a = (s - j) * slope;
      dd = dd * a + 2 * d * slope;
      d = d * a + w * slope;
      w *= a;
    }
    weights[3 * (i + reach)] = w;
    weights[3 * (i + reach) + 1] = d;
    weights[3 * (i + reach) + 2] = dd;
  }
}
