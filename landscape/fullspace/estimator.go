package fullspace

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"sync"

	"smoothscape/landscape/slice"
)

// Estimator samples one problem. It serves one goroutine.
type Estimator[T slice.Float] struct {
	problem Problem[T]
	lead    int   // pairs at the center alone to a sample
	order   []int // of recorded vectors
	state   State
}

// New begins a problem.
func New[T slice.Float](p Problem[T]) (*Estimator[T], error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	e := &Estimator[T]{problem: p, lead: p.lead(), state: newState(p.mark(), len(p.X)*len(p.Y))}
	if p.Noise.count > 0 {
		e.order = rand.New(rand.NewPCG(seedOf(p.Seed, streamOrder, 0))).Perm(p.Noise.count)
	}
	return e, nil
}

// Resume continues a problem from a copy of a state. It returns an *Error where the state is that of another problem; whether f and the
// recorded vectors are the same, is the caller's matter.
func Resume[T slice.Float](p Problem[T], s State) (*Estimator[T], error) {
	e, err := New(p)
	if err != nil {
		return nil, err
	}
	if err := s.check(e.state.Problem, len(p.X)*len(p.Y)); err != nil {
		return nil, err
	}
	e.state = s.clone()
	return e, nil
}

// State returns a copy of what is known now. It must not be called beside Run but within its callback.
func (e *Estimator[T]) State() State { return e.state.clone() }

// Stop says when a run is good enough.
type Stop struct {
	// Relative and Absolute end the run where the largest standard error of all cells is at most Relative·range or Absolute, from
	// sixteen samples on, and from eight on where it is at most a third of that. Two zeros ask for no error at all.
	Relative, Absolute float64
	Samples            int // at most so many in all, those of a state included; ≥ 2
}

// A standard error from fewer than trustedSamples is no more than a hint: it must be hintFactor times smaller than what is wanted. From
// fewer than leastSamples it is nothing.
const (
	leastSamples   = 8
	trustedSamples = 16
	hintFactor     = 3
)

// reached is looked at after 8, 9, … 16, 18, … 32, 36, … samples, whether or not a run was broken between.
func (e *Estimator[T]) reached(stop Stop) bool {
	n := e.state.Samples
	if n < leastSamples || n&(1<<(bits.Len(uint(n))-4)-1) != 0 {
		return false
	}
	largest, spread := e.state.errors()
	wanted := max(stop.Absolute, stop.Relative*spread)
	if n < trustedSamples {
		wanted /= hintFactor
	}
	return !(math.Sqrt(largest) > wanted)
}

// Progress is how far a run has come.
type Progress struct {
	Samples     int // complete ones, those of a state included
	Evaluations int // of f in this run
}

// Run is RunOn for evaluators of f, which neither keep nor change their parameters.
func (e *Estimator[T]) Run(ctx context.Context, evaluators []slice.Evaluator[T], stop Stop, onProgress func(Progress) error) (reached bool, err error) {
	return e.RunOn(ctx, slice.OnPlane(e.problem.Plane, evaluators), stop, onProgress)
}

// RunOn samples until the error is reached, or every cell is lost, and says whether it is: if not, the samples are spent, or all
// recorded vectors are. The surfaces are those of f and the problem's plane. One goroutine works for each; all have ended when RunOn returns. After each row of
// cells onProgress, if not nil, is called on the caller's goroutine, and may ask the Estimator for its Estimate and State.
//
// The error is that of a surface or of a record, with its place, of onProgress, or of ctx, which is looked at before each
// call of a surface. Whatever ends a run, complete samples stay, and another one continues after them.
func (e *Estimator[T]) RunOn(ctx context.Context, surfaces []slice.Surface, stop Stop, onProgress func(Progress) error) (reached bool, err error) {
	const doing = "sampling in full space"
	if !(stop.Relative >= 0) || !(stop.Absolute >= 0) || stop.Samples < 2 {
		return false, refuse(doing, "errors of at least 0 and two samples or more", fmt.Sprintf("%g of the range, %g, and %d samples", stop.Relative, stop.Absolute, stop.Samples), "0.01 of the range is a good picture")
	}
	if len(surfaces) == 0 {
		return false, refuse(doing, "at least one surface", "none", "give one for each processor")
	}
	limit := stop.Samples
	if count := e.problem.Noise.count; count > 0 {
		limit = min(limit, count)
	}
	if e.reached(stop) {
		return true, nil
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}

	ctx, cancel := context.WithCancel(ctx)
	tasks := make(chan task, len(surfaces)) // so that no worker waits while a sample is folded
	results := make(chan result, len(surfaces))
	var group sync.WaitGroup
	for _, f := range surfaces {
		group.Go(func() { newWorker(e.problem, e.order, f).work(ctx, tasks, results) })
	}
	defer func() {
		cancel()
		close(tasks)
		group.Wait()
	}()

	queue := newQueue(len(e.problem.X), len(e.problem.Y), e.lead, e.state.Samples, min(limit-e.state.Samples, len(surfaces)+1))
	evaluations := 0
	for e.state.Samples < limit {
		next, more := queue.next(limit)
		send := tasks
		if !more {
			send = nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case send <- next:
			queue.sent()
		case r := <-results:
			if r.err != nil {
				return false, fmt.Errorf("%s, sample %d: %w", doing, r.task.sample+1, r.err)
			}
			evaluations += len(r.task.out)
			if e.problem.Noise.symmetric {
				evaluations += len(r.task.out)
			}
			for done := queue.done(r.task); done != nil && !reached; done = queue.head() {
				e.state.fold(done.cells, done.center, done.lead)
				queue.pop()
				reached = e.reached(stop)
			}
			if onProgress != nil {
				if err := onProgress(Progress{e.state.Samples, evaluations}); err != nil {
					return false, err
				}
			}
			if reached {
				return true, nil
			}
		}
	}
	return false, nil
}
