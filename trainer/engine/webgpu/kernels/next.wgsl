// It is the next place's turn.
@group(0) @binding(1) var<storage, read_write> place: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x == 0u) { place[0] = place[0] + 1u; }
}
