package trainer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
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
		{"batch of more than all", func(c *Config) { c.BatchSize = 8001 }, []string{"batchSize"}},
		{"hybrid would never leave b = 1", func(c *Config) { c.BatchSize, c.Schedule = 1, Hybrid }, []string{"batchSize"}},
		{"no epochs", func(c *Config) { c.Epochs = 0 }, []string{"epochs"}},
		{"too many epochs", func(c *Config) { c.Epochs = MaxEpochs + 1 }, []string{"epochs"}},
		{"stage below 0", func(c *Config) { c.StageEpochs = -1 }, []string{"stageEpochs"}},
		{"stage longer than the run", func(c *Config) { c.StageEpochs = 100 }, nil},
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
	if _, err := EngineByName("quantum"); err == nil || !strings.Contains(err.Error(), "auto, cpu, gorgonia") {
		t.Errorf("got %v", err)
	}
}

func TestEveryEngineNameHasItsEngine(t *testing.T) {
	for _, name := range EngineNames() {
		e, err := EngineByName(name)
		if err != nil || name != "auto" && e.Name() != name {
			t.Errorf("%s: got %v, %v", name, e, err)
		}
	}
}

func TestStageIsAFifthRoundedUp(t *testing.T) {
	for _, test := range []struct{ epochs, stageEpochs, want int }{{200, 0, 40}, {200, 40, 40}, {11, 0, 3}, {1, 0, 1}, {10, 3, 3}} {
		if got := (Config{Epochs: test.epochs, StageEpochs: test.stageEpochs}).Stage(); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}
