// The gradient of a convolution's weights, in parts that sum_parts adds up: part k sums over every rows·images/parts-th line of dy. A thread
// computes four weights of eight filters.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>; // [part][filter][channel][row][column]

// put stores the weights n of a filter; those beyond the last, and filters beyond the last, are left out.
fn put(sum: vec4<f32>, part: u32, k: u32, n: vec4<u32>) {
  if (k >= s.filters) { return; }
  let each = s.channels * s.kernel * s.kernel;
  let at = (part * s.filters + k) * each + n;
  sums[at.x] = sum.x;
  if (n.y < each) { sums[at.y] = sum.y; }
  if (n.z < each) { sums[at.z] = sum.z; }
  if (n.w < each) { sums[at.w] = sum.w; }
}

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
  // Named sums, as in conv_forward.
  let last = s.filters - 1u;
  let f = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(last)) * plane;
  let g = min(vec4<u32>(first) + vec4<u32>(4u, 5u, 6u, 7u), vec4<u32>(last)) * plane;
  var sum0 = vec4<f32>(0.0);
  var sum1 = vec4<f32>(0.0);
  var sum2 = vec4<f32>(0.0);
  var sum3 = vec4<f32>(0.0);
  var sum4 = vec4<f32>(0.0);
  var sum5 = vec4<f32>(0.0);
  var sum6 = vec4<f32>(0.0);
  var sum7 = vec4<f32>(0.0);
  for (var line = part; line < s.images * s.rows; line += s.parts) {
    let image = line / s.rows;
    let r = line % s.rows;
    let row = i32(r * s.stride) + down;
    let above = (row >= vec4<i32>(0)) & (row < vec4<i32>(i32(s.height)));
    let start = image * s.channels * s.height * s.width + channel;
    let from_y = image * s.filters * plane + r * s.columns;
    for (var c = 0u; c < s.columns; c++) {
      let column = i32(c * s.stride) + across;
      let there = above & (column >= vec4<i32>(0)) & (column < vec4<i32>(i32(s.width)));
      let at = start + vec4<u32>(select(vec4<i32>(0), row * i32(s.width) + column, there));
      let v = select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), there);
      let w = f + (from_y + c);
      let u = g + (from_y + c);
      sum0 = fma(vec4<f32>(dy[w.x]), v, sum0);
      sum1 = fma(vec4<f32>(dy[w.y]), v, sum1);
      sum2 = fma(vec4<f32>(dy[w.z]), v, sum2);
      sum3 = fma(vec4<f32>(dy[w.w]), v, sum3);
      sum4 = fma(vec4<f32>(dy[u.x]), v, sum4);
      sum5 = fma(vec4<f32>(dy[u.y]), v, sum5);
      sum6 = fma(vec4<f32>(dy[u.z]), v, sum6);
      sum7 = fma(vec4<f32>(dy[u.w]), v, sum7);
    }
  }
  put(sum0, part, first, n);
  put(sum1, part, first + 1u, n);
  put(sum2, part, first + 2u, n);
  put(sum3, part, first + 3u, n);
  put(sum4, part, first + 4u, n);
  put(sum5, part, first + 5u, n);
  put(sum6, part, first + 6u, n);
  put(sum7, part, first + 7u, n);
}
