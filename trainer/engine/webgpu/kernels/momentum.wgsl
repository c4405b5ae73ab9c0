// With d = g + λθ: v ← μv + d, θ ← θ − ηv, or θ ← θ − η(d + μv) with Nesterov's momentum, as torch.optim.SGD has it. What is smaller than 2⁻¹⁰⁰ moves no
// parameter and becomes 0, before it gets to the subnormal numbers.
@group(0) @binding(1) var<storage, read> orders: array<f32>; // …, η, λ, μ, Nesterov, …
@group(0) @binding(2) var<storage, read> seen: array<u32>; // orders that were carried out
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(5) var<storage, read_write> velocity: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let k = seen[0];
  let d = gradient[i] + orders[k + 1u] * parameters[i];
  var v = orders[k + 2u] * velocity[i] + d;
  if (abs(v) < 7.888609052210118e-31) { v = 0.0; }
  velocity[i] = v;
  parameters[i] = parameters[i] - orders[k] * select(v, d + orders[k + 2u] * v, orders[k + 3u] != 0.0);
}
