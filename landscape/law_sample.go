package landscape

import (
	"math"
	"math/rand/v2"
)

// Sample draws u at δ = 1, in the convention of the kernel, into u, whose length must be k.Dim.
//
// A Gaussian vector divided by its length and multiplied by U^(1/d) is uniform on the ball. An isotropic α-stable vector is
// √(2A)·N(0, I) with a positive α/2-stable A, E exp(−sA) = exp(−s^(α/2)), drawn by the formula of Kanter (1975), the totally
// skewed case of Chambers, Mallows and Stuck (1976). A Cauchy vector is a Gaussian one over the length of a Gaussian number.
func (k Kernel) Sample(rng *rand.Rand, u []float64) {
	switch k.Law {
	case Gaussian:
		fillNormal(rng, u, k.scale())
	case Uniform:
		fillNormal(rng, u, 1)
		length := k.scale() * math.Pow(rng.Float64(), 1/float64(k.Dim)) / math.Sqrt(norm2(u))
		for i := range u {
			u[i] *= length
		}
	case Stable:
		fillNormal(rng, u, math.Sqrt(2*positiveStable(rng, k.Alpha/2)))
	case Cauchy:
		fillNormal(rng, u, 1/math.Abs(rng.NormFloat64()))
	default:
		for i := range u {
			u[i] = k.sampleCoordinate(rng)
		}
	}
}

func (k Kernel) sampleCoordinate(rng *rand.Rand) float64 {
	switch k.Law {
	case Exponential:
		return exponentialMean * rng.ExpFloat64()
	case Rayleigh:
		return math.Sqrt(2 * rng.ExpFloat64())
	case Levy:
		n := rng.NormFloat64()
		return 1 + 1/(n*n)
	case Pareto:
		return 1 / (1 - rng.Float64())
	}
	return math.NaN()
}

func fillNormal(rng *rand.Rand, u []float64, scale float64) {
	for i := range u {
		u[i] = scale * rng.NormFloat64()
	}
}

// positiveStable draws A > 0 with E exp(−sA) = exp(−s^b), 0 < b < 1.
func positiveStable(rng *rand.Rand, b float64) float64 {
	angle, wait := math.Pi*(1-rng.Float64()), rng.ExpFloat64()
	return math.Sin(b*angle) / math.Pow(math.Sin(angle), 1/b) * math.Pow(math.Sin((1-b)*angle)/wait, (1-b)/b)
}
