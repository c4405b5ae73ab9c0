// y = w ∗ x + bias. A thread computes four pixels of eight filters. A linear layer is a 1×1 convolution of images of one pixel.
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [filter][channel][row][column]
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  let plane = s.rows * s.columns;
  let pixels = s.images * plane;
  let quads = (pixels + 3u) / 4u;
  let first = i / quads * 8u;
  if (first >= s.filters) { return; }
  let p = vec4<u32>(i % quads * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
  let q = min(p, vec4<u32>(pixels - 1u)); // beyond the last one it is computed again
  let image = q / plane;
  let inside = q % plane;
  let top = vec4<i32>(inside / s.columns * s.stride) - i32(s.padding);
  let left = vec4<i32>(inside % s.columns * s.stride) - i32(s.padding);
  let area = s.kernel * s.kernel;
  let each = s.channels * area;
  var f: array<u32, 8>;
  var sums: array<vec4<f32>, 8>;
  for (var j = 0u; j < 8u; j++) {
    f[j] = min(first + j, s.filters - 1u);
    sums[j] = vec4<f32>(select(0.0, bias[f[j]], s.option == 1u));
  }
  for (var c = 0u; c < s.channels; c++) {
    let start = (image * s.channels + c) * s.height * s.width;
    for (var a = 0u; a < s.kernel; a++) {
      let row = top + i32(a);
      let above = (row >= vec4<i32>(0)) & (row < vec4<i32>(i32(s.height)));
      for (var b = 0u; b < s.kernel; b++) {
        let column = left + i32(b);
        let there = above & (column >= vec4<i32>(0)) & (column < vec4<i32>(i32(s.width)));
        let at = start + vec4<u32>(select(vec4<i32>(0), row * i32(s.width) + column, there));
        let v = select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), there);
        let w = c * area + a * s.kernel + b;
        for (var j = 0u; j < 8u; j++) { sums[j] = fma(vec4<f32>(weights[f[j] * each + w]), v, sums[j]); }
      }
    }
  }
  for (var j = 0u; j < 8u && first + j < s.filters; j++) {
    let at = (image * s.filters + f[j]) * plane + inside;
    y[at.x] = sums[j].x;
    if (p.y < pixels) { y[at.y] = sums[j].y; }
    if (p.z < pixels) { y[at.z] = sums[j].z; }
    if (p.w < pixels) { y[at.w] = sums[j].w; }
  }
}
