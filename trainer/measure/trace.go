package measure

import (
	"context"
	"math/rand/v2"
)

// Trace estimates tr A by Hutchinson's method (1989): the mean of vᵀA v over random vectors v of ±1 (Rademacher), which is
// unbiased with variance 2(‖A‖_F² − Σ A_ii²) a vector. The error is that of the mean; it takes 2 vectors or more. progress counts them.
func Trace(ctx context.Context, a Operator, vectors int, rng *rand.Rand, progress func(done, total int)) (Estimate, error) {
	if vectors < 2 {
		return Estimate{}, argument("estimating a trace", "2 vectors or more", vectors)
	}
	v, w := make([]float64, a.Dim()), make([]float64, a.Dim())
	values := make([]float64, vectors)
	for t := range values {
		randomSigns(v, rng)
		if err := a.Apply(ctx, w, v); err != nil {
			return Estimate{}, err
		}
		values[t] = dot(v, w)
		report(progress, t+1, vectors)
	}
	return meanOf(values), nil
}
