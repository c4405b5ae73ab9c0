// Batch norm, first of two: mean and sum of squared deviations of each part of a channel; part k has every parts-th value. Squares are
// taken about the part's first value, which is as near to the mean as any: about 0 they would cancel where the mean is far from it.
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>; // [part][mean or squares][channel]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.parts * s.channels) { return; }
  let plane = s.height * s.width;
  let c = i / s.parts;
  let part = i % s.parts;
  let origin = x[(part / plane * s.channels + c) * plane + part % plane];
  var total = 0.0;
  var squares = 0.0;
  var count = 0.0;
  for (var j = part; j < s.images * plane; j += s.parts) {
    let d = x[(j / plane * s.channels + c) * plane + j % plane] - origin;
    total += d;
    squares = fma(d, d, squares);
    count += 1.0;
  }
  sums[part * 2u * s.channels + c] = origin + total / count;
  sums[part * 2u * s.channels + s.channels + c] = max(0.0, squares - total * total / count);
}
