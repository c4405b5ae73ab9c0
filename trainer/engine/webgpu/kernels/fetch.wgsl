// A batch of what was laid, images or labels, to where the network reads it: bits, whatever they mean.
@group(0) @binding(1) var<storage, read> laid: array<u32>;
@group(0) @binding(2) var<storage, read_write> batch: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i < s.count) { batch[i] = laid[i]; }
}
