package formula

import "math"

// bound is what is known of a part of the formula on the whole plane: its values lie in [lo, hi], and it grows at most as
// |x|^order. order is +Inf where nothing is known of the growth, and lo NaN where the part is perhaps not defined
// somewhere.
type bound struct{ lo, hi, order float64 }

var (
	anything  = bound{math.Inf(-1), math.Inf(1), math.Inf(1)}
	undefined = bound{math.NaN(), math.NaN(), math.Inf(1)}
)

// Growth returns an order g with f(x) = O(|x|^g), in the sense of landscape.Objective.Growth. proven is true where g is
// an upper bound that interval arithmetic over the whole plane proves (it may be too high: 2 for x^2 − x^2); a logarithm
// counts as order 0.
//
// Where nothing is proven, as with 1/x, tan(x) or exp(x), g is an estimate: the slope of log max|f| against log |x| from
// |x| ≈ 10⁴ to |x| ≈ 10⁹, over 256 directions and eight radii at each end, rounded to the nearest twelfth. It is +Inf
// where f is not finite at one of these points or the slope exceeds 16, so for an exponential and for sqrt(x). An
// estimate can miss what grows in a direction too narrow for it; who knows better sets Objective.Growth.
func (f Formula) Growth() (g float64, proven bool) {
	if b := boundOf(f.root); !math.IsInf(b.order, 1) {
		return b.order, true
	}
	near, ok := f.greatest(1e4)
	far, finite := f.greatest(1e9)
	switch {
	case !ok || !finite:
		return math.Inf(1), false
	case far <= near: // also 0, where logarithms fail
		return 0, false
	case near == 0:
		return math.Inf(1), false
	}
	slope := math.Log(far/near) / math.Log(1e5)
	if slope > 16 || math.IsNaN(slope) || math.IsInf(far/near, 1) {
		return math.Inf(1), false
	}
	return math.Round(12*slope) / 12, false
}

// greatest returns the greatest |f| on eight circles from r to 2r; ok is false where a value is not finite.
func (f Formula) greatest(r float64) (most float64, ok bool) {
	for i := range 8 {
		radius := r * math.Exp2(float64(i)/8)
		for k := range 256 {
			angle := math.Pi * float64(k) / 128
			x, y := radius*math.Cos(angle), radius*math.Sin(angle)
			if f.dim == 1 {
				y = 0
			}
			if k%64 == 0 { // the axes, without the rounding of π
				x, y = math.Round(math.Cos(angle))*radius, math.Round(math.Sin(angle))*radius
			}
			v := math.Abs(f.program.value(x, y))
			if math.IsNaN(v) || math.IsInf(v, 1) {
				return 0, false
			}
			most = max(most, v)
		}
	}
	return most, true
}

// boundOf is interval arithmetic over the whole plane.
func boundOf(n *node) bound {
	var b bound
	switch n.kind {
	case number, constant:
		return bound{n.value, n.value, 0}
	case variable:
		return bound{math.Inf(-1), math.Inf(1), 1}
	}
	args := [2]bound{}
	for i, a := range n.args {
		args[i] = boundOf(a)
		if math.IsNaN(args[i].lo) {
			return undefined
		}
	}
	switch n.kind {
	case negate:
		b = bound{-args[0].hi, -args[0].lo, args[0].order}
	case call1:
		b = boundOfCall(unaries[n.fn], args[0])
	default:
		b = boundOfPair(n, args[0], args[1])
	}
	if math.IsNaN(b.lo) || math.IsNaN(b.hi) {
		return undefined
	}
	if !math.IsInf(b.lo, 0) && !math.IsInf(b.hi, 0) {
		b.order = 0
	}
	return b
}

func boundOfCall(u unary, a bound) bound {
	b := anything
	if u.image == nil {
		return b
	}
	b.lo, b.hi = u.image(a.lo, a.hi)
	if u.order != nil {
		b.order = u.order(a.lo, a.order)
	}
	return b
}

func boundOfPair(n *node, a, b bound) bound {
	equal := equalTrees(n.args[0], n.args[1])
	switch n.kind {
	case add:
		return bound{a.lo + b.lo, a.hi + b.hi, max(a.order, b.order)}
	case subtract:
		return bound{a.lo - b.hi, a.hi - b.lo, max(a.order, b.order)}
	case multiply:
		if equal {
			return boundOfPower(a, 2)
		}
		return boundOfProduct(a, b)
	case divide:
		if b.lo > 0 || b.hi < 0 {
			return boundOfProduct(a, bound{1 / b.hi, 1 / b.lo, 0})
		}
	case power:
		if b.lo == b.hi {
			return boundOfPower(a, b.lo)
		}
		if a.lo < 0 {
			return undefined
		}
		if a.lo > 0 && a.lo == a.hi { // c^b = exp(b·ln c)
			l := math.Log(a.lo)
			return boundOfCall(unaries[fnExp()], boundOfProduct(b, bound{l, l, 0}))
		}
	case call2:
		switch n.fn {
		case fnAtan2:
			return bound{-math.Pi, math.Pi, 0}
		case fnHypot:
			return bound{0, math.Inf(1), max(a.order, b.order)}
		case fnMin:
			return bound{min(a.lo, b.lo), min(a.hi, b.hi), max(a.order, b.order)}
		case fnMax:
			return bound{max(a.lo, b.lo), max(a.hi, b.hi), max(a.order, b.order)}
		}
	}
	return anything
}

func boundOfProduct(a, b bound) bound {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, u := range []float64{a.lo, a.hi} {
		for _, w := range []float64{b.lo, b.hi} {
			v := u * w
			if u == 0 || w == 0 {
				v = 0 // also where the other is infinite: the values are finite
			}
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return bound{lo, hi, a.order + b.order}
}

// boundOfPower is that of a^p for a constant p.
func boundOfPower(a bound, p float64) bound {
	switch whole := p == math.Trunc(p); {
	case p == 0:
		return bound{1, 1, 0}
	case p < 0:
		b := boundOfPower(a, -p)
		if math.IsNaN(b.lo) {
			return undefined
		}
		if b.lo > 0 || b.hi < 0 {
			return bound{1 / b.hi, 1 / b.lo, 0}
		}
		return anything
	case whole && math.Mod(p, 2) == 0:
		lo, hi := even(func(v float64) float64 { return math.Pow(v, p) })(a.lo, a.hi)
		return bound{lo, hi, a.order * p}
	case whole || a.lo >= 0:
		return bound{math.Pow(a.lo, p), math.Pow(a.hi, p), a.order * p}
	}
	return undefined
}

func fnExp() int {
	f, _ := lookUp("exp")
	return f.index
}

func equalTrees(a, b *node) bool {
	if a.kind != b.kind || a.fn != b.fn || a.index != b.index || a.value != b.value || len(a.args) != len(b.args) {
		return false
	}
	for i := range a.args {
		if !equalTrees(a.args[i], b.args[i]) {
			return false
		}
	}
	return true
}
