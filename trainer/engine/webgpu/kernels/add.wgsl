// y = a + b, cut at 0 where a ReLU follows.
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let v = a[i] + b[i];
  y[i] = select(v, 0.0, s.relu == 1u && v < 0.0);
}
