package main

import (
	"context"
	"encoding/json"

	"smoothscape/server/store"
	"smoothscape/trainer/measure"
)

// sharpener sees to it that the sharpness of each run of a study is measured once, when the run is done: politely, one at a time, while
// nothing trains or waits to be trained and nobody else wants something measured. What it has to do it finds in the store, so that nothing
// is forgotten when the program ends.
type sharpener struct {
	runs *Runs
	wake chan struct{} // one token: a run or a measurement has ended
	end  context.CancelFunc
	done chan struct{}
}

// newSharpener makes one that does nothing yet: start must follow when the Runs know it.
func newSharpener(runs *Runs) *sharpener {
	return &sharpener{runs: runs, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

func (s *sharpener) start() {
	var ctx context.Context
	ctx, s.end = context.WithCancel(s.runs.ctx)
	s.want()
	go s.loop(ctx)
}

func (s *sharpener) close() {
	s.end()
	<-s.done
}

// want says that there may be something to do.
func (s *sharpener) want() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// loop is the goroutine. The end of what it asks for wakes it again.
func (s *sharpener) loop(ctx context.Context) {
	defer close(s.done)
	refused := map[string]bool{} // runs that cannot be measured: not again
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for ctx.Err() == nil {
			id, err := s.next(ctx, refused)
			if err != nil && ctx.Err() == nil {
				s.runs.log.Error("the runs of studies cannot be read", "cause", err)
			}
			if id == "" {
				break
			}
			if _, err := s.runs.Measure(ctx, id, sharpnessRequest()); err == nil {
				break
			}
			refused[id] = true
		}
	}
}

// next is a run that lacks its sharpness; "" while others come first, or if there is none.
func (s *sharpener) next(ctx context.Context, refused map[string]bool) (string, error) {
	if s.runs.training() {
		return "", nil
	}
	queue, err := s.runs.store.RunsWithStatus(ctx, string(StatusQueued))
	if err != nil || len(queue) > 0 {
		return "", err
	}
	for _, status := range []MeasureStatus{MeasureWaiting, MeasureRunning} {
		if rows, err := s.runs.store.MeasurementsWithStatus(ctx, string(status)); err != nil || len(rows) > 0 {
			return "", err
		}
	}
	done, err := s.runs.store.StudiedRuns(ctx, string(StatusDone))
	if err != nil {
		return "", err
	}
	for _, run := range done {
		if refused[run.ID] {
			continue
		}
		rows, err := s.runs.store.Measurements(ctx, run.ID, measurementsListed)
		if err != nil {
			return "", err
		}
		if lacksSharpness(rows) {
			return run.ID, nil
		}
	}
	return "", nil
}

// lacksSharpness: it was never asked for, or the program ended over it.
func lacksSharpness(rows []store.Measurement) bool {
	for _, row := range rows {
		if asksSharpness(row.Request) && MeasureStatus(row.Status) != MeasureInterrupted {
			return false
		}
	}
	return true
}

// sharpnessRequest asks for sharpness alone, by the paper's settings.
func sharpnessRequest() json.RawMessage {
	request, err := json.Marshal(map[string]any{"what": []measure.Kind{measure.Sharpness}})
	if err != nil {
		panic("main: sharpnessRequest: " + err.Error()) // words are always JSON
	}
	return request
}
