package fullspace

import (
	"context"
	"fmt"
	"math/rand/v2"

	"smoothscape/landscape/slice"
)

// worker evaluates f for one goroutine. It holds three vectors of d numbers, one of them in float64, whatever the number of samples.
type worker[T slice.Float] struct {
	problem     Problem[T]
	order       []int
	f           slice.Evaluator[T]
	pcg         *rand.PCG
	rng         *rand.Rand
	drawn       int       // sample whose step is in step; −1 for none
	step        []float64 // v
	less, added []T       // x − v and x + v; the second only for pairs
}

func newWorker[T slice.Float](p Problem[T], order []int, f slice.Evaluator[T]) *worker[T] {
	d := len(p.Plane.Center)
	w := &worker[T]{problem: p, order: order, f: f, pcg: rand.NewPCG(0, 0), drawn: -1, step: make([]float64, d), less: make([]T, d)}
	w.rng = rand.New(w.pcg)
	if p.Noise.symmetric {
		w.added = make([]T, d)
	}
	return w
}

// work does tasks until there are no more or ctx ends.
func (w *worker[T]) work(ctx context.Context, tasks <-chan task, results chan<- result) {
	for t := range tasks {
		r := result{t, w.do(ctx, t)}
		select {
		case results <- r:
		case <-ctx.Done():
			return
		}
	}
}

func (w *worker[T]) do(ctx context.Context, t task) error {
	if w.drawn != t.sample {
		index := t.sample
		if w.order != nil {
			index = w.order[t.sample]
		}
		if err := w.draw(streamSample, index); err != nil {
			return err
		}
		w.drawn = t.sample
	}
	for i := range t.out {
		if err := ctx.Err(); err != nil {
			return err
		}
		alpha, beta := 0.0, 0.0
		if t.row >= 0 {
			alpha, beta = w.problem.X[i], w.problem.Y[t.row]
		} else if i > 0 { // the center alone
			w.drawn = -1
			if err := w.draw(streamLead, t.sample*(len(t.out)-1)+i-1); err != nil {
				return err
			}
		}
		z, err := w.value(alpha, beta)
		if err != nil {
			return fmt.Errorf("at α = %g, β = %g: %w", alpha, beta, err)
		}
		t.out[i] = z
	}
	return nil
}

// draw writes the step of a sample into step. The generator is seeded anew for each, so that it does not matter who draws what.
func (w *worker[T]) draw(stream uint64, index int) error {
	w.pcg.Seed(seedOf(w.problem.Seed, stream, uint64(index)))
	return w.problem.Noise.draw(w.rng, index, w.step)
}

// value is z at a place of the plane.
func (w *worker[T]) value(alpha, beta float64) (float64, error) {
	plane, step := w.problem.Plane, w.step
	d1, d2, less := plane.D1[:len(step)], plane.D2[:len(step)], w.less[:len(step)]
	if !w.problem.Noise.symmetric {
		for i, c := range plane.Center[:len(step)] {
			less[i] = T(float64(c) + alpha*float64(d1[i]) + beta*float64(d2[i]) - step[i])
		}
		return w.f(less)
	}
	added := w.added[:len(step)]
	for i, c := range plane.Center[:len(step)] {
		x := float64(c) + alpha*float64(d1[i]) + beta*float64(d2[i])
		less[i], added[i] = T(x-step[i]), T(x+step[i])
	}
	one, err := w.f(less)
	if err != nil {
		return 0, err
	}
	other, err := w.f(added)
	return one/2 + other/2, err
}
