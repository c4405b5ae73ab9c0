// The maximum of each window, NaN if one of its values is.
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// isNan looks at the bits: a compiler may assume that there is no NaN.
fn isNan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let column = i % s.columns;
  let row = i / s.columns % s.rows;
  let start = i / (s.columns * s.rows) * s.height * s.width + row * s.stride * s.width + column * s.stride;
  var best = x[start];
  for (var a = 0u; a < s.kernel; a++) {
    for (var b = 0u; b < s.kernel; b++) {
      let v = x[start + a * s.width + b];
      if (!isNan(best) && (v > best || isNan(v))) { best = v; }
    }
  }
  y[i] = best;
}
