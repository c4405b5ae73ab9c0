package trainer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/loader"
)

// ErrResume: the checkpoint to resume from belongs to another run, or to other data.
var ErrResume = errors.New("trainer: checkpoint does not fit the run")

// prepare checks the job and brings the run to its first state, or to that of the checkpoint. The warning is for people.
func (r *run) prepare(ctx context.Context) (warning string, err error) {
	cfg, set := r.job.Config, r.job.Set
	if err := cfg.Validate(set.Train.Len()); err != nil {
		return "", err
	}
	if set.Train.Len() == 0 || set.Test.Len() == 0 {
		return "", fmt.Errorf("training on %s: expected training and test images, found %d and %d", set.Name, set.Train.Len(), set.Test.Len())
	}
	if r.schedule, err = ScheduleFor(cfg); err != nil {
		return "", err
	}
	spec, err := cfg.Network(set.Shape, set.Classes)
	if err != nil {
		return "", err
	}
	if r.model, err = r.job.Engine.Build(spec); err != nil {
		return "", err
	}
	r.state = Checkpoint{
		Config: cfg, Spec: spec, Engine: r.job.Engine.Name(), Path: r.job.Engine.Path(),
		TrainSize: set.Train.Len(), DataCRC: dataCRC(set.Train), Params: r.model.Params(), State: r.model.State(),
	}
	r.whole, r.sgd = spec.HasBatchNorm(), newSGD(cfg)
	if cfg.Momentum > 0 {
		r.state.Velocity = make([]float32, len(r.state.Params))
	}
	r.saved, r.savedAt = [2]int{-1, -1}, r.job.Now()
	if r.job.Resume != nil {
		warning, err = r.restore(r.job.Resume)
	} else {
		copy(r.state.Params, engine.Initialize(spec, stream(cfg.Seed, streamInitialize, 0)))
		copy(r.state.State, engine.InitialState(spec))
	}
	if err != nil {
		return "", err
	}
	if !r.reside(&warning) {
		r.openLoader(ctx)
	}
	if r.whole {
		warning = strings.TrimSpace(warning + " " + largeBatchWarning(spec, largestBatch(cfg, r.schedule, set.Train.Len())))
	}
	return warning, nil
}

// openLoader begins to make the images of the updates to come, for step.
func (r *run) openLoader(ctx context.Context) {
	cfg, set := r.job.Config, r.job.Set
	policy, _ := augment.PolicyByName(cfg.plain().Augment) // Validate knows no other names
	r.loader = loader.New(ctx, set, policy, cfg.Seed, loadAhead, newPieces(&r.state, r.schedule, r.whole).next)
	r.grads = newGradients(r.model, set, r.loader.Next, loader.NewFiller(set, policy, cfg.Seed))
}

func (r *run) closeLoader() {
	if r.loader != nil {
		r.loader.Close()
		r.loader = nil
	}
}

// largestBatch is the largest batch of n images or fewer that the schedule asks for.
func largestBatch(cfg Config, schedule Schedule, n int) int {
	b := 1
	for epoch := range cfg.Epochs {
		_, scheduled := schedule(epoch)
		b = max(b, min(scheduled, n))
	}
	return b
}

// largeBatchWarning warns of a batch that cannot be cut and may need more memory than there is; "" if it is small enough. An engine keeps at
// least the output of each layer for its gradient, four bytes a value.
func largeBatchWarning(spec engine.Spec, b int) string {
	shapes, err := spec.Shapes()
	if err != nil {
		return ""
	}
	bytes := 0.0
	for _, s := range shapes {
		bytes += 4 * float64(s.Len()) * float64(b)
	}
	if bytes < largeBatchBytes {
		return ""
	}
	return fmt.Sprintf("The schedule goes up to batches of %d images, which batch normalization does not allow to cut: expect them to need some %.0f GB of memory.", b, bytes/1e9)
}

// largeBatchBytes is where people are warned: half of what a computer with 16 GB may leave to a program.
const largeBatchBytes = 4e9

// loadAhead is how many pieces of batches are varied and normalized while the engine works on an earlier one. It changes no number.
const loadAhead = 4

// restore takes over the state of a checkpoint after checking that it belongs to this run.
func (r *run) restore(c *Checkpoint) (warning string, err error) {
	if err := c.validate(); err != nil {
		return "", fmt.Errorf("%w: %w", ErrResume, err)
	}
	theirs := c.Config
	theirs.Engine = r.job.Config.Engine
	switch {
	case c.Bare:
		return "", fmt.Errorf("%w: expected a whole checkpoint, found one whose momentum was left out; take the newest one of the run", ErrResume)
	case !theirs.Equal(r.job.Config):
		return "", fmt.Errorf("%w: expected the configuration %+v, found %+v; start a new run to change it", ErrResume, r.job.Config, c.Config)
	case c.TrainSize != r.state.TrainSize || c.DataCRC != r.state.DataCRC:
		return "", fmt.Errorf("%w: the images of %s changed since it was written: expected %d with checksum %08x, found %d with %08x; put the old images back, or start a new run",
			ErrResume, c.Config.Dataset, c.TrainSize, c.DataCRC, r.state.TrainSize, r.state.DataCRC)
	case !reflect.DeepEqual(c.Spec, r.state.Spec):
		return "", fmt.Errorf("%w: its network is not that of the model %s in this version; start a new run", ErrResume, quote(c.Config.Model))
	}
	if err := c.checkLengths(); err != nil {
		return "", fmt.Errorf("%w: %w; start a new run", ErrResume, err)
	}
	if c.Path != r.state.Path {
		warning = fmt.Sprintf("The checkpoint was computed on %s, this job computes on %s: from here on the numbers may differ in their last digits from an unbroken run.", c.Path, r.state.Path)
	}
	copyProgress(&r.state, c)
	r.saved = c.place()
	return warning, nil
}
