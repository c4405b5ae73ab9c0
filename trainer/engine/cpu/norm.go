package cpu

import (
	"math"

	"smoothscape/trainer/engine"
)

// norm is batch normalization, with the sum with another value and the ReLU that may follow it:
//
//	out = γ·(in − mean)/√(variance + ε) + β [+ skip] [cut at 0 from below].
//
// In training, mean and (biased) variance of a channel are those of the batch over all images and pixels; else the running ones.
type norm[T Float] struct {
	p              *program[T]
	in, out        *planes[T]
	skip           *planes[T] // may be nil
	relu           bool
	gamma, beta    []T // parameters
	mean, variance []T // running statistics
	each           int // images of a unit

	units        func(images int) int // of whoever makes in, and takes the statistics of each unit
	parts        []part[T]
	batchMean    []T // of the running pass, padded
	inverse      []T // 1/√(variance + ε)
	scale, shift []T // out = in·scale + shift
	ones         []T
	stats        normStats[T] // for the trainer
}

// normStats are views of the statistics that a pass leaves behind: mean, and the unbiased variance.
type normStats[T Float] struct{ mean, variance []T }

// part is what one unit contributes to the statistics.
type part[T Float] struct {
	pixels int
	a, b   []T // forward: mean, and the sum of squares about it; backward: Σg and Σg·(in−mean)
}

func newNorm[T Float](p *program[T], in, out, skip *planes[T], relu bool) *norm[T] {
	n := &norm[T]{p: p, in: in, out: out, skip: skip, relu: relu, each: perUnit(in.shape.H*in.shape.W, p.kernels.pixels)}
	n.batchMean, n.inverse = make([]T, in.channels), make([]T, in.channels)
	n.scale, n.shift, n.ones = make([]T, in.channels), make([]T, in.channels), make([]T, in.channels)
	for i := range n.ones {
		n.ones[i] = 1
	}
	return n
}

// reserve makes room for the parts of a batch.
func (n *norm[T]) reserve(images int) {
	for len(n.parts) < images { // units hold at least one image
		n.parts = append(n.parts, part[T]{a: make([]T, n.in.channels), b: make([]T, n.in.channels)})
	}
}

// collect takes the statistics of the images of a unit, while they are in the cache.
func (n *norm[T]) collect(w *worker[T], unit, first, images int) {
	if n.p.batch.frozen {
		return
	}
	part := &n.parts[unit]
	part.pixels = images * n.in.shape.H * n.in.shape.W
	clear(part.a)
	clear(part.b)
	w.sheets(w.kernels.sums, nil, n.in, nil, first, images, sheet[T]{a: part.a})
	for c := range part.a {
		part.a[c] /= T(part.pixels)
	}
	w.sheets(w.kernels.squares, nil, n.in, nil, first, images, sheet[T]{a: part.b, b: part.a})
}

// coefficients puts the parts together, in their order and in float64: exact also where the mean is much larger than the spread
// (Chan, Golub and LeVeque 1983).
func (n *norm[T]) coefficients() {
	for c := range n.gamma {
		mean, variance := float64(n.mean[c]), float64(n.variance[c])
		if !n.p.batch.frozen {
			mean, variance = n.statistics(c)
		}
		inverse := 1 / math.Sqrt(variance+engine.BatchNormEpsilon)
		n.batchMean[c], n.inverse[c] = T(mean), T(inverse)
		scale := float64(n.gamma[c]) * inverse
		n.scale[c], n.shift[c] = T(scale), T(float64(n.beta[c])-mean*scale)
	}
}

func (n *norm[T]) statistics(c int) (mean, variance float64) {
	parts := n.parts[:n.units(n.p.batch.images)]
	pixels, squares := 0, 0.0
	for _, p := range parts {
		pixels += p.pixels
		mean += float64(p.pixels) * float64(p.a[c])
	}
	mean /= float64(pixels)
	for _, p := range parts {
		d := float64(p.a[c]) - mean
		squares += float64(p.b[c]) + float64(p.pixels)*d*d
	}
	n.stats.mean[c] = T(mean)
	n.stats.variance[c] = T(squares / float64(max(1, pixels-1)))
	return mean, squares / float64(pixels)
}

