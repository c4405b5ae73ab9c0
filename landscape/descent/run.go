package descent

import (
	"context"
	"fmt"
	"math"

	"smoothscape/landscape"
)

// End says how a trajectory ended.
type End string

// The ends.
const (
	Finished End = "finished" // all steps were taken
	Diverged End = "diverged" // NaN, ±Inf, or farther than 10⁶ domains away; Trajectory.Reason says which
	Canceled End = "canceled" // the context ended
)

// far is how many widths of the domain a coordinate may be away from its center.
const far = 1e6

// Point is one kept place of a trajectory, with the η, b and δ of the step that leaves it (at the last place: of the last step).
type Point struct {
	Step  int       `json:"step"`  // updates so far
	Stage int       `json:"stage"` // 0-based
	X     []float64 `json:"x"`     // finite
	F     Number    `json:"f"`
	// Smoothed is f̂_δ(X), nil where Trajectory.SmoothedBy is empty; SmoothedStdErr its standard error, 0 in closed form.
	Smoothed       *Number `json:"smoothed,omitempty"`
	SmoothedStdErr Number  `json:"smoothedStdErr,omitempty"`
	LearningRate   float64 `json:"learningRate"`
	BatchSize      float64 `json:"batchSize,omitempty"`
	NoiseLevel     float64 `json:"noiseLevel"`
}

// Trajectory is a run as data.
type Trajectory struct {
	Seed uint64 `json:"seed"`
	// Points has the places after steps 0, Every, 2·Every, … and the last finite one.
	Points []Point `json:"points"`
	Every  int     `json:"every"`
	// Steps is the number of updates taken; that which would have left the finite is not one of them.
	Steps  int    `json:"steps"`
	End    End    `json:"end"`
	Reason string `json:"reason,omitempty"` // of an end that is not Finished
	// Derivative is "analytic" or "central differences".
	Derivative string `json:"derivative"`
	// SmoothedBy is "closed form", "common random numbers" (where a stage has no closed form) or empty.
	SmoothedBy string  `json:"smoothedBy,omitempty"`
	Stages     []Stage `json:"stages"`
}

// Last returns the last point.
func (t Trajectory) Last() Point { return t.Points[len(t.Points)-1] }

// Run takes the steps of a method from start, which it neither keeps nor changes, and keeps at most keep points (2 or more): with
// T steps those after every ⌈T/(keep−1)⌉ steps, and the last. Divergence is an end and no error. The error is a fault of the method, the
// start or keep; or that of ctx, looked at before each step, and then the trajectory holds what was done.
func Run(ctx context.Context, m Method, start []float64, seed uint64, keep int) (Trajectory, error) {
	if err := m.Validate(); err != nil {
		return Trajectory{}, err
	}
	var f faults
	checkStart(&f, m.Objective, start)
	most := max(2, maxNumbers/m.Objective.Dim)
	f.require(keep >= 2 && keep <= most, "points to keep", fmt.Sprintf("2 to %d in %d dimensions", most, m.Objective.Dim), keep, "take for example 1000")
	if err := f.join(); err != nil {
		return Trajectory{}, err
	}
	w := newWalker(m)
	total := m.Steps()
	t := Trajectory{Seed: seed, Every: max(1, (total+keep-2)/(keep-1)), Derivative: "analytic", SmoothedBy: w.oracle.source(), Stages: append([]Stage(nil), m.Stages...)}
	if m.DifferenceStep > 0 || m.Objective.Grad == nil {
		t.Derivative = "central differences"
	}
	visit := func(step, stage int) {
		if step%t.Every == 0 && step < total {
			t.Points = append(t.Points, w.point(step, stage))
		}
	}
	end := w.walk(ctx, start, seed, visit)
	t.Steps, t.End, t.Reason = end.steps, end.end, end.reason
	if len(t.Points) == 0 || t.Last().Step < end.steps {
		t.Points = append(t.Points, w.point(end.steps, end.stage))
	}
	if t.End == Canceled {
		return t, fmt.Errorf("descent, step %d of %d: %w", t.Steps, total, context.Cause(ctx))
	}
	return t, nil
}

