package measure

import (
	"context"
	"math"
	"math/rand/v2"
)

// Spectrum is the spectral density of an Operator, φ(t) = (1/d) Σ_i N(t; λ_i, σ²).
type Spectrum struct {
	Values, Weights []float64 // all Ritz values of all runs; weights sum to 1
	Sigma           float64   // σ of the broadening
	X, Y            []float64 // grid and density; the integral is 1 less what lies beyond 4σ
	Trace           Estimate  // d·Σ weight·value: the same as Hutchinson's trace of the starts
	Low, High       float64   // smallest and largest Ritz value
}

// densityPoints is how many points the curve of a Spectrum has.
const densityPoints = 401

// SpectralDensity estimates φ by stochastic Lanczos quadrature (Golub & Welsch 1969; Ubaru, Chen & Saad 2017; PyHessian): runs starts of ±1,
// Lanczos of the given number of steps from each, Ritz values with the squared first components of their vectors as weights, each
// broadened to a Gaussian of σ = 1/100 of the range of Ritz values. Moments of the density up to order 2·steps−1 are exact for each
// start. progress counts products.
func SpectralDensity(ctx context.Context, a Operator, runs, steps int, rng *rand.Rand, progress func(done, total int)) (*Spectrum, error) {
	if runs < 1 {
		return nil, argument("estimating a spectral density", "a run or more", runs)
	}
	steps = min(steps, a.Dim())
	s := &Spectrum{Low: math.Inf(1), High: math.Inf(-1)}
	start := make([]float64, a.Dim())
	traces := make([]float64, runs)
	for k := range runs {
		randomSigns(start, rng)
		r, err := Lanczos(ctx, a, start, steps, func(done, _ int) { report(progress, k*steps+done, runs*steps) })
		if err != nil {
			return nil, err
		}
		for i, v := range r.Values {
			s.Values = append(s.Values, v)
			s.Weights = append(s.Weights, r.Weights[i]/float64(runs))
			traces[k] += float64(a.Dim()) * r.Weights[i] * v
			s.Low, s.High = min(s.Low, v), max(s.High, v)
		}
	}
	s.Trace = meanOf(traces)
	s.Sigma = (s.High - s.Low) / 100
	if s.Sigma == 0 {
		s.Sigma = max(math.Abs(s.High), 1) / 100
	}
	s.X, s.Y = make([]float64, densityPoints), make([]float64, densityPoints)
	from, to := s.Low-4*s.Sigma, s.High+4*s.Sigma
	for p := range s.X {
		s.X[p] = from + (to-from)*float64(p)/(densityPoints-1)
		for i, v := range s.Values {
			z := (s.X[p] - v) / s.Sigma
			s.Y[p] += s.Weights[i] * math.Exp(-z*z/2) / (s.Sigma * math.Sqrt(2*math.Pi))
		}
	}
	return s, nil
}
