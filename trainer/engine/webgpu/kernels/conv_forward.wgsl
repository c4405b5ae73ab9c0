// y = w ∗ x + bias. A thread computes four pixels of eight filters. A linear layer is a 1×1 convolution of images of one pixel.
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [filter][channel][row][column]
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// put stores the pixels p of a filter; those beyond the last, and filters beyond the last, are left out.
fn put(sum: vec4<f32>, k: u32, image: vec4<u32>, inside: vec4<u32>, p: vec4<u32>) {
  if (k >= s.filters) { return; }
  let plane = s.rows * s.columns;
  let pixels = s.images * plane;
  let at = (image * s.filters + k) * plane + inside;
  var v = sum;
  if (s.option == 1u) { v += bias[k]; }
  y[at.x] = v.x;
  if (p.y < pixels) { y[at.y] = v.y; }
  if (p.z < pixels) { y[at.z] = v.z; }
  if (p.w < pixels) { y[at.w] = v.w; }
}

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
  // Each thread's sums have names: a private array that is read at an index that varies lies in memory on some devices.
  let last = s.filters - 1u;
  let f = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(last));
  let g = min(vec4<u32>(first) + vec4<u32>(4u, 5u, 6u, 7u), vec4<u32>(last));
  var sum0 = vec4<f32>(0.0);
  var sum1 = vec4<f32>(0.0);
  var sum2 = vec4<f32>(0.0);
  var sum3 = vec4<f32>(0.0);
  var sum4 = vec4<f32>(0.0);
  var sum5 = vec4<f32>(0.0);
  var sum6 = vec4<f32>(0.0);
  var sum7 = vec4<f32>(0.0);
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
        let w = f * each + (c * area + a * s.kernel + b);
        let u = g * each + (c * area + a * s.kernel + b);
        sum0 = fma(vec4<f32>(weights[w.x]), v, sum0);
        sum1 = fma(vec4<f32>(weights[w.y]), v, sum1);
        sum2 = fma(vec4<f32>(weights[w.z]), v, sum2);
        sum3 = fma(vec4<f32>(weights[w.w]), v, sum3);
        sum4 = fma(vec4<f32>(weights[u.x]), v, sum4);
        sum5 = fma(vec4<f32>(weights[u.y]), v, sum5);
        sum6 = fma(vec4<f32>(weights[u.z]), v, sum6);
        sum7 = fma(vec4<f32>(weights[u.w]), v, sum7);
      }
    }
  }
  put(sum0, first, image, inside, p);
  put(sum1, first + 1u, image, inside, p);
  put(sum2, first + 2u, image, inside, p);
  put(sum3, first + 3u, image, inside, p);
  put(sum4, first + 4u, image, inside, p);
  put(sum5, first + 5u, image, inside, p);
  put(sum6, first + 6u, image, inside, p);
  put(sum7, first + 7u, image, inside, p);
}
