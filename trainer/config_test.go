package trainer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothscape/trainer/engine"
)

func TestValidateNamesEveryBadField(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   []string // fields, in order
	}{
		{"preset", func(*Config) {}, nil},
		{"learning rate 0", func(c *Config) { c.LearningRate = 0 }, []string{"learningRate"}},
		{"learning rate below 0", func(c *Config) { c.LearningRate = -1 }, []string{"learningRate"}},
		{"learning rate NaN", func(c *Config) { c.LearningRate = math.NaN() }, []string{"learningRate"}},
		{"learning rate infinite", func(c *Config) { c.LearningRate = math.Inf(1) }, []string{"learningRate"}},
		{"learning rate that will diverge is legal", func(c *Config) { c.LearningRate = 100 }, nil},
		{"batch of none", func(c *Config) { c.BatchSize = 0 }, []string{"batchSize"}},
		{"batch of all", func(c *Config) { c.BatchSize = 8000 }, nil},
		{"batch beyond counting", func(c *Config) { c.BatchSize = math.MaxInt }, []string{"batchSize"}},
		{"batch of more than all", func(c *Config) { c.BatchSize = 8001 }, []string{"batchSize"}},
		{"hybrid would never leave b = 1", func(c *Config) { c.BatchSize, c.Schedule = 1, Hybrid }, []string{"batchSize"}},
		{"no epochs", func(c *Config) { c.Epochs = 0 }, []string{"epochs"}},
		{"too many epochs", func(c *Config) { c.Epochs = MaxEpochs + 1 }, []string{"epochs"}},
		{"stage below 0", func(c *Config) { c.StageEpochs = -1 }, []string{"stageEpochs"}},
		{"stage longer than the run", func(c *Config) { c.StageEpochs = 100 }, nil},
		{"momentum, Nesterov and weight decay", func(c *Config) { c.Momentum, c.Nesterov, c.WeightDecay = 0.9, true, 5e-4 }, nil},
		{"momentum of 1", func(c *Config) { c.Momentum = 1 }, []string{"momentum"}},
		{"momentum below 0", func(c *Config) { c.Momentum = -0.1 }, []string{"momentum"}},
		{"momentum NaN", func(c *Config) { c.Momentum = math.NaN() }, []string{"momentum"}},
		{"Nesterov without momentum", func(c *Config) { c.Nesterov = true }, []string{"nesterov"}},
		{"weight decay below 0", func(c *Config) { c.WeightDecay = -1 }, []string{"weightDecay"}},
		{"weight decay infinite", func(c *Config) { c.WeightDecay = math.Inf(1) }, []string{"weightDecay"}},
		{"augmentation of an older version", func(c *Config) { c.Augment = "" }, nil},
		{"unknown augmentation", func(c *Config) { c.Augment = "mixup" }, []string{"augment"}},
		{"power 0 of a polynomial", func(c *Config) { c.Schedule, c.Power = Polynomial, 0 }, []string{"power"}},
		{"power 0 that nobody reads", func(c *Config) { c.Power = 0 }, nil},
		{"power NaN that nobody reads", func(c *Config) { c.Power = math.NaN() }, []string{"power"}},
		{"factor above 1", func(c *Config) { c.Factor = 1.1 }, []string{"factor"}},
		{"factor 0 of a step", func(c *Config) { c.Schedule, c.Factor = Step, 0 }, []string{"factor"}},
		{"unknown carrier", func(c *Config) { c.Carrier = "mule" }, []string{"carrier"}},
		{"warm-up longer than the run", func(c *Config) { c.WarmupEpochs = c.Epochs + 1 }, []string{"warmupEpochs"}},
		{"warm-up as long as the run", func(c *Config) { c.WarmupEpochs = c.Epochs }, nil},
		{"no network of one's own", func(c *Config) { c.Model = CustomModel }, []string{"spec"}},
		{"a network beside a model", func(c *Config) { c.Spec = ownNetwork() }, []string{"spec"}},
		{"a network of one's own", func(c *Config) { c.Model, c.Spec = CustomModel, ownNetwork() }, nil},
		{"a network that does not fit", func(c *Config) {
			c.Model, c.Spec = CustomModel, ownNetwork()
			c.Spec.Classes++
		}, []string{"spec"}},
		{"a network whose tensors a checkpoint would confuse", func(c *Config) {
			c.Model, c.Spec = CustomModel, ownNetwork()
			c.Spec.Layers[1].Name = "momentum.1"
		}, []string{"spec"}},
		{"a network too long for a checkpoint", func(c *Config) {
			c.Model, c.Spec = CustomModel, ownNetwork()
			c.Spec.Name = strings.Repeat("x", maxSpecBytes)
		}, []string{"spec"}},
		{"unknown words", func(c *Config) { c.Dataset, c.Model, c.Engine, c.Schedule = "", "x", "y", "z" }, []string{"dataset", "model", "engine", "schedule"}},
		{"everything at once", func(c *Config) { *c = Config{} }, []string{"dataset", "model", "engine", "schedule", "learningRate", "batchSize", "epochs"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := Default("convnet")
			test.change(&cfg)
			err := fmt.Errorf("wrapped: %w", orNil(cfg.Validate(8000)))
			var got []string
			for _, field := range FieldErrors(err) {
				got = append(got, field.Field)
				if field.Expected == "" || field.Found == "" || field.Advice == "" || field.Doing == "" {
					t.Errorf("incomplete: %+v", field)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got errors on %v, want %v: %v", got, test.want, err)
			}
		})
	}
}

