package trainer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"smoothscape/trainer/engine"
)

// Config is everything that decides the numbers of a run, besides the data and the engine's Path: same Config, same numbers.
type Config struct {
	Dataset  string `json:"dataset"` // name of a data set, as package dataset and the data folder know it
	Model    string `json:"model"`   // "softmax", "mlp", "convnet"
	Engine   string `json:"engine"`  // "auto", "cpu", "gorgonia"
	Schedule string `json:"schedule"`

	LearningRate float64 `json:"learningRate"` // η₁ > 0
	BatchSize    int     `json:"batchSize"`    // b₁, 1 … training images
	Epochs       int     `json:"epochs"`       // ≥ 1
	StageEpochs  int     `json:"stageEpochs"`  // epochs between two changes of the schedule, ≥ 1; 0 means a fifth of Epochs, rounded up
	Seed         uint64  `json:"seed"`
}

// Bounds of a Config, far beyond any use: they keep sums of steps and powers of rates finite.
const (
	MaxEpochs       = 10_000
	MaxLearningRate = 1e6
	maxNameLen      = 100
)

// Default is the preset of a model on the embedded images, calibrated by TestPresetsReachTheirAccuracy. An unknown model
// gets the convnet's numbers and its own name, which Validate then refuses.
func Default(model string) Config {
	cfg := Config{
		Dataset: "fashion-mnist-8k", Model: model, Engine: "auto", Schedule: BatchGrowth,
		LearningRate: 0.1, BatchSize: 16, Epochs: 12, StageEpochs: 3, Seed: 1,
	}
	if model == "softmax" {
		cfg.LearningRate, cfg.BatchSize = 0.01, 8
	}
	return cfg
}

// Stage is the number of epochs between two changes of the schedule: StageEpochs, or a fifth of Epochs, rounded up.
func (c Config) Stage() int {
	if c.StageEpochs > 0 {
		return c.StageEpochs
	}
	return max(1, (c.Epochs+4)/5)
}

// FieldError says what is wrong with one field of a Config. Field is the name in JSON and in the form.
type FieldError struct {
	Field    string
	Doing    string
	Expected string
	Found    string
	Advice   string // what to do: a clause without a full stop
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s: expected %s, found %s; %s", e.Field, e.Doing, e.Expected, e.Found, e.Advice)
}

// FieldErrors lists the *FieldError in err, in order, however they were joined or wrapped.
func FieldErrors(err error) []*FieldError {
	switch e := err.(type) {
	case nil:
		return nil
	case *FieldError:
		return []*FieldError{e}
	case interface{ Unwrap() []error }:
		var all []*FieldError
		for _, one := range e.Unwrap() {
			all = append(all, FieldErrors(one)...)
		}
		return all
	}
	return FieldErrors(errors.Unwrap(err))
}

// Validate reports everything that is wrong with the configuration for a training set of trainSize images (≤ 0: not known
// yet, so that the batch size has no upper bound), one *FieldError a field, joined. Whether the data set exists is not
// asked here.
func (c Config) Validate(trainSize int) error {
	var errs []error
	bad := func(field, doing, expected, found, advice string) {
		errs = append(errs, &FieldError{Field: field, Doing: doing, Expected: expected, Found: found, Advice: advice})
	}
	oneOf := func(field, doing, value string, known []string) {
		if !slices.Contains(known, value) {
			bad(field, doing, "one of "+strings.Join(known, ", "), quote(value), "choose one of these")
		}
	}
	if c.Dataset == "" || len(c.Dataset) > maxNameLen {
		bad("dataset", "choosing the images", fmt.Sprintf("a name of 1 to %d bytes", maxNameLen), quote(c.Dataset), "choose a data set from the list")
	}
	oneOf("model", "choosing the network", c.Model, engine.Models())
	oneOf("engine", "choosing who computes", c.Engine, EngineNames())
	oneOf("schedule", "choosing the schedule", c.Schedule, Schedules())
	if !(c.LearningRate > 0 && c.LearningRate <= MaxLearningRate) {
		bad("learningRate", "reading the learning rate η", fmt.Sprintf("a number above 0 and at most %g", float64(MaxLearningRate)), fmt.Sprint(c.LearningRate), "type a positive number such as 0.1")
	}
	switch {
	case c.BatchSize < 1 || trainSize > 0 && c.BatchSize > trainSize:
		expected := "a whole number of at least 1"
		if trainSize > 0 {
			expected = fmt.Sprintf("a whole number from 1 to %d, the number of training images", trainSize)
		}
		bad("batchSize", "reading the batch size b", expected, fmt.Sprint(c.BatchSize), "type a number in this range such as 32")
	case c.BatchSize > math.MaxInt32:
		bad("batchSize", "reading the batch size b", fmt.Sprintf("at most %d", math.MaxInt32), fmt.Sprint(c.BatchSize), "type a number such as 32")
	case c.BatchSize == 1 && c.Schedule == Hybrid:
		bad("batchSize", "reading the batch size b", "at least 2 for the hybrid schedule, which takes the whole part of 1.5·b and so would never leave 1", "1", "start from 2 or more, or choose another schedule")
	}
	if c.Epochs < 1 || c.Epochs > MaxEpochs {
		bad("epochs", "reading the number of epochs", fmt.Sprintf("a whole number from 1 to %d", MaxEpochs), fmt.Sprint(c.Epochs), "type a number in this range")
	}
	if c.StageEpochs < 0 || c.StageEpochs > MaxEpochs {
		bad("stageEpochs", "reading the epochs of a stage", fmt.Sprintf("a whole number from 1 to %d, or 0 for a fifth of all epochs", MaxEpochs), fmt.Sprint(c.StageEpochs), "type a number in this range")
	}
	return errors.Join(errs...)
}

// quote makes a word that a user typed short and printable.
func quote(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%.40q… (%d bytes)", s, len(s))
	}
	return fmt.Sprintf("%q", s)
}
