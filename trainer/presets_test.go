package trainer

import (
	"context"
	"testing"
	"time"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine/cpu"
)

// The presets, exactly as a new run gets them, at the accuracy that they promise. About a minute on two cores.
func TestPresetsReachTheirAccuracy(t *testing.T) {
	if testing.Short() {
		t.Skip("trains the three presets to their end, about a minute: run without -short")
	}
	set, err := dataset.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	reached := map[string]float64{}
	for _, preset := range []struct {
		model string
		want  float64
	}{{"softmax", 0.82}, {"mlp", 0.84}, {"convnet", 0.85}} {
		cfg := Default(preset.model)
		start := time.Now()
		outcome, err := Train(context.Background(), Job{Config: cfg, Set: set, Engine: cpu.New()},
			func(*Checkpoint) (CheckpointRef, error) { return CheckpointRef{}, nil },
			func(e Event) error {
				if e.Epoch != nil {
					reached[preset.model] = e.Epoch.TestAccuracy
				}
				return nil
			})
		if outcome != OutcomeDone || err != nil {
			t.Fatalf("%s: got %s, %v", preset.model, outcome, err)
		}
		t.Logf("%s: test accuracy %.2f %% after %d epochs in %.1f s", preset.model, 100*reached[preset.model], cfg.Epochs, time.Since(start).Seconds())
		if reached[preset.model] < preset.want {
			t.Errorf("%s: got %.4f, want at least %.2f", preset.model, reached[preset.model], preset.want)
		}
	}
	if reached["convnet"] <= reached["mlp"] {
		t.Errorf("the convnet (%.4f) is not above the MLP (%.4f)", reached["convnet"], reached["mlp"])
	}
}
