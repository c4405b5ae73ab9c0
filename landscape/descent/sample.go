package descent

import (
	"math"
	"math/rand/v2"

	"smoothscape/landscape"
)

// sample draws u under a valid kernel at δ = 1, in the kernel's convention:
//
//	Gaussian  a normal vector
//	Uniform   a normal vector's direction, with the length R·U^(1/d)
//	Stable    √(2A) times a normal vector, A positive with E exp(−sA) = exp(−s^(α/2)) (Kanter 1975)
func sample(k landscape.Kernel, rng *rand.Rand, u []float64) {
	d := float64(k.Dim)
	squares := 0.0
	for i := range u {
		u[i] = rng.NormFloat64()
		squares += u[i] * u[i]
	}
	scale := 1.0
	switch {
	case k.Law == landscape.Gaussian && k.Convention == landscape.Vector:
		scale = 1 / math.Sqrt(d)
	case k.Law == landscape.Uniform:
		if k.Convention == landscape.Coordinate {
			scale = math.Sqrt(d + 2)
		}
		scale *= math.Pow(rng.Float64(), 1/d) / math.Sqrt(squares)
	case k.Law == landscape.Stable:
		a, angle, e := k.Alpha/2, math.Pi*rng.Float64(), rng.ExpFloat64()
		scale = math.Sqrt(2 * math.Sin(a*angle) / math.Pow(math.Sin(angle), 1/a) * math.Pow(math.Sin((1-a)*angle)/e, (1-a)/a))
	}
	if scale == 1 {
		return
	}
	for i := range u {
		u[i] *= scale
	}
}
