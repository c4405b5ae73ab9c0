package slice

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"smoothscape/landscape"
)

// Refinement is a picture over [−HalfWidth, HalfWidth]² whose nodes are computed only where the rest cannot tell their values.
//
// The method is the interpolating wavelets of Donoho 1992 and Harten 1996. The nodes form levels, each with a node between any two of the
// one before, from a lattice of 5 to 8 nodes a side. A node of a level is predicted from the levels before by the cubic through the
// four nearest nodes on its line (Deslauriers and Dubuc 1989), one-sided at the border,
//
//	(b + c)/2 − h/8,   h = (h₁ + h₂)/2,   h₁ = a − 2b + c,   h₂ = b − 2c + d,
//
// where |h| is cut to twice the smaller of |h₁| and |h₂| if they have one sign, so that a steep wall does not reach into the plain before it
// (in the spirit of Amat, Donat, Liandrat and Trillo 2006). The middle of a square is the mean of its two lines.
//
// The surplus of a computed node is its distance from the prediction. Level 1 is computed whole. A node beyond is expected to be wrong by
// 0.4 times the greatest surplus, computed or expected, among the nodes of the level before that are at most one of their steps away, or 0.25 times that
// of two steps, by twice as much next to the border of the view. It is computed if twice that is more than it may be. (Where f has four derivatives
// surpluses fall by 16 from level to level, across a kink by 2. The factors are measured: testdata/planes/README.md.)
//
// An expected error is not a bound: what lies between the nodes of level 1, 9 to 15 a side, and touches none of them is not seen.
type Refinement struct {
	HalfWidth float64 // > 0, in units of the directions
	Nodes     int     // n a side of the picture, n − 1 = m·2^k with 4 ≤ m ≤ 7 and k ≥ 1: 9, 11, 13, 15, 17, 21, …, 49, 57, 65, 81, 97, …
	Tolerance float64 // 0 < tolerance < 1: error as a share of the range of f, over the whole view and, of the range there, over its inner quarter
	Budget    int     // evaluations at most; 0: all nodes. Below those of level 1, the picture is that level
}

const (
	decay        = 0.4     // of surpluses from a level to the next, one step away
	farDecay     = 0.25    // two steps away
	safety       = 2       // on what follows from them: a surplus may be small by chance
	edge         = 2       // on expected errors next to the border, where cubics are one-sided
	borderLevels = 3       // levels computed along the border of what is not finite
	roundoff     = 0x1p-48 // of the greatest |f|: surpluses below are those of rounding, 3 ulp a level and line
)

// Refined is a picture at some time of its refinement. Whoever gets one owns it.
type Refined struct {
	Grid      landscape.Grid // all n×n nodes, columns α, rows β
	Computed  []bool         // by node: whether f was evaluated there; the rest is interpolated
	Expected  []float64      // by node: expected |error|, 0 where computed; +Inf where f may be not finite
	Whole     float64        // greatest expected error over the view, as a share of the range of f
	Inner     float64        // the same over the inner quarter [−HalfWidth/2, HalfWidth/2]² and the range of f there
	Evaluated int            // nodes computed, those known before included
	Done      bool           // whether Whole and Inner are at most the tolerance
	Samples   Samples        // what was computed: to go on from
}

// Validate reports the first thing that is wrong with the refinement: *landscape.GridError.
func (r Refinement) Validate() error {
	const doing = "planning a refined slice"
	switch {
	case !(r.HalfWidth > 0) || math.IsInf(r.HalfWidth, 0):
		return &landscape.GridError{Doing: doing, Expected: "a finite half-width above 0", Found: fmt.Sprint(r.HalfWidth), Advice: "choose one such as 1"}
	case r.Nodes > landscape.MaxNodes || r.step() == 0:
		return &landscape.GridError{Doing: doing, Expected: fmt.Sprintf("m·2^k + 1 nodes a side with m = 4 … 7 and k ≥ 1, at most %d", landscape.MaxNodes),
			Found: fmt.Sprint(r.Nodes), Advice: "choose 49, 65, 97 or 129"}
	case !(r.Tolerance > 0 && r.Tolerance < 1):
		return &landscape.GridError{Doing: doing, Expected: "a tolerance above 0 and below 1", Found: fmt.Sprint(r.Tolerance), Advice: "choose one such as 0.01"}
	case r.Budget < 0:
		return &landscape.GridError{Doing: doing, Expected: "0 or more evaluations", Found: fmt.Sprint(r.Budget), Advice: "choose 0 for as many as there are nodes"}
	}
	return nil
}

