package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"smoothscape/trainer/engine"
)

// learningRate is small enough for any network to stay finite over all steps: numbers that are not finite, or subnormal ones, are slower
// on some processors.
const learningRate = 1e-3

// spin is how long the availability of the cores is watched, before and after the steps.
const spin = 100 * time.Millisecond

// Measure times steps of spec on e with as many workers as GOMAXPROCS says, and nothing else should run in this process. ctx is looked at
// once a step. Errors are those of e.Build, of its model, of ctx, or say which option makes no sense.
func Measure(ctx context.Context, e engine.Engine, spec engine.Spec, o Options) (Result, error) {
	if err := o.validate(); err != nil {
		return Result{}, err
	}
	forward, training, err := Flops(spec)
	if err != nil {
		return Result{}, fmt.Errorf("bench: %w", err)
	}
	model, err := e.Build(spec)
	if err != nil {
		return Result{}, fmt.Errorf("bench: %w", err)
	}
	defer model.Close()
	s := newStepper(model, o)
	r := Result{
		Engine: e.Name(), Path: e.Path(), Model: spec.Name, Input: spec.Input, Classes: spec.Classes, Parameters: spec.ParameterCount(),
		Mode: Train, Batch: o.Batch, Workers: runtime.GOMAXPROCS(0), FlopsPerImage: training,
	}
	if o.Mode == Forward {
		r.Mode, r.FlopsPerImage = Forward, forward
	}
	r.Resident = s.resident != nil
	for range max(1, o.Warmup) {
		if _, err := s.step(ctx, 1); err != nil {
			return Result{}, err
		}
	}
	runtime.GC() // what building and the first step left behind
	if p, ok := e.(Peaker); ok {
		r.PeakGFlops = p.Peak() * float64(r.Workers)
	}
	r.CoresBefore, r.CoresKnown = Cores(r.Workers, spin)
	times, err := r.time(ctx, s, o)
	if err != nil {
		return Result{}, err
	}
	r.CoresAfter, _ = Cores(r.Workers, spin)
	r.rates(times)
	if p, ok := model.(engine.Profiler); ok && r.Mode == Train {
		parts, err := p.Profile(o.Batch)
		if err != nil {
			return Result{}, fmt.Errorf("bench: timing the kernels: %w", err)
		}
		for _, part := range parts {
			k := Kernel{Name: part.Kernel, Calls: part.Calls, MS: milliseconds(part.Time)}
			if part.Time > 0 {
				k.GFlops = float64(part.Flops) / part.Time.Seconds() / 1e9
			}
			r.Kernels = append(r.Kernels, k)
		}
	}
	r.PeakMemory, r.Loss = peakMemory(), s.metrics.Loss
	return r, nil
}

// time makes the timed steps.
func (r *Result) time(ctx context.Context, s *stepper, o Options) ([]time.Duration, error) {
	steps := o.Steps
	if steps == 0 {
		steps = maxSteps
	}
	times := make([]time.Duration, 0, steps)
	before, _ := processTime()
	start := time.Now()
	for last := start; len(times) < steps; {
		made, err := s.step(ctx, steps-len(times))
		if err != nil {
			return nil, err
		}
		now := time.Now()
		for range made {
			times = append(times, now.Sub(last)/time.Duration(made))
		}
		last = now
		if o.Steps == 0 && len(times) >= MinSteps && now.Sub(start) >= o.Time {
			break
		}
	}
	wall := time.Since(start)
	after, _ := processTime()
	if r.CoresKnown {
		r.CoresUsed = (after - before).Seconds() / wall.Seconds()
		r.ProcessorMS = milliseconds(after-before) / float64(len(times))
	}
	return times, nil
}

