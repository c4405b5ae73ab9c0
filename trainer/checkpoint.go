package trainer

import (
	"fmt"
	"math"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/measure"
)

// Checkpoint is the whole state of a run between two updates: with the data, it is all that the rest of the run depends on.
// Whoever gets one owns it.
type Checkpoint struct {
	Config    Config      `json:"config"`
	Spec      engine.Spec `json:"spec"`
	Engine    string      `json:"engine"` // engine.Engine.Name of who computed so far
	Path      string      `json:"path"`   // engine.Engine.Path of who computed so far
	TrainSize int         `json:"trainSize"`
	DataCRC   uint32      `json:"dataCRC"` // CRC-32C of the training images and labels

	Step    int     `json:"step"`    // updates done
	Epoch   int     `json:"epoch"`   // 0-based index of the running epoch; Config.Epochs at the end
	Index   int     `json:"index"`   // images of the running epoch already used, 0 … TrainSize
	LossSum float64 `json:"lossSum"` // Σ of the losses of those images
	Correct int     `json:"correct"` // how many of them were classified rightly

	Window []float64 `json:"window"`         // last estimates of C², oldest first
	Bare   bool      `json:"bare,omitempty"` // without the momentum that its run has: to look at, not to resume from

	Params   []float32 `json:"-"` // flat, len Spec.ParameterCount()
	State    []float32 `json:"-"` // running statistics of batch normalization, len Spec.StateCount()
	Velocity []float32 `json:"-"` // momentum of each parameter, laid out as Params; empty without momentum
}

// GradStdDev is C as last measured, with the spread of the measurements; ok is false while it is not known.
func (c *Checkpoint) GradStdDev() (value, spread float64, ok bool) { return window(c.Window).average() }

// NoiseLevel is δ = ηC/√b of the update that follows (at the end of a run: of its last epoch); ok is false while C is not
// known.
func (c *Checkpoint) NoiseLevel() (delta float64, ok bool) {
	value, _, ok := c.GradStdDev()
	schedule, err := ScheduleFor(c.Config)
	if !ok || err != nil {
		return 0, false
	}
	eta, b := schedule(min(c.Epoch, c.Config.Epochs-1))
	return measure.NoiseLevel(eta, value, min(b, c.TrainSize)), true
}

// WithoutMomentum is a view of the checkpoint that leaves the momentum out: half the size, and all that pictures and measurements need. It
// shares the other vectors.
func (c *Checkpoint) WithoutMomentum() *Checkpoint {
	bare := *c
	bare.Velocity, bare.Bare = nil, c.Config.Momentum > 0
	return &bare
}

// TrainedOn says whether these are the run's training images, in their order.
func (c *Checkpoint) TrainedOn(train dataset.Split) bool {
	return c.TrainSize == train.Len() && c.DataCRC == dataCRC(train)
}

// checkLengths compares the three vectors with what the network and the configuration ask for.
func (c *Checkpoint) checkLengths() error {
	d, velocity := c.Spec.ParameterCount(), 0
	if c.Config.Momentum > 0 && !c.Bare {
		velocity = d
	}
	for _, v := range []struct {
		what        string
		found, want int
	}{{"parameters", len(c.Params), d}, {"running statistics", len(c.State), c.Spec.StateCount()}, {"momentum values", len(c.Velocity), velocity}} {
		if v.found != v.want {
			return fmt.Errorf("expected %d %s, found %d", v.want, v.what, v.found)
		}
	}
	return nil
}

// validate checks what a file may get wrong, before anything is allocated by it.
func (c *Checkpoint) validate() error {
	if c.TrainSize < 1 {
		return fmt.Errorf("trainSize: expected at least 1, found %d", c.TrainSize)
	}
	if err := c.Config.Validate(c.TrainSize); err != nil {
		return err
	}
	if err := c.Spec.Validate(); err != nil {
		return err
	}
	switch {
	case c.Epoch < 0 || c.Epoch > c.Config.Epochs:
		return fmt.Errorf("epoch: expected 0 to %d, found %d", c.Config.Epochs, c.Epoch)
	case c.Index < 0 || c.Index > c.TrainSize || c.Epoch == c.Config.Epochs && c.Index > 0:
		return fmt.Errorf("index: expected 0 to %d, found %d", c.TrainSize, c.Index)
	case c.Step != c.stepHere():
		return fmt.Errorf("step: expected %d at image %d of epoch %d, found %d", c.stepHere(), c.Index, c.Epoch, c.Step)
	case c.Correct < 0 || c.Correct > c.Index:
		return fmt.Errorf("correct: expected 0 to %d, found %d", c.Index, c.Correct)
	case c.Bare && c.Config.Momentum == 0:
		return fmt.Errorf("bare: expected a run with momentum, found one without")
	case len(c.Window) > noiseWindow:
		return fmt.Errorf("window: expected at most %d estimates, found %d", noiseWindow, len(c.Window))
	}
	for _, c2 := range c.Window {
		if !(c2 >= 0 && c2 <= math.MaxFloat64) {
			return fmt.Errorf("window: expected finite estimates of at least 0, found %v", c2)
		}
	}
	return nil
}

// stepHere counts the updates up to Epoch and Index; −1 if no batch ends there.
func (c *Checkpoint) stepHere() int {
	schedule, err := ScheduleFor(c.Config)
	if err != nil {
		return -1
	}
	steps := 0
	for epoch := range c.Epoch {
		_, b := schedule(epoch)
		steps += stepsOfEpoch(c.TrainSize, b)
	}
	if c.Index == 0 {
		return steps
	}
	_, b := schedule(c.Epoch)
	if b = min(b, c.TrainSize); c.Index%b != 0 && c.Index != c.TrainSize {
		return -1
	}
	return steps + stepsOfEpoch(c.Index, b)
}

// keep makes dst a copy of src that shares no changing memory with it, and reuses what dst has.
func keep(dst, src *Checkpoint) {
	params, state, velocity, window := dst.Params, dst.State, dst.Velocity, dst.Window
	*dst = *src
	dst.Params = append(params[:0], src.Params...)
	dst.State = append(state[:0], src.State...)
	dst.Velocity = append(velocity[:0], src.Velocity...)
	dst.Window = append(window[:0], src.Window...)
}

// copyProgress writes the progress of src into dst, whose vectors stay where they are.
func copyProgress(dst, src *Checkpoint) {
	copy(dst.Params, src.Params)
	copy(dst.State, src.State)
	copy(dst.Velocity, src.Velocity)
	dst.Step, dst.Epoch, dst.Index, dst.LossSum, dst.Correct = src.Step, src.Epoch, src.Index, src.LossSum, src.Correct
	dst.Window = append(dst.Window[:0], src.Window...)
}
