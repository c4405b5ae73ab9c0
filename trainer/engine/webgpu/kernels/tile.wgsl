// A product of matrices, out[m, n] = Σ over k of left(m, k)·right(k, n), for processors with memory that the threads of a group share: a group of 64
// threads makes a tile of 64×64 values, each thread 8×8 of them, and reads what the tile needs of 8 values of k at a time once. The kernel before this text gives
// left and right, which are 0 outside their matrix, and put, which leaves out what is outside; lines and columns say how large out is, and depth(part) which values
// of k belong to a part of the sum.
var<workgroup> lefts: array<f32, 512>; // [k][m]
var<workgroup> rights: array<f32, 512>; // [k][n]

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) t: u32, @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let across = (columns() + 63u) / 64u;
  let down = (lines() + 63u) / 64u;
  let tile = group.x + group.y * groups.x;
  let part = tile / (across * down);
  if (part >= max(s.parts, 1u)) { return; }
  let m = tile / across % down * 64u;
  let n = tile % across * 64u;
  let range = depth(part);
  // A thread's lines are y … y+3 and y+32 … y+35 of the tile, its columns likewise: neighbors read neighbors.
  let y = t / 8u * 4u;
  let x = t % 8u * 4u;
  var a0 = vec4<f32>(0.0); var a1 = vec4<f32>(0.0); var a2 = vec4<f32>(0.0); var a3 = vec4<f32>(0.0);
  var b0 = vec4<f32>(0.0); var b1 = vec4<f32>(0.0); var b2 = vec4<f32>(0.0); var b3 = vec4<f32>(0.0);
  var c0 = vec4<f32>(0.0); var c1 = vec4<f32>(0.0); var c2 = vec4<f32>(0.0); var c3 = vec4<f32>(0.0);
  var d0 = vec4<f32>(0.0); var d1 = vec4<f32>(0.0); var d2 = vec4<f32>(0.0); var d3 = vec4<f32>(0.0);
  for (var k = range.x; k < range.y; k += 8u) {
    for (var j = 0u; j < 8u; j++) {
      let inside = k + j < range.y;
      var l = 0.0;
      var r = 0.0;
      if (inside) {
        l = left(m + t, k + j);
        r = right(k + j, n + t);
      }
      lefts[j * 64u + t] = l;
      rights[j * 64u + t] = r;
    }
    workgroupBarrier();
    for (var j = 0u; j < 512u; j += 64u) {
      let u = j + y;
      let w = j + x;
      let r0 = vec4<f32>(rights[w], rights[w + 1u], rights[w + 2u], rights[w + 3u]);
      let r1 = vec4<f32>(rights[w + 32u], rights[w + 33u], rights[w + 34u], rights[w + 35u]);
      a0 += lefts[u] * r0; b0 += lefts[u] * r1;
      a1 += lefts[u + 1u] * r0; b1 += lefts[u + 1u] * r1;
      a2 += lefts[u + 2u] * r0; b2 += lefts[u + 2u] * r1;
      a3 += lefts[u + 3u] * r0; b3 += lefts[u + 3u] * r1;
      c0 += lefts[u + 32u] * r0; d0 += lefts[u + 32u] * r1;
      c1 += lefts[u + 33u] * r0; d1 += lefts[u + 33u] * r1;
      c2 += lefts[u + 34u] * r0; d2 += lefts[u + 34u] * r1;
      c3 += lefts[u + 35u] * r0; d3 += lefts[u + 35u] * r1;
    }
    workgroupBarrier();
  }
  var all = array<vec4<f32>, 16>(a0, b0, a1, b1, a2, b2, a3, b3, c0, d0, c1, d1, c2, d2, c3, d3);
  for (var i = 0u; i < 64u; i++) {
    let q = i / 4u;
    put(m + y + q / 2u % 4u + q / 8u * 32u, n + x + q % 2u * 32u + i % 4u, part, all[q][i % 4u]);
  }
}
