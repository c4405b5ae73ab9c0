package enginetest

import (
	"errors"
	"math"
	"slices"
	"testing"

	"smoothscape/trainer/engine"
)

func refuses(t *testing.T, e engine.Engine) {
	m := Model(t, e, "resnet8", odd, 10)
	x, y := Batch(m.Spec(), 2, 1)
	d, size := len(m.Params()), m.Spec().Input.Len()
	before, want := take(t, m.Grad, m, x, y)
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
		if _, err := m.FrozenGrad(c.x, c.y, make([]float32, c.grad)); !errors.Is(err, engine.ErrShape) {
			t.Errorf("FrozenGrad with %s: error %v, expected ErrShape", c.name, err)
		}
		if c.grad != d {
			continue
		}
		if _, err := m.Eval(c.x, c.y); !errors.Is(err, engine.ErrShape) {
			t.Errorf("Eval with %s: error %v, expected ErrShape", c.name, err)
		}
	}
	if after, got := take(t, m.Grad, m, x, y); got != want || !slices.Equal(before, after) {
		t.Error("a refused call changed the model")
	}
	for _, c := range []struct {
		name string
		spec engine.Spec
		want error
	}{
		{"nothing", engine.Spec{}, engine.ErrShape},
		{"an unknown layer", engine.Spec{Input: odd, Classes: 2, Layers: []engine.Layer{{Kind: "dropout"}}}, engine.ErrUnsupported},
		{"other classes than logits", engine.Spec{Input: odd, Classes: 2, Layers: []engine.Layer{flatten, dense(3)}}, engine.ErrShape},
		{"a sum of unequal shapes", ending("", conv(3, 3, 1, 1), add("", engine.InputName)), engine.ErrShape},
		{"a layer that reads a later one", ending("", from("b", conv(3, 3, 1, 1)), named("b", relu)), engine.ErrShape},
	} {
		if _, err := e.Build(c.spec); !errors.Is(err, c.want) {
			t.Errorf("Build with %s: error %v, expected %v", c.name, err, c.want)
		}
	}
}

func views(t *testing.T, e engine.Engine) {
	m, err := e.Build(spec(t, "softmax", odd, 4))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if len(m.Params()) != m.Spec().ParameterCount() || slices.ContainsFunc(m.Params(), func(v float32) bool { return v != 0 }) {
		t.Fatal("a new model must have ParameterCount zeros")
	}
	if len(m.State()) != 0 || len(m.BatchStats()) != 0 {
		t.Error("without batch norm there must be no statistics")
	}
	x, y := Batch(m.Spec(), 3, 1)
	if got := evaluate(t, m, x, y); math.Abs(got.Loss-math.Log(4)) > 1e-6 {
		t.Errorf("all parameters zero: loss %v, expected log 4", got.Loss)
	}
	bias := m.Spec().Tensors()[1]
	m.Params()[bias.Offset+y[0]] = 50
	if got := evaluate(t, m, x[:odd.Len()], y[:1]); got.Loss > 1e-6 || got.Correct != 1 {
		t.Errorf("a bias of 50 for the label: %+v, expected loss 0", got)
	}

	// The images' norm alone, then its mean: with γ = 1 and the running mean −50 for one channel its logit is 50.
	m, err = e.Build(engine.Spec{Name: "norm", Input: odd, Classes: odd.C, Layers: []engine.Layer{{Kind: engine.BatchNorm}, gap}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if !slices.Equal(m.State(), engine.InitialState(m.Spec())) || len(m.BatchStats()) != len(m.State()) {
		t.Fatal("the state of a new model must be the initial one")
	}
	x, y = Batch(m.Spec(), 1, 1)
	m.Params()[y[0]], m.State()[y[0]] = 1, -50
	if got := evaluate(t, m, x, y); got.Loss > 1e-6 || got.Correct != 1 {
		t.Errorf("a running mean of −50 for the label: %+v, expected loss 0", got)
	}
}

func notANumber(t *testing.T, e engine.Engine) {
	for _, name := range models {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			m := Model(t, e, name, odd, 10)
			x, y := Batch(m.Spec(), 3, 1)
			g := make([]float32, len(m.Params()))
			x[70] = float32(bad)
			for mode, of := range map[string]gradient{"Grad": m.Grad, "FrozenGrad": m.FrozenGrad} {
				if got, err := of(x, y, g); err != nil || !math.IsNaN(got.Loss) {
					t.Errorf("%s: an image with %v gives %s loss %v, error %v; expected NaN and no error", name, bad, mode, got.Loss, err)
				}
			}
			if got, err := m.Eval(x, y); err != nil || !math.IsNaN(got.Loss) {
				t.Errorf("%s: an image with %v gives Eval loss %v, error %v; expected NaN and no error", name, bad, got.Loss, err)
			}
			x[70] = 0
			if _, got := take(t, m.Grad, m, x, y); math.IsNaN(got.Loss) {
				t.Errorf("%s: after an image with %v one without gives NaN", name, bad)
			}
			for i := range m.Params() {
				m.Params()[i] = float32(bad)
			}
			for mode, of := range map[string]gradient{"Grad": m.Grad, "FrozenGrad": m.FrozenGrad, "Eval": func(x []float32, y []int, _ []float32) (engine.Metrics, error) { return m.Eval(x, y) }} {
				got, err := of(x, y, g)
				if err != nil || !math.IsNaN(got.Loss) && !math.IsInf(got.Loss, 0) {
					t.Errorf("%s: parameters of %v give %s loss %v, error %v; expected no finite number and no error", name, bad, mode, got.Loss, err)
				}
				if math.IsNaN(got.Loss) && math.IsNaN(bad) && got.Correct != 0 {
					t.Errorf("%s: %s finds %d images correct although no logit is a number", name, mode, got.Correct)
				}
			}
		}
	}
}
