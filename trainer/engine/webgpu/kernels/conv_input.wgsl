// The gradient of a convolution's input: dx = Σ over filters and window of w·dy. A thread computes four pixels of eight channels.
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [filter][channel][row][column]
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

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
  var channel: array<u32, 8>;
  var sums: array<vec4<f32>, 8>;
  for (var j = 0u; j < 8u; j++) {
    channel[j] = min(first + j, s.channels - 1u);
    sums[j] = vec4<f32>(0.0);
  }
  for (var f = 0u; f < s.filters; f++) {
    let start = (image * s.filters + f) * s.rows * s.columns;
    for (var a = 0u; a < s.kernel; a++) {
      // The windows that reach this pixel with their row a start at bottom − a, which must be a multiple of the stride.
      let from_top = bottom - i32(a);
      let row = from_top / step;
      let above = (from_top >= vec4<i32>(0)) & (row * step == from_top) & (row < vec4<i32>(i32(s.rows)));
      for (var b = 0u; b < s.kernel; b++) {
        let from_left = right - i32(b);
        let column = from_left / step;
        let there = above & (from_left >= vec4<i32>(0)) & (column * step == from_left) & (column < vec4<i32>(i32(s.columns)));
        if (!(there.x || there.y || there.z || there.w)) { continue; }
        let at = start + vec4<u32>(select(vec4<i32>(0), row * i32(s.columns) + column, there));
        let v = select(vec4<f32>(0.0), vec4<f32>(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), there);
        let w = f * s.channels * area + a * s.kernel + b;
        for (var j = 0u; j < 8u; j++) { sums[j] = fma(vec4<f32>(weights[w + channel[j] * area]), v, sums[j]); }
      }
    }
  }
  for (var j = 0u; j < 8u && first + j < s.channels; j++) {
    let at = (image * s.channels + channel[j]) * plane + inside;
    for (var k = 0u; k < 4u && p[k] < pixels; k++) {
      if (s.accumulate == 1u) { dx[at[k]] += sums[j][k]; } else { dx[at[k]] = sums[j][k]; }
    }
  }
}
