package main

import (
	"context"
	"fmt"
	"time"

	planes "smoothscape/landscape/slice"
	"smoothscape/trainer/engine"
)

// The statistics that batch normalization goes by in a slice.
const (
	normStored     = "stored"     // the running statistics of the checkpoint, the same in the whole picture
	normRecomputed = "recomputed" // at each place mean and variance of all images of the slice there
)

// mostRecomputed bounds the images of a slice whose statistics are recomputed: they go through the network at once.
const mostRecomputed = 2048

// batchNorm is by which statistics the network of a slice is normalized; "" where there is no batch normalization.
func (w sliceWork) batchNorm() string {
	switch {
	case !w.checkpoint.Spec.HasBatchNorm():
		return ""
	case w.recomputed:
		return normRecomputed
	}
	return normStored
}

// surfaces gives the loss over the images on a plane by each of the models, which it takes for itself. A model that can forms the parameters where it computes.
func (w sliceWork) surfaces(ctx context.Context, n networks, plane planes.Plane[float32]) ([]planes.Surface, error) {
	images, recompute := fixedImages(w.set, w.images), w.batchNorm() == normRecomputed
	surfaces := make([]planes.Surface, len(n.models))
	for i, model := range n.models {
		var surface planes.Surface
		if affine, ok := model.(engine.AffineModel); ok {
			on, err := newDeviceSurface(affine, plane, images, recompute)
			if err != nil && recompute {
				return nil, err
			}
			if err != nil {
				fmt.Fprintf(w.tell, "smoothscape: each place of the plane travels to the device by itself: %v\n", err)
			} else {
				surface = on
			}
		}
		if surface == nil {
			surface = planes.OnPlane(plane, []planes.Evaluator[float32]{images.evaluator(model, recompute)})[0]
		}
		surfaces[i] = pacedSurface{Surface: surface, ctx: ctx, throttle: w.throttle, onLosses: w.onLosses}
	}
	return surfaces, nil
}

// deviceName is the name of the device that computes; "" of the processors.
func (n networks) deviceName() string {
	if n.opened.Device == nil {
		return ""
	}
	return n.opened.Device.Name
}

// computedOn says in words where losses were computed; device as in Slice.
func computedOn(device string) string {
	if device == "" {
		device = "the processors"
	}
	return "computed on " + device
}

// deviceSurface is the loss on a plane that lies where a model computes.
type deviceSurface struct {
	model   engine.AffineModel
	step    []float32
	places  []engine.Place
	metrics []engine.Metrics
}

// stepDirection is the step's place among the directions.
const stepDirection = 2

func newDeviceSurface(model engine.AffineModel, plane planes.Plane[float32], images imageBatch, recompute bool) (*deviceSurface, error) {
	s := &deviceSurface{model: model, step: make([]float32, len(plane.Center))}
	set := engine.AffineSet{Center: plane.Center, Directions: [][]float32{plane.D1, plane.D2, stepDirection: s.step}}
	return s, model.Lay(set, images.x, images.y, recompute)
}

// Step implements planes.Surface.
func (s *deviceSurface) Step(v []float64) error {
	for i, x := range v {
		s.step[i] = float32(x)
	}
	return s.model.Turn(stepDirection, s.step)
}

// Losses implements planes.Surface.
func (s *deviceSurface) Losses(places []planes.Place, z []float64) (int, error) {
	s.places = s.places[:0]
	for _, p := range places {
		s.places = append(s.places, engine.Place{p.Alpha, p.Beta, stepDirection: p.Gamma})
	}
	if len(s.metrics) < len(places) {
		s.metrics = make([]engine.Metrics, len(places))
	}
	n, err := s.model.EvalAt(s.places, s.metrics)
	for i, m := range s.metrics[:n] {
		z[i] = m.Loss
	}
	return n, err
}

// pacedSurface rests after each call, and tells how many losses it gave.
type pacedSurface struct {
	planes.Surface
	ctx      context.Context // of the one slice that it is made for
	throttle *throttle
	onLosses func(n int) // may be nil
}

// Losses implements planes.Surface.
func (s pacedSurface) Losses(places []planes.Place, z []float64) (int, error) {
	began := time.Now()
	n, err := s.Surface.Losses(places, z)
	s.throttle.rest(s.ctx, time.Since(began))
	if s.onLosses != nil {
		s.onLosses(n)
	}
	return n, err
}
