// The mean over all pixels of a channel.
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let plane = s.height * s.width;
  var total = 0.0;
  for (var j = 0u; j < plane; j++) { total += x[i * plane + j]; }
  y[i] = total / f32(plane);
}
