// The gradient of a convolution's weights, in parts that sum_parts adds up: part k sums over every rows·images/parts-th line of dy. A thread
// computes four weights of eight filters.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>; // [part][filter][channel][row][column]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  let area = s.kernel * s.kernel;
  let each = s.channels * area;
  let quads = (each + 3u) / 4u;
  let tiles = (s.filters + 7u) / 8u;
  let part = i / (quads * tiles);
  if (part >= s.parts) { return; }
  let first = i / quads % tiles * 8u;
  let n = vec4<u32>(i % quads * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
  let w = min(n, vec4<u32>(each - 1u));
  let channel = w / area * s.height * s.width;
  let down = vec4<i32>(w % area / s.kernel) - i32(s.padding);
  let across = vec4<i32>(w % s.kernel) - i32(s.padding);
  let plane = s.rows * s.columns;
  var f: array<u32, 8>;
  var total: array<vec4<f32>, 8>;
  for (var j = 0u; j < 8u; j++) {
    f[j] = min(first + j, s.filters - 1u) * plane;
    total[j] = vec4<f32>(0.0);
  }
  for (var line = part; line < s.images * s.rows; line += s.parts) {
    let image = line / s.rows;
    let r = line % s.rows;
    let row = i32(r * s.stride) + down;
    let above = (row >= vec4<i32>(0)) & (row < vec4<i32>(i32(s.height)));
    if (!(above.x || above.y || above.z || above.w)) { continue; }
    let start = image * s.channels * s.height * s.width + channel;
    let from_y = image * s.filters * plane + r * s.columns;
    for (var c = 0u; c < s.columns; c++) {
      let column = i32(c * s.stride) + across;
      let there = above & (column >= vec4<i32>(0)) & (column < vec4<i32>(i32(s.width)));
      let at = start + vec4<u32>(select(vec4<i32>(0), row * i32(s.width) + column, there));
      let v = select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), there);
      for (var j = 0u; j < 8u; j++) { total[j] = fma(vec4<f32>(dy[from_y + f[j] + c]), v, total[j]); }
    }
  }
  for (var j = 0u; j < 8u && first + j < s.filters; j++) {
    let at = (part * s.filters + first + j) * each;
    for (var k = 0u; k < 4u && n[k] < each; k++) { sums[at + n[k]] = total[j][k]; }
  }
}
