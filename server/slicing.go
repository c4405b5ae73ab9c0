package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"time"

	"smoothscape/server/store"
)

// slicing is the slice that is being computed.
type slicing struct {
	run    store.Run
	center store.Checkpoint
	past   bool // center is a moment of the run's history, not its newest checkpoint
	level  int  // finished, −1 before the first
	began  time.Time
	beside bool // a run trains beside it, so it goes slowly
	cancel context.CancelFunc
	newest Slice
}

// compute runs a slice worker to its end.
func (s *slicer) compute(ctx context.Context, c *slicing) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.cancel = cancel
	s.begin(c)
	defer s.finish()
	beside := s.runs.training() // a training that begins from here on sees this slice and stops it
	s.mu.Lock()
	c.beside, c.began = beside, time.Now()
	s.mu.Unlock()
	line, err := s.task(ctx, c)
	died := false // without a word
	if err == nil {
		worker := s.runs.options.Worker
		exit, failure := worker.Run(ctx, line, nil, func(line []byte) error { return s.take(c, line) })
		err = failure
		if err == nil && ctx.Err() == nil && !c.whole() {
			err = errors.Join(exit.Fault, errors.New("the slice worker ended early"+causeOfDeath(exit)))
			died = exit.Fault == nil
		}
	}
	if err != nil && ctx.Err() == nil {
		s.runs.log.Error("a slice failed", "run", c.run.ID, "step", c.center.Step, "cause", err)
		s.recordFailure(c, died)
	}
}

// whole says whether the picture is as fine as it was to be.
func (c *slicing) whole() bool {
	least := c.newest.Levels - 1
	if c.past {
		least = min(least, sliceEnough)
	}
	return c.level >= 0 && c.level >= least
}

// recordFailure remembers that a checkpoint could not be sliced. A worker that died without a word (somebody killed it, or memory was short)
// is given sliceTries chances; one that said why would only say it again.
func (s *slicer) recordFailure(c *slicing, died bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.failed) >= failuresKnown {
		clear(s.failed)
	}
	if s.failed[c.center.SHA256]++; !died {
		s.failed[c.center.SHA256] = sliceTries
	}
}

// training says whether a run is being trained.
func (rs *Runs) training() bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return len(rs.active) > 0
}

func (s *slicer) begin(c *slicing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = c
	for i, id := range s.served {
		if id == c.run.ID {
			s.served = append(s.served[:i], s.served[i+1:]...)
			break
		}
	}
	s.served = append(s.served, c.run.ID)
}

func (s *slicer) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
}

// task is the line for the worker.
func (s *slicer) task(ctx context.Context, c *slicing) ([]byte, error) {
	view := viewOf(c.run)
	folder, ok, err := s.runs.datasetFolder(ctx, view.Config.Dataset)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, unknownDataset(view.Config.Dataset)
	}
	_, err = s.runs.store.Slice(ctx, c.run.ID)
	task := sliceTask{
		Folder: folder, Blobs: s.runs.store.Blobs.Folder, Checkpoint: c.center.SHA256, Delta: c.center.NoiseLevel,
		Evaluators: runtime.NumCPU(), Share: 1, Hurry: errors.Is(err, store.ErrNotFound), Past: c.past,
	}
	if c.beside {
		task.Evaluators, task.Cores, task.Share = 1, 1, shareBesideTraining
	}
	return json.Marshal(workerTask{Slice: &task})
}

// take puts one line of the worker on disk and before the viewers.
func (s *slicer) take(c *slicing, line []byte) error {
	var news sliceLine
	if err := json.Unmarshal(line, &news); err != nil {
		return fmt.Errorf("the slice worker wrote a line that is none of a slice: %w: %.80q", err, line)
	}
	switch {
	case news.Error != "":
		return errors.New(news.Error)
	case news.Level != nil:
		if err := s.takeLevel(c, news.Level); err != nil {
			return err
		}
	case news.Lift != nil && c.level >= 0:
		c.newest.Lift = news.Lift
	default:
		return fmt.Errorf("the slice worker wrote a line without a level: %.80q", line)
	}
	save := s.runs.saveSlice
	if c.past {
		save = s.runs.keepSlice
	}
	if err := save(c.newest); err != nil {
		return err
	}
	s.makeWay()
	return nil
}

func (s *slicer) takeLevel(c *slicing, l *sliceLevel) error {
	n := len(l.Alphas)
	wrong := n < 2 || len(l.Betas) != n || len(l.Z) != n*n || l.Level != c.level+1 || l.Levels > sliceLevels().Count || l.Level >= l.Levels
	if wrong || c.level >= 0 && l.Levels != c.newest.Levels {
		return fmt.Errorf("the slice worker wrote level %d of %d with %d×%d points and %d losses, after level %d", l.Level, l.Levels, n, len(l.Betas), len(l.Z), c.level)
	}
	run, err := s.runs.store.Run(s.runs.ctx, c.run.ID) // its first δ may have come meanwhile
	if err != nil {
		return err
	}
	lift := c.newest.Lift
	c.newest = newSlice(run.ID, c.center.Step, c.center.NoiseLevel, run.FirstNoiseLevel, l)
	c.newest.Lift = lift
	s.mu.Lock()
	c.level = l.Level
	s.mu.Unlock()
	return nil
}
