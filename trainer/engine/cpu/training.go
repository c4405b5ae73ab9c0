package cpu

import "smoothscape/trainer/engine"

// training lays out the program that computes gradients. Every value stays until the way back has come to it; the memory of gradients
// is used again.
func (b *builder[T]) training() *program[T] {
	b.constants()
	b.images()
	p := b.p
	back := make([]func(next node), len(b.nodes)) // of each node; next is the one that the way back comes to after it
	for i, n := range b.nodes {
		if b.isAlias(n) {
			b.values[n.out] = b.values[n.in]
			back[i] = func(node) { b.alias(n.in, b.grads[n.out]) }
			continue
		}
		b.values[n.out] = b.obtain(b.layout(n.out))
		back[i] = b.forwardNode(n)
	}
	p.logits = b.values[b.last()]
	p.dLogits = b.gradient(b.last())
	for i := len(b.nodes) - 1; i >= 0; i-- {
		next := node{in: none, skip: none, out: none}
		if i > 0 {
			next = b.nodes[i-1]
		}
		if b.grads[b.nodes[i].out] != nil {
			back[i](next)
		} else {
			p.dead = append(p.dead, b.parameters[b.nodes[i].index])
		}
	}
	return p
}

// forwardNode appends the steps of a node, and gives what appends those of its way back.
func (b *builder[T]) forwardNode(n node) func(next node) {
	p, in, out := b.p, b.values[n.in], b.values[n.out]
	skip := b.values[n.skip]
	switch n.layer.Kind {
	case engine.Conv, engine.Linear:
		weight, bias := b.weights(n)
		c := newConv(p, n.layer, in, out, slice(b.params, weight), slice(b.params, bias))
		c.relu = n.relu
		p.pack = append(p.pack, c.packSteps()...)
		p.forward = append(p.forward, c.forwardSteps()...)
		b.convs[n.out] = c
		return func(node) { b.convBack(n, c, weight, bias) }
	case engine.BatchNorm:
		l := b.norm(n, in, out, skip)
		p.reserves = append(p.reserves, l.reserve)
		c := b.convs[n.in]
		collects := c != nil && c.after == nil
		if collects {
			c.after, l.units = l.collect, units(c.each)
		}
		p.forward = append(p.forward, l.forwardSteps(collects)...)
		return func(next node) { b.normBack(n, l, next) }
	case engine.ReLU:
		p.forward = append(p.forward, relu[T]{p, in, out}.forwardSteps()...)
		return func(node) {
			b.contribute(n, func(to *planes[T], add bool) []step[T] {
				d := b.grads[n.out]
				return []step[T]{gateStep(p, d, out), passStep(p, to, d, add)}
			})
		}
	case engine.MaxPool:
		l := newMaxpool(p, n.layer.Kernel, n.layer.Stride, in, out)
		p.reserves = append(p.reserves, l.reserve)
		p.forward = append(p.forward, l.forwardSteps()...)
		return func(node) {
			b.contribute(n, func(to *planes[T], add bool) []step[T] { return l.backwardSteps(b.grads[n.out], to, add) })
		}
	case engine.GlobalAvgPool:
		l := average[T]{p, in, out}
		p.forward = append(p.forward, l.forwardSteps()...)
		return func(node) {
			b.contribute(n, func(to *planes[T], add bool) []step[T] { return l.backwardSteps(b.grads[n.out], to, add) })
		}
	case engine.Flatten:
		l := flatten[T]{p, in, out}
		p.forward = append(p.forward, l.forwardSteps()...)
		return func(node) {
			b.contribute(n, func(to *planes[T], add bool) []step[T] { return l.backwardSteps(b.grads[n.out], to, add) })
		}
	default: // engine.Add: Spec.Validate knows no other kind
		p.forward = append(p.forward, sum[T]{p, in, skip, out, n.relu}.forwardSteps()...)
		return func(node) { b.sumBack(n) }
	}
}

// norm makes a batch norm with its parameters and statistics.
func (b *builder[T]) norm(n node, in, out, skip *planes[T]) *norm[T] {
	l := newNorm(b.p, in, out, skip, n.relu)
	gamma, beta := b.weights(n)
	l.gamma, l.beta = slice(b.params, gamma), slice(b.params, beta)
	size := b.shapes[n.index].C
	at := b.running[n.index].at
	mean, variance := span{at, size}, span{at + size, size}
	l.mean, l.variance = slice(b.state, mean), slice(b.state, variance)
	l.stats = normStats[T]{slice(b.stats, mean), slice(b.stats, variance)}
	return l
}

// wants reports whether the gradient of a value is of use: some layer before it has parameters.
func (b *builder[T]) wants(v int) bool {
	if v < 0 {
		return false
	}
	n := b.makers[v]
	return b.parameters[n.index].n > 0 || b.wants(n.in) || n.skip != none && b.wants(n.skip)
}

// gradient is the memory for the gradient of a value, with the border that its maker needs on the way back.
func (b *builder[T]) gradient(v int) *planes[T] {
	if b.grads[v] == nil {
		b.grads[v] = b.obtain(newPlanes[T](b.shapeOf(v), b.p.kernels.lanes, b.borderOf(v)))
	}
	return b.grads[v]
}

