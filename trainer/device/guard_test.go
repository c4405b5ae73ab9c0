package device

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/crosscheck"
)

// faulty is the CPU engine, which does something of its own at each gradient.
type faulty struct {
	engine.Engine
	at func(grad []float32, metrics *engine.Metrics) error
}

func (f faulty) Memory(engine.Spec, int) (int64, error) { return 0, nil }

func (f faulty) Close() error { return nil }

func (f faulty) Build(spec engine.Spec) (engine.Model, error) {
	m, err := f.Engine.Build(spec)
	return faultyModel{m, f.at}, err
}

type faultyModel struct {
	engine.Model
	at func(grad []float32, metrics *engine.Metrics) error
}

func (m faultyModel) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	metrics, err := m.Model.Grad(x, y, grad)
	if err == nil {
		err = m.at(grad, &metrics)
	}
	return metrics, err
}

var someDevice = Info{Name: "Radeon", Driver: "amdgpu 6.1", Backend: "Vulkan", Kind: "discrete GPU"}

// gradient is one from a guarded device that does at, for images that are all value.
func gradient(t *testing.T, value float32, at func(grad []float32, metrics *engine.Metrics) error) (engine.Metrics, error) {
	t.Helper()
	spec := crosscheck.Network()
	model, err := Guard(faulty{cpu.New(), at}, someDevice, nil).Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	for i := range model.Params() {
		model.Params()[i] = float32(i%7)/7 - 0.4
	}
	return model.Grad(slices.Repeat([]float32{value, 0.5, -1}, spec.Input.Len()), []int{0, 1, 2}, make([]float32, len(model.Params())))
}

func nothing([]float32, *engine.Metrics) error { return nil }

// A NaN of the device alone is the device's; one that the CPU finds too is the network's.
func TestADeviceThatComputesNonsense(t *testing.T) {
	right, err := gradient(t, 1, nothing)
	if err != nil || !finite(right.Loss) {
		t.Fatal(right, err)
	}
	for name, at := range map[string]func([]float32, *engine.Metrics) error{
		"loss":     func(_ []float32, m *engine.Metrics) error { m.Loss = math.NaN(); return nil },
		"gradient": func(grad []float32, _ *engine.Metrics) error { grad[5] = float32(math.Inf(-1)); return nil },
	} {
		_, err := gradient(t, 1, at)
		var fault *Fault
		if !errors.As(err, &fault) || !errors.Is(err, ErrNonsense) || fault.Device != someDevice {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, want := range []string{"Radeon (discrete GPU, amdgpu 6.1, Vulkan)", "3 images", "the CPU finds the loss", "resume the run"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in %v", name, want, err)
			}
		}
	}
	if m, err := gradient(t, float32(math.NaN()), nothing); err != nil || !math.IsNaN(m.Loss) {
		t.Errorf("NaN in the images: got %v, %v; expected NaN and no error", m.Loss, err)
	}
}

func TestAllFinite(t *testing.T) {
	for n := range 10 {
		values := slices.Repeat([]float32{math.MaxFloat32, -1}, n)
		if !allFinite(values) {
			t.Errorf("%d finite numbers are not", len(values))
		}
		for i := range values {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				wrong := slices.Clone(values)
				wrong[i] = float32(bad)
				if allFinite(wrong) {
					t.Errorf("%v at %d of %d is not seen", bad, i, len(values))
				}
			}
		}
	}
}

func BenchmarkAllFinite(b *testing.B) {
	values := make([]float32, 11_000_000) // the parameters of resnet18
	b.SetBytes(4 * int64(len(values)))
	for b.Loop() {
		if !allFinite(values) {
			b.Fatal("zeros are finite")
		}
	}
}

func TestErrorsOfADevice(t *testing.T) {
	lost := errors.New("lost")
	_, err := gradient(t, 1, func([]float32, *engine.Metrics) error { return lost })
	var fault *Fault
	if !errors.As(err, &fault) || !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	if _, err := gradient(t, 1, func([]float32, *engine.Metrics) error { return engine.ErrShape }); errors.As(err, &fault) {
		t.Errorf("a wrong shape is blamed on the device: %v", err)
	}
}

// A network that diverges on both asks the CPU a few times only.
func TestDoubtsEnd(t *testing.T) {
	model, err := Guard(faulty{cpu.New(), nothing}, someDevice, nil).Build(crosscheck.Network())
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	x := slices.Repeat([]float32{float32(math.Inf(1))}, model.Spec().Input.Len())
	for range 10 {
		if m, err := model.Eval(x, []int{0}); err != nil || finite(m.Loss) {
			t.Fatal(m, err)
		}
	}
	if n := model.(*guardedModel).doubts; n != doubts {
		t.Errorf("asked %d times", n)
	}
}

// The clock of the test is false, so that minutes pass at once.
func TestADeviceThatHangs(t *testing.T) {
	for name, test := range map[string]struct {
		each  []time.Duration // of the calls
		after time.Duration   // when the last of them is found to hang; 0: never
	}{
		"a first call compiles":      {[]time.Duration{4 * time.Minute}, 0},
		"a first call for ever":      {[]time.Duration{time.Hour}, firstCall},
		"a later call":               {[]time.Duration{time.Second, time.Hour}, laterCall + slower*time.Second},
		"a slow device, slow for it": {[]time.Duration{4 * time.Minute, 20 * time.Minute}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sentence string
				var began, found time.Time // of the last call
				call := 0
				pause := func([]float32, *engine.Metrics) error {
					began = time.Now()
					time.Sleep(test.each[call])
					call++
					return nil
				}
				hung := func(s string) { sentence, found = s, time.Now() }
				model, err := Guard(faulty{cpu.New(), pause}, someDevice, hung).Build(crosscheck.Network())
				if err != nil {
					t.Fatal(err)
				}
				defer model.Close()
				x, grad := make([]float32, model.Spec().Input.Len()), make([]float32, len(model.Params()))
				for range test.each {
					if _, err := model.Grad(x, []int{0}, grad); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				told := max(0, found.Sub(began))
				if near := told - test.after; (sentence != "") != (test.after > 0) || near < 0 || near > time.Second {
					t.Errorf("told %q after %v, expected after %v", sentence, told, test.after)
				}
				if sentence != "" && (!strings.Contains(sentence, "amdgpu 6.1") || !strings.Contains(sentence, "resume the run")) {
					t.Errorf("told %q", sentence)
				}
			})
		})
	}
}