// rates fills in what follows from the times, which it sorts.
func (r *Result) rates(times []time.Duration) {
	slices.Sort(times)
	n := len(times)
	median := (times[(n-1)/2] + times[n/2]) / 2
	r.Steps = n
	r.MedianMS, r.MinMS = milliseconds(median), milliseconds(times[0])
	if median > 0 {
		r.ImagesPerSecond = float64(r.Batch) / median.Seconds()
	}
	r.GFlops = r.ImagesPerSecond * float64(r.FlopsPerImage) / 1e9
	if r.PeakGFlops > 0 {
		r.PeakShare = r.GFlops / r.PeakGFlops
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// stepper makes the same step again and again.
type stepper struct {
	model   engine.Model
	mode    Mode
	x       []float32
	y       []int
	grad    []float32
	metrics engine.Metrics

	resident engine.ResidentModel // nil: a step is made here
	update   engine.Update
	block    int // steps that are made there at once
}

// newStepper draws parameters and a batch, the same ones for the same specification.
func newStepper(model engine.Model, o Options) *stepper {
	spec := model.Spec()
	rng := rand.New(rand.NewPCG(1, 2))
	copy(model.Params(), engine.Initialize(spec, rng))
	s := &stepper{model: model, mode: o.Mode, x: make([]float32, o.Batch*spec.Input.Len()), y: make([]int, o.Batch)}
	for i := range s.x {
		s.x[i] = float32(rng.NormFloat64())
	}
	for i := range s.y {
		s.y[i] = rng.IntN(spec.Classes)
	}
	if o.Mode != Forward {
		s.grad = make([]float32, len(model.Params()))
		s.reside(rng)
	}
	return s
}

// blockTime is how long the steps take that are made at once where images and parameters stay on a device: as in training.
const blockTime = 250 * time.Millisecond

// reside takes the training to the device, if the model can train there and there is room.
func (s *stepper) reside(rng *rand.Rand) {
	model, ok := s.model.(engine.ResidentModel)
	if !ok {
		return
	}
	spec, batch := s.model.Spec(), len(s.y)
	kept := engine.Kept{Images: make([]byte, batch*spec.Input.Len()), Labels: make([]uint8, batch), Values: make([]float32, 256*spec.Input.C), Views: engine.MaxUpdates * batch}
	for i := range kept.Images {
		kept.Images[i] = byte(rng.Uint32())
	}
	for i := range kept.Labels {
		kept.Labels[i] = uint8(rng.IntN(min(spec.Classes, 256)))
	}
	for i := range kept.Values {
		kept.Values[i] = (float32(i%256)/255 - 0.5) / 0.25
	}
	if _, err := model.Keep(kept, false); err != nil {
		return
	}
	if model.Send(nil) != nil {
		return
	}
	views := make([]engine.View, batch)
	for i := range views {
		views[i] = engine.View{Image: int32(i), XColumn: 1 << 16, YRow: 1 << 16}
	}
	s.resident, s.block, s.update = model, 1, engine.Update{Batch: [][]engine.View{views}, LearningRate: learningRate}
}

// residentSteps makes a block of steps.
func (s *stepper) residentSteps(most int) (int, error) {
	updates := make([]engine.Update, min(s.block, most))
	for i := range updates {
		updates[i] = s.update
	}
	began := time.Now()
	results, err := s.resident.Updates(updates)
	if err != nil {
		return 0, err
	}
	fit := float64(len(updates)) * float64(blockTime) / float64(max(time.Since(began), 1))
	s.block = max(1, min(2*s.block, engine.MaxUpdates, int(fit)))
	s.metrics = results[len(results)-1].Metrics
	return len(results), nil
}

// step makes one step, or some, but not more than so many, and says how many.
func (s *stepper) step(ctx context.Context, most int) (int, error) {
	err := ctx.Err()
	switch {
	case err != nil:
		return 0, err
	case s.resident != nil:
		return s.residentSteps(most)
	case s.mode == Forward:
		s.metrics, err = s.model.Eval(s.x, s.y)
		return 1, err
	}
	return 1, s.hostStep()
}

// hostStep makes a training step of which only the gradient is the engine's.
func (s *stepper) hostStep() (err error) {
	if s.metrics, err = s.model.Grad(s.x, s.y, s.grad); err != nil {
		return err
	}
	params := s.model.Params()
	blas32.Axpy(-learningRate, blas32.Vector{N: len(params), Inc: 1, Data: s.grad}, blas32.Vector{N: len(params), Inc: 1, Data: params})
	state := s.model.State()
	for i, v := range s.model.BatchStats() {
		state[i] += engine.BatchNormMomentum * (v - state[i])
	}
	return nil
}
