package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"smoothscape/trainer/engine"
)

// Validate reports everything that is wrong with the configuration for a training set of trainSize images (≤ 0: not known
// yet, so that the batch size has no upper bound), one *FieldError a field, joined. Whether the data set exists, and whether
// a network of one's own fits its images, is not asked here.
func (c Config) Validate(trainSize int) error {
	v := &validation{}
	if c.Dataset == "" || len(c.Dataset) > maxNameLen {
		v.bad("dataset", "choosing the images", fmt.Sprintf("a name of 1 to %d bytes", maxNameLen), quote(c.Dataset), "choose a data set from the list")
	}
	v.oneOf("model", "choosing the network", c.Model, Models())
	v.network(c)
	if !knownEngine(c.Engine) {
		v.errs = append(v.errs, errNoEngine(c.Engine))
	}
	v.schedule(c)
	if !(c.LearningRate > 0 && c.LearningRate <= MaxLearningRate) {
		v.bad("learningRate", "reading the learning rate η", fmt.Sprintf("a number above 0 and at most %g", float64(MaxLearningRate)), fmt.Sprint(c.LearningRate), "type a positive number such as 0.1")
	}
	v.batchSize(c, trainSize)
	if c.Epochs < 1 || c.Epochs > MaxEpochs {
		v.bad("epochs", "reading the number of epochs", fmt.Sprintf("a whole number from 1 to %d", MaxEpochs), fmt.Sprint(c.Epochs), "type a number in this range")
	}
	if c.StageEpochs < 0 || c.StageEpochs > MaxEpochs {
		v.bad("stageEpochs", "reading the epochs of a stage", fmt.Sprintf("a whole number from 1 to %d, or 0 for a fifth of all epochs", MaxEpochs), fmt.Sprint(c.StageEpochs), "type a number in this range")
	}
	if most := min(max(c.Epochs, 0), MaxEpochs); c.WarmupEpochs < 0 || c.WarmupEpochs > most {
		v.bad("warmupEpochs", "reading the epochs of warm-up", fmt.Sprintf("a whole number from 0 to %d, the number of epochs", most), fmt.Sprint(c.WarmupEpochs), "type a number in this range, 0 for no warm-up")
	}
	v.optimizer(c)
	if c.Augment != "" {
		v.oneOf("augment", "choosing how images are varied", c.Augment, Augmentations())
	}
	return errors.Join(v.errs...)
}

// validation collects what is wrong with a Config.
type validation struct{ errs []error }

func (v *validation) bad(field, doing, expected, found, advice string) {
	v.errs = append(v.errs, &FieldError{Field: field, Doing: doing, Expected: expected, Found: found, Advice: advice})
}

func (v *validation) oneOf(field, doing, value string, known []string) {
	if !slices.Contains(known, value) {
		v.bad(field, doing, "one of "+strings.Join(known, ", "), quote(value), "choose one of these")
	}
}

func (v *validation) network(c Config) {
	switch {
	case c.Model == CustomModel && c.Spec == nil:
		v.errs = append(v.errs, errNoSpec())
	case c.Model != CustomModel && c.Spec != nil:
		v.bad("spec", "reading your own network", fmt.Sprintf("none beside the model %s", quote(c.Model)), fmt.Sprintf("one of %d layers", len(c.Spec.Layers)), `choose the model "custom" to train it, or leave it out`)
	case c.Spec != nil:
		v.ownNetwork(*c.Spec)
	}
}

// maxSpecBytes bounds the JSON of a network of one's own, which a checkpoint holds twice. The networks that are known by name
// take 10 kB at most.
const maxSpecBytes = maxHeader / 10

// ownNetwork checks what can be checked of a network before its images are known, if it leaves their shape open.
func (v *validation) ownNetwork(spec engine.Spec) {
	const doing = "checking your own network"
	if text, err := json.Marshal(spec); err != nil || len(text) > maxSpecBytes {
		v.bad("spec", doing, fmt.Sprintf("at most %d bytes of JSON", maxSpecBytes), fmt.Sprint(len(text)), "give the layers shorter names, or take fewer of them")
		return
	}
	for i, layer := range spec.Layers {
		if strings.HasPrefix(layer.Name, momentumPrefix) {
			v.bad("spec", doing, fmt.Sprintf("names that do not begin with %q, which names the momentum of a tensor in a checkpoint", momentumPrefix), fmt.Sprintf("%s at layer %d", quote(layer.Name), i), "give the layer another name")
			return
		}
	}
	if spec.Input == (engine.Shape{}) || spec.Classes == 0 {
		return
	}
	if err := spec.Validate(); err != nil {
		v.errs = append(v.errs, specFault(doing, err))
	}
}

// schedule checks what the schedule reads strictly, and what it does not read for being a number in range.
func (v *validation) schedule(c Config) {
	v.oneOf("schedule", "choosing the schedule", c.Schedule, Schedules())
	if c.Carrier != "" {
		v.oneOf("carrier", "choosing which of η and b carries the path of δ", c.Carrier, Carriers())
	}
	if !(c.Power >= 0 && c.Power <= MaxPower) || c.Power == 0 && c.Schedule == Polynomial {
		v.bad("power", "reading the power p of the polynomial", fmt.Sprintf("a number above 0 and at most %d", MaxPower), fmt.Sprint(c.Power), "type a positive number such as 1")
	}
	if !(c.Factor >= 0 && c.Factor <= 1) || c.Factor == 0 && (c.Schedule == Step || c.Schedule == Exponential) {
		v.bad("factor", "reading the factor on δ", "a number above 0 and at most 1", fmt.Sprint(c.Factor), "type a number such as 0.7")
	}
}

func (v *validation) batchSize(c Config, trainSize int) {
	const doing = "reading the batch size b"
	switch {
	case c.BatchSize < 1 || trainSize > 0 && c.BatchSize > trainSize:
		expected := "a whole number of at least 1"
		if trainSize > 0 {
			expected = fmt.Sprintf("a whole number from 1 to %d, the number of training images", trainSize)
		}
		v.bad("batchSize", doing, expected, fmt.Sprint(c.BatchSize), "type a number in this range such as 32")
	case c.BatchSize > math.MaxInt32:
		v.bad("batchSize", doing, fmt.Sprintf("at most %d", math.MaxInt32), fmt.Sprint(c.BatchSize), "type a number such as 32")
	case c.BatchSize == 1 && c.Schedule == Hybrid:
		v.bad("batchSize", doing, "at least 2 for the hybrid schedule, which takes the whole part of 1.5·b and so would never leave 1", "1", "start from 2 or more, or choose another schedule")
	}
}

func (v *validation) optimizer(c Config) {
	if !(c.Momentum >= 0 && c.Momentum < 1) {
		v.bad("momentum", "reading the momentum μ", "a number from 0 on and below 1", fmt.Sprint(c.Momentum), "type 0 for none, or a number such as 0.9")
	}
	if c.Nesterov && c.Momentum == 0 {
		v.bad("nesterov", "choosing Nesterov's momentum", "a momentum above 0 beside it", "momentum 0", "type a momentum such as 0.9, or leave Nesterov out")
	}
	if !(c.WeightDecay >= 0 && c.WeightDecay <= MaxWeightDecay) {
		v.bad("weightDecay", "reading the weight decay", fmt.Sprintf("a number from 0 to %g", float64(MaxWeightDecay)), fmt.Sprint(c.WeightDecay), "type 0 for none, or a number such as 0.0005")
	}
}

// momentumPrefix begins the names of the momentum buffers in a checkpoint.
const momentumPrefix = "momentum."
