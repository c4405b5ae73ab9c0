package nice

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"

	"smoothscape/landscape"
)

// wavesAcross is the number of shortest waves of f that FamilyOf expects across the domain: six nodes to a wave on a grid
// of 257.
const wavesAcross = 43

// Quadrature returns f̂_δ of a function of k.Dim = 1 or 2 variables by numerical integration, for the Gaussian and the
// uniform kernel. wave is the length of the shortest wave of f that counts. For a smooth f the error is about 10⁻¹¹ of
// the range of f over the kernel, and at a kink of f about the square of the distance of nodes times the jump of the
// slope.
//
// Gaussian: trapezoid rule for ∫ f(y)·φ((x − y)/s) dy/s on |x − y| ≤ 8.5s with the step 2πs/(2π·s/wave + 8), whose
// aliases weigh exp(−8²/2) = 10⁻¹⁴ (Trefethen and Weideman 2014); the derivatives fall on φ, so f need not have any. f is
// evaluated once, on the nodes that serve x in [lo − 4δ, hi + 4δ]^Dim. Uniform: Gauss–Legendre in the radius, trapezoid
// in the angle; the gradient is the mean of f·n over the border and the Hessian that of ∇f·nᵀ, by Gauss's theorem. A
// value over a disc of many waves takes (radius/wave)²·200 values of f.
//
// The functions may be called by many goroutines. Error: an *Error for another kernel, or a number out of its range.
func Quadrature(f landscape.Function, k landscape.Kernel, delta, wave, lo, hi float64) (landscape.Function, error) {
	if !(delta > 0) || !(wave > 0) || !(lo < hi) || math.IsInf(delta+wave+hi-lo, 1) || k.Dim != 1 && k.Dim != 2 {
		return landscape.Function{}, &Error{"smoothing by quadrature", "δ > 0, a wave length > 0, lo < hi, one or two variables",
			fmt.Sprintf("%g, %g, [%g, %g], %d", delta, wave, lo, hi, k.Dim), ""}
	}
	s := k.StdDev(delta)
	switch k.Law {
	case landscape.Gaussian:
		return newGaussianRule(f, k.Dim, s, wave, lo-4*delta, hi+4*delta).function(), nil
	case landscape.Uniform:
		if k.Dim == 1 {
			return intervalRule(f, s*math.Sqrt(3), wave), nil
		}
		return discRule(f, 2*s, wave), nil
	}
	return landscape.Function{}, &Error{"smoothing by quadrature", "the Gaussian or the uniform kernel", string(k.Law),
		"other kernels need a closed form"}
}

// intervalRule is f̂ for a uniform u on [−1, 1] times radius.
func intervalRule(f landscape.Function, radius, wave float64) landscape.Function {
	r, w := legendre(radius, wave)
	return landscape.Function{
		Func: func(x []float64) float64 {
			y, sum := make([]float64, 1), 0.0
			for i := range r {
				y[0] = x[0] - r[i]
				v := f.Func(y)
				y[0] = x[0] + r[i]
				sum += w[i] * (v + f.Func(y))
			}
			return sum / (2 * radius)
		},
		Grad: func(x, dst []float64) {
			y := []float64{x[0] + radius}
			v := f.Func(y)
			y[0] = x[0] - radius
			dst[0] = (v - f.Func(y)) / (2 * radius)
		},
		Hess: func(x, dst []float64) bool {
			y := []float64{x[0] + radius}
			slope(f, y, dst, wave)
			right := dst[0]
			y[0] = x[0] - radius
			slope(f, y, dst, wave)
			dst[0] = (right - dst[0]) / (2 * radius)
			return finite(dst)
		},
	}
}

// discRule is f̂ for a uniform u on the unit disc times radius.
func discRule(f landscape.Function, radius, wave float64) landscape.Function {
	r, w := legendre(radius, wave)
	around := nodesAround(radius, wave)
	cos, sin := circle(around)
	return landscape.Function{
		Func: func(x []float64) float64 {
			y, sum := make([]float64, 2), 0.0
			for i := range r {
				ring, n := 0.0, nodesAround(r[i], wave)
				for k := range n {
					sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
					y[0], y[1] = x[0]+r[i]*cos, x[1]+r[i]*sin
					ring += f.Func(y)
				}
				sum += w[i] * r[i] * ring / float64(n)
			}
			return sum * 2 / (radius * radius)
		},
		Grad: func(x, dst []float64) {
			y := make([]float64, 2)
			dst[0], dst[1] = 0, 0
			for k := range cos {
				y[0], y[1] = x[0]+radius*cos[k], x[1]+radius*sin[k]
				v := f.Func(y) * 2 / (radius * float64(around))
				dst[0] += v * cos[k]
				dst[1] += v * sin[k]
			}
		},
		Hess: func(x, dst []float64) bool {
			y, g := make([]float64, 2), make([]float64, 2)
			xx, xy, yy := 0.0, 0.0, 0.0
			for k := range cos {
				y[0], y[1] = x[0]+radius*cos[k], x[1]+radius*sin[k]
				slope(f, y, g, wave)
				xx += g[0] * cos[k]
				xy += (g[0]*sin[k] + g[1]*cos[k]) / 2
				yy += g[1] * sin[k]
			}
			scale := 2 / (radius * float64(around))
			dst[0], dst[1], dst[2], dst[3] = xx*scale, xy*scale, xy*scale, yy*scale
			return finite(dst)
		},
	}
}

// nodesAround is how many nodes a circle takes: the trapezoid rule integrates its waves, of at most 2πr/wave nodes, from
// there on; an even number.
func nodesAround(r, wave float64) int { return 2 * int(math.Ceil(math.Pi*r/wave+14)) }

// circle returns cosine and sine of n angles.
func circle(n int) (cos, sin []float64) {
	cos, sin = make([]float64, n), make([]float64, n)
	for i := range cos {
		sin[i], cos[i] = math.Sincos(2 * math.Pi * float64(i) / float64(n))
	}
	return cos, sin
}

// legendre returns nodes and weights of ∫₀^radius, eight to each half wave.
func legendre(radius, wave float64) (x, w []float64) {
	const each = 8
	panels := int(math.Ceil(2 * radius / wave))
	x, w = make([]float64, each*panels), make([]float64, each*panels)
	for i := range panels {
		from, to := radius*float64(i)/float64(panels), radius*float64(i+1)/float64(panels)
		quad.Legendre{}.FixedLocations(x[each*i:each*(i+1)], w[each*i:each*(i+1)], from, to)
	}
	return x, w
}

// slope writes ∇f, by differences over 10⁻⁵ of the wave where f has none.
func slope(f landscape.Function, x, dst []float64, wave float64) {
	if f.Grad != nil {
		f.Grad(x, dst)
		return
	}
	h := 1e-5 * wave
	for i := range x {
		at := x[i]
		x[i] = at + h
		v := f.Func(x)
		x[i] = at - h
		dst[i] = (v - f.Func(x)) / (2 * h)
		x[i] = at
	}
}

func finite(v []float64) bool {
	for _, c := range v {
		if c-c != 0 {
			return false
		}
	}
	return true
}