// contribute appends the steps by which a node sets the gradient of its input or, where another node has set it, adds to it; then the
// gradient of its output has served.
func (b *builder[T]) contribute(n node, steps func(to *planes[T], add bool) []step[T]) {
	if b.wants(n.in) {
		add := b.grads[n.in] != nil
		b.p.backward = append(b.p.backward, steps(b.gradient(n.in), add)...)
	}
	b.release(b.grads[n.out])
}

// hand gives gradient d to value v: the memory itself where v needs no other and has none, else by a step that sets or adds.
func (b *builder[T]) hand(v int, d *planes[T]) (taken bool) {
	switch {
	case !b.wants(v):
	case b.grads[v] == nil && b.borderOf(v) == d.border:
		b.grads[v] = d
		b.holds[d]++
		return true
	default:
		add := b.grads[v] != nil
		b.p.backward = append(b.p.backward, passStep(b.p, b.gradient(v), d, add))
	}
	return false
}

// alias is the way back through a layer that does nothing.
func (b *builder[T]) alias(v int, d *planes[T]) {
	b.hand(v, d)
	b.release(d)
}

func (b *builder[T]) convBack(n node, c *conv[T], weight, bias span) {
	d := b.grads[n.out]
	if n.relu {
		b.p.backward = append(b.p.backward, gateStep(b.p, d, c.out))
	}
	var dIn *planes[T]
	add := false
	if b.wants(n.in) {
		add = b.grads[n.in] != nil
		dIn = b.gradient(n.in)
	}
	back := newConvBack(c, d, dIn, add, weight, bias)
	back.before, b.apply = b.apply, nil
	b.p.reserves = append(b.p.reserves, back.reserve)
	b.p.pack = append(b.p.pack, back.packSteps()...)
	b.p.backward = append(b.p.backward, back.backwardSteps()...)
	b.release(d)
	if b.applied != nil {
		b.release(b.applied)
		b.applied = nil
	}
}

// normBack lets the convolution before the norm compute the gradient of its own output, image by image, if it comes next.
func (b *builder[T]) normBack(n node, l *norm[T], next node) {
	d := b.grads[n.out]
	var dSkip *planes[T]
	addSkip := false
	if n.skip != none && b.wants(n.skip) {
		like := b.grads[n.skip]
		switch {
		case like != nil:
			dSkip, addSkip = like, true
		case b.borderOf(n.skip) == d.border:
			b.grads[n.skip] = d // after the ReLU it is the same
			b.holds[d]++
		default:
			dSkip = b.gradient(n.skip)
		}
	}
	gamma, beta := b.weights(n)
	wanted := b.wants(n.in)
	var dIn *planes[T]
	var shared *planes[T] // where others have put their part already
	if wanted {
		if shared = b.grads[n.in]; shared == nil {
			dIn = b.gradient(n.in)
		} else {
			dIn = b.obtain(newPlanes[T](l.in.shape, b.p.kernels.lanes, 0))
		}
	}
	back := newNormBack(l, d, dIn, dSkip, addSkip, gamma, beta)
	b.p.reserves = append(b.p.reserves, back.reserve)
	b.p.backward = append(b.p.backward, back.backwardSteps()...)
	switch {
	case wanted && shared == nil && next.out == n.in && b.convs[n.in] != nil && !b.convs[n.in].relu && b.reads[n.in] == 1:
		b.apply, b.applied = back.apply, d // released by the convolution
		return
	case wanted:
		each := back.each
		b.p.backward = append(b.p.backward, step[T]{units: units(each), do: func(w *worker[T], unit int) {
			first, images := b.p.span(unit, each)
			back.apply(w, unit, first, images)
		}})
		if shared != nil {
			b.p.backward = append(b.p.backward, passStep(b.p, shared, dIn, true))
			b.release(dIn)
		}
	}
	b.release(d)
}

// borderOf is the border that the gradient of a value needs.
func (b *builder[T]) borderOf(v int) int {
	n := b.makers[v]
	if n.layer.Kind != engine.Conv {
		return 0
	}
	in, out, l := b.shapeOf(n.in), b.shapeOf(v), n.layer
	return max(dOutBorder(l.Kernel, l.Stride, l.Padding, in.H, out.H), dOutBorder(l.Kernel, l.Stride, l.Padding, in.W, out.W))
}

func (b *builder[T]) sumBack(n node) {
	d := b.grads[n.out]
	if n.relu {
		b.p.backward = append(b.p.backward, gateStep(b.p, d, b.values[n.out]))
	}
	// One summand may take the memory over; the other then needs its own, since each may be changed on its way further back.
	if !b.hand(n.in, d) || n.in == n.skip {
		b.hand(n.skip, d)
	} else if b.wants(n.skip) {
		add := b.grads[n.skip] != nil
		b.p.backward = append(b.p.backward, passStep(b.p, b.gradient(n.skip), d, add))
	}
	b.release(d)
}
