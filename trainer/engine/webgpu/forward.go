package webgpu

import "smoothscape/trainer/engine"

// forward adds the steps from the images to the logits.
func (c *compiler) forward() {
	for i, l := range c.spec.Layers {
		if c.root[i] != i {
			continue
		}
		x, in := c.source(i, 0)
		y := c.slotted(c.images * c.shapes[i].Len())
		c.out[i] = y
		s := c.geometry(i)
		switch l.Kind {
		case engine.Conv, engine.Linear:
			w := c.weights[i]
			s.Option = flag(!l.NoBias)
			c.convolve("conv_forward", s, w[0], w[len(w)-1], x, y)
		case engine.BatchNorm:
			c.statistics(i, s, x)
			c.step("norm_apply", s, int(s.Count), x, c.stats[i], c.weights[i][0], c.weights[i][1], y)
		case engine.ReLU:
			c.step("relu", s, int(s.Count), x, y)
		case engine.Add:
			other, _ := c.source(i, 1)
			c.step("add", s, int(s.Count), x, other, y)
		case engine.MaxPool:
			c.step("pool", s, int(s.Count), x, y)
		case engine.GlobalAvgPool:
			s.Count = s.Images * uint32(in.C)
			c.step("mean", s, int(s.Count), x, y)
		}
	}
}

// statistics adds the steps that find by what a batch norm normalizes.
func (c *compiler) statistics(i int, s sizes, x int) {
	if !c.mode.fresh() {
		c.step("norm_frozen", s, int(s.Channels), c.state[i][0], c.state[i][1], c.stats[i])
		return
	}
	s.Parts = uint32(parts(int(s.Images * s.Height * s.Width)))
	sums := c.slotted(int(2 * s.Parts * s.Channels))
	c.step("norm_parts", s, int(s.Parts*s.Channels), x, sums)
	c.step("norm_stats", s, int(s.Channels), sums, c.stats[i])
}

// parts is how many pieces a sum over so many values of a channel is cut into: enough threads for a wide device, and enough work for each.
func parts(values int) int { return max(1, min(256, values/32)) }

// loss adds the loss of each image and the gradient of the logits.
func (c *compiler) loss() {
	last := len(c.spec.Layers) - 1
	logits, root := c.batch, c.root[last]
	if root >= 0 {
		logits = c.out[root]
	}
	d := c.slotted(c.images * c.spec.Classes)
	if root >= 0 {
		c.back[root] = d
	}
	c.step("loss", sizes{Images: uint32(c.images), Channels: uint32(c.spec.Classes)}, c.images, logits, c.labels, c.rows, d)
}
