package landscape

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// What a law does on one axis: the smoothed |x|, which the distribution of a coordinate tells, and the density itself.

// smoothAbsoluteValue: with the distribution P and the density p of vᵢ, f̂″ = 2p, f̂′ = 2P − 1 and f̂ = x(2P − 1) + 2∫ₓ^∞ t·p dt − E v.
func smoothAbsoluteValue(n noise) (Function, bool) {
	axis := n.absolute()
	if axis == nil {
		return Function{}, false
	}
	return Function{
		Func: func(x []float64) float64 {
			s := 0.0
			for _, v := range x {
				f, _, _ := axis(v)
				s += f
			}
			return s
		},
		Grad: func(x, dst []float64) {
			for i, v := range x {
				_, dst[i], _ = axis(v)
			}
		},
		Hess: func(x, dst []float64) bool {
			clear(dst)
			for i, v := range x {
				_, _, dst[i*(len(x)+1)] = axis(v)
			}
			return true
		},
	}, true
}

// absolute returns E|x − vᵢ| with its two derivatives as a function of x, or nil where it is not known.
func (n noise) absolute() func(x float64) (f, slope, curvature float64) {
	switch n.kernel.Law {
	case Gaussian:
		s := n.kernel.StdDev(n.delta)
		return func(x float64) (f, slope, curvature float64) {
			slope = math.Erf(x / (s * math.Sqrt2))
			curvature = 2 / (s * math.Sqrt(2*math.Pi)) * math.Exp(-x*x/(2*s*s))
			return x*slope + s*s*curvature, slope, curvature
		}
	case Uniform: // the density of t = vᵢ/R is c(1 − t²)^((d−1)/2)
		radius, d := n.delta*n.kernel.scale(), float64(n.kernel.Dim)
		c := ballDensity(n.kernel.Dim)
		return func(x float64) (f, slope, curvature float64) {
			t := x / radius
			rest := 1 - t*t
			if rest <= 0 {
				return math.Abs(x), sign(x), 0
			}
			slope = sign(x) * mathext.RegIncBeta(0.5, (d+1)/2, t*t)
			p := c * math.Exp((d-1)/2*math.Log1p(-t*t))
			return x*slope + 2*radius*p*rest/(d+1), slope, 2 * p / radius
		}
	case Exponential:
		scale := exponentialMean * n.delta
		return func(x float64) (f, slope, curvature float64) {
			if x < 0 {
				return scale - x, -1, 0
			}
			tail := 2 * math.Exp(-x/scale)
			return x - scale + scale*tail, 1 - tail, tail / scale
		}
	case Rayleigh:
		s, mean := n.delta, math.Sqrt(math.Pi/2)*n.delta
		return func(x float64) (f, slope, curvature float64) {
			if x < 0 {
				return mean - x, -1, 0
			}
			tail := 2 * math.Exp(-x*x/(2*s*s))
			return x - mean + 2*mean*math.Erfc(x/(s*math.Sqrt2)), 1 - tail, tail * x / (s * s)
		}
	}
	return nil
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
		reach := min(radius, 9*n.kernel.StdDev(n.delta))
		m := &marginal{lo: -reach, hi: reach, panel: radius / math.Sqrt(9*power+18), density: func(v float64) (p, slope float64) {
			t := v / radius
			switch {
			case power == 0:
				return c / radius, 0
			case t*t >= 1:
				return 0, 0
			}
			p = c / radius * math.Exp(power*math.Log1p(-t*t)) // (1 − t²)^power for a million dimensions too
			return p, -2 * power / radius * t / (1 - t*t) * p
		}}
		if power == 0 {
			m.atLo, m.atHi = c/radius, c/radius
		}
		return m
	case Exponential:
		scale := exponentialMean * n.delta
		return &marginal{lo: 0, hi: 42 * scale, atLo: 1 / scale, panel: scale / 3, density: func(v float64) (p, slope float64) {
			p = math.Exp(-v/scale) / scale
			return p, -p / scale
		}}
	case Rayleigh:
		s2 := n.delta * n.delta
		return &marginal{lo: 0, hi: 9.2 * n.delta, panel: n.delta / 3, density: func(v float64) (p, slope float64) {
			p = math.Exp(-v*v/(2*s2)) / s2
			return v * p, p * (1 - v*v/s2)
		}}
	}
	return nil
}

// ballDensity returns the density in the center of a coordinate of a uniform point in the unit ball: Γ(d/2+1)/(√π·Γ((d+1)/2)).
func ballDensity(d int) float64 {
	if d > 1000 { // Γ(x+½)/Γ(x) for great x, where the logarithms would lose digits; the next term is below 10⁻¹⁴
		x := float64(d+1) / 2
		return math.Sqrt(x/math.Pi) * (1 - 1/(8*x)*(1-1/(16*x)*(1+5/(8*x))))
	}
	a, _ := math.Lgamma(float64(d)/2 + 1)
	b, _ := math.Lgamma(float64(d+1) / 2)
	return math.Exp(a-b) / math.Sqrt(math.Pi)
}