// step is the distance of two nodes of the coarsest lattice in cells of the picture, 2^k ≥ 2; 0 if the number of nodes has none.
func (r Refinement) step() int {
	cells, step := r.Nodes-1, 1
	for cells > 7 && cells%2 == 0 {
		cells, step = cells/2, 2*step
	}
	if cells < 4 || cells > 7 || step < 2 {
		return 0
	}
	return step
}

// SampleRefined evaluates the loss on nodes of a plane until the picture is expected to be as good as r asks, or the budget is spent.
// What is known from before is not computed again: with the same r, a run that was cut short goes on to the same result, bit for bit. One goroutine
// works for each surface, and all have ended when SampleRefined returns. If the surfaces agree, the result does not depend on how
// many there are. NaN and infinite losses are values: they spoil the interpolant only next to them, and their border is followed
// to the third level.
//
// onRound, which may be nil, gets the picture after each round, on the caller's goroutine. The error is that of r or of known
// (*landscape.GridError), of a surface, with the node, of onRound, or of ctx, which is looked at before each call of a surface. Beside an error the result holds
// the Samples to go on from, and no picture.
func SampleRefined(ctx context.Context, r Refinement, known Samples, surfaces []Surface, onRound func(Refined) error) (Refined, error) {
	if err := r.Validate(); err != nil {
		return Refined{}, err
	}
	if len(surfaces) == 0 {
		return Refined{}, &landscape.GridError{Doing: "sampling a refined slice", Expected: "at least one surface", Found: "none", Advice: "give one for each processor"}
	}
	l := newLattice(r)
	memo, err := known.on(r)
	if err != nil {
		return Refined{}, err
	}
	budget := r.Budget
	if budget == 0 {
		budget = len(l.z)
	}
	for wanted := l.firstNodes(); len(wanted) > 0; {
		if err := l.compute(ctx, wanted, memo, surfaces); err != nil {
			return Refined{Samples: l.samples(memo)}, fmt.Errorf("sampling a refined slice: %w", err)
		}
		l.fill()
		l.expect()
		wanted = l.worst(budget)
		if onRound == nil {
			continue
		}
		if err := onRound(l.picture(memo)); err != nil {
			return Refined{Samples: l.samples(memo)}, err
		}
	}
	if len(memo) > l.count { // known from a finer picture: too good to leave out
		for i, z := range memo {
			l.put(i, z)
		}
		l.fill()
		l.expect()
	}
	return l.picture(memo), nil
}

// worst lists the nodes that are expected to be worse than they may be, the worst first, at most a round of them.
func (l *lattice) worst(budget int) []int {
	var nodes []int
	for i, e := range l.expected {
		if !l.have[i] && safety*e > l.allowed(i) {
			nodes = append(nodes, i)
		}
	}
	slices.SortFunc(nodes, func(a, b int) int {
		return cmp.Or(cmp.Compare(l.expected[b]/l.allowed(b), l.expected[a]/l.allowed(a)), cmp.Compare(a, b))
	})
	return nodes[:max(0, min(len(nodes), max(16, l.count/16), budget-l.count))]
}

// compute puts values on the wanted nodes: from memo, else from the surfaces, whose values memo then gets. After an error memo has all
// values that were computed.
func (l *lattice) compute(ctx context.Context, wanted []int, memo map[int]float64, surfaces []Surface) error {
	var missing []int
	var places []Place
	for _, i := range wanted {
		if _, ok := memo[i]; !ok {
			missing = append(missing, i)
			places = append(places, Place{Alpha: l.x[i%l.n], Beta: l.x[i/l.n]})
		}
	}
	values, done := make([]float64, len(missing)), make([]bool, len(missing))
	err := each(ctx, surfaces, places, func(k int, z float64) { values[k], done[k] = z, true })
	for k, i := range missing {
		if done[k] {
			memo[i] = values[k]
		}
	}
	if err != nil {
		return err
	}
	for _, i := range wanted {
		l.put(i, memo[i])
	}
	return nil
}
