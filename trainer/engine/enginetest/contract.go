// Package enginetest holds an engine to the contract of engine.Model, and to the float64 instance of package cpu, which
// in turn is held to central differences.
package enginetest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// Tolerance is the largest difference from the float64 instance, as a part of the largest value of each gradient tensor
// (of the loss, for the loss). float32 rounds by 6e-8; a sum of n = 1e4 products in any order errs by about √n·6e-8 =
// 6e-6 of its terms, which may be ten times larger than what is left after cancellation.
const Tolerance = 1e-4

// models are those that every engine knows.
var models = []string{"softmax", "mlp", "convnet"}

// Contract runs the whole suite.
func Contract(t *testing.T, e engine.Engine) {
	t.Run("agrees with float64", func(t *testing.T) { agrees(t, e) })
	t.Run("batch size changes", func(t *testing.T) { batchChanges(t, e) })
	t.Run("clones are isolated", func(t *testing.T) { clones(t, e) })
	t.Run("refuses what does not fit", func(t *testing.T) { refuses(t, e) })
	t.Run("parameters are a view", func(t *testing.T) { view(t, e) })
	t.Run("not a number", func(t *testing.T) { notANumber(t, e) })
	t.Run("any number of cores", func(t *testing.T) { cores(t, e) })
}

// Model builds the named model with drawn parameters.
func Model(t testing.TB, e engine.Engine, name string, input engine.Shape, classes int) engine.Model {
	t.Helper()
	spec, err := engine.SpecFor(name, input, classes)
	if err != nil {
		t.Fatal(err)
	}
	return build(t, e, spec)
}

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
	return m
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

var (
	mnist = engine.Shape{C: 1, H: 28, W: 28}
	odd   = engine.Shape{C: 2, H: 9, W: 7}
)

func agrees(t *testing.T, e engine.Engine) {
	conv := func(channels, kernel, stride, padding int) engine.Layer {
		return engine.Layer{Kind: engine.Conv, Channels: channels, Kernel: kernel, Stride: stride, Padding: padding}
	}
	var specs []engine.Spec
	for _, model := range models {
		for _, input := range []engine.Shape{mnist, {C: 3, H: 32, W: 32}, odd} {
			for _, classes := range []int{10, 100} {
				spec, err := engine.SpecFor(model, input, classes)
				if err != nil {
					t.Fatal(err)
				}
				specs = append(specs, spec)
			}
		}
	}
	specs = append(specs, engine.Spec{Name: "strides", Input: odd, Classes: 2, Layers: []engine.Layer{
		conv(4, 3, 2, 1), {Kind: engine.ReLU}, conv(6, 2, 1, 0), {Kind: engine.MaxPool, Kernel: 2, Stride: 1}, {Kind: engine.Flatten}, {Kind: engine.Linear, Units: 2}}},
		engine.Spec{Name: "5×5 kernel, overlapping pools", Input: odd, Classes: 3, Layers: []engine.Layer{
			conv(4, 5, 1, 2), {Kind: engine.MaxPool, Kernel: 3, Stride: 2}, {Kind: engine.ReLU}, {Kind: engine.Flatten}, {Kind: engine.Linear, Units: 3}}})
	for _, spec := range specs {
		for _, n := range []int{1, 2, 33, 70} {
			if n == 70 && spec.Input != odd {
				continue
			}
			t.Run(fmt.Sprintf("%s %v, %d classes, %d images", spec.Name, spec.Input, spec.Classes, n), func(t *testing.T) {
				m := build(t, e, spec)
				x, y := Batch(spec, n, 1)
				agree(t, m, x, y)
			})
		}
	}
}

