package gorgonia

import (
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/enginetest"
)

// deep is a chain of blocks conv–norm–relu behind a maximum.
func deep(blocks int) engine.Spec {
	spec := engine.Spec{Name: "deep", Input: engine.Shape{C: 2, H: 6, W: 6}, Classes: 3}
	for range blocks {
		spec.Layers = append(spec.Layers,
			engine.Layer{Kind: engine.Conv, Channels: 4, Kernel: 3, Stride: 1, Padding: 1}, engine.Layer{Kind: engine.BatchNorm}, engine.Layer{Kind: engine.ReLU})
	}
	spec.Layers = append(spec.Layers, engine.Layer{Kind: engine.MaxPool, Kernel: 2, Stride: 2}, engine.Layer{Kind: engine.Flatten}, engine.Layer{Kind: engine.Linear, Units: 3})
	return spec
}

func built(t *testing.T, spec engine.Spec) engine.Model {
	t.Helper()
	m, err := New().Build(spec)
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

// TestDeepStaysFinite: a bound on the values of a deep network with running statistics is far beyond float32, its values are not.
func TestDeepStaysFinite(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: a network of 60 layers is not part of -short")
	}
	spec := deep(60)
	m := built(t, spec)
	for _, s := range spec.StateTensors() {
		for i := range s.Len {
			m.State()[s.Offset+i] *= 1e-2 // γ/√variance = 10 a layer in the bound
		}
	}
	for _, p := range spec.Tensors() {
		if len(p.Shape) > 1 {
			for i := range p.Len {
				m.Params()[p.Offset+i] *= 0.2 // and what 36 weights add up to in it, but not in fact
			}
		}
	}
	x, y := enginetest.Batch(spec, 5, 1)
	if staysFinite(spec, m.Params(), m.State(), len(y), false, largest(x)) {
		t.Fatal("the bound is not beyond float32: this tests nothing")
	}
	g := make([]float32, len(m.Params()))
	frozen, err := m.FrozenGrad(x, y, g)
	if err != nil {
		t.Fatal(err)
	}
	eval, err := m.Eval(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if math.IsNaN(frozen.Loss) || math.IsInf(frozen.Loss, 0) || frozen != eval {
		t.Errorf("FrozenGrad gives %+v, Eval %+v; expected the same number", frozen, eval)
	}
}

// TestOverflowBeforeMaximum: values beyond float32 in front of a maximum are NaN to every caller, and end no process.
func TestOverflowBeforeMaximum(t *testing.T) {
	spec := deep(2)
	m := built(t, spec)
	for _, p := range spec.Tensors()[4:5] { // the weight of the second convolution
		for i := range p.Len {
			m.Params()[p.Offset+i] = 3e38
		}
	}
	x, y := enginetest.Batch(spec, 5, 1)
	g := make([]float32, len(m.Params()))
	for name, of := range map[string]func() (engine.Metrics, error){
		"Grad":       func() (engine.Metrics, error) { return m.Grad(x, y, g) },
		"FrozenGrad": func() (engine.Metrics, error) { return m.FrozenGrad(x, y, g) },
		"Eval":       func() (engine.Metrics, error) { return m.Eval(x, y) },
	} {
		if got, err := of(); err != nil || !math.IsNaN(got.Loss) {
			t.Errorf("%s gives %+v, error %v; expected NaN and no error", name, got, err)
		}
	}
}