// ownNetwork is a network as a user might give it.
func ownNetwork() *engine.Spec {
	return &engine.Spec{Name: "mine", Input: engine.Shape{C: 1, H: 2, W: 2}, Classes: 3, Layers: []engine.Layer{{Kind: engine.Flatten}, {Kind: engine.Linear, Units: 3}}}
}

func TestEqualConfigurationsGiveTheSameNumbers(t *testing.T) {
	own := func() Config {
		cfg := Default(CustomModel)
		cfg.Spec = ownNetwork()
		return cfg
	}
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   bool
	}{
		{"two networks alike", func(*Config) {}, true},
		{"empty words mean their names", func(c *Config) { c.Carrier, c.Augment = "", "" }, true},
		{"another layer", func(c *Config) { c.Spec.Layers[1].Units = 4 }, false},
		{"no network", func(c *Config) { c.Spec = nil }, false},
		{"another seed", func(c *Config) { c.Seed++ }, false},
		{"another weight decay", func(c *Config) { c.WeightDecay = 1e-4 }, false},
	} {
		a, b := own(), own()
		test.change(&b)
		if a.Equal(b) != test.want || b.Equal(a) != test.want {
			t.Errorf("%s: not %v", test.name, test.want)
		}
	}
}

func TestOwnNetworkMustFitTheImages(t *testing.T) {
	cfg := Default(CustomModel)
	cfg.Spec = ownNetwork()
	if spec, err := cfg.Network(engine.Shape{C: 1, H: 2, W: 2}, 3); err != nil || spec.Name != "mine" {
		t.Errorf("got %+v, %v", spec, err)
	}
	_, err := cfg.Network(engine.Shape{C: 1, H: 28, W: 28}, 10)
	if len(FieldErrors(err)) != 1 || !strings.Contains(err.Error(), "1×28×28 in 10 classes") || !strings.Contains(err.Error(), "1×2×2 in 3") {
		t.Errorf("got %v", err)
	}
	cfg.Spec.Input, cfg.Spec.Classes = engine.Shape{}, 0
	if err := cfg.Validate(0); err != nil {
		t.Errorf("a network that leaves its images open: %v", err)
	}
	if spec, err := cfg.Network(engine.Shape{C: 1, H: 5, W: 5}, 3); err != nil || spec.Input.H != 5 || spec.Classes != 3 || cfg.Spec.Classes != 0 {
		t.Errorf("got %+v, %v", spec, err)
	}
	if _, err := cfg.Network(engine.Shape{C: 1, H: 5, W: 5}, 4); len(FieldErrors(err)) != 1 || !strings.Contains(err.Error(), "4×1×1") {
		t.Errorf("got %v", err)
	}
	cfg.Spec.Layers = append([]engine.Layer{{Kind: engine.Linear, Name: "head", Units: 4}}, cfg.Spec.Layers...)
	if _, err := cfg.Network(engine.Shape{C: 1, H: 5, W: 5}, 3); len(FieldErrors(err)) != 1 || !strings.Contains(err.Error(), `layer 0, "head" ("linear")`) {
		t.Errorf("got %v", err)
	}
	cfg.Spec = nil
	if _, err := cfg.Network(engine.Shape{C: 1, H: 2, W: 2}, 3); len(FieldErrors(err)) != 1 {
		t.Errorf("got %v", err)
	}
}

// orNil gives fmt.Errorf's %w something to wrap.
func orNil(err error) error {
	if err == nil {
		return fmt.Errorf("nothing")
	}
	return err
}

func TestUnknownWordsAreAnsweredWithTheKnownOnes(t *testing.T) {
	cfg := Default("convnet")
	cfg.Schedule = strings.Repeat("é", 5000)
	message := cfg.Validate(0).Error()
	if !strings.Contains(message, "constant, lr-decay, batch-growth, hybrid") || len(message) > 400 {
		t.Errorf("got %q", message)
	}
}

func TestStageIsAFifthRoundedUp(t *testing.T) {
	for _, test := range []struct{ epochs, stageEpochs, want int }{{200, 0, 40}, {200, 40, 40}, {11, 0, 3}, {1, 0, 1}, {10, 3, 3}} {
		if got := (Config{Epochs: test.epochs, StageEpochs: test.stageEpochs}).Stage(); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}
