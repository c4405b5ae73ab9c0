// What the kernel loss gave for a batch, to the place whose turn it is: stride values a place, those of the batch from the value first on.
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> place: array<u32>;
@group(0) @binding(3) var<storage, read_write> kept: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i < s.count) { kept[place[0] * s.stride + s.first + i] = rows[i]; }
}
