package scale

import (
	"math"

	"smoothscape/landscape"
)

// The witnesses: closed forms written down here, apart from those of the catalog.

var (
	gauss2 = landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 2}
	gauss1 = landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 1}
)

// wave is the factor by which a kernel of d = 1 or 2 dimensions multiplies a wave of that wavenumber.
func wave(k landscape.Kernel, delta, wavenumber float64) float64 {
	root := math.Sqrt(float64(k.Dim))
	switch {
	case k.Law == landscape.Gaussian && k.Convention == landscape.Vector:
		delta /= root
	case k.Law == landscape.Uniform && k.Convention == landscape.Coordinate:
		delta *= math.Sqrt(float64(k.Dim + 2))
	}
	z := delta * wavenumber
	switch {
	case k.Law == landscape.Gaussian:
		return math.Exp(-z * z / 2)
	case z < 1e-6:
		return 1
	case k.Dim == 1:
		return math.Sin(z) / z
	}
	return 2 * math.J1(z) / z
}

// rastrigin is Σ(xᵢ² − 10cos2πxᵢ) with the waves multiplied by the kernel; what smoothing adds is constant.
func rastrigin(d int) landscape.Objective {
	return separable("rastrigin", d, -5, 5, func(k landscape.Kernel, delta, x float64) (f, g, h float64) {
		const c = 2 * math.Pi
		a := 10 * wave(k, delta, c)
		sin, cos := math.Sincos(c * x)
		return x*x - a*cos, 2*x + a*c*sin, 2 + a*c*c*cos
	})
}

// separable is Σg(xᵢ).
func separable(id string, d int, lo, hi float64, axis func(k landscape.Kernel, delta, x float64) (f, g, h float64)) landscape.Objective {
	o := landscape.Objective{ID: id, Dim: d, Lo: lo, Hi: hi, DeltaMax: 1, Growth: 2}
	o.Smoothed = func(k landscape.Kernel, delta float64) (landscape.Function, bool) {
		return landscape.Function{
			Func: func(x []float64) float64 {
				sum := 0.0
				for _, v := range x {
					f, _, _ := axis(k, delta, v)
					sum += f
				}
				return sum
			},
			Grad: func(x, dst []float64) {
				for i, v := range x {
					_, dst[i], _ = axis(k, delta, v)
				}
			},
			Hess: func(x, dst []float64) bool {
				clear(dst)
				for i, v := range x {
					_, _, dst[i*len(x)+i] = axis(k, delta, v)
				}
				return true
			},
		}, true
	}
	o.Function, _ = o.Smoothed(landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: d}, 0)
	return o
}

// bump is a Gaussian of that amplitude, width and place.
type bump struct{ a, l, x, y float64 }

// bumps is ½c‖x‖² + Σ bumps under the Gaussian kernel of the coordinate convention: a bump keeps its shape, with v = l² + δ²
// for l² and (l²/v)^(d/2) times its amplitude.
func bumps(id string, d int, lo, hi, bowl float64, list ...bump) landscape.Objective {
	o := landscape.Objective{ID: id, Dim: d, Lo: lo, Hi: hi, DeltaMax: 1, Growth: 2}
	o.Smoothed = func(_ landscape.Kernel, delta float64) (landscape.Function, bool) {
		eval := func(x []float64) (f float64, g [2]float64, h [3]float64) {
			p := place{}
			copy(p[:], x)
			f, g, h = bowl/2*(p[0]*p[0]+p[1]*p[1]), [2]float64{bowl * p[0], bowl * p[1]}, [3]float64{bowl, 0, bowl}
			for _, b := range list {
				v := b.l*b.l + delta*delta
				u, w := p[0]-b.x, p[1]-b.y
				if d == 1 {
					w = 0
				}
				e := b.a * math.Pow(b.l*b.l/v, float64(d)/2) * math.Exp(-(u*u+w*w)/(2*v))
				f += e
				g[0] -= e * u / v
				g[1] -= e * w / v
				h[0] += e * (u*u/v - 1) / v
				h[1] += e * u * w / v / v
				h[2] += e * (w*w/v - 1) / v
			}
			return f, g, h
		}
		return landscape.Function{
			Func: func(x []float64) float64 { f, _, _ := eval(x); return f },
			Grad: func(x, dst []float64) { _, g, _ := eval(x); copy(dst, g[:]) },
			Hess: func(x, dst []float64) bool {
				_, _, h := eval(x)
				if d == 1 {
					dst[0] = h[0]
				} else {
					dst[0], dst[1], dst[2], dst[3] = h[0], h[1], h[1], h[2]
				}
				return true
			},
		}, true
	}
	o.Function, _ = o.Smoothed(landscape.Kernel{}, 0)
	return o
}

// dent is ½‖x‖² − 0.3exp(−‖x − e₁‖²/(2·0.1²)).
func dent(d int) landscape.Objective {
	return bumps("dent", d, -1.5, 1.5, 1, bump{-0.3, 0.1, 1, 0})
}
