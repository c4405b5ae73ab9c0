package cpu

// pass copies the gradient from one value to another, or adds it.
func (p *program[T]) pass(w *worker[T], to, from *planes[T], add bool, first, images int) {
	if add {
		w.sheets(w.kernels.blend, to, to, from, first, images, sheet[T]{a: p.ones, b: p.ones, c: p.zeros})
		return
	}
	w.sheets(w.kernels.affine, to, from, nil, first, images, sheet[T]{a: p.ones, b: p.zeros})
}

// relu cuts at 0 from below; most ReLUs are part of the step before.
type relu[T Float] struct {
	p       *program[T]
	in, out *planes[T]
}

func (l relu[T]) forwardSteps() []step[T] {
	each := perUnit(l.in.shape.H*l.in.shape.W, l.p.kernels.pixels)
	return []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		w.sheets(w.kernels.affine, l.out, l.in, nil, first, images, sheet[T]{a: l.p.ones, b: l.p.zeros, relu: true})
	}}}
}

// gateStep lets the gradient pass in place where out, which a ReLU made, is positive.
func gateStep[T Float](p *program[T], d, out *planes[T]) step[T] {
	each := perUnit(out.shape.H*out.shape.W, p.kernels.pixels)
	return step[T]{units: units(each), do: func(w *worker[T], unit int) {
		first, images := p.span(unit, each)
		w.sheets(w.kernels.gate, d, d, out, first, images, sheet[T]{})
	}}
}

// passStep sets or adds to the gradient of an input that is a summand, or the same values.
func passStep[T Float](p *program[T], to, from *planes[T], add bool) step[T] {
	each := perUnit(from.shape.H*from.shape.W, p.kernels.pixels)
	return step[T]{units: units(each), do: func(w *worker[T], unit int) {
		first, images := p.span(unit, each)
		p.pass(w, to, from, add, first, images)
	}}
}

// sum is the sum of two values, with the ReLU that may follow it.
type sum[T Float] struct {
	p         *program[T]
	a, b, out *planes[T]
	relu      bool
}

func (l sum[T]) forwardSteps() []step[T] {
	each := perUnit(l.out.shape.H*l.out.shape.W, l.p.kernels.pixels)
	return []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		w.sheets(w.kernels.blend, l.out, l.a, l.b, first, images, sheet[T]{a: l.p.ones, b: l.p.ones, c: l.p.zeros, relu: l.relu})
	}}}
}
