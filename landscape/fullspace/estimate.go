package fullspace

import (
	"math"
	"slices"

	"smoothscape/landscape"
)

// Estimate is f̂ on the plane with its error. It is the caller's.
type Estimate struct {
	landscape.Grid           // the means; NaN in cells that met a value that is not finite
	StdErr         []float64 // standard error of each; NaN likewise, +Inf below two samples
	NonFinite      []int     // samples that were not finite
	Samples        int       // n: draws of the step; before the first all means are NaN
	Antithetic     bool      // whether each was used with both signs
	Complete       bool      // whether every recorded vector was used: the means are those of the record
	Evaluations    int       // of f, of the samples that are in the means
	Lost           int       // cells that are NaN
	MaxErr, RMSErr float64   // largest and root mean square of StdErr where it is not NaN; NaN if it is so everywhere
	Range          float64   // greatest minus least mean; NaN likewise
}

// RelativeErr is MaxErr in units of the range; NaN for a flat picture without error.
func (e Estimate) RelativeErr() float64 { return e.MaxErr / e.Range }

// Estimate computes what is known now. It must not be called beside Run but within its callback.
func (e *Estimator[T]) Estimate() Estimate {
	p, s := e.problem, &e.state
	out := Estimate{
		Grid:      landscape.Grid{X: slices.Clone(p.X), Y: slices.Clone(p.Y), Z: make([]float64, len(s.Mean))},
		StdErr:    make([]float64, len(s.Mean)),
		NonFinite: slices.Clone(s.NonFinite), Samples: s.Samples, Antithetic: p.Noise.symmetric,
		Complete: p.Noise.count > 0 && s.Samples == p.Noise.count, Evaluations: s.Samples * p.SampleCost(),
	}
	leadVariance := s.Lead.variance()
	squares := 0.0
	for i := range out.Z {
		mean, variance := s.at(i, leadVariance)
		out.Z[i], out.StdErr[i] = mean, math.Sqrt(variance)
		if math.IsNaN(mean) {
			out.Lost++
			continue
		}
		squares += variance
	}
	largest, spread := s.errors()
	out.MaxErr, out.Range = math.Sqrt(largest), spread
	out.RMSErr = math.Sqrt(squares / float64(len(out.Z)-out.Lost))
	return out
}

// errors returns the largest variance and the range of the means; NaN where no cell has any.
func (s *State) errors() (largest, spread float64) {
	leadVariance := s.Lead.variance()
	largest = math.NaN()
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range s.Mean {
		mean, variance := s.at(i, leadVariance)
		if math.IsNaN(mean) {
			continue
		}
		lo, hi = min(lo, mean), max(hi, mean)
		if !(variance <= largest) {
			largest = variance
		}
	}
	if lo > hi {
		return math.NaN(), math.NaN()
	}
	return largest, hi - lo
}
