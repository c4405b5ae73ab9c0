// Package golden holds the engines to PyTorch: to loss, hits, gradients in training and in evaluation mode and batch statistics that it computed in float64
// for the networks of cases (trainer/testdata/torch has the scripts). Nothing but the specification of a network and a
// generator of numbers, written twice, is common to both sides.
package golden

import (
	"errors"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/gorgonia"
)

// net is an engine's model, or a cpu.Net, in its arithmetic.
type net[T float32 | float64] interface {
	Params() []T
	State() []T
	BatchStats() []T
	Grad(x []T, y []int, grad []T) (engine.Metrics, error)
	FrozenGrad(x []T, y []int, grad []T) (engine.Metrics, error)
	Eval(x []T, y []int) (engine.Metrics, error)
}

// TestNetFloat64: the yardstick of the engines is PyTorch's equal.
func TestNetFloat64(t *testing.T) {
	each(t, func(t *testing.T, c test) {
		n, err := cpu.NewNet[float64](c.Spec)
		if err != nil {
			t.Fatal(err)
		}
		hold(t, c, n, double)
	})
}

// TestCPU holds every kernel path of this machine.
func TestCPU(t *testing.T) {
	for _, e := range cpu.Paths() {
		t.Run(e.Path(), func(t *testing.T) { each(t, func(t *testing.T, c test) { holdEngine(t, c, e) }) })
	}
}

// TestGorgonia holds what it can express.
func TestGorgonia(t *testing.T) {
	each(t, func(t *testing.T, c test) { holdEngine(t, c, gorgonia.New()) })
}

// each runs do for every case; the large ones not with -short.
func each(t *testing.T, do func(t *testing.T, c test)) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			if testing.Short() && c.Spec.ParameterCount() > 1e6 {
				t.Skip("left out with -short: more than a million parameters")
			}
			do(t, c)
		})
	}
}

func holdEngine(t *testing.T, c test, e engine.Engine) {
	t.Helper()
	m, err := e.Build(c.Spec)
	if errors.Is(err, engine.ErrUnsupported) {
		t.Skipf("engine %s cannot express this network: %v", e.Name(), err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	hold(t, c, net[float32](m), single)
}

// hold draws the numbers of a test, in the order of golden.py, and compares what n makes of them.
func hold[T float32 | float64](t *testing.T, c test, n net[T], tol tolerance) {
	t.Helper()
	want := readAnswer(t, c.Name)
	d := &draw{seed: want.Seed}
	narrowInto(n.Params(), d.tensors(c.Spec.Tensors()))
	narrowInto(n.State(), d.tensors(c.Spec.StateTensors()))
	x := make([]T, c.Batch*c.Spec.Input.Len())
	narrowInto(x, d.vector(len(x), 2))
	y := d.labels(c.Batch, c.Spec.Classes)
	v := d.vector(len(n.Params()), 1)
	state := append([]T(nil), n.State()...)

	grad := make([]T, len(n.Params()))
	m, err := n.Grad(x, y, grad)
	if err != nil {
		t.Fatal(err)
	}
	want.Training.check(t, "training", c.Spec, m, widened(grad), v, tol)
	ones := make([]float64, len(state))
	for i := range ones {
		ones[i] = 1
	}
	checkTensors(t, "statistics: ", c.Spec.StateTensors(), want.Statistics, widened(n.BatchStats()), ones, tol)

	evaluation := want.Training
	if want.Evaluation != nil {
		evaluation = *want.Evaluation
	}
	m, err = n.FrozenGrad(x, y, grad)
	if err != nil {
		t.Fatal(err)
	}
	evaluation.check(t, "evaluation", c.Spec, m, widened(grad), v, tol)
	e, err := n.Eval(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if d := e.Loss - evaluation.Loss; !(max(d, -d) <= tol.part*evaluation.Loss) || e.Correct != evaluation.Correct {
		t.Errorf("Eval gives %+v, PyTorch %v and %d", e, evaluation.Loss, evaluation.Correct)
	}
	for i, s := range n.State() {
		if s != state[i] {
			t.Fatalf("a call changed running statistic %d from %v to %v", i, state[i], s)
		}
	}
}

// narrowInto copies values that T holds exactly.
func narrowInto[T float32 | float64](to []T, from []float64) {
	for i, v := range from {
		to[i] = T(v)
	}
}

func widened[T float32 | float64](v []T) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}
