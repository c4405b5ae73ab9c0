package trainer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/loader"
	"smoothscape/trainer/measure"
)

// Job is one stretch of work on a run: from its start, or from a checkpoint, until it ends or is stopped.
type Job struct {
	Config Config
	Set    *dataset.Set  // only read
	Engine engine.Engine // builds the model; what OpenEngine makes of Config.Engine
	Device *device.Info  // of Opened, to be told
	Notice string        // what people should be told at the start besides: Opened.Warning
	Resume *Checkpoint   // nil for a new run; else of the same Config (another Engine is allowed, with a warning) and data; only read

	CheckpointEvery time.Duration    // a checkpoint at least this often while training; ≤ 0: at epoch ends and at the stop only
	Marks           int              // checkpoints besides, evenly spread over the updates of a run, the first before its first update: what one can go back to; 0: none
	CheckpointShare float64          // of the time that checkpoints between the ends of epochs may take: those of a large network come less often; 0 means any
	Now             func() time.Time // dates events and spaces checkpoints, decides no number of the run; nil means time.Now
}

// Train works on a run until it has done all its epochs (OutcomeDone), ctx is canceled (OutcomeStopped), the loss is not finite
// or beyond lossLimit (OutcomeDiverged) or something fails (OutcomeFailed, with the error; the error is nil for the other outcomes): a device, say,
// after a checkpoint.
//
// It hands every event to emit in order, from KindStarted to KindEnded, and every checkpoint to save, which must store it
// before it returns; only then is KindCheckpoint emitted. Checkpoints are written as Job.CheckpointEvery says, at Job.Marks,
// at the end of each epoch, at the stop, and of the last state with a good loss when the run diverges. A checkpoint belongs
// to save. An error of emit ends the job at once and in silence, since nobody listens; one of save ends it with a KindEnded
// event, and the checkpoints stored before it remain.
//
// ctx is looked at once a step and once a piece of a batch. Neither that moment nor the moment of a checkpoint changes any
// number: a run that is resumed repeats the events after its checkpoint exactly, but for their times and "started".
func Train(ctx context.Context, job Job, save func(*Checkpoint) (CheckpointRef, error), emit func(Event) error) (Outcome, error) {
	r := &run{job: job, save: save, emit: emit}
	if r.job.Now == nil {
		r.job.Now = time.Now
	}
	outcome, reason, err := r.work(ctx)
	r.closeLoader()
	if r.model != nil {
		err = errors.Join(err, r.model.Close())
	}
	if err != nil {
		outcome, reason = OutcomeFailed, err.Error()
	}
	if !r.deaf {
		if emitErr := r.send(Event{Kind: KindEnded, Ended: &Ended{Outcome: outcome, Reason: reason}}); emitErr != nil {
			return OutcomeFailed, errors.Join(err, emitErr)
		}
	}
	return outcome, err
}

// run is a job at work. Its state is the current one; state.Params and state.State are the model's own vectors.
type run struct {
	job  Job
	save func(*Checkpoint) (CheckpointRef, error)
	emit func(Event) error
	deaf bool // emit failed

	model    engine.Model
	schedule Schedule
	state    Checkpoint
	sound    Checkpoint // state before the last update: the newest one whose training loss is known to be good
	hasSound bool
	whole    bool           // the network has batch normalization, so its batches are never cut
	loader   *loader.Loader // nil while the device makes the updates
	grads    gradients
	sgd      sgd
	resident *resident // nil: updates are made here
	told     int       // updates that were reported, where some are made again

	saved   [2]int        // place of the last checkpoint; negative before the first
	savedAt time.Time     // when the last checkpoint was begun
	took    time.Duration // how long it took; known with Job.CheckpointShare or Job.Marks alone
	total   int           // updates of the whole run
	mark    int           // newest of Job.Marks that has its checkpoint
}

// work is Train without the last word.
func (r *run) work(ctx context.Context) (Outcome, string, error) {
	warning, err := r.prepare(ctx)
	if err != nil {
		return "", "", err
	}
	n := r.job.Set.Train.Len()
	r.total = TotalSteps(r.job.Config, n)
	r.mark = r.markHere()
	err = r.send(Event{Kind: KindStarted, Started: &Started{
		Engine: r.state.Engine, Path: r.state.Path, Device: r.job.Device, Parameters: len(r.state.Params), TrainSize: n, TestSize: r.job.Set.Test.Len(),
		TotalSteps: r.total, Resumed: r.job.Resume != nil, Warning: strings.TrimSpace(r.job.Notice + " " + warning),
	}})
	if err == nil && r.job.Marks > 0 && r.job.Resume == nil {
		err = r.checkpoint(&r.state)
	}
	if err != nil {
		return "", "", err
	}
	for r.state.Epoch < r.job.Config.Epochs {
		var reason string
		switch {
		case ctx.Err() != nil:
			// Stopped: the check below writes the checkpoint.
		case r.state.Index == n:
			reason, err = r.endEpoch(ctx)
		case r.resident != nil:
			reason, err = r.residentSteps(ctx)
		default:
			reason, err = r.step()
		}
		// An error of a stopped run is that it was stopped, unless it leaves the parameters on a device, between two updates.
		if err != nil && (ctx.Err() == nil || r.adrift()) || r.deaf {
			return "", "", r.keepFrom(err)
		}
		if reason != "" {
			return OutcomeDiverged, reason, r.keepSound()
		}
		if ctx.Err() != nil {
			return OutcomeStopped, "", r.checkpoint(&r.state)
		}
		if r.due() {
			if err := r.checkpoint(&r.state); err != nil {
				return "", "", err
			}
		}
	}
	return OutcomeDone, "", r.checkpoint(&r.state)
}

