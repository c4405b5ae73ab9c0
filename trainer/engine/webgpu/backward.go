package webgpu

import "smoothscape/trainer/engine"

// mostPartBytes bounds what the parts of a weight's gradient take.
const mostPartBytes = 64 << 20

// backward adds the steps from the gradient of the logits to that of every parameter.
func (c *compiler) backward() {
	for i := len(c.spec.Layers) - 1; i >= 0; i-- {
		l, s := c.spec.Layers[i], c.geometry(i)
		if !c.read[i] {
			for _, g := range c.slopes[i] {
				c.step("zero", sizes{Count: uint32(c.arrays[g].values)}, c.arrays[g].values, g)
			}
			continue
		}
		if c.root[i] != i || !c.learns[i] {
			continue
		}
		x, in := c.source(i, 0)
		y, dy := c.out[i], c.back[i]
		values := c.images * in.Len()
		switch l.Kind {
		case engine.Conv, engine.Linear:
			c.weightSlopes(i, s, x, dy)
			if dx := c.gradientOf(i, 0, &s); dx >= 0 {
				c.convolve("conv_input", s, c.weights[i][0], dy, dx)
			}
		case engine.BatchNorm:
			c.normSlopes(i, s, x, y, dy)
		case engine.ReLU:
			if dx := c.gradientOf(i, 0, &s); dx >= 0 {
				s.Relu = 1
				c.step("pass_back", s, values, dy, y, dx)
			}
		case engine.Add:
			for which := range c.sources[i] {
				if dx := c.gradientOf(i, which, &s); dx >= 0 {
					c.step("pass_back", s, values, dy, y, dx)
				}
			}
		case engine.MaxPool:
			if dx := c.gradientOf(i, 0, &s); dx >= 0 {
				s.Count = uint32(values)
				c.step("pool_back", s, values, dy, x, dx)
			}
		case engine.GlobalAvgPool:
			if dx := c.gradientOf(i, 0, &s); dx >= 0 {
				s.Count = uint32(values)
				c.step("mean_back", s, values, dy, dx)
			}
		}
	}
}

// gradientOf is the array that a source's gradient goes to, −1 if nobody needs it; s says whether there is something in it already.
func (c *compiler) gradientOf(i, which int, s *sizes) int {
	j := c.sources[i][which]
	r := c.rootOf(j)
	if r < 0 || !c.learns[j] {
		return -1
	}
	s.Accumulate = flag(c.back[r] >= 0)
	if c.back[r] < 0 {
		c.back[r] = c.slotted(c.arrays[c.out[r]].values)
	}
	return c.back[r]
}

// weightSlopes adds the gradients of a convolution's weights and bias.
func (c *compiler) weightSlopes(i int, s sizes, x, dy int) {
	to := c.slopes[i]
	each := int(s.Channels * s.Kernel * s.Kernel)
	weights := int(s.Filters) * each
	lines := int(s.Images * s.Rows)
	s.Parts = uint32(max(1, min(16, lines/8, int(min(mostPartBytes, c.limits.MaxBinding)/int64(4*weights)))))
	if s.Parts == 1 {
		c.convolve("conv_weights", s, dy, x, to[0])
	} else {
		sums := c.slotted(int(s.Parts) * weights)
		c.convolve("conv_weights", s, dy, x, sums)
		c.sum(sums, to[0], int(s.Parts), weights, 0)
	}
	if len(to) == 2 {
		s.Parts = uint32(parts(int(s.Images * s.Rows * s.Columns)))
		sums := c.slotted(int(s.Parts * s.Filters))
		c.step("bias_sums", s, int(s.Parts*s.Filters), dy, sums)
		c.sum(sums, to[1], int(s.Parts), int(s.Filters), 0)
	}
}

// normSlopes adds the gradients of γ, β and the input of a batch norm.
func (c *compiler) normSlopes(i int, s sizes, x, y, dy int) {
	s.Parts = uint32(parts(int(s.Images * s.Height * s.Width)))
	channels := int(s.Channels)
	sums := c.slotted(2 * int(s.Parts) * channels)
	c.step("norm_sums", s, int(s.Parts)*channels, dy, y, x, c.stats[i], sums)
	gamma, beta := c.slopes[i][0], c.slopes[i][1]
	c.sum(sums, gamma, int(s.Parts), 2*channels, 0)
	c.sum(sums, beta, int(s.Parts), 2*channels, channels)
	if dx := c.gradientOf(i, 0, &s); dx >= 0 {
		s.Option = flag(c.mode == training)
		c.step("norm_back", s, int(s.Count), dy, y, x, c.stats[i], c.weights[i][0], gamma, beta, dx)
	}
}

// sum adds up parts of stride values each, from the value first on, into an array.
func (c *compiler) sum(sums, to, parts, stride, first int) {
	count := c.arrays[to].values
	c.step("sum_parts", sizes{Count: uint32(count), Parts: uint32(parts), Stride: uint32(stride), First: uint32(first)}, count, sums, to)
}
