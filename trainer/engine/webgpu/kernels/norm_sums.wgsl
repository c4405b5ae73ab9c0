// The gradients of γ and β, Σ dy·x̂ and Σ dy, in parts that sum_parts adds up; part k has every parts-th value.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> stats: array<f32>;
@group(0) @binding(5) var<storage, read_write> sums: array<f32>; // [part][γ or β][channel]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.parts * s.channels) { return; }
  let plane = s.height * s.width;
  let c = i / s.parts;
  let part = i % s.parts;
  let mean = stats[c];
  let scale = stats[s.channels + c];
  var slope = 0.0;
  var total = 0.0;
  for (var j = part; j < s.images * plane; j += s.parts) {
    let at = (j / plane * s.channels + c) * plane + j % plane;
    let d = select(dy[at], 0.0, s.relu == 1u && y[at] <= 0.0);
    total += d;
    slope = fma(d, (x[at] - mean) * scale, slope);
  }
  sums[part * 2u * s.channels + c] = slope;
  sums[part * 2u * s.channels + s.channels + c] = total;
}
