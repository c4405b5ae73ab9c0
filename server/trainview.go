package main

import (
	"fmt"

	"smoothscape/trainer"
)

// trainView shows a training in a terminal, event by event.
type trainView struct {
	tty    *terminal
	asJSON bool
	file   *checkpointFile
	bar    *progress // nil before the training starts

	step, total int
	last        *trainer.EpochResult
	delta       *trainer.Number
	reason      string
}

// take is the trainer's emit.
func (v *trainView) take(e trainer.Event) error {
	v.step = e.Step
	switch {
	case e.Started != nil:
		v.started(e.Started)
	case e.Update != nil:
		v.delta = e.Update.NoiseLevel
		v.bar.describe(fmt.Sprintf("epoch %d, loss %.3f, δ %s", e.Update.Epoch+1, float64(e.Update.TrainLoss), digits(v.delta)))
		v.bar.add(1)
	case e.Epoch != nil:
		v.last = e.Epoch
		v.bar.line("epoch %d: loss %.4f, accuracy %.2f %%; on test images %.4f, %.2f %%; δ %s", e.Epoch.Epoch+1, float64(e.Epoch.TrainLoss),
			100*e.Epoch.TrainAccuracy, float64(e.Epoch.TestLoss), 100*e.Epoch.TestAccuracy, digits(v.delta))
	case e.Ended != nil:
		v.reason = e.Ended.Reason
	}
	if v.asJSON {
		return lineWriter{v.tty.out}.write(e)
	}
	return nil
}

func (v *trainView) started(s *trainer.Started) {
	v.total = s.TotalSteps
	fmt.Fprintf(v.tty.err, "%s parameters, %s + %s images, %s updates; engine %s (%s); checkpoint in %s\n",
		grouped(s.Parameters), grouped(s.TrainSize), grouped(s.TestSize), grouped(s.TotalSteps), s.Engine, s.Path, v.file.name)
	if s.Resumed {
		fmt.Fprintf(v.tty.err, "goes on after update %s\n", grouped(v.step))
	}
	if s.Warning != "" {
		fmt.Fprintln(v.tty.err, "smoothscape:", s.Warning)
	}
	v.bar = newProgress(v.tty.err, int64(max(0, s.TotalSteps-v.step)), "updates")
}

// result is the last line of a run that is done. With --json the events have said it.
func (v *trainView) result() error {
	if v.asJSON {
		return nil
	}
	if v.last == nil { // resumed at its end
		_, err := fmt.Fprintf(v.tty.out, "nothing was left to train after %s updates; checkpoint %s\n", grouped(v.step), v.file.name)
		return err
	}
	_, err := fmt.Fprintf(v.tty.out, "test accuracy %.2f %% after %s updates; checkpoint %s\n", 100*v.last.TestAccuracy, grouped(v.step), v.file.name)
	return err
}

// left says as an error where the last good state is, after a training that ended badly.
func (v *trainView) left() error {
	if v.file.newer == 0 {
		return nil
	}
	return fmt.Errorf("the last good state is in %s", v.file.name)
}

// digits is a number for people, or a dash while it is not known.
func digits(x *trainer.Number) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.3g", float64(*x))
}
