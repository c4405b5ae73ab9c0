// Package enginetest holds an engine to the contract of engine.Model, and to the float64 instance of package cpu, which
// in turn is held to central differences.
package enginetest

import (
	"math/rand/v2"
	"slices"
	"testing"

	"smoothscape/trainer/engine"
)

// Contract runs the whole suite; with -short on fewer networks and batches.
func Contract(t *testing.T, e engine.Engine) {
	t.Run("agrees with float64", func(t *testing.T) { agrees(t, e) })
	t.Run("statistics of a batch", func(t *testing.T) { batchStatistics(t, e) })
	t.Run("running statistics", func(t *testing.T) { runningStatistics(t, e) })
	t.Run("frozen gradient is that of the evaluation", func(t *testing.T) { frozenDifferences(t, e) })
	t.Run("one value a channel", func(t *testing.T) { oneValue(t, e) })
	t.Run("no parameters", func(t *testing.T) { noParameters(t, e) })
	t.Run("batch size changes", func(t *testing.T) { batchChanges(t, e) })
	t.Run("clones are isolated", func(t *testing.T) { clones(t, e) })
	t.Run("refuses what does not fit", func(t *testing.T) { refuses(t, e) })
	t.Run("parameters and state are views", func(t *testing.T) { views(t, e) })
	t.Run("not a number", func(t *testing.T) { notANumber(t, e) })
	t.Run("any number of cores", func(t *testing.T) { cores(t, e) })
}

// Model builds the named model with drawn parameters.
func Model(t testing.TB, e engine.Engine, name string, input engine.Shape, classes int) engine.Model {
	t.Helper()
	return build(t, e, spec(t, name, input, classes))
}

func spec(t testing.TB, name string, input engine.Shape, classes int) engine.Spec {
	t.Helper()
	spec, err := engine.SpecFor(name, input, classes)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// build makes a model and draws its parameters as for a run, but with γ in [0.5, 1.5) and β in [−0.5, 0.5), and running statistics: means
// in [−0.5, 0.5), variances in [0.5, 1.5).
func build(t testing.TB, e engine.Engine, spec engine.Spec) engine.Model {
	t.Helper()
	m, err := e.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	copy(m.Params(), engine.Initialize(spec, rand.New(rand.NewPCG(3, 5))))
	rng := rand.New(rand.NewPCG(7, 11))
	for _, tensor := range spec.Tensors() {
		if isNorm(spec, tensor) {
			vary(m.Params()[tensor.Offset:tensor.Offset+tensor.Len], rng)
		}
	}
	vary(m.State(), rng)
	return m
}

// vary adds numbers in [−0.5, 0.5).
func vary(values []float32, rng *rand.Rand) {
	for i := range values {
		values[i] += rng.Float32() - 0.5
	}
}

// isNorm reports whether the tensor is γ or β of a batch norm.
func isNorm(spec engine.Spec, tensor engine.TensorInfo) bool {
	return slices.ContainsFunc(spec.StateTensors(), func(s engine.TensorInfo) bool { return layerOf(s) == layerOf(tensor) })
}

// Batch draws n images with normally distributed values, and labels.
func Batch(spec engine.Spec, n int, seed uint64) (x []float32, y []int) {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	x, y = make([]float32, n*spec.Input.Len()), make([]int, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range y {
		y[i] = rng.IntN(spec.Classes)
	}
	return x, y
}

// gradient is Model.Grad or Model.FrozenGrad.
type gradient func(x []float32, y []int, grad []float32) (engine.Metrics, error)

// take gives a gradient anew: what stood in the memory before must not matter.
func take(t testing.TB, of gradient, m engine.Model, x []float32, y []int) ([]float32, engine.Metrics) {
	t.Helper()
	g := slices.Repeat([]float32{7}, len(m.Params()))
	metrics, err := of(x, y, g)
	if err != nil {
		t.Fatal(err)
	}
	return g, metrics
}

func evaluate(t testing.TB, m engine.Model, x []float32, y []int) engine.Metrics {
	t.Helper()
	metrics, err := m.Eval(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return metrics
}
