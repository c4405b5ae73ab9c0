// dx = dy, of a sum or of what was cut at 0: there it passes where the output is above.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let d = select(dy[i], 0.0, s.relu == 1u && y[i] <= 0.0);
  if (s.accumulate == 1u) { dx[i] += d; } else { dx[i] = d; }
}
