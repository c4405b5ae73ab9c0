package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"smoothscape/server/curve"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

// How events are grouped into transactions: what came within intakeWindow, at most intakeGroup of them. It is far below what the eye notices,
// and it keeps the number of disk flushes at 40 a second, however fast a run is.
const (
	intakeWindow = 25 * time.Millisecond
	intakeGroup  = 1000
	intakeQueue  = 4096 // events between the worker's pipe and the disk; when they are full, the pipe fills and the worker waits
)

// intake takes the events of one job: checks each line, and in a goroutine of its own puts them on disk and then before the viewers.
type intake struct {
	runs  *Runs
	id    string
	kill  context.CancelCauseFunc // ends the job with a reason
	queue chan received
	done  chan struct{}

	// Owned by the goroutine until done is closed.
	delta *float64 // δ after the newest update, repeated ones included
	ended *trainer.Ended
	err   error
}

// received is an event beside its line.
type received struct {
	event trainer.Event
	line  []byte
}

// awaited: somebody waits for it.
func (r received) awaited() bool {
	return r.event.Kind == trainer.KindCheckpoint || r.event.Kind == trainer.KindEnded
}

// startIntake begins; finish must end it. delta is the run's δ so far.
func startIntake(runs *Runs, id string, delta *float64, kill context.CancelCauseFunc) *intake {
	in := &intake{runs: runs, id: id, kill: kill, queue: make(chan received, intakeQueue), done: make(chan struct{}), delta: delta}
	go in.record()
	return in
}

// line takes one line of the worker. An error is the worker's fault.
func (in *intake) line(line []byte) error {
	var event trainer.Event
	if err := json.Unmarshal(line, &event); err != nil {
		return fmt.Errorf("the worker wrote a line that is no event: %w: %.80q", err, line)
	}
	if err := in.check(event); err != nil {
		return fmt.Errorf("the worker wrote a wrong event: %w: %.80q", err, line)
	}
	in.queue <- received{event: event, line: append([]byte(nil), line...)}
	return nil
}

// check holds an event to what its kind promises.
func (in *intake) check(event trainer.Event) error {
	payload := false
	switch event.Kind {
	case trainer.KindStarted:
		payload = event.Started != nil
	case trainer.KindUpdate:
		payload = event.Update != nil
	case trainer.KindEpoch:
		payload = event.Epoch != nil
	case trainer.KindCheckpoint:
		payload = event.Checkpoint != nil
	case trainer.KindEnded:
		payload = event.Ended != nil
	default:
		return fmt.Errorf("unknown kind %.20q", string(event.Kind))
	}
	switch {
	case !payload:
		return fmt.Errorf("%s without its payload", event.Kind)
	case event.Step < 0:
		return fmt.Errorf("step %d is negative", event.Step)
	case event.Checkpoint != nil && !in.runs.store.Blobs.Has(event.Checkpoint.SHA256):
		return fmt.Errorf("the checkpoint is not on disk")
	case event.Checkpoint != nil && event.Checkpoint.Parameters != nil && !in.runs.store.Blobs.Has(event.Checkpoint.Parameters.SHA256):
		return fmt.Errorf("the parameters of the checkpoint are not on disk")
	}
	return nil
}

// finish waits until everything is recorded; the error says what could not be. ended is the worker's last word, or nil.
func (in *intake) finish() (ended *trainer.Ended, err error) {
	close(in.queue)
	<-in.done
	return in.ended, in.err
}

// record is the goroutine. After an error it goes on taking events, so that nobody waits for it, until the killed worker is gone; and when
// the program ends and has killed the worker, what is left of its events is dropped: a run that is resumed repeats them.
func (in *intake) record() {
	defer close(in.done)
	for first := range in.queue {
		group := in.gather(first)
		if in.err != nil || in.runs.ctx.Err() != nil {
			continue
		}
		if in.err = in.commit(group); in.err != nil {
			in.kill(in.err)
		}
	}
}

