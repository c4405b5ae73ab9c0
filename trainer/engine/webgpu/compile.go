package webgpu

import "smoothscape/trainer/engine"

// compiler turns a specification into a plan, layer by layer forward and back again.
//
// Some layers need no step of their own: a flatten is its source under another name, and a ReLU whose source is a batch norm or a sum that nobody else
// reads is done by that source. root maps each layer to the one whose output holds its values, −1 for the images.
type compiler struct {
	*plan
	spec    engine.Spec
	shapes  []engine.Shape
	sources [][]int
	limits  Limits

	root    []int
	cut     []bool  // by root: its output is cut at 0
	read    []bool  // the logits depend on the layer
	learns  []bool  // parameters are behind the layer's output
	out     []int   // by root: array of the output
	back    []int   // by root: array of its gradient, −1 while there is none
	stats   []int   // by layer: what norm_stats gives
	weights [][]int // by layer: arrays of its parameters,
	slopes  [][]int // of their gradient,
	state   [][]int // and of its running statistics
}

// compile plans a pass over so many images; the specification must be valid.
func compile(spec engine.Spec, images int, m mode, limits Limits) (*plan, error) {
	shapes, err := spec.Shapes()
	if err != nil {
		return nil, err
	}
	sources, err := spec.Sources()
	if err != nil {
		return nil, err
	}
	n := len(spec.Layers)
	c := &compiler{
		plan: &plan{mode: m, images: images}, spec: spec, shapes: shapes, sources: sources, limits: limits,
		root: make([]int, n), cut: make([]bool, n), read: make([]bool, n), learns: make([]bool, n), out: make([]int, n), back: make([]int, n),
		stats: make([]int, n), weights: make([][]int, n), slopes: make([][]int, n), state: make([][]int, n),
	}
	c.trace()
	c.place()
	c.forward()
	c.loss()
	if m.learns() {
		c.backward()
	}
	c.end = len(c.steps)
	if err := c.share(); err != nil {
		return nil, err
	}
	return c.plan, nil
}

// trace finds roots, and which layers matter.
func (c *compiler) trace() {
	readers := make([]int, len(c.spec.Layers))
	for _, from := range c.sources {
		for _, j := range from {
			if j >= 0 {
				readers[j]++
			}
		}
	}
	for i, l := range c.spec.Layers {
		c.root[i] = i
		j := c.sources[i][0]
		switch {
		case l.Kind == engine.Flatten:
			c.root[i] = c.rootOf(j)
		case l.Kind == engine.ReLU && j >= 0 && readers[j] == 1 && (c.spec.Layers[j].Kind == engine.BatchNorm || c.spec.Layers[j].Kind == engine.Add):
			c.root[i], c.cut[j] = j, true
		}
		c.learns[i] = l.Kind == engine.Conv || l.Kind == engine.Linear || l.Kind == engine.BatchNorm
		for _, j := range c.sources[i] {
			c.learns[i] = c.learns[i] || j >= 0 && c.learns[j]
		}
	}
	c.read[len(c.read)-1] = true
	for i := len(c.read) - 1; i >= 0; i-- {
		for _, j := range c.sources[i] {
			if j >= 0 && c.read[i] {
				c.read[j] = true
			}
		}
	}
}

func (c *compiler) rootOf(layer int) int {
	if layer < 0 {
		return layer
	}
	return c.root[layer]
}

// place makes the arrays that are there before the first step.
func (c *compiler) place() {
	c.batch = c.slotted(c.images * c.spec.Input.Len())
	c.labels = c.slotted(c.images)
	c.rows = c.slotted(2 * c.images)
	of := func(place place, tensors []engine.TensorInfo) func(n int) []int {
		l := layTensors(tensors, c.limits.Alignment)
		return func(n int) []int {
			var arrays []int
			for ; n > 0; n-- {
				arrays = append(arrays, len(c.arrays))
				c.arrays = append(c.arrays, array{place: place, values: l.tensors[0].Len, offset: l.offsets[0]})
				l.tensors, l.offsets = l.tensors[1:], l.offsets[1:]
			}
			return arrays
		}
	}
	weights, slopes, state := of(parameters, c.spec.Tensors()), of(gradients, c.spec.Tensors()), of(running, c.spec.StateTensors())
	statistics := of(moments, momentTensors(c.spec))
	for i, l := range c.spec.Layers {
		c.back[i] = -1
		n := 0
		switch {
		case l.Kind == engine.BatchNorm:
			n, c.state[i], c.stats[i] = 2, state(2), statistics(1)[0]
		case l.Kind != engine.Conv && l.Kind != engine.Linear:
		case l.NoBias:
			n = 1
		default:
			n = 2
		}
		c.weights[i], c.slopes[i] = weights(n), slopes(n)
	}
}

// momentTensors are the arrays of what norm_stats gives, three values a channel, one of each batch norm.
func momentTensors(spec engine.Spec) []engine.TensorInfo {
	var all []engine.TensorInfo
	for i, t := range spec.StateTensors() {
		if i%2 == 0 {
			all = append(all, engine.TensorInfo{Name: t.Name, Len: 3 * t.Len})
		}
	}
	return all
}

// slotted is a new array in a slot.
func (c *compiler) slotted(values int) int {
	c.arrays = append(c.arrays, array{values: values})
	return len(c.arrays) - 1
}

func (c *compiler) step(kernel string, sizes sizes, threads int, arrays ...int) *step {
	c.steps = append(c.steps, step{kernel: kernel, arrays: arrays, sizes: sizes, threads: threads, flops: int64(threads)})
	return &c.steps[len(c.steps)-1]
}

// source is the array and the shape of a layer's source.
func (c *compiler) source(i, which int) (int, engine.Shape) {
	j := c.sources[i][which]
	shape := c.spec.Input
	if j >= 0 {
		shape = c.shapes[j]
	}
	if r := c.rootOf(j); r >= 0 {
		return c.out[r], shape
	}
	return c.batch, shape
}

// geometry is what kernels are told of a layer.
func (c *compiler) geometry(i int) sizes {
	_, in := c.source(i, 0)
	l, out := c.spec.Layers[i], c.shapes[i]
	s := sizes{
		Images: uint32(c.images), Channels: uint32(in.C), Height: uint32(in.H), Width: uint32(in.W),
		Filters: uint32(out.C), Rows: uint32(out.H), Columns: uint32(out.W), Kernel: uint32(l.Kernel), Stride: uint32(l.Stride), Padding: uint32(l.Padding),
		Count: uint32(c.images * out.Len()), Relu: flag(c.cut[i]),
	}
	if l.Kind == engine.Linear { // a 1×1 convolution of images of one pixel
		s.Channels, s.Height, s.Width, s.Kernel, s.Stride = uint32(in.Len()), 1, 1, 1, 1
	}
	return s
}

func flag(on bool) uint32 {
	if on {
		return 1
	}
	return 0
}

// tiles is the number of tiles of so many values.
func tiles(values, each int) int { return (values + each - 1) / each }
