// Batch norm, second of two: the parts of norm_parts put together by the formula of Chan, Golub and LeVeque 1979.
@group(0) @binding(1) var<storage, read> sums: array<f32>; // [part][mean or squares][channel]
@group(0) @binding(2) var<storage, read_write> stats: array<f32>; // [mean, 1/√(variance + ε), unbiased variance][channel]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let c = index(id, groups);
  if (c >= s.channels) { return; }
  let values = s.images * s.height * s.width;
  var mean = 0.0;
  var squares = 0.0;
  var count = 0.0;
  for (var part = 0u; part < s.parts; part++) {
    let more = f32((values - part + s.parts - 1u) / s.parts);
    let d = sums[part * 2u * s.channels + c] - mean;
    count += more;
    mean += d * more / count;
    squares += sums[part * 2u * s.channels + s.channels + c] + d * d * more * (count - more) / count;
  }
  stats[c] = mean;
  stats[s.channels + c] = 1.0 / sqrt(squares / count + 1e-5);
  stats[2u * s.channels + c] = select(0.0, squares / (count - 1.0), values > 1u);
}
