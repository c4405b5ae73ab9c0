package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"strconv"

	"github.com/go-chi/chi/v5"

	"smoothscape/landscape"
	"smoothscape/server/job"
	"smoothscape/server/store"
)

// runFullspace answers GET /api/runs/{id}/fullspace: what smoothing in all dimensions makes of the loss on the plane of a kept slice, as lines
// of JSON that become better. Of the query it takes step=, delta= (a length in parameter space, as it is drawn) and kernel=.
func (s *server) runFullspace(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	space, err := s.runs.spaceOf(r.Context(), id)
	if err != nil {
		return err
	}
	if err := space.readQuery(r); err != nil {
		return err
	}
	if err := space.find(r.Context()); err != nil {
		return err
	}
	if r.Method == http.MethodHead {
		spaceHeaders(w)
		return nil
	}
	task, leave, err := s.spaces.join(space.key(), space.run)
	if err != nil {
		return err
	}
	defer leave()
	stream(w, r, task)
	return nil
}

// runSpace are the pictures in full space around one of a run's checkpoints, as a worker computes them.
type runSpace struct {
	runs   *Runs
	row    store.Run
	step   int
	law    landscape.Law
	delta  float64 // a length in parameter space
	moment store.Moment
}

// spaceOf begins with the run. What ships with the program has no parameters.
func (rs *Runs) spaceOf(ctx context.Context, id string) (*runSpace, error) {
	if err := rs.mayChange(id, "sampling in full space"); err != nil {
		return nil, err
	}
	row, err := rs.store.Run(ctx, id)
	if err != nil {
		return nil, noSuchRun(id, err)
	}
	return &runSpace{runs: rs, row: row}, nil
}

// mostSpaceDelta bounds δ: beyond it no loss is a finite number.
const mostSpaceDelta = 1e9

// readQuery takes step, delta and kernel.
func (s *runSpace) readQuery(r *http.Request) error {
	step, given, err := stepParameter(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	refuse := func(key, expected, advice string) error {
		return &fault{Field: key, Doing: "reading " + key, Expected: expected, Found: quoted(q.Get(key)), Advice: advice}
	}
	if !given {
		return refuse("step", "the number of an update", "Choose one from the run's list of slices.")
	}
	s.step = step
	if s.delta, err = strconv.ParseFloat(q.Get("delta"), 64); err != nil || !(s.delta >= 1/mostSpaceDelta && s.delta <= mostSpaceDelta) {
		return refuse("delta", fmt.Sprintf("a length in parameter space from %g to %g", 1/mostSpaceDelta, mostSpaceDelta), "Take the run's δ, or a multiple of it.")
	}
	s.law = landscape.Gaussian
	if q.Has("kernel") {
		if s.law = landscape.Law(q.Get("kernel")); s.law != landscape.Gaussian && s.law != landscape.Uniform {
			return refuse("kernel", `"gaussian" or "uniform"`, "Leave it out for the first.")
		}
	}
	return nil
}

// find looks for the parameters.
func (s *runSpace) find(ctx context.Context) (err error) {
	s.moment, err = s.runs.store.Moment(ctx, s.row.ID, s.step)
	if errors.Is(err, store.ErrNotFound) || err == nil && s.moment.Slice == nil {
		return notKept(s.row.ID, s.step, "slice")
	}
	if err == nil && s.moment.Parameters == nil {
		return &fault{
			Status: http.StatusConflict, Field: "step", Doing: fmt.Sprintf("sampling in full space around update %d", s.step), Expected: "the parameters of that update",
			Found: "that only its slice is kept, as this network is large", Advice: "Go to the newest slice, whose parameters are always kept.",
		}
	}
	return err
}

// key is all that the pictures depend on.
func (s *runSpace) key() spaceKey {
	return spaceKey{function: "run " + s.row.ID, checkpoint: s.moment.Parameters.SHA256, kernel: landscape.Kernel{Law: s.law, Convention: landscape.Vector}, delta: s.delta, seed: drawsOfRun}
}

// run has a worker compute the pictures. Beside training it works slowly, and changes its pace as trainings begin and end.
func (s *runSpace) run(ctx context.Context, emit func(any) error) error {
	ctx, over, err := s.runs.errand(ctx)
	if err != nil {
		return err
	}
	defer over()
	share, news, leave := s.runs.paced()
	defer leave()
	line, err := s.task(ctx, share)
	if err != nil {
		return err
	}
	worker, ended := s.runs.options.Worker, false
	worker.News = news
	said := "" // by the worker, of its failure
	exit, err := worker.Run(ctx, line, nil, func(line []byte) error {
		value, err := readSpaceLine(line)
		if err != nil {
			return err
		}
		if end, ok := value.(spaceEnd); ok {
			ended, said = end.Failed == "", end.Failed
			return nil
		}
		return emit(value)
	})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case ended:
		return nil
	}
	return s.failure(said, exit)
}

// failure is what viewers learn of a worker that came to no good end; the rest is for the log.
func (s *runSpace) failure(said string, exit job.Exit) error {
	found := said
	if found == "" {
		found = "that it ended early" + causeOfDeath(exit)
		if exit.Fault != nil {
			found = exit.Fault.Error()
		}
	}
	s.runs.log.Error("full space of a run failed", "run", s.row.ID, "step", s.step, "said", found, "cause", exit.Fault)
	return &fault{
		Doing: fmt.Sprintf("sampling in full space around update %d", s.step), Expected: "a worker that comes to its end", Found: found,
		Advice: "Choose the picture again to try once more.",
	}
}

// task is the line for the worker.
func (s *runSpace) task(ctx context.Context, share float64) ([]byte, error) {
	view := viewOf(s.row)
	folder, ok, err := s.runs.datasetFolder(ctx, view.Config.Dataset)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, unknownDataset(view.Config.Dataset)
	}
	return json.Marshal(workerTask{Fullspace: &fullspaceTask{
		Run: view.Name, Folder: folder, Blobs: s.runs.store.Blobs.Folder, Checkpoint: s.moment.Parameters.SHA256, Law: s.law, Delta: s.delta, Own: s.moment.NoiseLevel,
		Evaluators: runtime.NumCPU(), Share: share,
	}})
}

// readSpaceLine reads what a worker says of pictures in full space: a SpaceHead, a SpaceFrame that can be drawn, or a spaceEnd.
func readSpaceLine(line []byte) (any, error) {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return nil, fmt.Errorf("the worker wrote a line that is none of full space: %w: %.80q", err, line)
	}
	var head SpaceHead
	var frame SpaceFrame
	var end spaceEnd
	var err error
	switch kind.Type {
	case "head":
		if err = json.Unmarshal(line, &head); err == nil && len(head.Base) == len(head.Nodes)*len(head.Nodes) && len(head.Nodes) > 1 && !math.IsNaN(head.Delta) {
			return head, nil
		}
	case "frame":
		err = json.Unmarshal(line, &frame)
		if known := frame.Picture == pictureFull || frame.Picture == pictureMeasured; err == nil && known && len(frame.Z) == len(frame.StdErr) {
			return frame, nil
		}
	case "end":
		if err = json.Unmarshal(line, &end); err == nil {
			return end, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("the worker wrote a line that is none of full space: %.80q", line), err)
}