func checkStart(f *faults, o landscape.Objective, start []float64) {
	f.require(len(start) == o.Dim, "start", fmt.Sprintf("%d numbers", o.Dim), len(start), "give a point of the domain")
	for i, v := range start {
		if !inReach(o, v) {
			f.require(false, fmt.Sprintf("coordinate %d of the start", i+1), "a number near the domain", v, "give a point of the domain")
			return
		}
	}
}

// inReach reports whether a coordinate is a number not farther than far domains from the center.
func inReach(o landscape.Objective, v float64) bool {
	return math.Abs(v-(o.Lo+o.Hi)/2) <= far*(o.Hi-o.Lo)
}

// walker takes the steps of one method after the other run; it serves one goroutine.
type walker struct {
	oracle         *oracle
	x, next, g, v  []float64
	shown          string // oracle.source
	center, radius float64
}

func newWalker(m Method) *walker {
	d := m.Objective.Dim
	b := make([]float64, 4*d)
	w := &walker{oracle: newOracle(m), x: b[:d:d], next: b[d : 2*d : 2*d], g: b[2*d : 3*d : 3*d], v: b[3*d:]}
	w.shown = w.oracle.source()
	o := m.Objective
	w.center, w.radius = (o.Lo+o.Hi)/2, far*(o.Hi-o.Lo)
	return w
}

// ending is how a walk ended: after how many steps, in which stage.
type ending struct {
	steps, stage int
	end          End
	reason       string
}

// walk takes all steps from start and leaves the last place in w.x. visit, if not nil, is called before each step.
func (w *walker) walk(ctx context.Context, start []float64, seed uint64, visit func(step, stage int)) ending {
	copy(w.x, start)
	clear(w.v)
	w.oracle.begin(seed)
	step := 0
	for i, stage := range w.oracle.m.Stages {
		for range stage.Steps {
			if ctx.Err() != nil {
				return ending{step, i, Canceled, "stopped"}
			}
			if visit != nil {
				visit(step, i)
			}
			w.oracle.gradient(i, w.x, w.g)
			if !w.update(stage.LearningRate) {
				return ending{step, i, Diverged, w.reason(step)}
			}
			step++
		}
	}
	return ending{step, len(w.oracle.m.Stages) - 1, Finished, ""}
}

// update moves x along g and reports whether it stayed in reach; if not, x is what it was.
func (w *walker) update(eta float64) bool {
	beta, weight := w.oracle.m.Momentum, 1.0
	if w.oracle.m.Normalized {
		weight = 1 - beta
	}
	ok := true
	for i, g := range w.g {
		v := beta*w.v[i] + weight*g
		w.v[i] = v
		x := w.x[i] - eta*v
		w.next[i] = x
		ok = ok && math.Abs(x-w.center) <= w.radius // false for NaN
	}
	if ok {
		w.x, w.next = w.next, w.x
	}
	return ok
}

// reason says why the step after that many failed.
func (w *walker) reason(step int) string {
	for _, g := range w.g {
		if math.IsNaN(g) || math.IsInf(g, 0) {
			return fmt.Sprintf("the gradient at step %d is %g", step+1, g)
		}
	}
	return fmt.Sprintf("step %d leads farther than %g domains away", step+1, far)
}

// point returns the place where the walker stands.
func (w *walker) point(step, stage int) Point {
	m := w.oracle.m
	s := m.Stages[stage]
	p := Point{Step: step, Stage: stage, X: append([]float64(nil), w.x...), F: Number(m.Objective.Func(w.x)), LearningRate: s.LearningRate, BatchSize: s.BatchSize, NoiseLevel: s.NoiseLevel}
	if w.shown != "" {
		mean, stdErr := w.oracle.smoothed(stage, w.x)
		value := Number(mean)
		p.Smoothed, p.SmoothedStdErr = &value, Number(stdErr)
	}
	return p
}
