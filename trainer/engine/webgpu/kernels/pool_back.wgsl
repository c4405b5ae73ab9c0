// The gradient of a maximum's input: dy goes to the first value of the window that attains the maximum. A thread asks, for one value, the windows that it lies in.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

// attains says whether the value at (a, b) of the window that starts there is the first that is not below another.
fn attains(start: u32, a: u32, b: u32) -> bool {
  let v = x[start + a * s.width + b];
  for (var i = 0u; i < s.kernel; i++) {
    for (var j = 0u; j < s.kernel; j++) {
      let w = x[start + i * s.width + j];
      if (w > v) { return false; }
      if (w == v && (i < a || (i == a && j < b))) { return false; }
    }
  }
  return true;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.count) { return; }
  let plane = s.height * s.width;
  let image = i / plane; // and channel
  let h = i % plane / s.width;
  let w = i % s.width;
  var d = 0.0;
  for (var a = 0u; a < s.kernel && a <= h; a++) {
    let row = (h - a) / s.stride;
    if (row * s.stride != h - a || row >= s.rows) { continue; }
    for (var b = 0u; b < s.kernel && b <= w; b++) {
      let column = (w - b) / s.stride;
      if (column * s.stride != w - b || column >= s.columns) { continue; }
      if (attains(image * plane + row * s.stride * s.width + column * s.stride, a, b)) { d += dy[(image * s.rows + row) * s.columns + column]; }
    }
  }
  if (s.accumulate == 1u) { dx[i] += d; } else { dx[i] = d; }
}
