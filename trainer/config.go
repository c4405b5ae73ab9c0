package trainer

import (
	"errors"
	"fmt"
	"reflect"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/engine"
)

// Config is everything that decides the numbers of a run, besides the data and the engine's Path: same Config, same numbers.
type Config struct {
	Dataset  string       `json:"dataset"`        // name of a data set, as package dataset and the data folder know it
	Model    string       `json:"model"`          // one of Models()
	Spec     *engine.Spec `json:"spec,omitempty"` // the network of Model "custom", nil for every other model; only read
	Engine   string       `json:"engine"`         // one of EngineNames()
	Schedule string       `json:"schedule"`       // one of Schedules()

	LearningRate float64 `json:"learningRate"` // η₁ > 0
	BatchSize    int     `json:"batchSize"`    // b₁, 1 … training images
	Epochs       int     `json:"epochs"`       // ≥ 1
	StageEpochs  int     `json:"stageEpochs"`  // epochs between two changes of the schedule, ≥ 1; 0 means a fifth of Epochs, rounded up

	Power        float64 `json:"power"`        // p > 0 of schedule "polynomial": δ = δ₁·(1 − epoch/Epochs)^p
	Factor       float64 `json:"factor"`       // 0 < factor ≤ 1 on δ: a stage with schedule "step", an epoch with "exponential"
	Carrier      string  `json:"carrier"`      // one of Carriers(): which of η and b carries the path of δ; "" means "rate". The paper's four schedules ignore it
	WarmupEpochs int     `json:"warmupEpochs"` // η rises linearly over this many epochs, 0 … Epochs
	LateBatch    bool    `json:"lateBatch"`    // b changes one epoch after η, as in the authors' script

	Momentum    float64 `json:"momentum"`    // 0 ≤ μ < 1; 0 is the paper's
	Nesterov    bool    `json:"nesterov"`    // needs μ > 0
	WeightDecay float64 `json:"weightDecay"` // λ ≥ 0; 0 is the paper's
	Augment     string  `json:"augment"`     // one of Augmentations(); "" means "none"

	Seed uint64 `json:"seed"`
}

// Bounds of a Config, far beyond any use: they keep sums of steps and powers of rates finite.
const (
	MaxEpochs       = 10_000
	MaxLearningRate = 1e6
	MaxWeightDecay  = 1e6
	MaxPower        = 100
	maxNameLen      = 100
)

// CustomModel is the Model of a run whose network is Config.Spec.
const CustomModel = "custom"

// Models lists what Config.Model may be: the networks that package engine knows by name, and CustomModel.
func Models() []string { return append(engine.Models(), CustomModel) }

// The names of the augmentations.
const (
	NoAugmentation    = augment.None
	FlipCrop          = augment.FlipCrop
	PaperAugmentation = augment.Paper
)

// Augmentations lists what Config.Augment may be: the policies of package augment.
func Augmentations() []string { return augment.Names() }

// Default is the preset of a model on the embedded images, those of softmax, mlp and convnet calibrated by
// TestPresetsReachTheirAccuracy. The residual networks get a cosine, since a batch growing from 32 to 256 hardly calms them: batch
// normalization lets C grow, δ stays at 0.15, and resnet8 ends at 82 % of the test images instead of 88 %. An unknown model
// gets the convnet's numbers and its own name, which Validate then refuses.
func Default(model string) Config {
	cfg := Config{
		Dataset: "fashion-mnist-8k", Model: model, Engine: "auto", Schedule: BatchGrowth,
		LearningRate: 0.1, BatchSize: 16, Epochs: 12, StageEpochs: 3,
		Power: 1, Factor: 0.7, Carrier: CarryRate, Augment: NoAugmentation, Seed: 1,
	}
	switch model {
	case "softmax":
		cfg.LearningRate, cfg.BatchSize = 0.01, 8
	case "resnet8", "resnet20", "resnet18", "wrn-28-10":
		cfg.BatchSize, cfg.Schedule = 32, Cosine
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

// Equal says whether two configurations give the same numbers: all fields alike, the networks by what they hold, and an empty
// Carrier or Augment like the name that it means.
func (c Config) Equal(other Config) bool {
	mine, theirs := c.plain(), other.plain()
	return mine == theirs && (c.Spec == nil) == (other.Spec == nil) && (c.Spec == nil || reflect.DeepEqual(*c.Spec, *other.Spec))
}

// plain is c without its network and with the names that empty words mean.
func (c Config) plain() Config {
	c.Spec = nil
	if c.Carrier == "" {
		c.Carrier = CarryRate
	}
	if c.Augment == "" {
		c.Augment = NoAugmentation
	}
	return c
}

// Network is the network that c describes for images of the given shape. For CustomModel it is Config.Spec, with the shape of the
// images and the number of classes filled in where it leaves them open (0). If it was made for other images, or does not fit
// them, or if there is none, the error is a *FieldError.
func (c Config) Network(input engine.Shape, classes int) (engine.Spec, error) {
	if c.Model != CustomModel {
		return engine.SpecFor(c.Model, input, classes)
	}
	if c.Spec == nil {
		return engine.Spec{}, errNoSpec()
	}
	spec := *c.Spec
	if spec.Input == (engine.Shape{}) {
		spec.Input = input
	}
	if spec.Classes == 0 {
		spec.Classes = classes
	}
	if spec.Input != input || spec.Classes != classes {
		return engine.Spec{}, &FieldError{
			Field: "spec", Doing: "fitting the network to the images",
			Expected: fmt.Sprintf("a network for images of %v in %d classes", input, classes),
			Found:    fmt.Sprintf("one for %v in %d", spec.Input, spec.Classes), Advice: "correct input and classes of the network, or choose other images",
		}
	}
	if err := spec.Validate(); err != nil {
		return engine.Spec{}, specFault("fitting the network to the images", err)
	}
	return spec, nil
}

func errNoSpec() *FieldError {
	return &FieldError{Field: "spec", Doing: "reading your own network", Expected: "its layers", Found: "nothing", Advice: `give a network, or choose a model other than "custom"`}
}

// specFault makes an error of engine.Spec.Validate one of the field "spec".
func specFault(doing string, err error) *FieldError {
	var e *engine.SpecError
	if !errors.As(err, &e) {
		return &FieldError{Field: "spec", Doing: doing, Expected: "layers that fit together", Found: err.Error(), Advice: "correct the network"}
	}
	fault := &FieldError{Field: "spec", Doing: doing, Expected: e.Expected, Found: e.Found, Advice: "correct the network"}
	if e.Layer >= 0 {
		fault.Doing = fmt.Sprintf("%s, layer %d (%s)", doing, e.Layer, quote(string(e.Kind)))
		if e.Name != "" {
			fault.Doing = fmt.Sprintf("%s, layer %d, %s (%s)", doing, e.Layer, quote(e.Name), quote(string(e.Kind)))
		}
		fault.Advice = "correct that layer, or one before it"
	}
	return fault
}
