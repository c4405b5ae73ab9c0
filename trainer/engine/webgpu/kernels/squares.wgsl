// parts[t] = Σ (a[i] − b[i])² over every s.parts-th i from t on, or Σ a[i]² without s.option.
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> parts: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let t = index(id, groups);
  if (t >= s.parts) { return; }
  var total = 0.0;
  if (s.accumulate == 1u) { total = parts[t]; }
  for (var i = t; i < s.count; i += s.parts) {
    var d = a[i];
    if (s.option == 1u) { d -= b[i]; }
    total += d * d;
  }
  parts[t] = total;
}
