// The mesh of n×n nodes with a skirt: pairs of triangles over indices alone; the vertex shader reads places and heights from
// gl_VertexID. Node (col, row) has the number row·pitch + col; the skirt's lower nodes follow, n to a side.
//
// The order and the numbers are for the cache of shaded vertices. The mesh is walked in narrow strips, so that a row's nodes are
// still in it when the next row needs them; and pitch is 32 more than a multiple of 64, because a cache that places a vertex by the last
// bits of its number, as SwiftShader's does, would otherwise throw out neighbors for each other (129, 257 and 513 are 1 more).

const strip = 15; // cells

/** pitch is how far apart the numbers of two rows of nodes are; the vertex shader says the same. */
export function pitch(n: number): number { return 64 * Math.floor((n + 31) / 64) + 32; }

export function meshIndices(n: number): Uint32Array {
  const last = n - 1, p = pitch(n), out = new Uint32Array(6 * (last * last + 4 * last));
  let o = 0;
  const quad = (a: number, b: number, c: number, d: number): void => {
    out[o++] = a; out[o++] = b; out[o++] = c;
    out[o++] = c; out[o++] = b; out[o++] = d;
  };
  for (let from = 0; from < last; from += strip) {
    const to = Math.min(last, from + strip);
    for (let row = 0; row < last; row++) for (let col = from; col < to; col++) quad(row * p + col, (row + 1) * p + col, row * p + col + 1, (row + 1) * p + col + 1);
  }
  const border = [(i: number) => i, (i: number) => i * p + last, (i: number) => last * p + last - i, (i: number) => (last - i) * p];
  border.forEach((upper, side) => {
    for (let i = 0, lower = n * p + side * n; i < last; i++, lower++) quad(upper(i), lower, upper(i + 1), lower + 1);
  });
  return out;
}
