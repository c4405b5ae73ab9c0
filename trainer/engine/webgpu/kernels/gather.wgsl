// Images of a batch, varied and normalized, out of bytes that stay here. The pixel (row, column) of image i shows the kept image's pixel (⌊Y/2¹⁶⌋, ⌊X/2¹⁶⌋),
// X = x + column·xc + row·xr, or black outside of the window.
@group(0) @binding(1) var<storage, read> bytes: array<u32>; // kept images s.first … s.first+s.count−1, of s.stride words each
@group(0) @binding(2) var<storage, read> views: array<i32>; // [view][image, left, top, x, xc, xr, y, yc, yr]
@group(0) @binding(3) var<storage, read> table: array<f32>; // [channel][value of a byte]
@group(0) @binding(4) var<storage, read> seen: array<u32>; // views that batches before this one took
@group(0) @binding(5) var<storage, read_write> batch: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let t = index(id, groups);
  let plane = s.height * s.width;
  let each = s.channels * plane;
  if (t >= s.images * each) { return; }
  let v = 9u * (seen[0] + t / each);
  let image = u32(views[v]);
  if (image < s.first || image >= s.first + s.count) { return; } // another dispatch has it
  let c = t % each / plane;
  let row = i32(t % plane / s.width);
  let column = i32(t % s.width);
  let x = (views[v + 3u] + column * views[v + 4u] + row * views[v + 5u]) >> 16u;
  let y = (views[v + 6u] + column * views[v + 7u] + row * views[v + 8u]) >> 16u;
  let left = views[v + 1u];
  let top = views[v + 2u];
  let h = i32(s.height);
  let w = i32(s.width);
  var byte = 0u;
  if (x >= max(0, left) && x < min(w, w + left) && y >= max(0, top) && y < min(h, h + top)) {
    let at = c * plane + u32(y) * s.width + u32(x);
    byte = (bytes[(image - s.first) * s.stride + at / 4u] >> (8u * (at % 4u))) & 255u;
  }
  batch[t] = table[256u * c + byte];
}
