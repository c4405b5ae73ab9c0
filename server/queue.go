package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"smoothscape/server/job"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

// startQueued starts queued runs while there are places for them: one for each graphics device, and as many on the processors as jobs were asked for. The caller holds mu.
func (rs *Runs) startQueued() {
	if rs.closed {
		return
	}
	busy := map[workplace]int{}
	for _, t := range rs.active {
		busy[t.place]++
	}
	queue, err := rs.store.RunsWithStatus(rs.ctx, string(StatusQueued))
	if err != nil {
		rs.log.Error("the queue cannot be read", "cause", err)
		return
	}
	for _, run := range queue {
		place := rs.placeOf(run)
		if busy[place] >= rs.room(place) {
			continue
		}
		busy[place]++
		if err := rs.setStatus(run.ID, StatusRunning, ""); err != nil {
			rs.log.Error("a run cannot be started", "run", run.ID, "cause", err)
			return
		}
		t := &training{stop: make(chan struct{}), place: place}
		rs.active[run.ID] = t
		rs.slices.trainingBegins()
		rs.paceChanged()
		rs.workers.Go(func() { rs.work(run.ID, t) })
	}
}

// placeOf is where a run will train. What cannot be read is told by the worker.
func (rs *Runs) placeOf(run store.Run) workplace {
	var config trainer.Config
	if json.Unmarshal(run.Config, &config) != nil {
		return processors
	}
	return rs.devices.place(config.Engine)
}

// room is how many runs may train at a place at the same time.
func (rs *Runs) room(p workplace) int {
	if p == processors {
		return rs.options.Jobs
	}
	return 1
}

// work trains a run in a worker, records how that ended, and makes place for the next.
func (rs *Runs) work(id string, t *training) {
	ended, exit, err := rs.train(id, t)
	rs.mu.Lock()
	delete(rs.active, id)
	status, reason := verdict(ended, exit, err, t)
	if ended == nil && exit.Fault == nil && err == nil {
		reason = rs.namingDevice(id, reason)
	}
	if status == StatusFailed || exit.Fault != nil || ended == nil {
		rs.log.Error("a worker ended badly", "run", id, "reason", reason, "exit", exit.Err, "fault", exit.Fault, "stderr", exit.Stderr)
	}
	if err := rs.setStatus(id, status, reason); err != nil {
		rs.log.Error("the end of a job cannot be recorded", "run", id, "cause", err)
	}
	rs.startQueued()
	rs.paceChanged()
	rs.mu.Unlock()
	rs.slices.want(id)
	rs.sharpens.want()
}

// train runs one job to its end. ended is the worker's last word, nil without one; the error is ours.
func (rs *Runs) train(id string, t *training) (ended *trainer.Ended, exit job.Exit, err error) {
	line, delta, err := rs.trainLine(id)
	if err != nil {
		return nil, job.Exit{}, err
	}
	ctx, kill := context.WithCancelCause(rs.ctx)
	defer kill(nil)
	log := startIntake(rs, id, delta, kill)
	worker := rs.options.Worker
	worker.StopLimit = stopLimit
	exit, err = worker.Run(ctx, line, t.stop, log.line)
	ended, lost := log.finish()
	return ended, exit, errors.Join(err, lost)
}

// trainLine is the job of a worker that begins a run or takes it up where its newest checkpoints are; delta is the run's δ so far.
func (rs *Runs) trainLine(id string) (line []byte, delta *float64, err error) {
	run, err := rs.store.Run(rs.ctx, id)
	if err != nil {
		return nil, nil, err
	}
	task := trainTask{Blobs: rs.store.Blobs.Folder}
	if err := json.Unmarshal(run.Config, &task.Config); err != nil {
		return nil, nil, fmt.Errorf("reading the configuration of run %s: %w", id, err)
	}
	folder, ok, err := rs.datasetFolder(rs.ctx, task.Config.Dataset)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, unknownDataset(task.Config.Dataset)
	}
	task.Folder = folder
	checkpoints, err := rs.store.Checkpoints(rs.ctx, id)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range checkpoints {
		task.Resume = append(task.Resume, c.SHA256)
	}
	line, err = json.Marshal(workerTask{Train: &task})
	return line, run.NoiseLevel, err
}

// verdict says what a run becomes after a job.
func verdict(ended *trainer.Ended, exit job.Exit, err error, t *training) (Status, string) {
	switch {
	case err != nil:
		return StatusFailed, sentence(err.Error())
	case ended == nil && (errors.Is(exit.Fault, context.Canceled) || errors.Is(exit.Fault, job.ErrStopLimit)):
		return StatusInterrupted, sentence(strings.TrimSpace(t.reason + " The worker did not stop in time and was killed."))
	case ended == nil && exit.Fault != nil:
		return StatusFailed, sentence(exit.Fault.Error())
	case ended == nil:
		return StatusInterrupted, sentence("The worker ended without its last word" + causeOfDeath(exit))
	case ended.Outcome == trainer.OutcomeDone:
		return StatusDone, ""
	case ended.Outcome == trainer.OutcomeDiverged:
		return StatusDiverged, sentence(ended.Reason)
	case ended.Outcome == trainer.OutcomeStopped && t.target != "":
		return t.target, t.reason
	case ended.Outcome == trainer.OutcomeStopped:
		return StatusInterrupted, "The worker was told to stop from outside."
	}
	return StatusFailed, sentence(ended.Reason)
}

// namingDevice adds to the reason why a worker is gone on which device it computed, as its driver may be why.
func (rs *Runs) namingDevice(id, reason string) string {
	run, err := rs.store.Run(rs.ctx, id)
	if err != nil {
		return reason
	}
	if s := viewOf(run).Started; s != nil && s.Device != nil {
		return fmt.Sprintf("%s It computed on %v, whose driver may be the cause. Resume goes on from the last checkpoint.", reason, *s.Device)
	}
	return reason
}

// causeOfDeath is what the process's end and its last words tell: ": signal: killed", say.
func causeOfDeath(exit job.Exit) string {
	cause := ""
	if exit.Err != nil {
		cause = ": " + exit.Err.Error()
	}
	lines := strings.Split(strings.TrimSpace(exit.Stderr), "\n")
	last := lines[len(lines)-1]
	for _, line := range lines { // a crash of Go says why in this line, and then prints its stacks; a signal in a driver ("SIGSEGV: …") is one of Go, too
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "SIG") && strings.Contains(line, ": ") {
			last = line
			break
		}
	}
	if last = strings.TrimSpace(last); last != "" {
		cause += ": " + last
	}
	return cause
}

// sentence makes a reason out of an error: one line of a readable length that ends in a full stop.
func sentence(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	if text == "" || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "…") {
		return text
	}
	return text + "."
}
