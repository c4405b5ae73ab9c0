// The gradient of a convolution's weights as a product of dy with the windows, in parts that sum_parts adds up: conv_weights for processors with shared
// memory. Part k has the k-th run of pixels, over all images.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>; // [part][filter][channel][row][column]

fn lines() -> u32 { return s.filters; }
fn columns() -> u32 { return s.channels * s.kernel * s.kernel; }
fn depth(part: u32) -> vec2<u32> {
  let pixels = s.images * s.rows * s.columns;
  let each = (pixels + s.parts - 1u) / s.parts;
  return min(vec2<u32>(part, part + 1u) * each, vec2<u32>(pixels));
}

fn left(f: u32, p: u32) -> f32 {
  if (f >= s.filters) { return 0.0; }
  let plane = s.rows * s.columns;
  return dy[(p / plane * s.filters + f) * plane + p % plane];
}

fn right(p: u32, k: u32) -> f32 {
  let area = s.kernel * s.kernel;
  if (k >= s.channels * area) { return 0.0; }
  let plane = s.rows * s.columns;
  // What lies above or left of the image wraps around to a number beyond every height and width.
  let h = p % plane / s.columns * s.stride + k % area / s.kernel - s.padding;
  let w = p % s.columns * s.stride + k % s.kernel - s.padding;
  if (h >= s.height || w >= s.width) { return 0.0; }
  return x[((p / plane * s.channels + k / area) * s.height + h) * s.width + w];
}

fn put(f: u32, k: u32, part: u32, v: f32) {
  if (f < s.filters && k < columns()) { sums[(part * s.filters + f) * columns() + k] = v; }
}
