package slice

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"smoothscape/landscape"
)

// Place is a place of a plane, and γ steps out of it.
type Place struct{ Alpha, Beta, Gamma float64 }

// Surface gives the loss at Center + α·D1 + β·D2 + γ·v of a Plane, where v is a step out of it. It may compute many places at once: a network on a graphics
// device forms the parameters there. NaN and infinite losses are values, not errors. One Surface serves one goroutine.
type Surface interface {
	// Step sets v, as long as Center, which belongs to the Surface until the next Step. Before the first one γ must be 0.
	Step(v []float64) error
	// Losses writes the losses at the first n ≥ 1 of the places, of which there is at least one, into the first n of z: as many as suit it. What it gives at a
	// place does not depend on the others.
	Losses(places []Place, z []float64) (n int, err error)
}

// Evaluator gives the loss at a parameter vector, which it neither keeps nor changes. NaN and infinite losses are values, not
// errors. One Evaluator serves one goroutine.
type Evaluator[T Float] func(params []T) (float64, error)

// OnPlane makes a Surface of each evaluator, which computes one place at a time.
func OnPlane[T Float](plane Plane[T], evaluators []Evaluator[T]) []Surface {
	surfaces := make([]Surface, len(evaluators))
	for i, e := range evaluators {
		surfaces[i] = &pointwise[T]{plane: plane, evaluate: e, params: make([]T, len(plane.Center))}
	}
	return surfaces
}

type pointwise[T Float] struct {
	plane        Plane[T]
	evaluate     Evaluator[T]
	step         []float64
	params, twin []T // the second of a place with both signs of γ
}

func (s *pointwise[T]) Step(v []float64) error {
	s.step = v
	return nil
}

func (s *pointwise[T]) Losses(places []Place, z []float64) (int, error) {
	p, n := places[0], 1
	switch {
	case p.Gamma == 0:
		s.plane.At(p.Alpha, p.Beta, s.params)
	case len(places) > 1 && places[1] == Place{p.Alpha, p.Beta, -p.Gamma}:
		n = 2
		fallthrough
	default:
		s.beside(p, n == 2)
	}
	both := [2][]T{s.params, s.twin}
	for i, params := range both[:n] {
		loss, err := s.evaluate(params)
		if err != nil {
			return 0, err
		}
		z[i] = loss
	}
	return n, nil
}

// beside forms the parameters of a place beside the plane, and those with −γ.
func (s *pointwise[T]) beside(p Place, both bool) {
	n := len(s.params)
	if both && s.twin == nil {
		s.twin = make([]T, n)
	}
	d1, d2, step, params := s.plane.D1[:n], s.plane.D2[:n], s.step[:n], s.params[:n]
	if !both {
		for i, c := range s.plane.Center[:n] {
			params[i] = T(float64(c) + p.Alpha*float64(d1[i]) + p.Beta*float64(d2[i]) + p.Gamma*step[i])
		}
		return
	}
	twin := s.twin[:n]
	for i, c := range s.plane.Center[:n] {
		x, v := float64(c)+p.Alpha*float64(d1[i])+p.Beta*float64(d2[i]), p.Gamma*step[i]
		params[i], twin[i] = T(x+v), T(x-v)
	}
}

// Losses computes the losses at places. One goroutine works for each surface, and all have ended when it returns; if the surfaces agree, the result does not
// depend on how many there are. The error is that of a surface, with the place, or of ctx, which is looked at before each call of one.
func Losses(ctx context.Context, places []Place, surfaces []Surface) ([]float64, error) {
	if len(surfaces) == 0 {
		return nil, &landscape.GridError{Doing: "sampling a plane", Expected: "at least one surface", Found: "none", Advice: "give one for each processor"}
	}
	z := make([]float64, len(places))
	return z, each(ctx, surfaces, places, func(k int, loss float64) { z[k] = loss })
}

// each computes the losses at places; put, called by several goroutines at once, takes them. The goroutines take the places in order, in runs that grow
// shorter towards the end, so that all end at about the same time (guided self-scheduling, Polychronopoulos and Kuck 1987); one surface gets all
// of them.
func each(ctx context.Context, surfaces []Surface, places []Place, put func(k int, z float64)) error {
	work, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var mu sync.Mutex
	next := 0
	take := func() (from, to int) {
		mu.Lock()
		defer mu.Unlock()
		from = next
		left := len(places) - from
		next += min(left, max(1, left/(2*len(surfaces)-1)))
		return from, next
	}
	var group sync.WaitGroup
	for _, surface := range surfaces {
		group.Go(func() {
			z := make([]float64, len(places))
			for {
				from, to := take()
				if from == to {
					return
				}
				for from < to {
					if ctx.Err() != nil || work.Err() != nil { // both: work learns of ctx's end a moment later
						return
					}
					n, err := surface.Losses(places[from:to], z)
					if err != nil {
						fail(fmt.Errorf("at α = %g, β = %g: %w", places[from].Alpha, places[from].Beta, err))
						return
					}
					for k := range n {
						put(from+k, z[k])
					}
					from += n
				}
			}
		})
	}
	group.Wait()
	// Still nil unless a surface failed or the caller's context ended: the deferred fail has not run yet.
	return cmp.Or(context.Cause(work), context.Cause(ctx))
}
