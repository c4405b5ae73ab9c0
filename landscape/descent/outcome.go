package descent

import (
	"math"
	"slices"

	"smoothscape/landscape"
)

// Outcome sums up a trial.
type Outcome struct {
	Trial    Trial `json:"trial"`
	Diverged int   `json:"diverged"`
	// Success counts successful runs; nil where the objective lists no minimum.
	Success *Proportion `json:"success,omitempty"`
	// Ended[j] counts the runs that ended in Objective.Minima[j], Elsewhere the others, diverged ones included.
	Ended     []int `json:"ended,omitempty"`
	Elsewhere int   `json:"elsewhere"`
	// Quantiles of the final f at the levels 0, 0.05, 0.25, 0.5, 0.75, 0.95 and 1, linear between order statistics. A run that diverged or
	// ended where f is NaN counts as +Inf.
	Quantiles [7]Number `json:"quantiles"`
	// Mean and StdErr, the standard error of the mean, are of the final f of the Finite runs: those that neither diverged nor ended where f
	// is not finite. StdErr is NaN for fewer than two, Mean for none.
	Finite int     `json:"finite"`
	Mean   Number  `json:"mean"`
	StdErr Number  `json:"stdErr"`
	Finals []Final `json:"finals"` // in the order of the seeds
}

// QuantileLevels are the levels of Outcome.Quantiles.
func QuantileLevels() [7]float64 { return [7]float64{0, 0.05, 0.25, 0.5, 0.75, 0.95, 1} }

func sumUp(o landscape.Objective, t Trial, finals []Final) Outcome {
	out := Outcome{Trial: t, Finals: finals, Ended: make([]int, len(o.Minima))}
	values := make([]float64, len(finals))
	succeeded, squares, mean := 0, 0.0, 0.0
	for i, f := range finals {
		if f.Success {
			succeeded++
		}
		if f.Minimum >= 0 {
			out.Ended[f.Minimum]++
		} else {
			out.Elsewhere++
		}
		v := float64(f.F)
		if f.End != Finished {
			out.Diverged++
			v = math.Inf(1)
		}
		if math.IsNaN(v) {
			v = math.Inf(1)
		}
		values[i] = v
		if math.IsInf(v, 0) {
			continue
		}
		out.Finite++
		step := v - mean // Welford
		mean += step / float64(out.Finite)
		squares += step * (v - mean)
	}
	n := float64(out.Finite)
	out.Mean, out.StdErr = Number(mean), Number(math.Sqrt(squares/(n-1)/n))
	if out.Finite == 0 {
		out.Mean = Number(math.NaN())
	}
	if out.Finite < 2 {
		out.StdErr = Number(math.NaN())
	}
	if len(o.Minima) > 0 {
		p := ProportionOf(succeeded, len(finals))
		out.Success = &p
	}
	slices.Sort(values)
	for i, level := range QuantileLevels() {
		out.Quantiles[i] = Number(quantile(values, level))
	}
	return out
}

// quantile interpolates between the order statistics of sorted values, of which there is at least one; between a finite
// one and +Inf it is +Inf.
func quantile(sorted []float64, level float64) float64 {
	at := level * float64(len(sorted)-1)
	i := int(at)
	part := at - float64(i)
	if part == 0 || i+1 == len(sorted) || sorted[i] == sorted[i+1] {
		return sorted[i]
	}
	return sorted[i] + part*(sorted[i+1]-sorted[i])
}

// Proportion is a share of successes with its 95 % interval.
type Proportion struct {
	Successes int     `json:"successes"`
	Runs      int     `json:"runs"`
	Rate      float64 `json:"rate"`
	Lo        float64 `json:"lo"`
	Hi        float64 `json:"hi"`
}

// ProportionOf returns k of n ≥ 1 with Wilson's score interval of 95 % (Wilson 1927), which keeps within [0, 1] and does not collapse at
// 0 of n or n of n:
//
//	(k + z²/2 ± z√(k(n−k)/n + z²/4)) / (n + z²),    z = 1.95996…
func ProportionOf(k, n int) Proportion {
	const z = 1.959963984540054 // the 97.5 % quantile of the normal law
	a, b := float64(k), float64(n)
	center, half := a+z*z/2, z*math.Sqrt(a*(b-a)/b+z*z/4)
	p := Proportion{Successes: k, Runs: n, Rate: a / b, Lo: max(0, (center-half)/(b+z*z)), Hi: min(1, (center+half)/(b+z*z))}
	if k == 0 {
		p.Lo = 0 // not the rounding error of center − half
	}
	if k == n {
		p.Hi = 1
	}
	return p
}
