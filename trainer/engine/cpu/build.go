package cpu

import "smoothscape/trainer/engine"

// builder lays a network out as a program.
type builder[T Float] struct {
	p             *program[T]
	spec          engine.Spec
	shapes        []engine.Shape
	nodes         []node
	params, state []T
	parameters    []span // of each layer
	running       []span // its running statistics
	stats         []T    // where a pass leaves the statistics of the batch

	values map[int]*planes[T] // by layer; −1: the images
	makers map[int]node       // of values
	reads  map[int]int        // nodes that still read a value
	grads  map[int]*planes[T]
	holds  map[*planes[T]]int // values, or gradients, that lie in this memory
	free   []*planes[T]

	convs   map[int]*conv[T]                            // by the value they make
	apply   func(w *worker[T], unit, first, images int) // the way back through a norm that the next convolution is to do first
	applied *planes[T]                                  // which it reads
}

func newBuilder[T Float](k *kernels[T], spec engine.Spec, shapes []engine.Shape, sources [][]int, params, state, stats []T) *builder[T] {
	b := &builder[T]{
		p: &program[T]{kernels: k}, spec: spec, shapes: shapes, nodes: graph(spec, sources), params: params, state: state, stats: stats,
		values: map[int]*planes[T]{}, makers: map[int]node{}, reads: map[int]int{}, grads: map[int]*planes[T]{}, holds: map[*planes[T]]int{}, convs: map[int]*conv[T]{},
	}
	at, running := 0, 0
	for i, l := range spec.Layers {
		n, s := 0, 0
		switch l.Kind {
		case engine.Conv, engine.Linear:
			n = shapes[i].C * l.FanIn(b.shapeOf(sources[i][0]))
			if !l.NoBias {
				n += shapes[i].C
			}
		case engine.BatchNorm:
			n, s = 2*shapes[i].C, 2*shapes[i].C
		}
		b.parameters, b.running = append(b.parameters, span{at, n}), append(b.running, span{running, s})
		at, running = at+n, running+s
	}
	for _, n := range b.nodes {
		b.makers[n.out] = n
		b.reads[n.in]++
		if n.skip != none {
			b.reads[n.skip]++
		}
	}
	b.reads[b.last()]++
	return b
}

func (b *builder[T]) last() int { return len(b.spec.Layers) - 1 }

func (b *builder[T]) shapeOf(v int) engine.Shape {
	if v < 0 {
		return b.spec.Input
	}
	return b.shapes[v]
}

// weights splits the parameters of a layer.
func (b *builder[T]) weights(n node) (weight, bias span) {
	all := b.parameters[n.index]
	outputs := b.shapes[n.index].C
	if n.layer.Kind != engine.BatchNorm && n.layer.NoBias {
		return all, span{all.at + all.n, 0}
	}
	return span{all.at, all.n - outputs}, span{all.at + all.n - outputs, outputs}
}

func slice[T Float](of []T, s span) []T {
	if s.n == 0 {
		return nil
	}
	return of[s.at : s.at+s.n : s.at+s.n]
}

// obtain gives memory for a value or a gradient: some that is free, or new one.
func (b *builder[T]) obtain(like *planes[T]) *planes[T] {
	for i, p := range b.free {
		if p.fits(like) {
			b.free = append(b.free[:i], b.free[i+1:]...)
			b.holds[p] = 1
			return p
		}
	}
	b.p.all = append(b.p.all, like)
	b.holds[like] = 1
	return like
}

// release gives back what obtain gave, once for each value that lies there.
func (b *builder[T]) release(p *planes[T]) {
	if b.holds[p]--; b.holds[p] == 0 {
		b.free = append(b.free, p)
	}
}

// layout gives a value the border that the convolutions want which read it.
func (b *builder[T]) layout(v int) *planes[T] {
	border, lanes := 0, b.p.kernels.lanes
	dense := v < 0
	for _, n := range b.nodes {
		if n.in != v && n.skip != v {
			continue
		}
		switch n.layer.Kind {
		case engine.Conv:
			border = max(border, n.layer.Padding)
		case engine.Linear, engine.Flatten:
		default:
			dense = false
		}
	}
	if dense {
		lanes = 1 // only vectors of other values are multiplied with it
	}
	return newPlanes[T](b.shapeOf(v), lanes, border)
}

// images places the input; if nobody but flatten layers read it, as the vector that they make of it.
func (b *builder[T]) images() {
	flat := true
	for _, n := range b.nodes {
		if n.in == -1 && n.layer.Kind != engine.Flatten || n.skip == -1 {
			flat = false
		}
	}
	planes := b.layout(-1)
	if flat {
		planes = newPlanes[T](engine.Shape{C: b.spec.Input.Len(), H: 1, W: 1}, 1, 0)
	}
	in := &input[T]{p: b.p, shape: b.spec.Input, flat: flat, to: planes}
	if in.borrows() {
		b.holds[planes] = 2 // one for the caller: nobody else may have this memory
	} else {
		b.obtain(planes)
	}
	b.values[-1], b.p.input = planes, in
}

// constants are ones and zeros for the channels of the widest value, and as long as an image.
func (b *builder[T]) constants() {
	widest := b.spec.Input.Len()
	for _, s := range b.shapes {
		widest = max(widest, s.C)
	}
	widest = roundUp(widest, b.p.kernels.lanes)
	b.p.ones, b.p.zeros = make([]T, widest), make([]T, widest)
	for i := range b.p.ones {
		b.p.ones[i] = 1
	}
}

// isAlias reports whether a flatten layer has nothing to do.
func (b *builder[T]) isAlias(n node) bool {
	in := b.values[n.in]
	return n.layer.Kind == engine.Flatten && in.shape.H == 1 && in.shape.W == 1
}
