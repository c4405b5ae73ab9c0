package slice

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// Lift is an estimate of f̂_δ(θ) − f(θ) in all d dimensions: what smoothing does at the center of a slice, where the
// two-dimensional picture is only an analogue.
type Lift struct {
	Mean   float64 // NaN or infinite if f was at one of the points
	StdErr float64 // standard error of Mean
	Pairs  int
}

// MonteCarloLift estimates E f(θ + δu) − f(θ) for u ~ N(0, I/d), the Gaussian kernel in the vector convention, from pairs ≥ 2
// antithetic pairs ±u: their mean has no linear term, so that a quadratic f with Hessian H gives mean δ²·tr(H)/(2d) and
// standard error δ²·√(tr(H²)/2)/(d·√pairs), however steep f is. θ is the center of the surface's plane, which has dim parameters, and f
// is evaluated 2·pairs + 1 times, from one goroutine; ctx is looked at before each pair.
func MonteCarloLift(ctx context.Context, f Surface, dim int, delta float64, pairs int, rng *rand.Rand) (Lift, error) {
	if !(delta >= 0) || math.IsInf(delta, 0) || pairs < 2 || dim < 1 {
		return Lift{}, fmt.Errorf("slice: measuring the lift: expected a finite δ ≥ 0, 2 or more pairs and parameters, found δ = %g, %d pairs and %d parameters", delta, pairs, dim)
	}
	one := []Surface{f}
	center, err := Losses(ctx, []Place{{}}, one)
	if err != nil {
		return Lift{}, fmt.Errorf("measuring the lift at the center: %w", err)
	}
	scale := delta / math.Sqrt(float64(dim))
	step := make([]float64, dim)
	// Welford's running mean and sum of squares: the lifts may be small against their common part.
	mean, squares := 0.0, 0.0
	for pair := range pairs {
		if err := ctx.Err(); err != nil {
			return Lift{}, err
		}
		for i := range step {
			step[i] = scale * rng.NormFloat64()
		}
		if err := f.Step(step); err != nil {
			return Lift{}, fmt.Errorf("measuring the lift, pair %d of %d: %w", pair+1, pairs, err)
		}
		both, err := Losses(ctx, []Place{{Gamma: 1}, {Gamma: -1}}, one)
		if err != nil {
			return Lift{}, fmt.Errorf("measuring the lift, pair %d of %d: %w", pair+1, pairs, err)
		}
		lift := both[0]/2 + both[1]/2 - center[0]
		old := mean
		mean += (lift - mean) / float64(pair+1)
		squares += (lift - old) * (lift - mean)
	}
	n := float64(pairs)
	return Lift{Mean: mean, StdErr: math.Sqrt(squares / (n - 1) / n), Pairs: pairs}, nil
}
