package crosscheck

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/measure"
)

// Tolerance is the largest relative L2 difference of a tensor that passes. float32 rounds to 2⁻²⁴ = 6e-8; through these ten layers, forward
// and back, sums of at most 100 terms in any order, and a few units in the last place of a driver's exp and square root make 1e-6 of that (our engines
// differ by less: see the test), and 1e-5 where many terms cancel. Arithmetic with the 11 bits of half precision or of tensor cores, which a driver might
// use unasked, rounds each factor to 2⁻¹² of itself and so is off by some 3e-4 or more. The bound lies between the two.
const Tolerance = 1e-4

// learningRate of the two steps.
const learningRate = 0.1

// Run checks an engine. The error says that it could not be checked, because it failed to build or to compute the network, or because ctx ended, which is
// looked at between two passes.
//
// Both sides take the step that the CPU computed, so that a second step shows what it does with new parameters, and not where rounding led.
func Run(ctx context.Context, e engine.Engine) (Report, error) {
	r := Report{Engine: e.Name(), Path: e.Path(), Tolerance: Tolerance}
	began := time.Now()
	err := r.run(ctx, e)
	r.Seconds = time.Since(began).Seconds()
	if err != nil {
		return r, fmt.Errorf("checking %s against the CPU: %w", e.Path(), err)
	}
	r.judge()
	return r, nil
}

func (r *Report) run(ctx context.Context, e engine.Engine) (err error) {
	spec := Network()
	model, err := e.Build(spec)
	if err != nil {
		return err
	}
	defer func() {
		if closing := model.Close(); err == nil {
			err = closing
		}
	}()
	witness, err := cpu.NewNet[float64](spec)
	if err != nil {
		return err
	}
	copy(model.Params(), engine.Initialize(spec, rand.New(rand.NewPCG(seed, 0))))
	p := pair{r, model, witness}
	for step := 1; step <= 2; step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		x, y := batch(spec, step)
		gradient, err := p.compare(fmt.Sprintf("step %d, ", step), x, y, model.Grad, witness.Grad)
		if err != nil {
			return err
		}
		p.tensors(fmt.Sprintf("step %d, statistics ", step), spec.StateTensors(), model.BatchStats(), witness.BatchStats())
		for i, g := range gradient {
			model.Params()[i] = float32(witness.Params()[i] - learningRate*g)
		}
		for i, v := range witness.BatchStats() {
			model.State()[i] = float32(witness.State()[i] + engine.BatchNormMomentum*(v-witness.State()[i]))
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	x, y := batch(spec, 3)
	if _, err := p.compare("evaluation, ", x, y, model.FrozenGrad, witness.FrozenGrad); err != nil {
		return err
	}
	got, err := model.Eval(x, y)
	if err != nil {
		return err
	}
	want, err := witness.Eval(widened(x), y)
	if err != nil {
		return err
	}
	p.metrics("slice, ", got, want)
	return p.places(x, y)
}

// pair is an engine's model and its witness, which computes at the same parameters.
type pair struct {
	report  *Report
	model   engine.Model
	witness *cpu.Net[float64]
}

// compare computes a loss and its gradient on both sides, and gives that of the witness.
func (p pair) compare(what string, x []float32, y []int, mine func([]float32, []int, []float32) (engine.Metrics, error), theirs func([]float64, []int, []float64) (engine.Metrics, error)) ([]float64, error) {
	copy(p.witness.Params(), widened(p.model.Params()))
	copy(p.witness.State(), widened(p.model.State()))
	want := make([]float64, len(p.witness.Params()))
	wanted, err := theirs(widened(x), y, want)
	if err != nil {
		return nil, err
	}
	got := make([]float32, len(want))
	for i := range got {
		got[i] = 7 // an engine that leaves something as it was is found out
	}
	metrics, err := mine(x, y, got)
	if err != nil {
		return nil, err
	}
	p.metrics(what, metrics, wanted)
	p.tensors(what+"gradient of ", p.model.Spec().Tensors(), got, want)
	return want, nil
}

func (p pair) metrics(what string, got, want engine.Metrics) {
	p.add(what+"loss", math.Abs(got.Loss-want.Loss), want.Loss)
	p.add(what+"images classified rightly", math.Abs(float64(got.Correct-want.Correct)), images)
}

func (p pair) tensors(what string, tensors []engine.TensorInfo, got []float32, want []float64) {
	for _, t := range tensors {
		difference, length := 0.0, 0.0
		for i := t.Offset; i < t.Offset+t.Len; i++ {
			difference = math.Hypot(difference, float64(got[i])-want[i])
			length = math.Hypot(length, want[i])
		}
		p.add(what+t.Name, difference, length)
	}
}

func (p pair) add(what string, difference, length float64) {
	p.report.Compared = append(p.report.Compared, Difference{what, measure.Number(difference / length)})
}

// judge finds the worst difference.
func (r *Report) judge() {
	r.Passed = true
	for _, d := range r.Compared {
		if !math.IsNaN(float64(r.Worst.L2)) && !(d.L2 <= r.Worst.L2) || r.Worst.What == "" {
			r.Worst = d
		}
		r.Passed = r.Passed && d.within(r.Tolerance)
	}
}

func widened(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}
