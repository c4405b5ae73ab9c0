// The gradient of a convolution's input as a product of the turned filters with what reaches each pixel: conv_input for processors with shared memory.
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [filter][channel][row][column]
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

fn lines() -> u32 { return s.channels; }
fn columns() -> u32 { return s.images * s.height * s.width; }
fn depth(part: u32) -> vec2<u32> { return vec2<u32>(0u, s.filters * s.kernel * s.kernel); }

fn left(c: u32, k: u32) -> f32 {
  if (c >= s.channels) { return 0.0; }
  let area = s.kernel * s.kernel;
  return weights[(k / area * s.channels + c) * area + k % area];
}

fn right(k: u32, p: u32) -> f32 {
  let plane = s.height * s.width;
  if (p >= s.images * plane) { return 0.0; }
  let area = s.kernel * s.kernel;
  // The windows that reach this pixel with their row a start at h + padding − a, which must be a multiple of the stride; below 0 it wraps around.
  let from_top = p % plane / s.width + s.padding - k % area / s.kernel;
  let from_left = p % s.width + s.padding - k % s.kernel;
  let row = from_top / s.stride;
  let column = from_left / s.stride;
  if (row * s.stride != from_top || column * s.stride != from_left || row >= s.rows || column >= s.columns) { return 0.0; }
  return dy[((p / plane * s.filters + k / area) * s.rows + row) * s.columns + column];
}

fn put(c: u32, p: u32, part: u32, v: f32) {
  if (c >= s.channels || p >= columns()) { return; }
  let plane = s.height * s.width;
  let at = (p / plane * s.channels + c) * plane + p % plane;
  if (s.accumulate == 1u) { dx[at] += v; } else { dx[at] = v; }
}
