package descent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"smoothscape/landscape"
)

// maxRuns bounds the runs of a trial.
const maxRuns = 1_000_000

// Trial is many runs of one method. Run i has the seed Seed + i, which gives it its start and its noise: Run with Start(o, Seed+i) and
// that seed repeats it. Trials of several methods with one seed have the same starts.
type Trial struct {
	Seed uint64 `json:"seed"`
	Runs int    `json:"runs"` // ≥ 1
	// The starts are uniform in the cube [Lo, Hi]^d; or, if Point is not nil, at Point plus a normal vector with the standard
	// deviation Jitter ≥ 0 per coordinate.
	Lo     float64   `json:"lo"`
	Hi     float64   `json:"hi"`
	Point  []float64 `json:"point,omitempty"`
	Jitter float64   `json:"jitter,omitempty"`
	// A run succeeds when it has not diverged and ends with f − f* < Tolerance, f* being the least listed minimum, or nearer than
	// Radius to a listed global minimum. It ends in a listed minimum when that is the nearest of all and nearer than Radius.
	Tolerance float64 `json:"tolerance"`
	Radius    float64 `json:"radius"`
	// Workers is the number of goroutines, ≥ 1; the result does not depend on it.
	Workers int `json:"-"`
	// Progress, if not nil, is called on the caller's goroutine after each run.
	Progress func(done, total int) `json:"-"`
}

// DefaultTrial returns 1000 runs from the cube that the objective names, [−Start, Start]^d, or from its domain where it names none; one
// worker for each processor, a tolerance of 0.01 and a radius of a hundredth of the width of the domain.
func DefaultTrial(o landscape.Objective) Trial {
	lo, hi := -o.Start, o.Start
	if o.Start == 0 {
		lo, hi = o.Lo, o.Hi
	}
	return Trial{Seed: 1, Runs: 1000, Lo: lo, Hi: hi, Tolerance: 0.01, Radius: (o.Hi - o.Lo) / 100, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of a trial on an objective, joined.
func (t Trial) Validate(o landscape.Objective) error {
	var f faults
	f.require(t.Runs >= 1 && t.Runs <= maxRuns, "runs", fmt.Sprintf("1 to %d", maxRuns), t.Runs, "take for example 1000")
	f.require(t.Runs < 1 || o.Dim < 1 || t.Runs <= maxNumbers/o.Dim, "runs", fmt.Sprintf("%d at most in %d dimensions", maxNumbers/max(1, o.Dim), o.Dim), t.Runs, "take fewer")
	f.require(t.Tolerance >= 0 && t.Tolerance <= math.MaxFloat64, "tolerance", "0 or more", t.Tolerance, "take for example 0.01")
	f.require(t.Radius >= 0 && t.Radius <= math.MaxFloat64, "radius", "0 or more", t.Radius, "take a hundredth of the domain")
	f.require(t.Workers >= 1, "workers", "1 or more", t.Workers, "take one for each processor")
	f.require(t.Lo <= t.Hi && inReach(o, t.Lo) && inReach(o, t.Hi), "box of the starts", "an interval near the domain", fmt.Sprintf("[%g, %g]", t.Lo, t.Hi), "take the domain")
	if t.Point != nil {
		checkStart(&f, o, t.Point)
		f.require(t.Jitter >= 0 && t.Jitter <= far*(o.Hi-o.Lo)/100, "jitter", "0 or more, and small beside the domain's reach", t.Jitter, "0 starts all runs at the point")
	}
	return f.join()
}

// Start returns where the run with that seed begins; the caller owns it.
func (t Trial) Start(o landscape.Objective, seed uint64) []float64 {
	x := make([]float64, o.Dim)
	t.start(newStream(seed, streamStart), x)
	return x
}

func (t Trial) start(rng *rand.Rand, x []float64) {
	for i := range x {
		if t.Point == nil {
			x[i] = t.Lo + (t.Hi-t.Lo)*rng.Float64()
		} else {
			x[i] = t.Point[i] + t.Jitter*rng.NormFloat64()
		}
	}
}

// Final is where one run ended.
type Final struct {
	Seed    uint64    `json:"seed"`
	X       []float64 `json:"x"` // the last finite place
	F       Number    `json:"f"`
	Steps   int       `json:"steps"`
	End     End       `json:"end"`
	Minimum int       `json:"minimum"` // index into Objective.Minima, −1 for none
	Success bool      `json:"success"`
}

// Ensemble runs a trial. The error is a fault of the method or the trial, or that of ctx, at which all workers stop.
func Ensemble(ctx context.Context, m Method, t Trial) (Outcome, error) {
	var f faults
	if err := m.Validate(); err != nil {
		f.add(err)
	} else {
		f.add(t.Validate(m.Objective))
	}
	if err := f.join(); err != nil {
		return Outcome{}, err
	}
	finals := make([]Final, t.Runs)
	// Worker k of n takes runs k, k+n, k+2n, …; each writes into its own place.
	workers := min(t.Workers, t.Runs)
	done := make(chan struct{}, 4*workers)
	var group sync.WaitGroup
	for k := range workers {
		group.Go(func() {
			w := newWalker(m)
			x := make([]float64, m.Objective.Dim)
			pcg := rand.NewPCG(0, 0)
			rng := rand.New(pcg)
			for i := k; i < t.Runs && ctx.Err() == nil; i += workers {
				seed := t.Seed + uint64(i)
				pcg.Seed(seedOf(seed, streamStart))
				t.start(rng, x)
				end := w.walk(ctx, x, seed, nil)
				if end.end == Canceled {
					return
				}
				finals[i] = Final{Seed: seed, X: append([]float64(nil), w.x...), F: Number(m.Objective.Func(w.x)), Steps: end.steps, End: end.end}
				done <- struct{}{}
			}
		})
	}
	go func() { group.Wait(); close(done) }()
	count := 0
	for range done {
		count++
		if t.Progress != nil {
			t.Progress(count, t.Runs)
		}
	}
	if count < t.Runs {
		return Outcome{}, fmt.Errorf("descent, %d of %d runs: %w", count, t.Runs, context.Cause(ctx))
	}
	return judge(m.Objective, t, finals), nil
}

// judge says of each run whether it succeeded and where it ended, and sums up.
func judge(o landscape.Objective, t Trial, finals []Final) Outcome {
	least := math.Inf(1)
	for _, m := range o.Minima {
		least = min(least, m.F)
	}
	for i := range finals {
		f := &finals[i]
		f.Minimum = -1
		nearest := t.Radius
		for j, m := range o.Minima {
			r := distance(f.X, m.X)
			if r < nearest {
				f.Minimum, nearest = j, r
			}
			f.Success = f.Success || m.Global && r < t.Radius
		}
		f.Success = (f.Success || len(o.Minima) > 0 && float64(f.F)-least < t.Tolerance) && f.End == Finished
		if f.End != Finished {
			f.Minimum = -1
		}
	}
	return sumUp(o, t, finals)
}

func distance(x, y []float64) float64 {
	s := 0.0
	for i, v := range x {
		s += (v - y[i]) * (v - y[i])
	}
	return math.Sqrt(s)
}
