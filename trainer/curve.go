package trainer

import "math"

// Curve is a path of the degree of smoothing: δ/δ₁ in an epoch (0-based), above 0 and 1 at the start for all the curves here.
// Carry makes a Schedule of it.
type Curve func(epoch int) float64

// ConstantCurve keeps δ.
func ConstantCurve() Curve { return func(int) float64 { return 1 } }

// StepCurve multiplies δ by factor every stage ≥ 1 epochs, as StepLR of PyTorch does with a learning rate.
func StepCurve(factor float64, stage int) Curve {
	return func(epoch int) float64 { return math.Pow(factor, float64(epoch/stage)) }
}

// ExponentialCurve multiplies δ by factor every epoch, as ExponentialLR of PyTorch does with a learning rate.
func ExponentialCurve(factor float64) Curve { return StepCurve(factor, 1) }

// PolynomialCurve is (1 − epoch/epochs)^power, the product of the paper's γ_m = ((M−m)/(M−(m−1)))^p over m = 1 … epoch with
// M = epochs and p = power. It is PolynomialLR of PyTorch with total_iters = epochs. 0 < p ≤ 1 is what the paper's first
// versions recommend. From epochs on it is 0.
func PolynomialCurve(power float64, epochs int) Curve {
	return func(epoch int) float64 { return math.Pow(max(1-float64(epoch)/float64(epochs), 0), power) }
}

// CosineCurve is half a cosine, (1 + cos(π·epoch/epochs))/2, as CosineAnnealingLR of PyTorch has it with T_max = epochs. From
// epochs on it is 0.
func CosineCurve(epochs int) Curve {
	return func(epoch int) float64 { return (1 + math.Cos(math.Pi*min(float64(epoch)/float64(epochs), 1))) / 2 }
}
