package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"smoothscape/server/job"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

const (
	checkpointEvery    = 5 * time.Second // what a killed worker loses; also how often the slice moves
	checkpointMarks    = 24              // checkpoints besides, evenly spread over a run, so that a short one has a history too
	checkpointShare    = 0.02            // of a training's time for its checkpoints: those of a large network come less often than that
	maxCheckpointBytes = 2 << 30
)

// runWorker is the hidden command `smoothscape worker`: one task from stdin, its news as lines of JSON on stdout, anything else on stderr.
// The end of stdin means stop: a training writes a checkpoint first. Ctrl-C in the terminal reaches a worker too, and is ignored, because
// the server that started it decides. After the task it leaves a goroutine behind that waits for the end of stdin; the process ends then.
func runWorker(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) error {
	// Without the second, writing to a server that was killed would kill the worker, too, in the middle of its checkpoint.
	signal.Ignore(os.Interrupt, syscall.SIGPIPE)
	return obeyTask(ctx, stdin, stdout, stderr)
}

// obeyTask is runWorker without the process around it.
func obeyTask(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) error {
	input := bufio.NewReader(io.LimitReader(stdin, job.LineLimit))
	line, err := input.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return badTask(fmt.Errorf("the input ended after %d bytes", len(line)))
	}
	if err != nil {
		return fmt.Errorf("reading the task: %w", err)
	}
	var task workerTask
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&task); err != nil {
		return badTask(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news := make(chan workerNews)
	go func() {
		defer cancel()
		hear(io.MultiReader(input, stdin), news, ctx.Done())
	}()
	out := lineWriter{stdout}
	if n := task.count(); n != 1 {
		return badTask(fmt.Errorf("it asks for %d tasks, not for one", n))
	}
	switch {
	case task.Train != nil:
		return trainTaskRun(ctx, *task.Train, out, stderr)
	case task.Slice != nil:
		return sliceTaskRun(ctx, *task.Slice, stderr, func(line sliceLine) error { return out.write(line) })
	case task.Fullspace != nil:
		return fullspaceTaskRun(ctx, *task.Fullspace, news, stderr, func(line any) error { return out.write(line) })
	case task.Trajectory != nil:
		return trajectoryTaskRun(ctx, *task.Trajectory, func(line trajectoryLine) error { return out.write(line) })
	}
	if task.Devices != nil {
		return devicesTaskRun(ctx, *task.Devices, func(line devicesLine) error { return out.write(line) })
	}
	return measureTaskRun(ctx, *task.Measure, news, stderr, func(line measureLine) error { return out.write(line) })
}

// hear gives the further lines of the input to whoever wants them, until its end; what is no news, and what nobody wants, is left out.
func hear(input io.Reader, news chan<- workerNews, done <-chan struct{}) {
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		var n workerNews
		if json.Unmarshal(lines.Bytes(), &n) != nil {
			continue
		}
		select {
		case news <- n:
		case <-done:
		case <-time.After(time.Second): // a task without use for it
		}
	}
	_, _ = io.Copy(io.Discard, input) // a line that is too long has ended the scanner
}

func badTask(found error) error {
	return &fault{
		Doing: "reading the task", Expected: "one line of JSON from the server", Found: found.Error(),
		Advice: "This command is for Smoothscape itself; use `smoothscape train`, `smoothscape slice` or `smoothscape measure`.",
	}
}

// lineWriter writes each value as one line of JSON, in one call, so that a killed worker leaves whole lines but for the last.
type lineWriter struct{ to io.Writer }

func (w lineWriter) write(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing a line: %w", err)
	}
	if len(line) >= job.LineLimit {
		return fmt.Errorf("writing a line: expected less than %d bytes, found %d", job.LineLimit, len(line))
	}
	_, err = w.to.Write(append(line, '\n'))
	return err
}

// trainTaskRun trains. Whatever stops it before the training begins is the run's last word, too.
func trainTaskRun(ctx context.Context, task trainTask, out lineWriter, stderr io.Writer) error {
	var step atomic.Int64
	end := func(outcome trainer.Outcome, reason string) error {
		return out.write(trainer.Event{Kind: trainer.KindEnded, Time: time.Now().UnixMilli(), Step: int(step.Load()), Ended: &trainer.Ended{Outcome: outcome, Reason: reason}})
	}
	training, err := task.job(stderr)
	if err != nil {
		return errors.Join(err, end(trainer.OutcomeFailed, err.Error()))
	}
	hung := func(sentence string) { // while the training waits for the device, so that its events and this one do not meet
		_ = end(trainer.OutcomeFailed, sentence)
		exitHung(stderr)(sentence)
	}
	opened, err := training.Open(ctx, devices{}, hung)
	switch {
	case ctx.Err() != nil: // while a device was checked
		return errors.Join(end(trainer.OutcomeStopped, ""), opened.Close())
	case err != nil:
		return errors.Join(err, end(trainer.OutcomeFailed, err.Error()))
	}
	_, err = trainer.Train(ctx, training, blobSaver(store.Blobs{Folder: task.Blobs}), func(e trainer.Event) error {
		step.Store(int64(e.Step))
		return out.write(e)
	})
	return errors.Join(err, opened.Close())
}

// job gets ready what the training needs, but for its engine.
func (task trainTask) job(stderr io.Writer) (trainer.Job, error) {
	set, err := openDataset(task.Folder)
	if err != nil {
		return trainer.Job{}, err
	}
	training := trainer.Job{Config: task.Config, Set: set, CheckpointEvery: checkpointEvery, CheckpointShare: checkpointShare, Marks: checkpointMarks}
	for _, sha := range task.Resume {
		checkpoint, err := readCheckpoint(store.Blobs{Folder: task.Blobs}, sha)
		if err == nil {
			training.Resume = checkpoint
			return training, nil
		}
		fmt.Fprintln(stderr, "a checkpoint cannot be used, the one before is tried:", err)
	}
	return training, nil // from the beginning: the same numbers come again
}

// blobSaver stores checkpoints as blobs, and once more without the momentum, for the run's history, what has any.
func blobSaver(blobs store.Blobs) func(*trainer.Checkpoint) (trainer.CheckpointRef, error) {
	return func(c *trainer.Checkpoint) (trainer.CheckpointRef, error) {
		sha, size, err := blobs.Write(c.Encode)
		ref := trainer.CheckpointRef{SHA256: sha, Bytes: size}
		if bare := c.WithoutMomentum(); err == nil && bare.Bare {
			sha, size, err = blobs.Write(bare.Encode)
			ref.Parameters = &trainer.CheckpointRef{SHA256: sha, Bytes: size}
		}
		return ref, err
	}
}

// readCheckpoint reads a checkpoint from its blob.
func readCheckpoint(blobs store.Blobs, sha string) (*trainer.Checkpoint, error) {
	var checkpoint *trainer.Checkpoint
	err := blobs.Read(sha, maxCheckpointBytes, func(r io.Reader) (err error) {
		checkpoint, err = trainer.DecodeCheckpoint(r)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("checkpoint %.12s is not there: %w", sha, err)
	}
	if err != nil {
		return nil, err
	}
	return checkpoint, nil
}
