package slice

import (
	"math"

	"smoothscape/landscape"
)

// lattice is the nodes of a refined picture: what is computed, what the rest is interpolated to, and how wrong that may be.
type lattice struct {
	Refinement
	n            int
	x            []float64 // coordinates along a side
	have         []bool    // computed
	count        int       // how many are
	z            []float64 // values: computed, or interpolated
	predicted    []float64 // what the levels before say, on all nodes but the coarsest
	expected     []float64 // |error| without the safety; on computed nodes the surplus
	whole, inner valueRange
}

// valueRange is the range of the computed values that are finite.
type valueRange struct{ lo, hi float64 }

func (s *valueRange) take(z float64) {
	if finiteValue(z) {
		s.lo, s.hi = min(s.lo, z), max(s.hi, z)
	}
}

// width is hi − lo, or 0 if there was no value.
func (s valueRange) width() float64 { return max(0, s.hi-s.lo) }

// greatest is the greatest |value|, or 0.
func (s valueRange) greatest() float64 {
	if s.lo > s.hi {
		return 0
	}
	return max(math.Abs(s.lo), math.Abs(s.hi))
}

func finiteValue(z float64) bool { return !math.IsNaN(z) && !math.IsInf(z, 0) }

func newLattice(r Refinement) *lattice {
	n := r.Nodes
	none := valueRange{math.Inf(1), math.Inf(-1)}
	return &lattice{
		Refinement: r, n: n, x: Levels{HalfWidth: r.HalfWidth, First: n, Count: 1}.coordinates(0), whole: none, inner: none,
		have: make([]bool, n*n), z: make([]float64, n*n), predicted: make([]float64, n*n), expected: make([]float64, n*n),
	}
}

// firstNodes lists the coarsest lattice and level 1, row by row.
func (l *lattice) firstNodes() []int {
	var nodes []int
	half := l.step() / 2
	for row := 0; row < l.n; row += half {
		for col := 0; col < l.n; col += half {
			nodes = append(nodes, row*l.n+col)
		}
	}
	return nodes
}

// put sets a computed value.
func (l *lattice) put(i int, z float64) {
	if !l.have[i] {
		l.count++
	}
	l.have[i], l.z[i] = true, z
	l.whole.take(z)
	if l.isInner(i) {
		l.inner.take(z)
	}
}

func (l *lattice) isInner(i int) bool {
	inside := func(k int) bool { return 4*k >= l.n-1 && 4*k <= 3*(l.n-1) }
	return inside(i%l.n) && inside(i/l.n)
}

// allowed is the error that a node may have.
func (l *lattice) allowed(i int) float64 {
	limit := l.Tolerance * l.whole.width()
	if l.isInner(i) {
		limit = min(limit, l.Tolerance*l.inner.width())
	}
	return max(limit, roundoff*l.whole.greatest())
}

// fill predicts all nodes beyond the coarsest, level by level, and interpolates those that are not computed.
func (l *lattice) fill() {
	for step := l.step(); step > 1; step /= 2 {
		half := step / 2
		for a := 0; a < l.n; a += step {
			for b := half; b < l.n; b += step {
				l.predict(a*l.n+b, l.between(a*l.n, 1, b, step))
				l.predict(b*l.n+a, l.between(a, l.n, b, step))
			}
		}
		for row := half; row < l.n; row += step {
			for col := half; col < l.n; col += step {
				l.predict(row*l.n+col, middle(l.between(row*l.n, 1, col, step), l.between(col, l.n, row, step)))
			}
		}
	}
}

func (l *lattice) predict(i int, z float64) {
	l.predicted[i] = z
	if !l.have[i] {
		l.z[i] = z
	}
}

// middle is the mean of the predictions along two lines; one that is not finite gives way.
func middle(a, b float64) float64 {
	switch {
	case !finiteValue(a):
		return b
	case !finiteValue(b):
		return a
	}
	return a/2 + b/2
}

// weights of one-sided and shorter stencils by the nodes left and right of the place in the middle of a cell: Lagrange's, nodes in order.
var weights = [4][4][]float64{
	1: {1: {1. / 2, 1. / 2}, 2: {3. / 8, 3. / 4, -1. / 8}, 3: {5. / 16, 15. / 16, -5. / 16, 1. / 16}},
	2: {1: {-1. / 8, 3. / 4, 3. / 8}},
	3: {1: {1. / 16, -5. / 16, 15. / 16, 5. / 16}},
}

// limitedCubic is the value in the middle of b and c, of four equidistant nodes.
func limitedCubic(a, b, c, d float64) float64 {
	h1, h2 := a-2*b+c, b-2*c+d
	h := (h1 + h2) / 2
	if limit := 2 * min(math.Abs(h1), math.Abs(h2)); (h1 < 0) == (h2 < 0) && math.Abs(h) > limit {
		h = math.Copysign(limit, h)
	}
	return (b+c)/2 - h/8
}

