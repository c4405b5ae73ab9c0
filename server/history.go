package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"smoothscape/server/store"
)

// A run's history is what one can go back to: pictures of its landscape, and parameters. It is thinned to at most 64 moments, evenly spread
// over the run, the first and the newest always among them (package store says how much that is). While a run trains, the moments that have
// a picture are those that were the newest when the slicer had time; when nothing trains, it draws what is missing.

// SliceMoment is a kept slice without its grid.
type SliceMoment struct {
	Step   int      `json:"step"`
	Level  int      `json:"level"` // 0 … Levels−1: as fine as it is by now
	Levels int      `json:"levels"`
	Delta  *float64 `json:"delta"` // δ at that step; nil while C is not known
	Time   int64    `json:"time"`  // Unix milliseconds of the checkpoint; 0 where an older version did not note it

	Range *[2]float64 `json:"range,omitempty"` // least and greatest finite loss in the view, where it was asked for
}

// KeptSlices are the slices of a run that can be gone back to, oldest first.
func (rs *Runs) KeptSlices(ctx context.Context, id string) ([]SliceMoment, error) {
	if recorded, err := rs.recordings.get(id); recorded != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return recorded.kept, nil
	}
	moments, err := rs.moments(ctx, id)
	if err != nil {
		return nil, err
	}
	kept := []SliceMoment{}
	for _, m := range moments {
		if m.Slice != nil {
			kept = append(kept, SliceMoment{Step: m.Step, Level: m.Slice.Level, Levels: m.Slice.Levels, Delta: m.NoiseLevel, Time: m.Time})
		}
	}
	return kept, nil
}

// moments are the history of a run, oldest first; a *fault with status 404 if there is no such run.
func (rs *Runs) moments(ctx context.Context, id string) ([]store.Moment, error) {
	if _, err := rs.store.Run(ctx, id); err != nil {
		return nil, noSuchRun(id, err)
	}
	return rs.store.Moments(ctx, id)
}

// sliceAt is a kept slice as JSON; a *fault with status 404 if the run keeps none of that step.
func (rs *Runs) sliceAt(ctx context.Context, id string, step int) ([]byte, error) {
	if recorded, err := rs.recordings.get(id); recorded != nil || err != nil {
		return recorded.at(step, "slice", err)
	}
	if _, err := rs.store.Run(ctx, id); err != nil {
		return nil, noSuchRun(id, err)
	}
	moment, err := rs.store.Moment(ctx, id, step)
	if errors.Is(err, store.ErrNotFound) || err == nil && moment.Slice == nil {
		return nil, notKept(id, step, "slice")
	}
	if err != nil {
		return nil, err
	}
	return rs.store.Blobs.Get(moment.Slice.SHA256, maxSliceBytes)
}

// keptSlice is a kept slice; a *fault with status 404 if the run keeps none of that step.
func (rs *Runs) keptSlice(ctx context.Context, id string, step int) (*Slice, error) {
	text, err := rs.sliceAt(ctx, id, step)
	if err != nil {
		return nil, err
	}
	var slice Slice
	if err := json.Unmarshal(text, &slice); err != nil {
		return nil, fmt.Errorf("run %s, reading its slice of update %d: %w", id, step, err)
	}
	return &slice, nil
}

// notKept is the fault of a step that is not in the history, or not with what is asked for.
func notKept(id string, step int, what string) *fault {
	return &fault{
		Status: http.StatusNotFound, Field: "step", Doing: fmt.Sprintf("looking for the %s of update %d of run %s", what, step, quoted(id)),
		Expected: "one of the updates that the run keeps", Found: "one that it does not", Advice: "Choose one from /api/runs/" + id + "/slices.",
	}
}

// apiSlices answers GET /api/runs/{id}/slices; with ?ranges=1 it says how high each one is, which takes a look at all of them.
func (rs *Runs) apiSlices(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	kept, err := rs.KeptSlices(r.Context(), id)
	if err == nil && r.URL.Query().Get("ranges") == "1" {
		kept = slices.Clone(kept) // those of a recorded run are everybody's
		err = rs.ranges.add(r.Context(), rs, id, kept)
	}
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"slices": kept})
	return nil
}

// apiSlice answers GET /api/runs/{id}/slice with the newest slice, or with that of ?step=N.
func (rs *Runs) apiSlice(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	step, given, err := stepParameter(r)
	if err != nil {
		return err
	}
	slice, err := []byte(nil), error(nil)
	if given {
		slice, err = rs.sliceAt(r.Context(), id, step)
	} else {
		slice, err = rs.sliceJSON(r.Context(), id)
	}
	if err != nil {
		return err
	}
	return writeRawJSON(w, slice)
}

// stepParameter reads ?step=N.
func stepParameter(r *http.Request) (step int, given bool, err error) {
	text := r.URL.Query().Get("step")
	if text == "" {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, true, &fault{
			Field: "step", Doing: "reading step", Expected: "the number of an update, from 0 on", Found: quoted(text), Advice: "Choose one from the run's list of slices.",
		}
	}
	return int(n), true, nil
}
