// The values of a slice between its nodes: cubic convolution (Keys 1981, a = −½), by the same rule as landscape.Resample.

/** weights are those of the nodes k−1, k, k+1, k+2 at the place k + s. */
function weights(s: number): [number, number, number, number] {
  return [((-0.5 * s + 1) * s - 0.5) * s, (1.5 * s - 2.5) * s * s + 1, ((-1.5 * s + 2) * s + 0.5) * s, (0.5 * s - 0.5) * s * s];
}

/**
 * resample gives the values of an m×m grid over [−1, 1]² (row-major) on n×n nodes over [−half, half]², half ≤ 1.
 * Nodes beyond an end are mirrored at the end node.
 */
export function resample(z: ArrayLike<number>, m: number, n: number, half: number): Float64Array {
  const places = Array.from({ length: n }, (_, i) => {
    const t = Math.min(m - 1, Math.max(0, ((1 + half * (-1 + (2 * i) / (n - 1))) / 2) * (m - 1)));
    const k = Math.min(Math.floor(t), m - 2);
    const node = (j: number): number => (j < 0 ? -j : j > m - 1 ? 2 * (m - 1) - j : j);
    return { nodes: [node(k - 1), k, k + 1, node(k + 2)] as const, weights: weights(t - k) };
  });
  const wide = new Float64Array(m * n), out = new Float64Array(n * n);
  for (let row = 0; row < m; row++) {
    places.forEach(({ nodes, weights: w }, i) => {
      const at = (j: number): number => z[row * m + j]!;
      wide[row * n + i] = w[0] * at(nodes[0]) + w[1] * at(nodes[1]) + w[2] * at(nodes[2]) + w[3] * at(nodes[3]);
    });
  }
  places.forEach(({ nodes, weights: w }, i) => {
    for (let col = 0; col < n; col++) {
      const at = (j: number): number => wide[j * n + col]!;
      out[i * n + col] = w[0] * at(nodes[0]) + w[1] * at(nodes[1]) + w[2] * at(nodes[2]) + w[3] * at(nodes[3]);
    }
  });
  return out;
}
