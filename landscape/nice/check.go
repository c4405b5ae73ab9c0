package nice

import (
	"context"
	"fmt"
	"math"
	"slices"

	"smoothscape/landscape"
)

// Condition is what a stage must fulfill, or should.
type Condition string

// The conditions.
const (
	HandingOver Condition = "hand-over" // (i) of the definition
	Convexity   Condition = "convexity" // (ii) of the definition
)

// HandOver is the way from the minimizers of one δ to those of the next: the pair for which it is longest, among the
// nearest ones.
type HandOver struct {
	NextDelta float64   `json:"nextDelta"`
	From      []float64 `json:"from"`     // x*_m
	To        []float64 `json:"to"`       // the x*_{m+1} nearest to it
	Distance  float64   `json:"distance"` // ‖From − To‖
	Bound     float64   `json:"bound"`    // δ_m/2 for SigmaNice, δ_m − δ_{m+1} for the others
	Ratio     float64   `json:"ratio"`    // Distance/Bound; the condition is ≤ 1
	// Inclusion is Distance/(d_{m+1}·δ_{m+1}): at most 1 where x*_m lies in the neighborhood of the next stage. Not part
	// of the definitions.
	Inclusion float64 `json:"inclusion"`
}

// Stage is one δ of a check.
type Stage struct {
	Delta        float64     `json:"delta"`
	RadiusFactor float64     `json:"radiusFactor"` // d_m
	Minimizers   []Minimizer `json:"minimizers"`
	// Modulus σ_m is the least λ_min(∇²f̂_δ) that was found on the balls of radius d_m·δ_m about the minimizers; negative
	// or 0 where f̂_δ is not strongly convex.
	Modulus   float64   `json:"modulus"`
	WeakestAt []float64 `json:"weakestAt"` // where
	Step      float64   `json:"step"`      // of the lattice that found it
	HandOver  *HandOver `json:"handOver"`  // nil at the last stage
}

// Failure is a condition that a stage does not fulfill.
type Failure struct {
	Stage     int       `json:"stage"` // from 1
	Delta     float64   `json:"delta"`
	Condition Condition `json:"condition"`
	X         []float64 `json:"x"`     // the weakest point, or the minimizer that is left
	Found     float64   `json:"found"` // the modulus, or the distance
	Bound     float64   `json:"bound"` // which it must exceed, or not exceed
}

// String is the failure in words.
func (f Failure) String() string {
	if f.Condition == Convexity {
		return fmt.Sprintf("stage %d, δ = %.6g: the Hessian has the eigenvalue %.4g at %.6g", f.Stage, f.Delta, f.Found, f.X)
	}
	return fmt.Sprintf("stage %d, δ = %.6g: the minimizer moves from %.6g by %.4g, more than %.4g", f.Stage, f.Delta, f.X, f.Found, f.Bound)
}

// Report is the answer of Check.
type Report struct {
	Definition Definition       `json:"definition"`
	Source     string           `json:"source"` // Definition.Source
	Kernel     landscape.Kernel `json:"kernel"`
	Stages     []Stage          `json:"stages"`
	// Sigma is the least modulus of the stages: where Holds, the function fulfills the definition with every σ up to it.
	Sigma float64 `json:"sigma"`
	// Holds is true where both conditions hold at every stage, the second with a σ > 0. A σ no larger than the accuracy
	// of f̂_δ over δ² says nothing.
	Holds    bool      `json:"holds"`
	Failures []Failure `json:"failures"`
	// Included is true where every x*_m lies in the neighborhood of the next stage.
	Included bool `json:"included"`
	// Remarks are what a reader must know to quote the answer.
	Remarks []string `json:"remarks"`
}

