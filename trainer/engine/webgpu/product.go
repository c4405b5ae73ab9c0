package webgpu

// The three products of a convolution, y, dx and dw, are each a matrix of sums. Two kernels make them. The direct one lets a thread make 8 lines by 4 columns
// on its own; its loads are simple, which suits a driver that computes on the processor. The tiled one (kernels/tile.wgsl) lets the threads of a
// group make some 64 by 64 and read what they share once, which suits a processor with memory for that: it reads an eighth as much.
// How the tiles are cut is a matter of their shape (shape.go).

// leastTiled is the fewest lines and columns of a product that are worth a tile: one that would be less than half full is not.
const leastTiled = 32

// convolve adds one product of a convolution, by the kernel that suits the device and the size.
func (c *compiler) convolve(kernel string, s sizes, arrays ...int) {
	lines, columns := s.product(kernel)
	parts := max(1, int(s.Parts))
	threads := parts * tiles(lines, 8) * tiles(columns, 4)
	if least := c.limits.tiled; least > 0 && min(lines, columns) >= least {
		kernel, threads = c.limits.shape.kernel(kernel), 64*parts*c.limits.shape.tiles(lines, columns) // a dispatch counts its groups by 64
	}
	c.step(kernel, s, threads, arrays...).flops = s.products()
}

// product is the size of the matrix that a kernel of a convolution makes.
func (s sizes) product(kernel string) (lines, columns int) {
	switch kernel {
	case "conv_forward":
		return int(s.Filters), int(s.Images * s.Rows * s.Columns)
	case "conv_input":
		return int(s.Channels), int(s.Images * s.Height * s.Width)
	case "conv_weights":
		return int(s.Filters), int(s.Channels * s.Kernel * s.Kernel)
	}
	return 0, 0
}

// products counts the floating-point operations of a convolution, two for each product.
func (s sizes) products() int64 {
	return 2 * int64(s.Images) * int64(s.Rows*s.Columns) * int64(s.Filters) * int64(s.Channels*s.Kernel*s.Kernel)
}
