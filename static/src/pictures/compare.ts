// How far two pictures on the same nodes differ, and what one of them is between the nodes. Pure.

/** Differences of a from b, in the units of f. */
export interface Difference {
  largest: number; // of the absolute values
  typical: number; // root mean square
  lift: number; // mean: how much higher a lies
  least: number; // the extremes of a − b
  most: number;
}

/** compare takes pictures of n×n nodes each, or of others if one side's nodes are every k-th of the other's. */
export function compare(a: ArrayLike<number>, b: ArrayLike<number>): Difference {
  const [na, nb] = [Math.sqrt(a.length), Math.sqrt(b.length)], n = Math.min(na, nb), ka = (na - 1) / (n - 1), kb = (nb - 1) / (n - 1);
  let sum = 0, squares = 0, least = Infinity, most = -Infinity;
  for (let row = 0; row < n; row++) {
    for (let col = 0; col < n; col++) {
      const d = a[Math.round(row * ka) * na + Math.round(col * ka)]! - b[Math.round(row * kb) * nb + Math.round(col * kb)]!;
      sum += d;
      squares += d * d;
      if (d < least) least = d;
      if (d > most) most = d;
    }
  }
  const count = n * n;
  return { largest: Math.max(Math.abs(least), Math.abs(most)), typical: Math.sqrt(squares / count), lift: sum / count, least, most };
}

/** Values on n×n nodes over [lo, hi]². */
export interface Nodes { lo: number; hi: number; n: number; z: ArrayLike<number> }

/** valueAt interpolates by cubic convolution (Keys 1981), as the worker does; beyond the nodes it is the value at the border. */
export function valueAt({ lo, hi, n, z }: Nodes, x: number, y: number): number {
  const column = weights(x, lo, hi, n), row = weights(y, lo, hi, n);
  let sum = 0;
  for (let j = 0; j < 4; j++) for (let i = 0; i < 4; i++) sum += row.w[j]! * column.w[i]! * z[row.at[j]! * n + column.at[i]!]!;
  return sum;
}

function weights(x: number, lo: number, hi: number, n: number): { at: number[]; w: number[] } {
  const t = Math.min(n - 1, Math.max(0, ((x - lo) / (hi - lo)) * (n - 1))), k = Math.min(n - 2, Math.floor(t)), s = t - k;
  return {
    at: [k - 1, k, k + 1, k + 2].map((i) => (i < 0 ? -i : i > n - 1 ? 2 * (n - 1) - i : i)),
    w: [((-0.5 * s + 1) * s - 0.5) * s, (1.5 * s - 2.5) * s * s + 1, ((-1.5 * s + 2) * s + 0.5) * s, (0.5 * s - 0.5) * s * s],
  };
}
