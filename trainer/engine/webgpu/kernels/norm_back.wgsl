// dx = γ/√(variance + ε) · (dy − mean(dy) − x̂·mean(dy·x̂)): mean and variance depend on x. In evaluation (option 0) they do not, and the means are left out.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> stats: array<f32>;
@group(0) @binding(5) var<storage, read> gamma: array<f32>;
@group(0) @binding(6) var<storage, read> dgamma: array<f32>;
@group(0) @binding(7) var<storage, read> dbeta: array<f32>;
@group(0) @binding(8) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let plane = s.height * s.width;
  let c = i / plane % s.channels;
  let scale = stats[s.channels + c];
  var d = select(dy[i], 0.0, s.relu == 1u && y[i] <= 0.0);
  if (s.option == 1u) {
    let values = f32(s.images * plane);
    d -= dbeta[c] / values + (x[i] - stats[c]) * scale * dgamma[c] / values;
  }
  d *= gamma[c] * scale;
  if (s.accumulate == 1u) { dx[i] += d; } else { dx[i] = d; }
}
