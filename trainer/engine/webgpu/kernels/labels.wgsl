// What the images of a batch show.
@group(0) @binding(1) var<storage, read> kept: array<u32>; // of every kept image
@group(0) @binding(2) var<storage, read> views: array<i32>; // [view][image and eight more]
@group(0) @binding(3) var<storage, read> seen: array<u32>; // views that batches before this one took
@group(0) @binding(4) var<storage, read_write> labels: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = index(id, groups);
  if (i < s.count) { labels[i] = kept[views[9u * (seen[0] + i)]]; }
}
