// out[i] = Σ over parts of in[part·stride + first + i], in their order.
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  var total = 0.0;
  for (var part = 0u; part < s.parts; part++) { total += sums[part * s.stride + s.first + i]; }
  out[i] = total;
}