// gather collects the events of one transaction: what has come already, however many checkpoints, and what comes within the window,
// which somebody who waits for a checkpoint or the last word is spared.
func (in *intake) gather(first received) []received {
	group, awaited := []received{first}, first.awaited()
	window := time.NewTimer(intakeWindow)
	defer window.Stop()
	for len(group) < intakeGroup {
		next, ok := in.next(window.C, awaited)
		if !ok {
			break
		}
		group = append(group, next)
		awaited = awaited || next.awaited()
	}
	return group
}

// next is an event that has come or, unless one is awaited, comes before the window is over.
func (in *intake) next(over <-chan time.Time, awaited bool) (received, bool) {
	select {
	case r, ok := <-in.queue:
		return r, ok
	default:
	}
	if awaited {
		return received{}, false
	}
	select {
	case r, ok := <-in.queue:
		return r, ok
	case <-over:
		return received{}, false
	}
}

// commit puts events on disk and then before the viewers.
func (in *intake) commit(group []received) error {
	lines := make([]store.Event, len(group))
	fresh, checkpoint := false, false
	for i, r := range group {
		lines[i] = store.Event{Kind: string(r.event.Kind), Step: r.event.Step, Body: r.line}
		switch {
		case r.event.Update != nil:
			in.delta = known(r.event.Update.NoiseLevel)
		case r.event.Checkpoint != nil:
			lines[i].Checkpoint = &store.Checkpoint{
				Step: r.event.Step, SHA256: r.event.Checkpoint.SHA256, Bytes: r.event.Checkpoint.Bytes, NoiseLevel: in.delta, Time: r.event.Time,
			}
			if bare := r.event.Checkpoint.Parameters; bare != nil {
				lines[i].Checkpoint.Parameters = &store.Blob{SHA256: bare.SHA256, Bytes: bare.Bytes}
			}
			checkpoint = true
		case r.event.Ended != nil:
			in.ended = r.event.Ended
		}
		fresh = fresh || r.event.Started != nil || r.event.Epoch != nil
	}
	result, err := in.runs.store.Append(in.id, lines, func(run *store.Run) { summarize(run, group) })
	if err != nil {
		return err
	}
	bodies := make([][]byte, len(result.Kept))
	for i, e := range result.Kept {
		bodies[i] = e.Body
	}
	in.runs.hub.Publish(in.id, result.From, bodies)
	if result.From/curve.ChunkEvents != result.Run.Length/curve.ChunkEvents {
		in.runs.curves.want(in.id)
	}
	if fresh {
		in.runs.refresh(in.id)
	}
	if checkpoint {
		in.runs.slices.want(in.id)
	}
	return nil
}

// summarize brings a run's row up to date. A resumed job repeats steps with the same numbers, so taking them twice changes nothing.
func summarize(run *store.Run, group []received) {
	for _, r := range group {
		switch {
		case r.event.Started != nil:
			run.TotalSteps = r.event.Started.TotalSteps
			if text, err := json.Marshal(r.event.Started); err == nil {
				run.Started = text
			}
		case r.event.Update != nil && r.event.Step >= run.Step:
			run.Step, run.Epoch = r.event.Step, r.event.Update.Epoch
			run.NoiseLevel = known(r.event.Update.NoiseLevel)
			eta, b := trainer.Number(r.event.Update.LearningRate), r.event.Update.BatchSize
			run.LearningRate, run.BatchSize = known(&eta), &b
			if run.FirstNoiseLevel == nil && run.NoiseLevel != nil && *run.NoiseLevel > 0 {
				run.FirstNoiseLevel = run.NoiseLevel
			}
		case r.event.Epoch != nil && r.event.Step >= run.LastEpoch:
			run.TestAccuracy = finite(r.event.Epoch.TestAccuracy)
		}
	}
}

// known is a number that is there and finite, or nil.
func known(x *trainer.Number) *float64 {
	if x == nil || math.IsNaN(float64(*x)) || math.IsInf(float64(*x), 0) {
		return nil
	}
	v := float64(*x)
	return &v
}