// planned is an update as the schedule wants it.
type planned struct {
	step     int     // 0-based
	rate     float64 // η
	batch    int     // b
	measured bool    // C is measured,
	samples  [2]int  // from the gradients of two samples of so many images
}

// plan plans update step, whose batch begins at an index of the running epoch.
func (r *run) plan(step, index int) planned {
	s := &r.state
	eta, scheduled := r.schedule(s.Epoch)
	p := planned{step: step, rate: eta, batch: min(scheduled, s.TrainSize-index)}
	p.measured = measures(step, scheduled, p.batch, s.TrainSize, r.whole)
	if p.samples = [2]int{p.batch / 2, p.batch - p.batch/2}; p.batch == 1 {
		p.samples[0] = 1
	}
	return p
}

// step makes one update. A reason means that the run diverged and nothing was changed.
func (r *run) step() (reason string, err error) {
	s := &r.state
	p := r.plan(s.Step, s.Index)
	var metrics engine.Metrics
	var c2, length float64
	switch {
	case r.whole:
		metrics, c2, err = r.grads.whole(p.measured, s.TrainSize)
	case !p.measured:
		metrics, err = r.grads.mean(p.batch, r.grads.g)
	case p.batch > 1:
		metrics, c2, err = r.grads.halves(p.batch, s.TrainSize)
	default:
		metrics, c2, err = r.grads.probed(s.TrainSize, stream(s.Config.Seed, streamProbe, uint64(s.Step)))
	}
	if err != nil {
		return "", fmt.Errorf("epoch %d, step %d: %w", s.Epoch, s.Step, err)
	}
	if reason := lost(fmt.Sprintf("training loss at step %d", s.Step+1), metrics.Loss, s.Spec.Classes); reason != "" {
		return reason, nil
	}
	keep(&r.sound, s)
	r.hasSound = true
	if p.measured {
		length = norm(r.grads.g)
	}
	r.sgd.step(s.Step, p.rate, s.Params, s.Velocity, r.grads.g)
	for i, v := range r.model.BatchStats() {
		s.State[i] += float32(engine.BatchNormMomentum * (v - s.State[i]))
	}
	return "", r.book(p, metrics, c2, length)
}

// book counts an update that was made, and reports it. c2 and length, that of the gradient, are those of a measured one.
func (r *run) book(p planned, metrics engine.Metrics, c2, length float64) error {
	s := &r.state
	update := &Update{Epoch: s.Epoch, LearningRate: p.rate, BatchSize: p.batch, TrainLoss: Number(metrics.Loss)}
	if p.measured {
		long := Number(length)
		update.GradNorm = &long
		s.Window = window(s.Window).add(c2)
	}
	s.Step++
	s.Index += p.batch
	s.LossSum += metrics.Loss * float64(p.batch)
	s.Correct += metrics.Correct
	if s.Step <= r.told {
		return nil
	}
	if c, spread, ok := s.GradStdDev(); ok {
		values := [3]Number{Number(c), Number(spread), Number(measure.NoiseLevel(p.rate, c, p.batch))}
		update.GradStdDev, update.GradStdDevErr, update.NoiseLevel = &values[0], &values[1], &values[2]
	}
	return r.send(Event{Kind: KindUpdate, Update: update})
}

// endEpoch tests the network, reports the epoch and begins the next one.
func (r *run) endEpoch(ctx context.Context) (reason string, err error) {
	s := &r.state
	test, err := r.evaluate(ctx)
	if err != nil {
		return "", fmt.Errorf("testing after epoch %d: %w", s.Epoch, err)
	}
	n := float64(s.TrainSize)
	result := EpochResult{
		Epoch: s.Epoch, TrainLoss: Number(s.LossSum / n), TrainAccuracy: float64(s.Correct) / n,
		TestLoss: Number(test.Loss), TestAccuracy: float64(test.Correct) / float64(r.job.Set.Test.Len()),
	}
	if err := r.send(Event{Kind: KindEpoch, Epoch: &result}); err != nil {
		return "", err
	}
	// Running statistics lag behind the network: after few updates they may give any test loss although the training is sound.
	if lagging := r.whole && !math.IsNaN(test.Loss) && !math.IsInf(test.Loss, 0); !lagging {
		if reason := lost(fmt.Sprintf("test loss after epoch %d", s.Epoch+1), test.Loss, s.Spec.Classes); reason != "" {
			if r.resident != nil {
				if err := r.goBack(); err != nil {
					return "", err
				}
				keep(&r.sound, s)
				r.hasSound = true
			}
			return reason, nil
		}
	}
	s.nextEpoch()
	return "", r.checkpoint(s)
}