// forwardSteps has its own pass for the statistics unless whoever makes in collects them.
func (n *norm[T]) forwardSteps(collected bool) []step[T] {
	var steps []step[T]
	if !collected {
		n.units = units(n.each)
		steps = append(steps, step[T]{units: n.units, do: func(w *worker[T], unit int) {
			first, images := n.p.span(unit, n.each)
			n.collect(w, unit, first, images)
		}})
	}
	return append(steps,
		step[T]{units: once, do: func(*worker[T], int) { n.coefficients() }},
		step[T]{units: units(n.each), do: func(w *worker[T], unit int) {
			first, images := n.p.span(unit, n.each)
			if n.skip != nil {
				w.sheets(w.kernels.blend, n.out, n.in, n.skip, first, images, sheet[T]{a: n.scale, b: n.ones, c: n.shift, relu: n.relu})
				return
			}
			w.sheets(w.kernels.affine, n.out, n.in, nil, first, images, sheet[T]{a: n.scale, b: n.shift, relu: n.relu})
		}})
}

func once(int) int { return 1 }

// normBack is the way back through a norm. With g the gradient behind the addition and m the number of pixels of a channel,
//
//	dβ = Σg,   dγ = Σg·(in−mean)/√(variance+ε),
//	dIn = γ/√(variance+ε) · (g − Σg/m − (in−mean)·Σg·(in−mean)/(m·(variance+ε))),
//
// and with running statistics only the first term of dIn is left.
type normBack[T Float] struct {
	*norm[T]
	dOut, dIn     *planes[T]
	dSkip         *planes[T] // nil where nobody wants it, or where it is dOut itself
	addSkip       bool
	dGamma, dBeta span
	sums          []part[T]
	a, b, c       []T // dIn = g·a + in·b + c
}

func newNormBack[T Float](n *norm[T], dOut, dIn, dSkip *planes[T], addSkip bool, dGamma, dBeta span) *normBack[T] {
	size := n.in.channels
	return &normBack[T]{norm: n, dOut: dOut, dIn: dIn, dSkip: dSkip, addSkip: addSkip, dGamma: dGamma, dBeta: dBeta, a: make([]T, size), b: make([]T, size), c: make([]T, size)}
}

func (b *normBack[T]) reserve(images int) {
	b.norm.reserve(images)
	for len(b.sums) < images {
		b.sums = append(b.sums, part[T]{a: make([]T, b.in.channels), b: make([]T, b.in.channels)})
	}
}

// backwardSteps leaves dIn to apply, for whoever goes on with it; see there.
func (b *normBack[T]) backwardSteps() []step[T] {
	return []step[T]{
		{units: units(b.each), do: func(w *worker[T], unit int) {
			first, images := b.p.span(unit, b.each)
			if b.relu {
				w.sheets(w.kernels.gate, b.dOut, b.dOut, b.out, first, images, sheet[T]{})
			}
			sum := &b.sums[unit]
			clear(sum.a)
			clear(sum.b)
			w.sheets(w.kernels.moments, nil, b.dOut, b.in, first, images, sheet[T]{a: sum.a, b: sum.b, c: b.batchMean})
			if b.dSkip != nil {
				b.p.pass(w, b.dSkip, b.dOut, b.addSkip, first, images)
			}
		}},
		{units: once, do: func(*worker[T], int) { b.coefficients() }},
	}
}

func (b *normBack[T]) coefficients() {
	sums := b.sums[:units(b.each)(b.p.batch.images)]
	dGamma, dBeta := b.p.slope(b.dGamma), b.p.slope(b.dBeta)
	m := float64(b.p.batch.images * b.in.shape.H * b.in.shape.W)
	for c := range b.gamma {
		g, gx := 0.0, 0.0
		for _, s := range sums {
			g += float64(s.a[c])
			gx += float64(s.b[c])
		}
		inverse, mean := float64(b.inverse[c]), float64(b.batchMean[c])
		dGamma[c], dBeta[c] = T(gx*inverse), T(g)
		scale := float64(b.gamma[c]) * inverse
		b.a[c], b.b[c], b.c[c] = T(scale), 0, 0
		if !b.p.batch.frozen {
			slope := -scale * gx * inverse * inverse / m
			b.b[c], b.c[c] = T(slope), T(-scale*g/m-slope*mean)
		}
	}
}

// apply computes dIn of some images.
func (b *normBack[T]) apply(w *worker[T], _, first, images int) {
	w.sheets(w.kernels.blend, b.dIn, b.dOut, b.in, first, images, sheet[T]{a: b.a, b: b.b, c: b.c})
}

// frozenSteps compute out with the running statistics.
func (n *norm[T]) frozenSteps() []step[T] { return n.forwardSteps(true) }
