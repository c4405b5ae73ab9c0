package main

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"smoothscape/trainer/measure"
)

// throttle leaves the processor to others for a part of the time, once it is on. All methods may be called by many goroutines.
type throttle struct {
	bits atomic.Uint64 // of the share of the time that is worked, a float64; 0 means all of it
	on   atomic.Bool
}

// newThrottle makes one that is off. share is the part of its time that a goroutine works, 0 < share ≤ 1; 0 means 1.
func newThrottle(share float64) *throttle {
	t := &throttle{}
	t.set(share)
	return t
}

// set changes the share, from the next rest on.
func (t *throttle) set(share float64) { t.bits.Store(math.Float64bits(share)) }

// follow changes the share as news comes, until ctx ends.
func (t *throttle) follow(ctx context.Context, news <-chan workerNews) {
	for {
		select {
		case n := <-news:
			t.set(n.Share)
		case <-ctx.Done():
			return
		}
	}
}

// rest waits in proportion to how long somebody worked.
func (t *throttle) rest(ctx context.Context, worked time.Duration) {
	share := math.Float64frombits(t.bits.Load())
	if !t.on.Load() || !(share > 0 && share < 1) {
		return
	}
	pause := time.NewTimer(time.Duration(float64(worked) * (1/share - 1)))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
}

// slowSubject makes a subject's gradients and losses rest after each call.
func (t *throttle) slowSubject(ctx context.Context, s measure.Subject) measure.Subject {
	loss := s.Loss
	s.Loss = func(params []float32, images []int) (float64, error) {
		began := time.Now()
		z, err := loss(params, images)
		t.rest(ctx, time.Since(began))
		return z, err
	}
	s.Gradients = slowGradients{Gradients: s.Gradients, ctx: ctx, throttle: t}
	if precise := s.Precise; precise != nil {
		s.Precise = func() (measure.PreciseGradients, error) {
			gradients, err := precise()
			if err != nil {
				return nil, err
			}
			return slowPrecise{PreciseGradients: gradients, ctx: ctx, throttle: t}, nil
		}
	}
	return s
}

// slowPrecise are gradients in double precision that rest.
type slowPrecise struct {
	measure.PreciseGradients
	ctx      context.Context // of the one measurement that they are made for
	throttle *throttle
}

// PreciseAt implements measure.PreciseGradients.
func (g slowPrecise) PreciseAt(params []float64, images []int, grad []float64) (float64, error) {
	began := time.Now()
	loss, err := g.PreciseGradients.PreciseAt(params, images, grad)
	g.throttle.rest(g.ctx, time.Since(began))
	return loss, err
}

// slowGradients are gradients that rest.
type slowGradients struct {
	measure.Gradients
	ctx      context.Context // of the one measurement that they are made for
	throttle *throttle
}

// At implements measure.Gradients.
func (g slowGradients) At(params []float32, images []int, grad []float32) (float64, error) {
	began := time.Now()
	loss, err := g.Gradients.At(params, images, grad)
	g.throttle.rest(g.ctx, time.Since(began))
	return loss, err
}