// agree compares loss and gradient with the float64 instance, and Eval with Grad.
func agree(t *testing.T, m engine.Model, x []float32, y []int) {
	t.Helper()
	witness, err := cpu.NewNet[float64](m.Spec())
	if err != nil {
		t.Fatal(err)
	}
	widen(witness.Params(), m.Params())
	x64 := make([]float64, len(x))
	widen(x64, x)
	want := make([]float64, len(m.Params()))
	wantMetrics, err := witness.Grad(x64, y, want)
	if err != nil {
		t.Fatal(err)
	}
	got, metrics := grad(t, m, x, y)
	if math.Abs(metrics.Loss-wantMetrics.Loss) > Tolerance*wantMetrics.Loss {
		t.Errorf("loss %v, float64 %v", metrics.Loss, wantMetrics.Loss)
	}
	if metrics.Correct != wantMetrics.Correct {
		t.Errorf("%d correct, float64 %d", metrics.Correct, wantMetrics.Correct)
	}
	for _, tensor := range m.Spec().Tensors() {
		scale, worst := 0.0, 0.0
		for j := tensor.Offset; j < tensor.Offset+tensor.Len; j++ {
			scale = max(scale, math.Abs(want[j]))
			worst = max(worst, math.Abs(float64(got[j])-want[j]))
		}
		if !(worst <= Tolerance*scale) {
			t.Errorf("%s: gradient off by %.3g of its largest value %.3g", tensor.Name, worst/scale, scale)
		}
	}
	eval, err := m.Eval(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if eval != metrics {
		t.Errorf("Eval gives %+v, Grad %+v", eval, metrics)
	}
}

func widen(to []float64, from []float32) {
	for i, v := range from {
		to[i] = float64(v)
	}
}

func grad(t testing.TB, m engine.Model, x []float32, y []int) ([]float32, engine.Metrics) {
	t.Helper()
	// What stood in the gradient before must not matter.
	g := slices.Repeat([]float32{7}, len(m.Params()))
	metrics, err := m.Grad(x, y, g)
	if err != nil {
		t.Fatal(err)
	}
	return g, metrics
}

func batchChanges(t *testing.T, e engine.Engine) {
	for _, name := range models {
		m := Model(t, e, name, odd, 10)
		for _, n := range []int{5, 2, 33, 5, 1, 4, 3, 6, 7, 5, 100} {
			x, y := Batch(m.Spec(), n, 1)
			got, gotMetrics := grad(t, m, x, y)
			want, wantMetrics := grad(t, Model(t, e, name, odd, 10), x, y)
			if gotMetrics != wantMetrics || !slices.Equal(got, want) {
				t.Errorf("%s: after other batch sizes, the gradient of %d images differs from that of a new model", name, n)
			}
		}
	}
}

func clones(t *testing.T, e engine.Engine) {
	const parallel = 3
	for _, name := range models {
		m := Model(t, e, name, odd, 10)
		x, y := Batch(m.Spec(), 20, 1)
		before, metrics := grad(t, m, x, y)
		results := make([]engine.Metrics, parallel)
		var running sync.WaitGroup
		for i := range parallel {
			c, err := m.Clone()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if !slices.Equal(c.Params(), m.Params()) {
				t.Fatalf("%s: the clone has other parameters", name)
			}
			running.Add(1)
			go func() {
				defer running.Done()
				g := make([]float32, len(c.Params()))
				for range 3 {
					metrics, err := c.Grad(x, y, g)
					if err != nil {
						t.Error(err)
						return
					}
					results[i] = metrics
					for j := range g {
						c.Params()[j] -= 0.1 * float32(i+1) * g[j]
					}
				}
			}()
		}
		running.Wait()
		after, again := grad(t, m, x, y)
		if again != metrics || !slices.Equal(before, after) {
			t.Errorf("%s: training its clones changed the model", name)
		}
		if results[0] == results[1] || results[1] == results[2] {
			t.Errorf("%s: clones that took different steps give the same loss: %v", name, results)
		}
	}
}

func refuses(t *testing.T, e engine.Engine) {
	m := Model(t, e, "mlp", odd, 10)
	x, y := Batch(m.Spec(), 2, 1)
	d, size := len(m.Params()), m.Spec().Input.Len()
	before, want := grad(t, m, x, y)
	cases := []struct {
		name string
		x    []float32
		y    []int
		grad int
	}{
		{"no image", nil, nil, d},
		{"one value short", x[1:], y, d},
		{"a label too many", x, []int{0, 1, 2}, d},
		{"a negative label", x[:size], []int{-1}, d},
		{"a label beyond the classes", x[:size], []int{10}, d},
		{"a gradient too short", x, y, d - 1},
		{"a gradient too long", x, y, d + 1},
	}
	for _, c := range cases {
		if _, err := m.Grad(c.x, c.y, make([]float32, c.grad)); !errors.Is(err, engine.ErrShape) {
			t.Errorf("Grad with %s: error %v, expected ErrShape", c.name, err)
		}
		if c.grad != d {
			continue
		}
		if _, err := m.Eval(c.x, c.y); !errors.Is(err, engine.ErrShape) {
			t.Errorf("Eval with %s: error %v, expected ErrShape", c.name, err)
		}
	}
	if after, got := grad(t, m, x, y); got != want || !slices.Equal(before, after) {
		t.Error("a refused call changed the model")
	}
	for _, c := range []struct {
		name string
		spec engine.Spec
		want error
	}{
		{"nothing", engine.Spec{}, engine.ErrShape},
		{"an unknown layer", engine.Spec{Input: odd, Classes: 2, Layers: []engine.Layer{{Kind: "dropout"}}}, engine.ErrUnsupported},
		{"other classes than logits", engine.Spec{Input: odd, Classes: 2, Layers: []engine.Layer{{Kind: engine.Flatten}, {Kind: engine.Linear, Units: 3}}}, engine.ErrShape},
	} {
		if _, err := e.Build(c.spec); !errors.Is(err, c.want) {
			t.Errorf("Build with %s: error %v, expected %v", c.name, err, c.want)
		}
	}
}

func view(t *testing.T, e engine.Engine) {
	spec, err := engine.SpecFor("softmax", odd, 4)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if len(m.Params()) != spec.ParameterCount() || slices.ContainsFunc(m.Params(), func(v float32) bool { return v != 0 }) {
		t.Fatal("a new model must have ParameterCount zeros")
	}
	x, y := Batch(spec, 3, 1)
	if got, err := m.Eval(x, y); err != nil || math.Abs(got.Loss-math.Log(4)) > 1e-6 {
		t.Errorf("all parameters zero: loss %v (%v), expected log 4", got.Loss, err)
	}
	bias := spec.Tensors()[1]
	m.Params()[bias.Offset+y[0]] = 50
	if got, err := m.Eval(x[:spec.Input.Len()], y[:1]); err != nil || got.Loss > 1e-6 || got.Correct != 1 {
		t.Errorf("a bias of 50 for the label: %+v (%v), expected loss 0", got, err)
	}
}

func notANumber(t *testing.T, e engine.Engine) {
	for _, name := range models {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			m := Model(t, e, name, odd, 10)
			x, y := Batch(m.Spec(), 3, 1)
			g := make([]float32, len(m.Params()))
			x[70] = float32(bad)
			if got, err := m.Grad(x, y, g); err != nil || !math.IsNaN(got.Loss) {
				t.Errorf("%s: an image with %v gives loss %v, error %v; expected NaN and no error", name, bad, got.Loss, err)
			}
			x[70] = 0
			for i := range m.Params() {
				m.Params()[i] = float32(bad)
			}
			got, err := m.Eval(x, y)
			if err != nil || !math.IsNaN(got.Loss) && !math.IsInf(got.Loss, 0) {
				t.Errorf("%s: parameters of %v give loss %v, error %v; expected no finite number and no error", name, bad, got.Loss, err)
			}
			if math.IsNaN(got.Loss) && math.IsNaN(bad) && got.Correct != 0 {
				t.Errorf("%s: %d images are correct although no logit is a number", name, got.Correct)
			}
		}
	}
}

// cores must not run beside other tests, as GOMAXPROCS belongs to the process.
func cores(t *testing.T, e engine.Engine) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, name := range models {
		var first []float32
		var metrics engine.Metrics
		for _, procs := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(procs)
			m := Model(t, e, name, mnist, 10)
			x, y := Batch(m.Spec(), 67, 1)
			g, got := grad(t, m, x, y)
			if first == nil {
				first, metrics = g, got
			}
			if got != metrics || !slices.Equal(g, first) {
				t.Errorf("%s: %d cores give other numbers than one", name, procs)
			}
		}
	}
}
