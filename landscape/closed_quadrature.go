package landscape

import (
	"math"
	"sync"
)

// A sum of functions of one variable is smoothed on each axis by the marginal of the law alone, so that one-dimensional
// quadrature is exact in any number of dimensions, where no formula is.

// axisSum is Σg(xᵢ) with a g that is smooth but for its breaks.
type axisSum struct {
	g, slope func(x float64) float64
	breaks
}

// breaks says how a function of one variable is to be cut up for quadrature.
type breaks struct {
	// next returns the first kink of the function or of its slope beyond a place, +Inf where there is none.
	next func(after float64) float64
	// panel is a length over which five nodes see all of it, far from its kinks.
	panel float64
}

// kinksAt returns the next of breaks for a few places in rising order.
func kinksAt(places ...float64) func(after float64) float64 {
	return func(after float64) float64 {
		for _, at := range places {
			if at > after {
				return at
			}
		}
		return math.Inf(1)
	}
}

// function is the sum itself; curvature returns g″ and whether it is finite.
func (a axisSum) function(curvature func(x float64) (c float64, ok bool)) Function {
	return Function{
		Func: func(x []float64) float64 {
			s := 0.0
			for _, v := range x {
				s += a.g(v)
			}
			return s
		},
		Grad: func(x, dst []float64) {
			for i, v := range x {
				dst[i] = a.slope(v)
			}
		},
		Hess: func(x, dst []float64) bool {
			clear(dst)
			all := true
			for i, v := range x {
				c, ok := curvature(v)
				dst[i*(len(x)+1)] = c
				all = all && ok
			}
			return all
		},
	}
}

// mean returns E g(x − v), or with the derivative of the density ∂ₓE g(x − v) = ∫g(x − v)p′(v)dv and what the jumps give. On each
// interval between breaks w = x − v is c + r·sin φ: roots at the ends of g or of the density become smooth in φ.
func (m *marginal) mean(b breaks, g func(x float64) float64, x float64, derivative bool) float64 {
	const (
		x1, w1 = 0.5384693101056831, 0.4786286704993665 // Gauss–Legendre, five nodes
		x2, w2 = 0.9061798459386640, 0.2369268850561891
		w0     = 0.5688888888888889
	)
	nodes := [5]float64{-x2, -x1, 0, x1, x2}
	weights := [5]float64{w2, w1, w0, w1, w2}
	sum := 0.0
	if derivative {
		sum = m.atLo*g(x-m.lo) - m.atHi*g(x-m.hi)
	}
	end, panel := x-m.lo, min(m.panel, b.panel)
	for left := x - m.hi; left < end; {
		right := min(end, b.next(left))
		c, r := (left+right)/2, (right-left)/2
		panels := max(6, math.Ceil(math.Pi*r/panel)) // at least six: cos φ itself wants them
		half := math.Pi / 2 / panels
		for i := 0.0; i < panels; i++ {
			middle := half * (2*i + 1 - panels)
			for j, node := range nodes {
				sin, cos := math.Sincos(middle + half*node)
				w := c + r*sin
				p, slope := m.density(x - w)
				if derivative {
					p = slope
				}
				sum += weights[j] * half * r * cos * p * g(w)
			}
		}
		left = right
	}
	return sum
}

func (a axisSum) smooth(n noise) (Function, bool) {
	m := n.marginal()
	if m == nil {
		return Function{}, false
	}
	value := remembered(func(v float64) float64 { return m.mean(a.breaks, a.g, v, false) })
	slope := remembered(func(v float64) float64 { return m.mean(a.breaks, a.slope, v, false) })
	curvature := remembered(func(v float64) float64 { return m.mean(a.breaks, a.slope, v, true) })
	return Function{
		Func: func(x []float64) float64 {
			s := 0.0
			for _, v := range x {
				s += value(v)
			}
			return s
		},
		Grad: func(x, dst []float64) {
			for i, v := range x {
				dst[i] = slope(v)
			}
		},
		Hess: func(x, dst []float64) bool {
			clear(dst)
			for i, v := range x {
				dst[i*(len(x)+1)] = curvature(v)
			}
			return true
		},
	}, true
}

// remembered keeps the last values of a slow function of one variable: a grid of n² places has n coordinates an axis. Many
// goroutines may call it.
func remembered(f func(x float64) float64) func(x float64) float64 {
	const most = 1 << 13 // then it forgets all
	var mu sync.RWMutex  // protects known
	known := make(map[float64]float64)
	return func(x float64) float64 {
		mu.RLock()
		v, ok := known[x]
		mu.RUnlock()
		if ok {
			return v
		}
		v = f(x)
		mu.Lock()
		if len(known) >= most {
			clear(known)
		}
		known[x] = v
		mu.Unlock()
		return v
	}
}

// onLine smooths a function of one variable by quadrature; there is no such form in more dimensions.
func onLine(f Function, b breaks) func(n noise) (Function, bool) {
	return func(n noise) (Function, bool) {
		m := n.marginal()
		if m == nil {
			return Function{}, false
		}
		slope := func() func(x float64) float64 {
			at, dst := make([]float64, 1), make([]float64, 1)
			return func(x float64) float64 {
				at[0] = x
				f.Grad(at, dst)
				return dst[0]
			}
		}
		return Function{
			Func: func(x []float64) float64 {
				at := make([]float64, 1)
				return m.mean(b, func(x float64) float64 {
					at[0] = x
					return f.Func(at)
				}, x[0], false)
			},
			Grad: func(x, dst []float64) { dst[0] = m.mean(b, slope(), x[0], false) },
			Hess: func(x, dst []float64) bool {
				dst[0] = m.mean(b, slope(), x[0], true)
				return true
			},
		}, true
	}
}
