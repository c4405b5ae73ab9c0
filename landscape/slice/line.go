package slice

import (
	"context"
	"fmt"
	"math"

	"smoothscape/landscape"
)

// Line is the set of parameters Center + α·D: through two checkpoints, at α = 0 and 1, or along any direction. The two vectors have
// one length.
type Line[T Float] struct {
	Center, D []T
}

// At writes the parameters at alpha into dst, which has the length of Center.
func (l Line[T]) At(alpha float64, dst []T) {
	for i, c := range l.Center {
		dst[i] = T(float64(c) + alpha*float64(l.D[i]))
	}
}

// Steps returns n ≥ 2 values from lo to hi in equal steps. Interpolations between two networks are usually drawn from −0.5 to 1.5
// (Goodfellow et al. 2015).
func Steps(lo, hi float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return x
}

// SampleLine evaluates the loss at each α. One goroutine works for each evaluator, and all have ended when it returns; the result does
// not depend on how many there are. The error is that of an evaluator, with its α, or of ctx, which is looked at before each one.
func SampleLine[T Float](ctx context.Context, line Line[T], alphas []float64, evaluators []Evaluator[T]) ([]float64, error) {
	if len(evaluators) == 0 {
		return nil, &landscape.GridError{Doing: "sampling a line", Expected: "at least one evaluator", Found: "none", Advice: "give one for each processor"}
	}
	for _, a := range alphas {
		if math.IsNaN(a) || math.IsInf(a, 0) {
			return nil, &landscape.GridError{Doing: "sampling a line", Expected: "finite places", Found: fmt.Sprint(a), Advice: "see Steps"}
		}
	}
	places := make([]Place, len(alphas))
	for i, a := range alphas {
		places[i].Alpha = a
	}
	z, err := Losses(ctx, places, OnPlane(Plane[T]{Center: line.Center, D1: line.D, D2: line.D}, evaluators))
	if err != nil {
		return nil, fmt.Errorf("sampling a line: %w", err)
	}
	return z, nil
}
