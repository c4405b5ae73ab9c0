package cpu

import "smoothscape/trainer/engine"

// evaluation lays out the program that only evaluates: batch norm with its running statistics is part of the convolution before it, and
// the memory of a value is used again as soon as the last node has read it.
func (b *builder[T]) evaluation() *program[T] {
	b.constants()
	b.images()
	b.p.batch.frozen = true
	for i, n := range b.nodes {
		if b.values[n.out] == nil {
			b.evaluate(n, b.nodes[i+1:])
		}
		b.read(n.in)
		if n.skip != none {
			b.read(n.skip)
		}
	}
	b.p.logits = b.values[b.last()]
	return b.p
}

// read counts a reading of value v, and frees its memory after the last one.
func (b *builder[T]) read(v int) {
	if b.reads[v]--; b.reads[v] == 0 {
		b.release(b.values[v])
	}
}

// evaluate appends the steps of node n; later are those that follow it.
func (b *builder[T]) evaluate(n node, later []node) {
	p, in, skip := b.p, b.values[n.in], b.values[n.skip]
	if b.isAlias(n) {
		b.values[n.out] = in
		b.holds[in]++
		return
	}
	switch n.layer.Kind {
	case engine.Conv, engine.Linear:
		b.evaluateConv(n, later)
		return
	}
	out := b.obtain(b.layout(n.out))
	b.values[n.out] = out
	switch n.layer.Kind {
	case engine.BatchNorm:
		if c := b.convs[n.in]; c != nil && c.fold != nil { // and so with a sum
			p.forward = append(p.forward, sum[T]{p, in, skip, out, n.relu}.forwardSteps()...)
			return
		}
		p.forward = append(p.forward, b.norm(n, in, out, skip).frozenSteps()...)
	case engine.ReLU:
		p.forward = append(p.forward, relu[T]{p, in, out}.forwardSteps()...)
	case engine.MaxPool:
		l := newMaxpool(p, n.layer.Kernel, n.layer.Stride, in, out)
		p.reserves = append(p.reserves, l.reserve)
		p.forward = append(p.forward, l.forwardSteps()...)
	case engine.GlobalAvgPool:
		p.forward = append(p.forward, average[T]{p, in, out}.forwardSteps()...)
	case engine.Flatten:
		p.forward = append(p.forward, flatten[T]{p, in, out}.forwardSteps()...)
	default: // engine.Add: Spec.Validate knows no other kind
		p.forward = append(p.forward, sum[T]{p, in, skip, out, n.relu}.forwardSteps()...)
	}
}

// evaluateConv appends a convolution, together with the norm and the sum behind it if nobody else reads what lies between.
func (b *builder[T]) evaluateConv(n node, later []node) {
	weight, bias := b.weights(n)
	in, makes, relu := b.values[n.in], n.out, n.relu
	var fold *norm[T]
	var onto *planes[T] // what the sum adds
	if !n.relu && b.reads[n.out] == 1 {
		for _, l := range later {
			if l.in != n.out && l.skip != n.out {
				continue
			}
			switch {
			case l.layer.Kind == engine.BatchNorm && l.in == n.out:
				fold = b.norm(l, newPlanes[T](b.shapeOf(n.out), b.p.kernels.lanes, 0), nil, nil)
				if onto = b.takeOver(l.skip, l.out, in); l.skip == none || onto != nil {
					makes, relu = l.out, l.relu
				}
			case l.layer.Kind == engine.Add:
				other := l.in
				if l.in == n.out {
					other = l.skip
				}
				if onto = b.takeOver(other, l.out, in); onto != nil {
					makes, relu = l.out, l.relu
				}
			}
			break
		}
	}
	out := onto
	if onto == nil {
		out = b.obtain(b.layout(makes))
	}
	b.values[makes] = out
	if makes != n.out {
		b.values[n.out] = out // nobody reads it but the node that is done with
		b.holds[out]++
	}
	c := newConv(b.p, n.layer, in, out, slice(b.params, weight), slice(b.params, bias))
	c.relu, c.fold, c.add = relu, fold, onto != nil
	b.convs[n.out] = c
	if fold != nil {
		b.p.pack = append(b.p.pack, step[T]{units: once, do: func(*worker[T], int) { fold.coefficients() }})
	}
	b.p.pack = append(b.p.pack, c.packSteps()...)
	b.p.forward = append(b.p.forward, c.forwardSteps()...)
}

// takeOver gives the memory of summand v to the sum, to be added to in place, if it is there, the sum is its last reader, the sum's readers want
// no other border, and the convolution that adds to it does not read it; else nil.
func (b *builder[T]) takeOver(v, sum int, in *planes[T]) *planes[T] {
	p := b.values[v]
	if v < 0 || p == nil || p == in || b.reads[v] != 1 || b.holds[p] != 1 || !p.fits(b.layout(sum)) {
		return nil
	}
	b.holds[p]++ // released once as the summand
	return p
}