// between interpolates node at of a line, in the middle of two nodes of the level before, which lie step apart; node k of the line is
// z[first + k·stride]. It takes the four nearest nodes of that level, fewer where some do not exist or are not finite. If one of the
// two neighbors is not finite, neither is the result.
func (l *lattice) between(first, stride, at, step int) float64 {
	value := func(k int) float64 { return l.z[first+k*stride] }
	good := func(k int) bool { return k >= 0 && k < l.n && finiteValue(value(k)) }
	lo, hi := at-step/2, at+step/2
	if !good(lo) {
		return value(lo)
	}
	if !good(hi) {
		return value(hi)
	}
	left, right := 1, 1
	if good(lo - step) {
		left++
	}
	if good(hi + step) {
		right++
	}
	switch {
	case left == 1 && right == 2 && good(hi+2*step):
		right++
	case right == 1 && left == 2 && good(lo-2*step):
		left++
	}
	if left == 2 && right == 2 {
		return limitedCubic(value(lo-step), value(lo), value(hi), value(hi+step))
	}
	z := 0.0
	for k, w := range weights[left][right] {
		z += w * value(lo+(k-left+1)*step)
	}
	return z
}

// expect computes the surpluses of computed nodes and from them the expected errors of the others.
func (l *lattice) expect() {
	level := 0
	for step := l.step(); step > 1; step /= 2 {
		level++
		half := step / 2
		for row := 0; row < l.n; row += half {
			from, stride := 0, half
			if row%step == 0 {
				from, stride = half, step // the others are of a level before
			}
			for col := from; col < l.n; col += stride {
				i := row*l.n + col
				if l.have[i] {
					l.expected[i] = l.surplus(i, level)
				} else {
					l.expected[i] = l.inherited(row, col, step)
					if min(row, col) < step || max(row, col) >= l.n-step {
						l.expected[i] *= edge
					}
				}
			}
		}
	}
}

// surplus is the distance of a computed node of a level from its prediction. Where one of the two is not finite and they differ, it is large
// enough for the nodes of the next level one step away to be computed, down to borderLevels.
func (l *lattice) surplus(i, level int) float64 {
	z, p := l.z[i], l.predicted[i]
	switch {
	case finiteValue(z) && finiteValue(p):
		return math.Abs(z - p)
	case level < borderLevels && finiteValue(z) != finiteValue(p):
		return 1.1 / (safety * decay) * max(l.Tolerance*l.whole.width(), roundoff*l.whole.greatest(), math.SmallestNonzeroFloat64)
	}
	return 0
}

// inherited is the expected error of a node of step/2 that follows from those of the level before, in the square of half-width 2·step around it.
func (l *lattice) inherited(row, col, step int) float64 {
	greatest := 0.0
	first := func(k int) int { return max(0, k-step-1) / step * step } // the least multiple of step ≥ k − 2·step
	for r := first(row); r <= min(row+2*step, l.n-1); r += step {
		for c := first(col); c <= min(col+2*step, l.n-1); c += step {
			if r%(2*step) == 0 && c%(2*step) == 0 {
				continue // of a level before that
			}
			share := decay
			if max(r-row, row-r, c-col, col-c) > step {
				share = farDecay
			}
			greatest = max(greatest, share*l.expected[r*l.n+c])
		}
	}
	return greatest
}

// picture is a copy of the present state.
func (l *lattice) picture(memo map[int]float64) Refined {
	p := Refined{
		Grid:     landscape.Grid{X: append([]float64(nil), l.x...), Y: append([]float64(nil), l.x...), Z: append([]float64(nil), l.z...)},
		Computed: append([]bool(nil), l.have...), Expected: append([]float64(nil), l.expected...), Evaluated: l.count, Done: true, Samples: l.samples(memo),
	}
	worst, inner := 0.0, 0.0
	for i := range p.Expected {
		if l.have[i] {
			p.Expected[i] = 0
			continue
		}
		p.Expected[i] *= safety
		p.Done = p.Done && p.Expected[i] <= l.allowed(i)
		worst = max(worst, p.Expected[i])
		if l.isInner(i) {
			inner = max(inner, p.Expected[i])
		}
		if !finiteValue(l.z[i]) {
			p.Expected[i] = math.Inf(1)
		}
	}
	p.Whole, p.Inner = share(worst, l.whole.width()), share(inner, l.inner.width())
	return p
}

// share is e as a share of a range, 0 of a range of 0.
func share(e, of float64) float64 {
	if of == 0 {
		return 0
	}
	return e / of
}
