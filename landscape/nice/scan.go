package nice

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"smoothscape/landscape"
)

// Interval is a range of δ in which a condition fails.
type Interval struct {
	From      float64   `json:"from"` // its ends, or those of the scan
	To        float64   `json:"to"`
	Condition Condition `json:"condition"`
	Worst     float64   `json:"worst"` // the δ of the scan, or of its refinement, at which it fails most
	Found     float64   `json:"found"` // there: the modulus, or the ratio of distance and bound
	X         []float64 `json:"x"`     // there: the weakest point, or the minimizer that is left
}

// ScanReport is the answer of Scan.
type ScanReport struct {
	Definition Definition       `json:"definition"`
	Source     string           `json:"source"` // Definition.Source
	Kernel     landscape.Kernel `json:"kernel"`
	Radius     float64          `json:"radius"` // d, for every δ
	Stages     []Stage          `json:"stages"` // by decreasing δ, from the greatest to the least
	// Sigma is the least modulus that was found, at SigmaAt, which may lie between two stages.
	Sigma    float64    `json:"sigma"`
	SigmaAt  float64    `json:"sigmaAt"`
	Holds    bool       `json:"holds"`
	Failures []Interval `json:"failures"` // those of convexity first, each by increasing δ
	Remarks  []string   `json:"remarks"`
}

const mostScanned = 100_000 // values of δ

// Scan evaluates a definition with one radius factor for every δ in [from, to], by n ≥ 2 of them and refinement, as the
// package documentation says. For SigmaNice the radius factor is 3 and the hand-over that from δ to δ/2; for the others
// it is that between neighbors, and the condition that the path of the minimizer is Lipschitz with constant 1. Errors as
// those of Check.
func Scan(ctx context.Context, def Definition, family Family, from, to, radius float64, n int, o Options) (ScanReport, error) {
	if n < 2 || n > mostScanned || !(0 < from && from < to) || math.IsInf(to, 1) {
		return ScanReport{}, &Error{"reading the scan", fmt.Sprintf("0 < from < to and 2 to %d values of δ", mostScanned),
			fmt.Sprintf("[%g, %g], %d", from, to, n), ""}
	}
	radii, err := validate(def, family, []float64{to}, []float64{radius}, o)
	if err != nil {
		return ScanReport{}, err
	}
	s := scan{ctx: ctx, def: def, family: family, from: from, to: to, radius: radius, options: o}
	r := ScanReport{Definition: def, Source: def.Source(), Kernel: family.Kernel, Radius: radius, Sigma: math.Inf(1),
		Remarks: remarks(def, family, radii)}
	ratio := math.Pow(from/to, 1/float64(n-1))
	for i := range n {
		delta := to * math.Pow(ratio, float64(i))
		if i == n-1 {
			delta = from
		}
		next := delta * ratio
		if def == SigmaNice {
			next = delta / 2
		}
		r.Stages = append(r.Stages, s.both(delta, next))
	}
	for _, c := range []Condition{Convexity, HandingOver} {
		r.Failures = append(r.Failures, s.failures(r.Stages, c, ratio)...)
	}
	least := slices.MinFunc(r.Stages, func(a, b Stage) int { return cmp.Compare(a.Modulus, b.Modulus) })
	least = s.refine(least, ratio)
	r.Sigma, r.SigmaAt = least.Modulus, least.Delta
	for i := range r.Failures {
		if f := &r.Failures[i]; f.Condition == Convexity && f.From <= least.Delta && least.Delta <= f.To {
			f.Worst, f.Found, f.X = least.Delta, least.Modulus, least.WeakestAt
		}
	}
	r.Holds = len(r.Failures) == 0 && r.Sigma > 0
	if s.err != nil {
		return ScanReport{}, s.err
	}
	return r, nil
}

// scan is one run of Scan. The first error stays, and stops it.
type scan struct {
	ctx      context.Context
	def      Definition
	family   Family
	from, to float64 // range of δ
	radius   float64
	options  Options
	err      error
}

// one evaluates convexity at a δ.
func (s *scan) one(delta float64) Stage {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return Stage{Delta: delta}
	}
	stage, err := s.family.stage(delta, s.radius, s.options)
	s.err = err
	return stage
}

// both evaluates both conditions at a δ.
func (s *scan) both(delta, next float64) Stage {
	stage := s.one(delta)
	if s.err != nil {
		return stage
	}
	f, err := s.family.at(next)
	if err != nil {
		s.err = err
		return stage
	}
	lattice, _ := s.options.resolution(s.family, s.radius*next)
	h := handOver(s.def, stage, Stage{Delta: next, RadiusFactor: s.radius, Minimizers: f.minimizers(lattice)})
	stage.HandOver = &h
	return stage
}

// fails says how far a stage is from fulfilling a condition: positive where it fails.
func (s Stage) fails(c Condition) float64 {
	if c == Convexity {
		return -s.Modulus
	}
	return s.HandOver.Ratio - 1
}

// failures returns the intervals in which a condition fails, by increasing δ.
func (s *scan) failures(stages []Stage, c Condition, ratio float64) []Interval {
	var all []Interval
	evaluate := func(delta float64) bool {
		next := delta * ratio
		if s.def == SigmaNice {
			next = delta / 2
		}
		if c == Convexity {
			return !(s.one(delta).fails(c) < 0)
		}
		stage := s.both(delta, next)
		return s.err == nil && stage.fails(c) > 0
	}
	failing := func(stage Stage) bool {
		if c == Convexity {
			return !(stage.Modulus > 0)
		}
		return stage.HandOver != nil && stage.fails(c) > 0
	}
	for i := len(stages) - 1; i >= 0; i-- { // increasing δ
		if s.err != nil {
			return nil
		}
		if !failing(stages[i]) {
			continue
		}
		last := i // greatest δ of the run
		worst := stages[i]
		for last > 0 && failing(stages[last-1]) {
			last--
			if stages[last].fails(c) > worst.fails(c) {
				worst = stages[last]
			}
		}
		in := Interval{From: stages[i].Delta, To: stages[last].Delta, Condition: c, Worst: worst.Delta}
		if i < len(stages)-1 {
			in.From = bisect(stages[i+1].Delta, in.From, evaluate)
		}
		if last > 0 {
			in.To = bisect(stages[last-1].Delta, in.To, evaluate)
		}
		if in.Found, in.X = worst.Modulus, worst.WeakestAt; c == HandingOver {
			in.Found, in.X = worst.HandOver.Ratio, worst.HandOver.From
		}
		all = append(all, in)
		i = last
	}
	return all
}

// bisect returns the failing end between a δ that holds and one that fails, to 10⁻⁶ of it.
func bisect(holds, fails float64, failing func(float64) bool) float64 {
	for math.Abs(holds-fails) > 1e-6*fails {
		middle := (holds + fails) / 2
		if failing(middle) {
			fails = middle
		} else {
			holds = middle
		}
	}
	return fails
}

// refine returns the stage of the least modulus between the neighbors of a stage, by golden section.
func (s *scan) refine(at Stage, ratio float64) Stage {
	best := at
	from, to := at.Delta*ratio, at.Delta/ratio
	from, to = max(from, s.from), min(to, s.to)
	golden(func(delta float64) float64 {
		stage := s.one(delta)
		if s.err == nil && stage.Modulus < best.Modulus {
			best = stage
		}
		return stage.Modulus
	}, from, to, 1e-6*at.Delta)
	return best
}
