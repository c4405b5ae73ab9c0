// The gradient of a convolution's input: dx = Σ over filters and window of w·dy. A thread computes four pixels of eight channels.
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [filter][channel][row][column]
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

// put stores the pixels p of a channel; those beyond the last, and channels beyond the last, are left out.
fn put(sum: vec4<f32>, c: u32, image: vec4<u32>, inside: vec4<u32>, p: vec4<u32>) {
  if (c >= s.channels) { return; }
  let plane = s.height * s.width;
  let at = (image * s.channels + c) * plane + inside;
  let there = p < vec4<u32>(s.images * plane);
  put_one(at.x, sum.x, there.x);
  put_one(at.y, sum.y, there.y);
  put_one(at.z, sum.z, there.z);
  put_one(at.w, sum.w, there.w);
}

fn put_one(at: u32, v: f32, there: bool) {
  if (!there) { return; }
  if (s.accumulate == 1u) { dx[at] += v; } else { dx[at] = v; }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  let plane = s.height * s.width;
  let pixels = s.images * plane;
  let quads = (pixels + 3u) / 4u;
  let first = i / quads * 8u;
  if (first >= s.channels) { return; }
  let p = vec4<u32>(i % quads * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
  let q = min(p, vec4<u32>(pixels - 1u));
  let image = q / plane;
  let inside = q % plane;
  let bottom = vec4<i32>(inside / s.width + s.padding);
  let right = vec4<i32>(inside % s.width + s.padding);
  let area = s.kernel * s.kernel;
  let step = i32(s.stride);
  // Named sums, as in conv_forward.
  let last = s.channels - 1u;
  let c = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(last)) * area;
  let d = min(vec4<u32>(first) + vec4<u32>(4u, 5u, 6u, 7u), vec4<u32>(last)) * area;
  var sum0 = vec4<f32>(0.0);
  var sum1 = vec4<f32>(0.0);
  var sum2 = vec4<f32>(0.0);
  var sum3 = vec4<f32>(0.0);
  var sum4 = vec4<f32>(0.0);
  var sum5 = vec4<f32>(0.0);
  var sum6 = vec4<f32>(0.0);
  var sum7 = vec4<f32>(0.0);
  let map = s.rows * s.columns;
  for (var a = 0u; a < s.kernel; a++) {
    // The windows that reach this pixel with their row a start at bottom − a, which must be a multiple of the stride. Divisions are slow: they are done once for all filters.
    let from_top = bottom - i32(a);
    let row = from_top / step;
    let above = (from_top >= vec4<i32>(0)) & (row * step == from_top) & (row < vec4<i32>(i32(s.rows)));
    for (var b = 0u; b < s.kernel; b++) {
      let from_left = right - i32(b);
      let column = from_left / step;
      let there = above & (from_left >= vec4<i32>(0)) & (column * step == from_left) & (column < vec4<i32>(i32(s.columns)));
      let start = image * (s.filters * map) + vec4<u32>(select(vec4<i32>(0), row * i32(s.columns) + column, there));
      for (var f = 0u; f < s.filters; f++) {
        let at = start + f * map;
        let v = select(vec4<f32>(0.0), vec4<f32>(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), there);
        let w = c + (f * s.channels * area + a * s.kernel + b);
        let u = d + (f * s.channels * area + a * s.kernel + b);
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
