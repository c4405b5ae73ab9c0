// into = a·into + b·from. Where a is 0 nobody asks what stood there.
@group(0) @binding(1) var<storage, read> orders: array<f32>; // …, a, b, …
@group(0) @binding(2) var<storage, read> seen: array<u32>; // orders that were carried out
@group(0) @binding(3) var<storage, read> other: array<f32>; // from
@group(0) @binding(4) var<storage, read_write> into: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let a = orders[seen[0]];
  let more = orders[seen[0] + 1u] * other[i];
  if (a == 0.0) { into[i] = more; } else { into[i] = a * into[i] + more; }
}
