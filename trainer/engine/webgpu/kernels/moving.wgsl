// Running statistics of a batch norm move a tenth of the way to those of the batch.
@group(0) @binding(1) var<storage, read> stats: array<f32>; // [mean, 1/√(variance + ε), unbiased variance][channel]
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> variance: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let c = index(id, groups);
  if (c >= s.channels) { return; }
  mean[c] += 0.1 * (stats[c] - mean[c]);
  variance[c] += 0.1 * (stats[2u * s.channels + c] - variance[c]);
}