// nextEpoch begins an epoch.
func (c *Checkpoint) nextEpoch() {
	c.Epoch++
	c.Index, c.LossSum, c.Correct = 0, 0, 0
}

// evaluate tests the network.
func (r *run) evaluate(ctx context.Context) (engine.Metrics, error) {
	if r.resident == nil {
		return r.grads.evaluate(ctx, r.job.Set.Test)
	}
	n := r.state.TrainSize
	return r.resident.model.EvalKept(n, n+r.job.Set.Test.Len())
}

// lossLimit is the loss, in units of ln K (the loss of guessing among K classes), above which a run counts as diverged. At a
// far too high learning rate a softmax or a network of dead units bounces for ever at losses of 10³ to 10⁵ and never reaches
// infinity; at b = 1 and learning rates that still learn, single losses of some 50·ln K occur.
const lossLimit = 1000

// lost says in a sentence why a loss means that the run diverged; "" if it does not.
func lost(what string, loss float64, classes int) string {
	guessing := math.Log(float64(max(classes, 2)))
	switch {
	case math.IsNaN(loss) || math.IsInf(loss, 0):
		return fmt.Sprintf("The %s is %v; try a lower learning rate.", what, loss)
	case loss > lossLimit*guessing:
		return fmt.Sprintf("The %s is %.4g, more than %d times the %.3g of guessing; try a lower learning rate.", what, loss, lossLimit, guessing)
	}
	return ""
}

// keepSound stores the newest state whose training loss is good. There is none if the very first loss was not.
func (r *run) keepSound() error {
	if !r.hasSound {
		return nil
	}
	return r.checkpoint(&r.sound)
}

// keepFrom stores the state that a faulty device has left as it was before the step, and gives the fault. What was on the device alone is lost with it: the
// newest checkpoint is what remains.
func (r *run) keepFrom(err error) error {
	var fault *device.Fault
	if r.deaf || !errors.As(err, &fault) || r.adrift() {
		return err
	}
	return errors.Join(err, r.checkpoint(&r.state))
}

// adrift says whether the newest parameters are on the device alone.
func (r *run) adrift() bool { return r.resident != nil && r.resident.ahead }

// checkpoint stores state c, unless exactly that state is stored already.
func (r *run) checkpoint(c *Checkpoint) error {
	if r.saved == c.place() {
		return nil
	}
	r.savedAt = r.job.Now()
	if r.resident != nil && c == &r.state {
		if err := r.resident.fetch(c); err != nil {
			return fmt.Errorf("fetching the parameters of step %d: %w", c.Step, err)
		}
	}
	var owned Checkpoint
	keep(&owned, c)
	ref, err := r.save(&owned)
	if err != nil {
		return fmt.Errorf("storing the checkpoint of step %d: %w; free space on the disk or check the data folder, then resume", c.Step, err)
	}
	r.saved = c.place()
	if r.job.CheckpointShare > 0 || r.job.Marks > 0 {
		r.took = r.job.Now().Sub(r.savedAt)
	}
	r.mark = r.markHere()
	return r.send(Event{Kind: KindCheckpoint, Step: c.Step, Checkpoint: &ref})
}

// markShare is the part of its time that a training may spend on the checkpoints of Job.Marks: they are put off where it would be more, in a
// run of a second or less. Of a longer one two dozen checkpoints take no part that could be measured.
const markShare = 0.2

// markHere is the newest mark that the run has reached.
func (r *run) markHere() int {
	return r.state.Step * r.job.Marks / max(1, r.total)
}

// due says whether the clock, or the run's place, asks for a checkpoint.
func (r *run) due() bool {
	atEnd := r.state.Index == r.job.Set.Train.Len() // of an epoch, which has a checkpoint anyway
	if r.job.Marks > 0 && !atEnd && r.markHere() > r.mark && r.job.Now().Sub(r.savedAt) >= time.Duration(float64(r.took)/markShare) {
		return true
	}
	every := r.job.CheckpointEvery
	if every <= 0 {
		return false
	}
	if share := r.job.CheckpointShare; share > 0 {
		every = max(every, time.Duration(float64(r.took)/share))
	}
	return r.job.Now().Sub(r.savedAt) >= every
}

// place tells two states of one run apart: an epoch's end and the beginning of the next have one Step.
func (c *Checkpoint) place() [2]int { return [2]int{c.Step, c.Epoch} }

// send dates an event and hands it over.
func (r *run) send(e Event) error {
	e.Time = r.job.Now().UnixMilli()
	if e.Kind != KindCheckpoint {
		e.Step = r.state.Step
	}
	if err := r.emit(e); err != nil {
		r.deaf = true
		return fmt.Errorf("reporting %q at step %d: %w", e.Kind, e.Step, err)
	}
	return nil
}
