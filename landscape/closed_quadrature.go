package landscape

import "math"

// A sum of functions of one variable is smoothed on each axis by the marginal of the law alone, so that one-dimensional
// quadrature is exact in any number of dimensions, where no formula is.

// axisSum is Σg(xᵢ) with a g that is smooth but for its breaks.
type axisSum struct {
	g, slope func(x float64) float64
	// next returns the first kink of g or of its slope beyond a place, +Inf where there is none.
	next func(after float64) float64
	// panel is a length over which five nodes see all of g, far from its breaks.
	panel float64
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

// marginal is the density of a coordinate v of the noise on [lo, hi], with its derivative; at the ends it may jump.
type marginal struct {
	lo, hi     float64
	atLo, atHi float64 // density at the ends, from within
	panel      float64
	density    func(v float64) (p, slope float64)
}

// marginal returns the density of a coordinate, nil for a law for which it is not elementary.
func (n noise) marginal() *marginal {
	switch n.kernel.Law {
	case Gaussian: // beyond 9 standard deviations lie 2·10⁻¹⁹ of the mass
		s := n.kernel.StdDev(n.delta)
		return &marginal{lo: -9 * s, hi: 9 * s, panel: s / 3, density: func(v float64) (p, slope float64) {
			p = math.Exp(-v*v/(2*s*s)) / (s * math.Sqrt(2*math.Pi))
			return p, -v / (s * s) * p
		}}
	case Uniform: // the density of t = v/R is c(1 − t²)^((d−1)/2)
		radius, c, power := n.delta*n.kernel.scale(), ballDensity(n.kernel.Dim), float64(n.kernel.Dim-1)/2
		m := &marginal{lo: -radius, hi: radius, panel: radius / math.Sqrt(9*power+18), density: func(v float64) (p, slope float64) {
			t := v / radius
			rest := max(0, 1-t*t)
			p = c / radius * math.Pow(rest, power)
			if power == 0 {
				return p, 0
			}
			return p, -2 * power * c / (radius * radius) * t * math.Pow(rest, power-1)
		}}
		if power == 0 {
			m.atLo, m.atHi = c/radius, c/radius
		}
		return m
	}
	return nil
}

// ballDensity returns the density in the center of a coordinate of a uniform point in the unit ball: Γ(d/2+1)/(√π·Γ((d+1)/2)).
func ballDensity(d int) float64 {
	a, _ := math.Lgamma(float64(d)/2 + 1)
	b, _ := math.Lgamma(float64(d+1) / 2)
	return math.Exp(a-b) / math.Sqrt(math.Pi)
}

// mean returns E g(x − v), or with the derivative of the density ∂ₓE g(x − v) = ∫g(x − v)p′(v)dv and what the jumps give. On each
// interval between breaks w = x − v is c + r·sin φ: roots at the ends of g or of the density become smooth in φ.
func (m *marginal) mean(a axisSum, g func(x float64) float64, x float64, derivative bool) float64 {
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
	end, panel := x-m.lo, min(m.panel, a.panel)
	for left := x - m.hi; left < end; {
		right := min(end, a.next(left))
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
	return Function{
		Func: func(x []float64) float64 {
			s := 0.0
			for _, v := range x {
				s += m.mean(a, a.g, v, false)
			}
			return s
		},
		Grad: func(x, dst []float64) {
			for i, v := range x {
				dst[i] = m.mean(a, a.slope, v, false)
			}
		},
		Hess: func(x, dst []float64) bool {
			clear(dst)
			for i, v := range x {
				dst[i*(len(x)+1)] = m.mean(a, a.slope, v, true)
			}
			return true
		},
	}, true
}
