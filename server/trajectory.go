package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-chi/chi/v5"
)

// Trajectory is the way of a run seen in the plane of one of its slices.
type Trajectory struct {
	Step   int               `json:"step"`   // of the slice
	Points []TrajectoryPoint `json:"points"` // by rising steps; those whose parameters are kept
}

// TrajectoryPoint is a moment of the run: the point of the plane nearest to its parameters, and how far away they really are.
type TrajectoryPoint struct {
	Step     int     `json:"step"`
	Alpha    float64 `json:"alpha"`    // in units of d₁, by least squares
	Beta     float64 `json:"beta"`     // in units of d₂
	Distance float64 `json:"distance"` // from the plane, a length in parameter space: what the picture does not show
	Radius   float64 `json:"radius"`   // ‖θ − θ_N‖: from the slice's center
}

// trajectories computes them, one at a time, in workers, and remembers the last ones: they change only with the run's history.
type trajectories struct {
	turn chan struct{} // holds the token of who computes

	mu    sync.Mutex // guards what follows
	known map[string][]byte
	order []string // keys of known, oldest first
}

const trajectoriesKnown = 64 // of some 8 kB

func newTrajectories() *trajectories {
	return &trajectories{turn: make(chan struct{}, 1), known: map[string][]byte{}}
}

func (t *trajectories) get(key string) ([]byte, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, ok := t.known[key]
	return text, ok
}

func (t *trajectories) put(key string, text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.known[key]; ok {
		return
	}
	if len(t.order) == trajectoriesKnown {
		delete(t.known, t.order[0])
		t.order = t.order[1:]
	}
	t.known[key], t.order = text, append(t.order, key)
}

// Trajectory is the way of a run in the plane of the slice of a step, as JSON; step < 0 means the newest slice. It ends with ctx. A *fault
// with status 404 says what is not kept.
func (rs *Runs) Trajectory(ctx context.Context, id string, step int) ([]byte, error) {
	if recorded, err := rs.recordings.get(id); recorded != nil || err != nil {
		if recorded != nil && step < 0 {
			step = recorded.newest()
		}
		return recorded.at(step, "plane", err)
	}
	moments, err := rs.moments(ctx, id)
	if err != nil {
		return nil, err
	}
	task := trajectoryTask{Blobs: rs.store.Blobs.Folder}
	for _, m := range moments {
		if step < 0 && m.Slice != nil && m.Parameters != nil {
			task.Step = m.Step // at last that of the newest
		}
	}
	if step >= 0 {
		task.Step = step
	}
	for _, m := range moments {
		if m.Parameters == nil {
			continue
		}
		task.Places = append(task.Places, trajectoryPlace{Step: m.Step, Checkpoint: m.Parameters.SHA256})
		if m.Step == task.Step && m.Slice != nil {
			task.Center = m.Parameters.SHA256
		}
	}
	if task.Center == "" {
		return nil, notKept(id, max(step, 0), "plane")
	}
	line, err := json.Marshal(workerTask{Trajectory: &task})
	if err != nil {
		return nil, err
	}
	key := string(line)
	if text, ok := rs.paths.get(key); ok {
		return text, nil
	}
	select {
	case rs.paths.turn <- struct{}{}:
		defer func() { <-rs.paths.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if text, ok := rs.paths.get(key); ok { // somebody else asked the same
		return text, nil
	}
	text, err := rs.project(ctx, line)
	if err == nil {
		rs.paths.put(key, text)
	}
	return text, err
}

// project runs a worker on a trajectory task.
func (rs *Runs) project(ctx context.Context, line []byte) ([]byte, error) {
	ctx, over, err := rs.errand(ctx)
	if err != nil {
		return nil, err
	}
	defer over()
	var found *Trajectory
	var said error
	exit, err := rs.options.Worker.Run(ctx, line, nil, func(line []byte) error {
		var news trajectoryLine
		if err := json.Unmarshal(line, &news); err != nil {
			return fmt.Errorf("the worker wrote a line that is none of a trajectory: %w: %.80q", err, line)
		}
		if news.Error != "" {
			said = errors.New(news.Error)
		}
		found = news.Trajectory
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case said != nil:
		return nil, said
	case found == nil:
		return nil, errors.Join(exit.Fault, errors.New("the worker of a trajectory ended early"+causeOfDeath(exit)))
	}
	return json.Marshal(found)
}

// errand is a context for work on somebody's behalf that must not outlive the program: it ends with ctx or when Close begins, and Close waits
// until over is called.
func (rs *Runs) errand(ctx context.Context) (within context.Context, over func(), err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return nil, nil, errClosing
	}
	rs.workers.Add(1)
	within, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-rs.closing:
			cancel(errClosing)
		case <-within.Done():
		}
	}()
	return within, func() {
		cancel(nil)
		<-watched
		rs.workers.Done()
	}, nil
}

// apiTrajectory answers GET /api/runs/{id}/trajectory with the run's way in the plane of the slice of ?step=N, or of the newest.
func (rs *Runs) apiTrajectory(w http.ResponseWriter, r *http.Request) error {
	step, given, err := stepParameter(r)
	if err != nil {
		return err
	}
	if !given {
		step = -1
	}
	text, err := rs.Trajectory(r.Context(), chi.URLParam(r, "id"), step)
	if err != nil {
		return err
	}
	return writeRawJSON(w, text)
}
