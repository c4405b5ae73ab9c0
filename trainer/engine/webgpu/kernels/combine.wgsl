// parameters = center + a·d₁ + b·d₂ + c·d₃ at the place whose turn it is. A direction that is not there is the center, times 0.
@group(0) @binding(1) var<storage, read> center: array<f32>;
@group(0) @binding(2) var<storage, read> d1: array<f32>;
@group(0) @binding(3) var<storage, read> d2: array<f32>;
@group(0) @binding(4) var<storage, read> d3: array<f32>;
@group(0) @binding(5) var<storage, read> factors: array<f32>; // [place][a, b, c]
@group(0) @binding(6) var<storage, read> place: array<u32>; // whose turn it is
@group(0) @binding(7) var<storage, read_write> parameters: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let k = 3u * place[0];
  parameters[i] = fma(factors[k + 2u], d3[i], fma(factors[k + 1u], d2[i], fma(factors[k], d1[i], center[i])));
}
