package descent

import (
	"math"

	"smoothscape/landscape"
)

// The objectives of the tests are written out here, apart from the catalogue, so that the two are witnesses of each other.

// rastriginOf has its closed form under the Gaussian kernel in both conventions: Σ(xᵢ² + s² − 10e^(−2π²s²)cos2πxᵢ + 10) with s the
// standard deviation per axis.
func rastriginOf(d int) landscape.Objective {
	smoothed := func(s float64) landscape.Function {
		damp := math.Exp(-2 * math.Pi * math.Pi * s * s)
		return landscape.Function{
			Func: func(x []float64) float64 {
				f := 0.0
				for _, v := range x {
					f += v*v + s*s - 10*damp*math.Cos(2*math.Pi*v) + 10
				}
				return f
			},
			Grad: func(x, dst []float64) {
				for i, v := range x {
					dst[i] = 2*v + 20*math.Pi*damp*math.Sin(2*math.Pi*v)
				}
			},
		}
	}
	return landscape.Objective{
		Function: smoothed(0), ID: "rastrigin", Dim: d, Lo: -5.12, Hi: 5.12, DeltaMax: 1, Growth: 2,
		Minima: []landscape.Minimum{{X: make([]float64, d), Global: true}},
		Smoothed: func(k landscape.Kernel, delta float64) (landscape.Function, bool) {
			s := delta
			if k.Convention == landscape.Vector {
				s /= math.Sqrt(float64(k.Dim))
			}
			return smoothed(s), k.Law == landscape.Gaussian
		},
	}
}

// bowl is ½hΣxᵢ²; smoothing adds ½hd·s².
func bowl(d int, h float64) landscape.Objective {
	lifted := func(lift float64) landscape.Function {
		return landscape.Function{
			Func: func(x []float64) float64 {
				f := lift
				for _, v := range x {
					f += h / 2 * v * v
				}
				return f
			},
			Grad: func(x, dst []float64) {
				for i, v := range x {
					dst[i] = h * v
				}
			},
		}
	}
	return landscape.Objective{
		Function: lifted(0), ID: "bowl", Dim: d, Lo: -1, Hi: 1, DeltaMax: 1, Growth: 2,
		Minima: []landscape.Minimum{{X: make([]float64, d), Global: true}},
		Smoothed: func(k landscape.Kernel, delta float64) (landscape.Function, bool) {
			s := k.StdDev(delta)
			return lifted(h / 2 * float64(d) * s * s), true
		},
	}
}

// damping is E cos(δz·u₁) of the isotropic laws of d = 1, or an even number of, variables in their own closed forms: sin z/z on a line,
// (d/2)!(2/z)^(d/2)·J_{d/2}(z) in a ball of d dimensions.
func damping(k landscape.Kernel, z float64) float64 {
	d := float64(k.Dim)
	switch k.Law {
	case landscape.Gaussian:
		if k.Convention == landscape.Vector {
			z /= math.Sqrt(d)
		}
		return math.Exp(-z * z / 2)
	case landscape.Uniform:
		if k.Convention == landscape.Coordinate {
			z *= math.Sqrt(d + 2)
		}
		if k.Dim == 1 {
			return math.Sin(z) / z
		}
		return math.Gamma(d/2+1) * math.Pow(2/z, d/2) * math.Jn(k.Dim/2, z)
	}
	return math.Exp(-math.Pow(z, k.Alpha))
}

// waves is Σ(1 − cos2πxᵢ), bounded, with a closed form under every isotropic law.
func waves(d int) landscape.Objective {
	damped := func(t float64) landscape.Function {
		return landscape.Function{
			Func: func(x []float64) float64 {
				f := 0.0
				for _, v := range x {
					f += 1 - t*math.Cos(2*math.Pi*v)
				}
				return f
			},
			Grad: func(x, dst []float64) {
				for i, v := range x {
					dst[i] = t * 2 * math.Pi * math.Sin(2*math.Pi*v)
				}
			},
		}
	}
	return landscape.Objective{
		Function: damped(1), ID: "waves", Dim: d, Lo: -2, Hi: 2, DeltaMax: 1,
		Smoothed: func(k landscape.Kernel, delta float64) (landscape.Function, bool) {
			return damped(damping(k, 2*math.Pi*delta)), true
		},
	}
}

// gaussian is the Gaussian kernel with δ the standard deviation per axis.
func gaussian(d int) landscape.Kernel {
	return landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: d}
}

// vector is the paper's Gaussian kernel.
func vector(d int) landscape.Kernel {
	return landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: d}
}
