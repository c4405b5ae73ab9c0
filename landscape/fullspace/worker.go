package fullspace

import (
	"context"
	"fmt"
	"math/rand/v2"

	"smoothscape/landscape/slice"
)

// worker evaluates f for one goroutine. Beside what its surface holds it has one vector of d numbers, whatever the number of samples.
type worker struct {
	x, y      []float64
	seed      uint64
	noise     Noise
	order     []int
	f         slice.Surface
	pcg       *rand.PCG
	rng       *rand.Rand
	drawn     int       // sample whose step is in step; −1 for none
	step      []float64 // v
	places    []slice.Place
	z         []float64
	direction []float64 // of the points of a place: γ
}

func newWorker[T slice.Float](p Problem[T], order []int, f slice.Surface) *worker {
	w := &worker{
		x: p.X, y: p.Y, seed: p.Seed, noise: p.Noise, order: order, f: f, pcg: rand.NewPCG(0, 0), drawn: -1, step: make([]float64, len(p.Plane.Center)), direction: []float64{-1},
	}
	w.rng = rand.New(w.pcg)
	if p.Noise.symmetric {
		w.direction = []float64{-1, 1}
	}
	return w
}

// work does tasks until there are no more or ctx ends.
func (w *worker) work(ctx context.Context, tasks <-chan task, results chan<- result) {
	for t := range tasks {
		r := result{t, w.do(ctx, t)}
		select {
		case results <- r:
		case <-ctx.Done():
			return
		}
	}
}

func (w *worker) do(ctx context.Context, t task) error {
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
	if t.row >= 0 {
		return w.row(ctx, w.x, w.y[t.row], t.out)
	}
	if err := w.row(ctx, []float64{0}, 0, t.out[:1]); err != nil {
		return err
	}
	w.drawn = -1
	for i := range t.out[1:] { // the center alone
		if err := w.draw(streamLead, t.sample*(len(t.out)-1)+i); err != nil {
			return err
		}
		if err := w.row(ctx, []float64{0}, 0, t.out[1+i:2+i]); err != nil {
			return err
		}
	}
	return nil
}

// draw makes the step of a sample. The generator is seeded anew for each, so that it does not matter who draws what.
func (w *worker) draw(stream uint64, index int) error {
	w.pcg.Seed(seedOf(w.seed, stream, uint64(index)))
	if err := w.noise.draw(w.rng, index, w.step); err != nil {
		return err
	}
	return w.f.Step(w.step)
}

// row writes z at places of the plane into out.
func (w *worker) row(ctx context.Context, alphas []float64, beta float64, out []float64) error {
	w.places = w.places[:0]
	for _, alpha := range alphas {
		for _, gamma := range w.direction {
			w.places = append(w.places, slice.Place{Alpha: alpha, Beta: beta, Gamma: gamma})
		}
	}
	if len(w.z) < len(w.places) {
		w.z = make([]float64, len(w.places))
	}
	for done := 0; done < len(w.places); {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := w.f.Losses(w.places[done:], w.z[done:])
		if err != nil {
			return fmt.Errorf("at α = %g, β = %g: %w", w.places[done].Alpha, beta, err)
		}
		done += n
	}
	points := len(w.direction)
	for i := range out {
		if out[i] = w.z[i*points]; points == 2 {
			out[i] = out[i]/2 + w.z[i*points+1]/2
		}
	}
	return nil
}
