package webgpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/enginetest"
)

// small is the named network with a part of its channels, on images of 8×8 pixels.
func small(t testing.TB, name string) engine.Spec {
	t.Helper()
	spec, err := engine.SpecFor(name, engine.Shape{C: 3, H: 8, W: 8}, 10)
	if err != nil {
		t.Fatal(err)
	}
	part := map[string]int{"resnet8": 2, "resnet20": 4, "resnet18": 16, "wrn-28-10": 40}[name]
	for i := range spec.Layers {
		if l := &spec.Layers[i]; l.Kind == engine.Conv && part > 0 {
			l.Channels = max(2, l.Channels/part)
		}
	}
	return spec
}

// pair builds a specification on the device and on the processor, with the same parameters.
func pair(t *testing.T, e engine.Engine, spec engine.Spec) (device, host engine.Model) {
	t.Helper()
	models := [2]engine.Model{}
	for i, e := range []engine.Engine{e, cpu.New()} {
		m, err := e.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
		copy(m.Params(), engine.Initialize(spec, rand.New(rand.NewPCG(1, 2))))
		models[i] = m
	}
	return models[0], models[1]
}

// Every tensor of the gradient of every network agrees with the CPU engine within 1e-4 in relative L2: float32 rounds each of some thousand
// terms of a sum by 6e-8, and 20 to 60 layers one behind the other each add theirs.
func TestGradientsAgreeWithTheCPU(t *testing.T) {
	gradientsAgree(t, anyEngine(t), engine.Models()...)
}

func gradientsAgree(t *testing.T, e *Engine, models ...string) {
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			spec := small(t, name)
			device, host := pair(t, e, spec)
			x, y := enginetest.Batch(spec, 4, 1)
			got, want := make([]float32, len(device.Params())), make([]float32, len(device.Params()))
			gotMetrics, err := device.Grad(x, y, got)
			if err != nil {
				t.Fatal(err)
			}
			wantMetrics, err := host.Grad(x, y, want)
			if err != nil {
				t.Fatal(err)
			}
			if d := math.Abs(gotMetrics.Loss - wantMetrics.Loss); d > 1e-5*wantMetrics.Loss {
				t.Errorf("loss %v, on the CPU %v", gotMetrics.Loss, wantMetrics.Loss)
			}
			worst := 0.0
			for _, tensor := range spec.Tensors() {
				d := distance(got[tensor.Offset:][:tensor.Len], want[tensor.Offset:][:tensor.Len])
				if worst = max(worst, d); !(d <= 1e-4) {
					t.Errorf("%s: relative L2 distance %.3g", tensor.Name, d)
				}
			}
			t.Logf("%d tensors, worst relative L2 distance %.2g", len(spec.Tensors()), worst)
		})
	}
}

// distance is ‖a − b‖/‖b‖.
func distance(a, b []float32) float64 {
	d, n := 0.0, 0.0
	for i := range a {
		d, n = math.Hypot(d, float64(a[i])-float64(b[i])), math.Hypot(n, float64(b[i]))
	}
	if d == 0 {
		return 0
	}
	return d / n
}

// Forty steps of SGD side by side: what the first step rounds differently the later ones enlarge, and the losses still agree within a hundredth.
func TestTrainingAgreesWithTheCPU(t *testing.T) {
	e := anyEngine(t)
	for _, name := range []string{"convnet", "resnet8"} {
		t.Run(name, func(t *testing.T) {
			spec := small(t, name)
			device, host := pair(t, e, spec)
			grad := make([]float32, len(device.Params()))
			first, last := 0.0, 0.0
			for step := range 40 {
				x, y := enginetest.Batch(spec, 8, uint64(step%2)) // two batches, so that there is something to learn
				losses := [2]float64{}
				for i, m := range []engine.Model{device, host} {
					metrics, err := m.Grad(x, y, grad)
					if err != nil {
						t.Fatal(err)
					}
					losses[i] = metrics.Loss
					for j, g := range grad {
						m.Params()[j] -= 0.05 * g
					}
				}
				if !(math.Abs(losses[0]-losses[1]) <= 0.01*losses[1]) {
					t.Fatalf("step %d: loss %v, on the CPU %v", step, losses[0], losses[1])
				}
				if step == 0 {
					first = losses[0]
				}
				last = losses[0]
			}
			if !(last < 0.7*first) {
				t.Errorf("the loss went from %v to %v", first, last)
			}
		})
	}
}
