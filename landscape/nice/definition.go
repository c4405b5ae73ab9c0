package nice

import (
	"fmt"
	"math"
)

// Definition is one of the definitions that the package documentation states.
type Definition string

// The definitions.
const (
	SigmaNice    Definition = "sigma-nice"
	NewSigmaNice Definition = "new-sigma-nice"
	SigmaMNice   Definition = "sigma-m-nice"
)

// HazanRadius is the radius factor d of SigmaNice: strong convexity on N(x*_δ; 3δ).
const HazanRadius = 3

// Source says where the wording of the definition comes from, and whether that is confirmed.
func (d Definition) Source() string {
	switch d {
	case SigmaNice:
		return "Hazan, Levy, Shalev-Shwartz 2016, as it is widely quoted; its kernel is the uniform ball"
	case NewSigmaNice:
		return "arXiv 2311.08745, versions 1 to 4, as reported; the wording is not confirmed"
	case SigmaMNice:
		return "arXiv 2311.08745, version 6, as reported; the wording is not confirmed"
	}
	return ""
}

// Halving returns the schedule of Hazan's algorithm: diameter/2, diameter/4, …, of that many stages.
func Halving(diameter float64, stages int) []float64 {
	deltas := make([]float64, max(stages, 0))
	for m := range deltas {
		deltas[m] = math.Ldexp(diameter, -1-m)
	}
	return deltas
}

// Error says why something cannot be checked.
type Error struct{ Doing, Expected, Found, Advice string }

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: expected %s, found %s", e.Doing, e.Expected, e.Found)
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

// Options are the resolution of a check. The zero value chooses it.
type Options struct {
	// Nodes of the lattices a side, 9 to 4097: over the domain for minimizers, over the ball for the modulus. 0 takes
	// 1025 in one variable and 129 in two, and over balls wider than the domain as many more as keep the step, up to 4097
	// and 513.
	Nodes int
}

// validate checks a schedule and completes its radius factors.
func validate(def Definition, family Family, deltas, radii []float64, o Options) ([]float64, error) {
	if def.Source() == "" {
		return nil, &Error{"choosing a definition", `"sigma-nice", "new-sigma-nice" or "sigma-m-nice"`, fmt.Sprintf("%q", def), ""}
	}
	if err := family.validate(); err != nil {
		return nil, err
	}
	if o.Nodes != 0 && (o.Nodes < 9 || o.Nodes > 4097) {
		return nil, &Error{"choosing the resolution", "9 to 4097 nodes a side, or 0", fmt.Sprint(o.Nodes), ""}
	}
	if len(deltas) == 0 {
		return nil, &Error{"reading the schedule", "at least one δ", "none", "Halving gives that of Hazan et al."}
	}
	for m, delta := range deltas {
		if !(delta > 0) || math.IsInf(delta, 1) || m > 0 && !(delta < deltas[m-1]) {
			return nil, &Error{"reading the schedule", "positive, strictly decreasing δ", fmt.Sprintf("%g at stage %d", delta, m+1), ""}
		}
		if def == SigmaNice && m > 0 && math.Abs(delta/deltas[m-1]-0.5) > 1e-9 {
			return nil, &Error{"reading the schedule of sigma-nice", "each δ half of the one before", fmt.Sprintf("%g after %g", delta, deltas[m-1]),
				"other schedules are those of new-sigma-nice and sigma-m-nice"}
		}
	}
	if def == SigmaNice && len(radii) == 0 {
		radii = []float64{HazanRadius}
	}
	if len(radii) != 1 && len(radii) != len(deltas) {
		return nil, &Error{"reading the radius factors", fmt.Sprintf("1 or %d numbers", len(deltas)), fmt.Sprint(len(radii)), ""}
	}
	all := make([]float64, len(deltas))
	for m := range all {
		all[m] = radii[min(m, len(radii)-1)]
		if !(all[m] > 0) || math.IsInf(all[m], 1) {
			return nil, &Error{"reading the radius factors", "positive numbers", fmt.Sprint(all[m]), ""}
		}
		if def == SigmaNice && all[m] != HazanRadius {
			return nil, &Error{"reading the radius factors of sigma-nice", fmt.Sprint(HazanRadius), fmt.Sprint(all[m]),
				"other factors are those of new-sigma-nice and sigma-m-nice"}
		}
	}
	return all, nil
}
