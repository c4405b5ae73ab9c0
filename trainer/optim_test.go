package trainer

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// What torch.optim did with the same gradients and from the same learning rate: testdata/optim/make.py.
type torchOptim struct {
	Start     []float64
	Gradients [][]float64
	Updates   []struct {
		Momentum    float64
		Nesterov    bool
		WeightDecay float64 `json:"weight_decay"`
		Path        [][]float64
	}
	Rates map[string][]float64
}

func readTorchOptim(t *testing.T) (golden torchOptim) {
	t.Helper()
	text, err := os.ReadFile("testdata/optim/golden.json")
	if err == nil {
		err = json.Unmarshal(text, &golden)
	}
	if err != nil {
		t.Fatal(err)
	}
	return golden
}

func TestUpdatesFollowPyTorch(t *testing.T) {
	golden := readTorchOptim(t)
	for _, setting := range golden.Updates {
		o := newSGD(Config{Momentum: setting.Momentum, Nesterov: setting.Nesterov, WeightDecay: setting.WeightDecay})
		params, velocity := []float32{float32(golden.Start[0]), float32(golden.Start[1])}, make([]float32, 2)
		for step, gradient := range golden.Gradients {
			o.step(step, 0.1, params, velocity, []float32{float32(gradient[0]), float32(gradient[1])})
			for i, want := range setting.Path[step] {
				// A dozen float32 operations on numbers below 8: 12·8·2⁻²⁴ = 6e-6.
				if math.Abs(float64(params[i])-want) > 6e-6 {
					t.Errorf("μ = %g, Nesterov %v, λ = %g, update %d: got %v, want %v", setting.Momentum, setting.Nesterov, setting.WeightDecay, step+1, params, setting.Path[step])
				}
			}
		}
	}
	if len(golden.Updates) != 6 {
		t.Errorf("%d settings", len(golden.Updates))
	}
}

func TestRatesFollowPyTorch(t *testing.T) {
	golden := readTorchOptim(t)
	for name, want := range golden.Rates {
		cfg := Default("mlp")
		cfg.Schedule, cfg.LearningRate, cfg.Epochs, cfg.StageEpochs, cfg.Power, cfg.Factor = name, 0.1, 20, 6, 0.5, 0.7
		if name == Exponential {
			cfg.Factor = 0.9
		}
		schedule, err := ScheduleFor(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for epoch, rate := range want {
			// PyTorch multiplies from epoch to epoch: 20 roundings of 2⁻⁵³, and a difference of cosines near the end.
			if eta, b := schedule(epoch); math.Abs(eta-rate) > 1e-15 || b != cfg.BatchSize {
				t.Errorf("%s, epoch %d: got %v, want %v", name, epoch, eta, rate)
			}
		}
	}
	if len(golden.Rates) != 4 {
		t.Errorf("%d schedules", len(golden.Rates))
	}
}
