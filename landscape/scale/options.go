package scale

import (
	"fmt"
	"math"
)

// TieTolerance is the greatest relative difference of δ within one event: deaths tied by a symmetry of f̂ agree to it.
const TieTolerance = 1e-6

// Options of Track; Source.Options returns good ones.
type Options struct {
	DeltaMax float64 // > 0, the last sampled δ
	// Levels is how many δ > 0 are sampled, 4 to 1000: δᵢ = DeltaMax·(e^(3i/n) − 1)/(e³ − 1), steps of 5 % of δ at the end.
	// A minimum that appears and dies between two of them is not seen.
	Levels int
	// Tolerance is the width of the bracket of an event, as a part of its δ, 10⁻¹⁰ to 10⁻². The reported δ lies in the
	// bracket and is mostly far better, since the law λ₁² ∝ δ* − δ of a fold is used. Below DeltaMax/100, on a grid also below a tenth of a cell, it is
	// a part of that.
	Tolerance float64
	// Progress, where not nil, is called after each sampled δ.
	Progress func(delta float64)
}

// Options returns 48 levels, and a tolerance of 5·10⁻⁴ for grids and of 10⁻⁸ for closed forms.
func (s Source) Options(deltaMax float64) Options {
	o := Options{DeltaMax: deltaMax, Levels: 48, Tolerance: 5e-4}
	if s.exact {
		o.Tolerance = 1e-8
	}
	return o
}

// OptionError says which option is not valid.
type OptionError struct{ Option, Expected, Found string }

func (e *OptionError) Error() string {
	return fmt.Sprintf("reading the option %s: expected %s, found %s", e.Option, e.Expected, e.Found)
}

func (o Options) validate() error {
	switch {
	case !(o.DeltaMax > 0) || math.IsInf(o.DeltaMax, 0):
		return &OptionError{"DeltaMax", "a finite number above 0", fmt.Sprint(o.DeltaMax)}
	case o.Levels < 4 || o.Levels > 1000:
		return &OptionError{"Levels", "4 to 1000", fmt.Sprint(o.Levels)}
	case !(o.Tolerance >= 1e-10 && o.Tolerance <= 1e-2):
		return &OptionError{"Tolerance", "1e-10 to 1e-2", fmt.Sprint(o.Tolerance)}
	}
	return nil
}

// deltas returns 0 and the levels.
func (o Options) deltas() []float64 {
	list := make([]float64, o.Levels+1)
	for i := range list {
		list[i] = o.DeltaMax * math.Expm1(3*float64(i)/float64(o.Levels)) / math.Expm1(3)
	}
	list[o.Levels] = o.DeltaMax
	return list
}