// Check evaluates a definition on a schedule of decreasing δ > 0 with one radius factor for all stages or one for each
// (none: 3, for SigmaNice alone). The last stage hands over to none. The error is an *Error, that of the family, or of
// the context, which is looked at once a stage.
func Check(ctx context.Context, def Definition, family Family, deltas, radii []float64, o Options) (Report, error) {
	radii, err := validate(def, family, deltas, radii, o)
	if err != nil {
		return Report{}, err
	}
	r := Report{Definition: def, Source: def.Source(), Kernel: family.Kernel, Sigma: math.Inf(1), Included: true, Remarks: remarks(def, family, radii)}
	for m, delta := range deltas {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		stage, err := family.stage(delta, radii[m], o)
		if err != nil {
			return Report{}, err
		}
		r.Stages = append(r.Stages, stage)
		r.Sigma = min(r.Sigma, stage.Modulus)
		if m > 0 {
			h := handOver(def, r.Stages[m-1], stage)
			r.Stages[m-1].HandOver = &h
			r.Included = r.Included && h.Inclusion <= 1
		}
	}
	for m, s := range r.Stages {
		if !(s.Modulus > 0) {
			r.Failures = append(r.Failures, Failure{Stage: m + 1, Delta: s.Delta, Condition: Convexity, X: s.WeakestAt, Found: s.Modulus})
		}
		if h := s.HandOver; h != nil && !(h.Ratio <= 1) {
			r.Failures = append(r.Failures, Failure{Stage: m + 1, Delta: s.Delta, Condition: HandingOver, X: h.From, Found: h.Distance, Bound: h.Bound})
		}
	}
	r.Holds = len(r.Failures) == 0
	return r, nil
}

// stage evaluates one δ.
func (f Family) stage(delta, factor float64, o Options) (Stage, error) {
	s, err := f.at(delta)
	if err != nil {
		return Stage{}, err
	}
	radius := factor * delta
	lattice, across := o.resolution(f, radius)
	stage := Stage{Delta: delta, RadiusFactor: factor, Minimizers: s.minimizers(lattice), Step: 2 * radius / float64(across-1)}
	if len(stage.Minimizers) == 0 {
		return Stage{}, &Error{"searching the minimum of the smoothed function", "finite values on the domain", "NaN", "take another domain or kernel"}
	}
	weakest := spot{math.Inf(1), nil}
	for _, m := range stage.Minimizers {
		value, at := s.modulus(m.X, radius, across)
		weakest.take(spot{value, slices.Clone(at)})
	}
	stage.Modulus, stage.WeakestAt = weakest.value, weakest.x
	if math.IsNaN(stage.Modulus) {
		return Stage{}, &Error{fmt.Sprintf("evaluating the curvature at δ = %g", delta), "numbers",
			fmt.Sprintf("NaN at %g", stage.WeakestAt), "take a smaller δ or radius"}
	}
	return stage, nil
}

// resolution returns the nodes a side of the lattice over the domain and across a ball.
func (o Options) resolution(f Family, radius float64) (domain, ball int) {
	if o.Nodes > 0 {
		return o.Nodes, o.Nodes
	}
	least, most := 1025, 4097
	if f.Dim == 2 {
		least, most = 129, 513
	}
	wide := 1 + int(math.Ceil(min(float64(most), float64(least-1)*2*radius/(f.Hi-f.Lo))))
	return least, min(most, max(least, wide))
}

// handOver measures the way from one stage to the next.
func handOver(def Definition, from, to Stage) HandOver {
	h := HandOver{NextDelta: to.Delta, Distance: -1}
	for _, m := range from.Minimizers {
		nearest := spot{math.Inf(1), nil}
		for _, n := range to.Minimizers {
			nearest.take(spot{distance(m.X, n.X), n.X})
		}
		if nearest.value > h.Distance {
			h.From, h.To, h.Distance = m.X, nearest.x, nearest.value
		}
	}
	h.Bound = from.Delta - to.Delta
	if def == SigmaNice {
		h.Bound = from.Delta / 2
	}
	h.Ratio = h.Distance / h.Bound
	h.Inclusion = h.Distance / (to.RadiusFactor * to.Delta)
	return h
}

// remarks says where the question differs from the definition.
func remarks(def Definition, family Family, radii []float64) []string {
	all := []string{"Evaluated: " + string(def) + ", " + def.Source() + "."}
	k := family.Kernel
	if def == SigmaNice && !(k.Law == landscape.Uniform && (k.Convention == landscape.Vector)) {
		all = append(all, fmt.Sprintf("The definition smooths by the uniform ball of radius δ; this is %s, %s.", k.Law, k.Convention))
	}
	if def != SigmaNice && slices.Min(radii) <= 1 {
		all = append(all, "The reported definition asks for radius factors d > 1.")
	}
	return all
}
