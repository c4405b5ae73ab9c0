// What every kernel is told about the layer that it computes. Images are [image][channel][row][column]; fields that a kernel does not read are 0.
struct Sizes {
  images: u32,
  channels: u32, height: u32, width: u32, // of the layer's input
  filters: u32, rows: u32, columns: u32, // of its output
  kernel: u32, stride: u32, padding: u32,
  count: u32, // values, or threads, that the kernel computes
  parts: u32, // pieces that a sum is cut into
  accumulate: u32, // 1: the result is added to what stands there
  relu: u32, // 1: the layer's output was cut at 0
  option: u32, // 1: a convolution has a bias; a batch norm goes by the statistics of its batch
  first: u32, // where the values begin
}

@group(0) @binding(0) var<uniform> s: Sizes;

// index counts the threads of a dispatch whose groups of 64 lie in rows.
fn index(id: vec3<u32>, groups: vec3<u32>) -> u32 { return id.x + id.y * groups.x * 64u; }
