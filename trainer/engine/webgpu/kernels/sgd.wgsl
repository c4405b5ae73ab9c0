// θ ← θ − η(g + λθ)
@group(0) @binding(1) var<storage, read> orders: array<f32>; // …, η, λ, μ, Nesterov, …
@group(0) @binding(2) var<storage, read> seen: array<u32>; // orders that were carried out
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> parameters: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let theta = parameters[i];
  parameters[i] = theta - orders[seen[0]] * (gradient[i] + orders[seen[0] + 1u] * theta);
}
