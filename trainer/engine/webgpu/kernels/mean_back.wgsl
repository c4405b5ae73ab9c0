// The gradient of a mean's input: each pixel has its part.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let plane = s.height * s.width;
  let d = dy[i / plane] / f32(plane);
  if (s.accumulate == 1u) { dx[i] += d; } else { dx[i] = d; }
}
