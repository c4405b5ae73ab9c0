package bench

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

func spec(t *testing.T, model string) engine.Spec {
	t.Helper()
	s, err := engine.SpecFor(model, engine.Shape{C: 3, H: 8, W: 8}, 10)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFlops holds the counts to those by hand: two operations an output and weight.
func TestFlops(t *testing.T) {
	cases := []struct {
		model                  string
		forward, withoutInputs int64 // the second: of the layers whose inputs need no gradient
	}{
		{"softmax", 2 * 192 * 10, 2 * 192 * 10},
		{"mlp", 2 * (192*128 + 128*10), 2 * 192 * 128},
		{"convnet", 2 * (64*8*27 + 16*16*72 + 10*64), 2 * 64 * 8 * 27},
		{"resnet8", 2 * (64*16*27 + 2*64*16*144 + 16*32*(144+288+16) + 4*64*(288+576+32) + 640), 2 * 64 * 16 * 27},
	}
	for _, c := range cases {
		s := spec(t, c.model)
		forward, training, err := Flops(s)
		if err != nil || forward != c.forward || training != 3*c.forward-c.withoutInputs {
			t.Errorf("%s: %d forward, %d training (%v), want %d and %d", c.model, forward, training, err, c.forward, 3*c.forward-c.withoutInputs)
		}
		if s.Flops() != forward {
			t.Errorf("%s: Spec.Flops says %d, Flops %d", c.model, s.Flops(), forward)
		}
	}
	if _, _, err := Flops(engine.Spec{}); !errors.Is(err, engine.ErrShape) {
		t.Errorf("nothing: error %v, expected ErrShape", err)
	}
}

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		mode Mode
		runs int // steps, if they are known
	}{
		{"so many training steps", Options{Batch: 3, Steps: 4}, Train, 4},
		{"the least for no time", Options{Batch: 3, Mode: Train, Warmup: 2}, Train, MinSteps},
		{"forward for a while", Options{Batch: 1, Mode: Forward, Time: 5 * time.Millisecond}, Forward, 0},
	} {
		s := spec(t, "resnet8")
		r, err := Measure(t.Context(), cpu.New(), s, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		forward, training, _ := Flops(s)
		want := training
		if c.mode == Forward {
			want = forward
		}
		if r.Mode != c.mode || r.Batch != c.o.Batch || r.FlopsPerImage != want || r.Workers != runtime.GOMAXPROCS(0) || r.Parameters != s.ParameterCount() || c.runs != 0 && r.Steps != c.runs {
			t.Errorf("%s: %+v", c.name, r)
		}
		if r.MinMS <= 0 || r.MedianMS < r.MinMS || math.Abs(r.ImagesPerSecond*r.MedianMS/1e3/float64(r.Batch)-1) > 1e-6 || math.Abs(r.GFlops/(r.ImagesPerSecond*float64(want)/1e9)-1) > 1e-9 {
			t.Errorf("%s: rates do not follow from the times: %+v", c.name, r)
		}
		if math.IsNaN(r.Loss) || r.Loss <= 0 {
			t.Errorf("%s: loss %v", c.name, r.Loss)
		}
		if runtime.GOOS == "linux" && (!r.CoresKnown || r.CoresBefore <= 0 || r.CoresBefore > float64(r.Workers) || r.ProcessorMS <= 0 || r.PeakMemory < 1<<20) {
			t.Errorf("%s: cores or memory are not known: %+v", c.name, r)
		}
	}
}

// steady is an engine with a peak.
type steady struct{ engine.Engine }

func (steady) Peak() float64 { return 1e6 }

func TestMeasureComparesWithThePeak(t *testing.T) {
	r, err := Measure(t.Context(), steady{cpu.New()}, spec(t, "softmax"), Options{Batch: 2, Steps: 1})
	if want := 1e6 * float64(runtime.GOMAXPROCS(0)); err != nil || r.PeakGFlops != want || math.Abs(r.PeakShare-r.GFlops/want) > 1e-12 {
		t.Errorf("%+v (%v), expected a peak of %v", r, err, want)
	}
}

func TestMeasureRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"no batch": {}, "an unknown mode": {Batch: 1, Mode: "backward"}, "negative warm-up": {Batch: 1, Warmup: -1},
		"negative steps": {Batch: 1, Steps: -1}, "too many steps": {Batch: 1, Steps: maxSteps + 1}, "negative time": {Batch: 1, Time: -1},
	} {
		if _, err := Measure(t.Context(), cpu.New(), spec(t, "softmax"), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Measure(t.Context(), cpu.New(), engine.Spec{}, Options{Batch: 1}); !errors.Is(err, engine.ErrShape) {
		t.Errorf("no network: error %v, expected ErrShape", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Measure(stopped, cpu.New(), spec(t, "softmax"), Options{Batch: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: error %v", err)
	}
}

// TestStepIsThatOfTraining: θ − ηg, and the running statistics a tenth of the way to those of the batch.
func TestStepIsThatOfTraining(t *testing.T) {
	s := spec(t, "resnet8")
	model, err := cpu.New().Build(s)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	step := newStepper(model, Options{Batch: 4})
	params, state := append([]float32(nil), model.Params()...), append([]float32(nil), model.State()...)
	if made, err := step.step(t.Context(), 3); err != nil || made != 1 {
		t.Fatalf("%d steps, %v", made, err)
	}
	for i, p := range params {
		// One rounding of the product and one of the difference.
		if want := p - learningRate*step.grad[i]; math.Abs(float64(model.Params()[i]-want)) > 2e-7*math.Abs(float64(want))+1e-9 {
			t.Fatalf("parameter %d became %v, want %v", i, model.Params()[i], want)
		}
	}
	for i, v := range state {
		if want := v + 0.1*(model.BatchStats()[i]-v); math.Abs(float64(model.State()[i]-want)) > 1e-6 {
			t.Fatalf("running statistic %d became %v, want %v", i, model.State()[i], want)
		}
	}
}

func TestHighWater(t *testing.T) {
	for text, want := range map[string]int64{
		"Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t 5 kB\n": 2 << 20,
		"Name:\tx\nVmRSS:\t5 kB\n":                     0,
		"Name:\tx\nVmHWM:\t5 pages\n":                  0,
		"Name:\tx\nVmHWM:\t-5 kB\n":                    0,
		"Name:\tx\nVmHWM:":                             0,
		"":                                             0,
	} {
		if got := highWater([]byte(text)); got != want {
			t.Errorf("%q: %d bytes, want %d", text, got, want)
		}
	}
}
