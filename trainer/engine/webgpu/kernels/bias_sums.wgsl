// The gradient of a bias, Σ dy over images and pixels, in parts that sum_parts adds up: part k has every parts-th value.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>; // [part][filter]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.parts * s.filters) { return; }
  let plane = s.rows * s.columns;
  let f = i / s.parts;
  let part = i % s.parts; // neighbors read neighbors
  var total = 0.0;
  for (var j = part; j < s.images * plane; j += s.parts) { total += dy[(j / plane * s.filters + f) * plane + j % plane]; }
  sums[part * s.filters + f] = total;
}
