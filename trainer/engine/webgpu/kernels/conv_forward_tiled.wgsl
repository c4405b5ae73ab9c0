// y = w ∗ x + bias as a product of the filters with the windows of all pixels: conv_forward for processors with shared memory.
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [filter][channel][row][column]
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn lines() -> u32 { return s.filters; }
fn columns() -> u32 { return s.images * s.rows * s.columns; }
fn depth(part: u32) -> vec2<u32> { return vec2<u32>(0u, s.channels * s.kernel * s.kernel); }

fn left(f: u32, k: u32) -> f32 {
  if (f >= s.filters) { return 0.0; }
  return weights[f * s.channels * s.kernel * s.kernel + k];
}

fn right(k: u32, p: u32) -> f32 {
  let plane = s.rows * s.columns;
  if (p >= s.images * plane) { return 0.0; }
  let area = s.kernel * s.kernel;
  // What lies above or left of the image wraps around to a number beyond every height and width.
  let h = p % plane / s.columns * s.stride + k % area / s.kernel - s.padding;
  let w = p % s.columns * s.stride + k % s.kernel - s.padding;
  if (h >= s.height || w >= s.width) { return 0.0; }
  return x[((p / plane * s.channels + k / area) * s.height + h) * s.width + w];
}

fn put(f: u32, p: u32, part: u32, v: f32) {
  if (f >= s.filters || p >= columns()) { return; }
  let plane = s.rows * s.columns;
  var sum = v;
  if (s.option == 1u) { sum += bias[f]; }
  y[(p / plane * s.filters + f) * plane + p % plane] = sum;
}
