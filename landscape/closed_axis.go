package landscape

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Closed forms on one axis: |x|, whose smoothed form is told by the distribution of a coordinate, and the uniform kernel on an
// interval, which needs a primitive of f alone.

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
			p := c * math.Pow(rest, (d-1)/2)
			return x*slope + 2*radius*p*rest/(d+1), slope, 2 * p / radius
		}
	}
	return nil
}

// box is the mean of a function of one variable over [x − R, x + R], from its primitive; R > 0. f̂′ and f̂″ are differences of
// f and f′ and need no more.
func box(f Function, primitive func(x float64) float64, radius float64) Function {
	ends := func(x []float64) (right, left [1]float64) {
		return [1]float64{x[0] + radius}, [1]float64{x[0] - radius}
	}
	return Function{
		Func: func(x []float64) float64 { return (primitive(x[0]+radius) - primitive(x[0]-radius)) / (2 * radius) },
		Grad: func(x, dst []float64) {
			right, left := ends(x)
			dst[0] = (f.Func(right[:]) - f.Func(left[:])) / (2 * radius)
		},
		Hess: func(x, dst []float64) bool {
			right, left := ends(x)
			var a, b [1]float64
			f.Grad(right[:], a[:])
			f.Grad(left[:], b[:])
			dst[0] = (a[0] - b[0]) / (2 * radius)
			return true
		},
	}
}

// boxed is box where function and kernel have one dimension and the kernel is uniform; else there is no such closed form.
func boxed(n noise, f Function, primitive func(x float64) float64) (Function, bool) {
	if n.kernel.Law != Uniform || n.kernel.Dim != 1 {
		return Function{}, false
	}
	return box(f, primitive, n.delta*n.kernel.scale()), true
}
