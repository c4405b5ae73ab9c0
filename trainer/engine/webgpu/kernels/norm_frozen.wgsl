// Batch norm in evaluation: what norm_stats gives, of the running statistics.
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<f32>; // [mean, 1/√(variance + ε), variance][channel]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let c = index(id, groups);
  if (c >= s.channels) { return; }
  stats[c] = mean[c];
  stats[s.channels + c] = 1.0 / sqrt(variance[c] + 1e-5);
  stats[2u * s.channels + c] = variance[c];
}
