package main

import (
	"context"
	"math"
	"sync"
	"time"

	"smoothscape/server/store"
)

// shareBesideTraining is the part of its time that a slice works while a run trains, on one core: at most three eighths of a machine of two.
const shareBesideTraining = 0.75

// keepUp is how long a slice beside training may work when its coarsest level is there and a newer checkpoint waits.
const keepUp = 10 * time.Second

// slicer computes the slices of all runs, one at a time: after each new checkpoint of a run, and when somebody looks at a run whose slice
// is not as fine as it can be. A slice that has reached sliceEnough makes way for a run whose newest checkpoint has no such picture yet;
// beside training its coarsest level is enough after a while (keepUp). So the picture keeps up with the training, and becomes fine when the
// training rests. When it is fine and nothing trains, the moments of the run's history that have no picture get theirs.
type slicer struct {
	runs *Runs
	wake chan struct{} // one token: wanted has changed
	end  context.CancelFunc
	done chan struct{}

	mu      sync.Mutex
	wanted  map[string]bool // runs that may lack something
	failed  map[string]int  // how often a checkpoint could not be sliced, by its hash
	current *slicing
	served  []string // runs in the order in which they were served last
}

// sliceTries is how often a worker may die over a checkpoint before it is left alone.
const sliceTries = 3

// failuresKnown is how many failures are remembered; more are forgotten, and tried again.
const failuresKnown = 1000

func startSlicer(runs *Runs) *slicer {
	ctx, end := context.WithCancel(runs.ctx)
	s := &slicer{
		runs: runs, wake: make(chan struct{}, 1), end: end, done: make(chan struct{}), wanted: map[string]bool{}, failed: map[string]int{},
	}
	go s.loop(ctx)
	return s
}

// close kills the worker, whose work is not worth waiting for, and ends the goroutine.
func (s *slicer) close() {
	s.end()
	<-s.done
}

// want says that a run may lack a slice: it has a new checkpoint, it rests, or somebody looks at it.
func (s *slicer) want(run string) {
	s.mu.Lock()
	s.wanted[run] = true
	s.mu.Unlock()
	s.makeWay()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// forget says that a run is gone: no slice of it is wanted any more.
func (s *slicer) forget(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.wanted, run)
	if s.current != nil && s.current.run.ID == run {
		s.current.cancel()
	}
}

// trainingBegins stops a slice that works at full speed; it begins again, slowly. The caller holds Runs.mu.
func (s *slicer) trainingBegins() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && !s.current.beside {
		s.current.cancel()
	}
}

// loop is the goroutine: it computes what is wanted, and sleeps.
func (s *slicer) loop(ctx context.Context) {
	defer close(s.done)
	for {
		for ctx.Err() == nil {
			next := s.next(ctx)
			if next == nil {
				break
			}
			s.compute(ctx, next)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
	}
}

// lack is what a run's slice is missing.
type lack int

const (
	lacksNothing lack = iota
	lacksHistory      // a moment that it keeps has no picture of sliceEnough
	lacksDetail       // it could be finer
	lacksPicture      // its newest checkpoint has no picture of sliceEnough
)

// examine compares a run's newest checkpoint with its slice, and its history with theirs. It says which checkpoint is to be drawn.
func (s *slicer) examine(ctx context.Context, id string) (lack, store.Checkpoint) {
	checkpoints, err := s.runs.store.Checkpoints(ctx, id)
	if err != nil || len(checkpoints) == 0 {
		return lacksNothing, store.Checkpoint{}
	}
	newest := checkpoints[0]
	if s.broken(newest.SHA256) {
		return s.examinePast(ctx, id)
	}
	slice, err := s.runs.store.Slice(ctx, id)
	switch {
	case err != nil || slice.Step != newest.Step || slice.Level < sliceEnough:
		return lacksPicture, newest
	case slice.Level < slice.Levels-1:
		return lacksDetail, newest
	}
	return s.examinePast(ctx, id)
}

// examinePast finds the moment of a run's history that lacks a picture and is farthest from those that have one, so that the gaps close evenly.
func (s *slicer) examinePast(ctx context.Context, id string) (lack, store.Checkpoint) {
	moments, err := s.runs.store.Moments(ctx, id)
	if err != nil {
		return lacksNothing, store.Checkpoint{}
	}
	missing, widest := store.Checkpoint{}, -1
	for _, m := range moments {
		if m.Parameters == nil || isDrawn(m) || s.broken(m.Parameters.SHA256) {
			continue
		}
		nearest := math.MaxInt
		for _, other := range moments {
			if isDrawn(other) {
				nearest = min(nearest, max(m.Step-other.Step, other.Step-m.Step))
			}
		}
		if nearest > widest {
			missing, widest = store.Checkpoint{Step: m.Step, SHA256: m.Parameters.SHA256, Bytes: m.Parameters.Bytes, NoiseLevel: m.NoiseLevel}, nearest
		}
	}
	if widest < 0 {
		return lacksNothing, store.Checkpoint{}
	}
	return lacksHistory, missing
}

// isDrawn says whether a moment has the picture that it should have.
func isDrawn(m store.Moment) bool {
	return m.Slice != nil && m.Slice.Level >= min(sliceEnough, m.Slice.Levels-1)
}

// broken says whether a checkpoint is left alone, because no picture of it came out.
func (s *slicer) broken(checkpoint string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed[checkpoint] >= sliceTries
}

// next chooses the run that lacks most, and among equals the one that was served longest ago; nil if none lacks anything.
func (s *slicer) next(ctx context.Context) *slicing {
	s.mu.Lock()
	var candidates []string
	for id := range s.wanted {
		candidates = append(candidates, id)
	}
	s.mu.Unlock()
	best, most := (*slicing)(nil), lacksNothing
	trains := s.runs.training()
	for _, id := range candidates {
		missing, center := s.examine(ctx, id)
		switch {
		case missing == lacksNothing:
			s.mu.Lock()
			delete(s.wanted, id) // a new checkpoint wants it again
			s.mu.Unlock()
			if again, _ := s.examine(ctx, id); again != lacksNothing { // it came in this very moment
				s.want(id)
			}
		case missing == lacksHistory && trains:
			continue // the end of the training wakes us
		case missing > most || missing == most && s.servedBefore(id, best.run.ID):
			run, err := s.runs.store.Run(ctx, id)
			if err != nil {
				continue
			}
			best, most = &slicing{run: run, center: center, past: missing == lacksHistory, level: -1}, missing
		}
	}
	return best
}

// servedBefore says whether run a was served longer ago than run b.
func (s *slicer) servedBefore(a, b string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := func(id string) int {
		for i, served := range s.served {
			if served == id {
				return i
			}
		}
		return -1
	}
	return place(a) < place(b)
}

// makeWay ends the slice being computed if it is good enough by now and another is missing.
func (s *slicer) makeWay() {
	s.mu.Lock()
	current := s.current
	var waiting []string
	if current != nil && (current.past || current.level >= sliceEnough || current.level >= 0 && current.beside && time.Since(current.began) >= keepUp) {
		for id := range s.wanted {
			waiting = append(waiting, id)
		}
	}
	s.mu.Unlock()
	for _, id := range waiting {
		if missing, _ := s.examine(s.runs.ctx, id); missing == lacksPicture {
			current.cancel()
			return
		}
	}
}
