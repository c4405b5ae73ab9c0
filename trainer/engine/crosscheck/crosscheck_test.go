package crosscheck

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/gorgonia"
)

func TestTheNetworkHasEveryKindOfLayer(t *testing.T) {
	if err := Network().Validate(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []engine.LayerKind{engine.Conv, engine.MaxPool, engine.ReLU, engine.BatchNorm, engine.Add, engine.GlobalAvgPool, engine.Flatten, engine.Linear} {
		if !slices.ContainsFunc(Network().Layers, func(l engine.Layer) bool { return l.Kind == kind }) {
			t.Errorf("no %s", kind)
		}
	}
}

// Engines that are right are far from the bound, whichever way they compute.
func TestRightEnginesPass(t *testing.T) {
	const far = Tolerance / 20
	for _, e := range append(cpu.Paths(), gorgonia.New()) {
		r, err := Run(t.Context(), e)
		if err != nil || !r.Passed || r.Path != e.Path() {
			t.Errorf("%v, %v", r, err)
		}
		if !(r.Worst.L2 <= far) {
			t.Errorf("%s: worst %v, expected at most %.2g", e.Path(), r.Worst, far)
		}
		t.Logf("%s: %s; %.3f s", e.Path(), r.Verdict(), r.Seconds)
	}
}

// broken is the CPU engine with a fault in each result of Grad.
type broken struct {
	engine.Engine
	fault func(step int, x []float32, grad []float32)
}

func (b broken) Build(spec engine.Spec) (engine.Model, error) {
	m, err := b.Engine.Build(spec)
	return &brokenModel{Model: m, fault: b.fault}, err
}

type brokenModel struct {
	engine.Model
	steps int
	fault func(step int, x []float32, grad []float32)
}

func (m *brokenModel) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	metrics, err := m.Model.Grad(x, y, grad)
	m.steps++
	if m.fault != nil {
		m.fault(m.steps, x, grad)
	}
	return metrics, err
}

func TestWrongEnginesAreRefused(t *testing.T) {
	tensors := Network().Tensors()
	of := func(name string, grad []float32) []float32 {
		i := slices.IndexFunc(tensors, func(t engine.TensorInfo) bool { return t.Name == name })
		return grad[tensors[i].Offset:][:tensors[i].Len]
	}
	var stale []float32
	for _, test := range []struct {
		name  string
		fault func(step int, x, grad []float32)
		want  string  // what the worst difference is of
		l2    float64 // its size, to 1 %; 0: any
	}{
		{"a wrong sign", func(_ int, _, grad []float32) {
			for i := range of("first.weight", grad) {
				of("first.weight", grad)[i] *= -1
			}
		}, "first.weight", 2},
		{"a NaN", func(step int, _, grad []float32) {
			if step == 2 {
				of("logits.bias", grad)[3] = float32(math.NaN())
			}
		}, "step 2, gradient of logits.bias", math.NaN()},
		{"an infinity", func(_ int, _, grad []float32) { of("stem.weight", grad)[0] = float32(math.Inf(1)) }, "stem.weight", math.Inf(1)},
		{"a stale buffer", func(step int, _, grad []float32) {
			if step == 1 {
				stale = slices.Clone(grad)
			}
			copy(grad, stale)
		}, "step 2, gradient of ", 0},
		{"one tensor is not written", func(_ int, _, grad []float32) {
			for i := range of("hidden.bias", grad) {
				of("hidden.bias", grad)[i] = 7
			}
		}, "hidden.bias", 0},
		{"one value is wrong by a hundredth of its tensor", func(_ int, _, grad []float32) {
			g := of("side.weight", grad)
			length := 0.0
			for _, v := range g {
				length = math.Hypot(length, float64(v))
			}
			g[2] += float32(length / 100)
		}, "side.weight", 0.01},
		{"half precision", func(_ int, _, grad []float32) { halve(grad) }, "gradient of ", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := Run(t.Context(), broken{cpu.New(), test.fault})
			if err != nil || r.Passed {
				t.Fatalf("%v, %v; expected a refusal", r, err)
			}
			got := float64(r.Worst.L2)
			same := test.l2 == 0 || math.IsNaN(test.l2) && math.IsNaN(got) || got == test.l2 || math.Abs(got-test.l2) <= 0.01*test.l2
			if !strings.Contains(r.Worst.What, test.want) || !same {
				t.Errorf("worst %v, expected %v of %s", r.Worst, test.l2, test.want)
			}
			if !strings.Contains(r.Verdict(), "refused: "+r.Worst.What) || !strings.Contains(r.String(), "\n! ") {
				t.Errorf("%s does not say why", r)
			}
			text, err := json.Marshal(r)
			var back Report
			if err != nil || json.Unmarshal(text, &back) != nil || len(back.Compared) != len(r.Compared) {
				t.Errorf("as JSON: %s, %v", text, err)
			}
		})
	}
}

// halve rounds to the 11 bits of half precision.
func halve(values []float32) { shorten(values, 11) }

// shorten rounds to so many bits.
func shorten(values []float32, bits int) {
	cut := uint32(1) << (24 - bits)
	for i, v := range values {
		values[i] = math.Float32frombits((math.Float32bits(v) + cut/2) &^ (cut - 1))
	}
}

// The bound lies between arithmetic that is rougher than float32 has to be and that of tensor cores: here weights and images are rounded, and
// all else is float32. It also shows that no ReLU, maximum or logit of the network is so close that rounding decides.
func TestTheBoundLiesBetweenSingleAndHalfPrecision(t *testing.T) {
	for _, test := range []struct {
		bits   int
		passes bool
	}{{21, true}, {11, false}} {
		r, err := Run(t.Context(), rough{cpu.New(), test.bits})
		if err != nil || r.Passed != test.passes {
			t.Errorf("%d bits: %v, %v", test.bits, r, err)
		}
		t.Logf("%d bits: %s", test.bits, r.Verdict())
	}
}

type rough struct {
	engine.Engine
	bits int
}

func (e rough) Build(spec engine.Spec) (engine.Model, error) {
	m, err := e.Engine.Build(spec)
	return roughModel{m, e.bits}, err
}

type roughModel struct {
	engine.Model
	bits int
}

func (m roughModel) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	x, exact := slices.Clone(x), slices.Clone(m.Params())
	defer copy(m.Params(), exact)
	shorten(x, m.bits)
	shorten(m.Params(), m.bits)
	return m.Model.Grad(x, y, grad)
}

// An engine that fails is not refused with a figure, but its error comes through.
func TestAnEngineThatFails(t *testing.T) {
	lost := errors.New("the device is lost")
	_, err := Run(t.Context(), failing{cpu.New(), lost})
	if !errors.Is(err, lost) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, cpu.New()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after the context's end", err)
	}
}

type failing struct {
	engine.Engine
	err error
}

func (f failing) Build(spec engine.Spec) (engine.Model, error) {
	m, err := f.Engine.Build(spec)
	return failingModel{m, f.err}, err
}

type failingModel struct {
	engine.Model
	err error
}

func (m failingModel) Grad([]float32, []int, []float32) (engine.Metrics, error) {
	return engine.Metrics{}, m.err
}
