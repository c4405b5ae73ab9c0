package landscape

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// MassOutside returns the probability that δu lies further than r from 0 as seen in the plane (for Dim = 1, on the line), for δ ≥ 0
// and r ≥ 0, in [0, 1]: P(‖δ(u₁, u₂)‖ > r) under the isotropic laws, P(max(δu₁, δu₂) > r) under the others. With ρ in units of
// the law's own scale:
//
//	              on a line                          in the plane
//	Gaussian      erfc(ρ/√2)                         exp(−ρ²/2)
//	Uniform       I(1−ρ²; (d+1)/2, 1/2)              (1 − ρ²)^(d/2)
//	Stable        1 − (2/π)∫ sin(ρt)/t exp(−t^α)dt   1 − ρ∫J₁(ρt) exp(−t^α)dt   (to 10⁻⁸)
//	Cauchy        (2/π)·arctan(1/ρ)                  1/√(1+ρ²)
//	Exponential   exp(−ρ/1.5) = m                    1 − (1−m)²
//	Rayleigh      exp(−ρ²/2) = m                     as above
//	Levy          erf(1/√(2(ρ−1))) = m, 1 to ρ = 1   as above
//	Pareto        1/ρ = m, 1 up to ρ = 1             as above
func (k Kernel) MassOutside(delta, r float64) float64 { return k.massOutside(min(k.Dim, 2), delta, r) }

// massOutside is MassOutside as seen on that many axes, 1 or 2.
func (k Kernel) massOutside(axes int, delta, r float64) float64 {
	if delta == 0 {
		return 0
	}
	rho := r / (delta * k.scale())
	line := axes == 1
	var axis float64 // the mass beyond ρ on one axis of a law with independent coordinates
	switch k.Law {
	case Gaussian:
		if line {
			return math.Erfc(rho / math.Sqrt2)
		}
		return math.Exp(-rho * rho / 2)
	case Uniform:
		switch {
		case rho >= 1:
			return 0
		case line:
			return mathext.RegIncBeta((float64(k.Dim)+1)/2, 0.5, (1-rho)*(1+rho))
		}
		return math.Exp(float64(k.Dim) / 2 * math.Log1p(-rho*rho))
	case Stable:
		return stableMassOutside(axes, k.Alpha, rho)
	case Cauchy:
		if line {
			return 2 / math.Pi * math.Atan2(1, rho)
		}
		return 1 / math.Hypot(1, rho)
	case Exponential:
		axis = math.Exp(-rho / exponentialMean)
	case Rayleigh:
		axis = math.Exp(-rho * rho / 2)
	case Levy:
		axis = 1
		if rho > 1 {
			axis = math.Erf(1 / math.Sqrt(2*(rho-1)))
		}
	case Pareto:
		axis = min(1, 1/rho)
	default:
		return math.NaN()
	}
	if line {
		return axis
	}
	return axis * (2 - axis)
}
