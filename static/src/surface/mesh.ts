// The mesh of n×n nodes with a skirt: pairs of triangles over indices alone; the vertex shader reads places and heights from
// gl_VertexID. The skirt's lower nodes follow the n² upper ones, n to a side.

export function meshIndices(n: number): Uint32Array {
  const last = n - 1, out = new Uint32Array(6 * (last * last + 4 * last));
  let o = 0;
  const quad = (a: number, b: number, c: number, d: number): void => {
    out[o++] = a; out[o++] = b; out[o++] = c;
    out[o++] = c; out[o++] = b; out[o++] = d;
  };
  for (let row = 0; row < last; row++) for (let col = 0; col < last; col++) quad(row * n + col, (row + 1) * n + col, row * n + col + 1, (row + 1) * n + col + 1);
  const border = [(i: number) => i, (i: number) => i * n + last, (i: number) => last * n + last - i, (i: number) => (last - i) * n];
  border.forEach((upper, side) => {
    for (let i = 0, lower = n * n + side * n; i < last; i++, lower++) quad(upper(i), lower, upper(i + 1), lower + 1);
  });
  return out;
}
