// Softmax cross-entropy of each image, whether its largest logit (the first of equals) is that of the label, and the gradient of the mean loss.
@group(0) @binding(1) var<storage, read> logits: array<f32>; // [image][class]
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> rows: array<f32>; // [image][loss, 1 if right, 2 if a logit is not finite]
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>; // [image][class]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i >= s.images) { return; }
  let start = i * s.channels;
  let label = labels[i];
  var best = 0u;
  var finite = true; // by the bits: a compiler may assume that every number is
  for (var c = 0u; c < s.channels; c++) { finite = finite && (bitcast<u32>(logits[start + c]) & 0x7f800000u) != 0x7f800000u; }
  for (var c = 1u; c < s.channels; c++) { if (logits[start + c] > logits[start + best]) { best = c; } }
  let top = logits[start + best];
  var total = 0.0;
  for (var c = 0u; c < s.channels; c++) { total += exp(logits[start + c] - top); }
  rows[2u * i] = log(total) - (logits[start + label] - top);
  rows[2u * i + 1u] = select(2.0, select(0.0, 1.0, best == label), finite);
  for (var c = 0u; c < s.channels; c++) {
    let p = exp(logits[start + c] - top) / total;
    gradient[start + c] = (p - select(0.0, 1.0, c == label)) / f32(s.images);
  }
}
