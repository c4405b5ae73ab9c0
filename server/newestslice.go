package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"

	"smoothscape/server/store"
)

// newSlice is the picture that a level gives, without the lift. delta is δ at the checkpoint, firstDelta the one that decides the
// magnification; nil where they are not known.
func newSlice(run string, step int, delta, firstDelta *float64, l *sliceLevel) Slice {
	return Slice{
		Run: run, Step: step, Delta: delta, Alphas: l.Alphas, Betas: l.Betas, Z: l.Z, Level: l.Level, Levels: l.Levels,
		ViewHalfWidth: sliceHalfWidth, Halo: sliceHalo, Norms: l.Norms, Cosine: l.Cosine, Images: l.Images, Parameters: l.Parameters, Loss: l.Loss,
		Label: fmt.Sprintf("loss on %s fixed training images around the parameters of update %s, %s", grouped(l.Images), grouped(step), l.Plane),
		Plane: l.Plane, Path: l.Path, Explained: l.Explained, Evaluated: l.Evaluated, Expected: l.Expected, BatchNorm: l.BatchNorm, Device: l.Device,
		Magnification: magnification(firstDelta, l.Norms[0]),
	}
}

// magnification is the m that makes the run's first δ, in units of the first direction, a tenth of the view's half-width.
func magnification(firstDelta *float64, norm float64) *float64 {
	if firstDelta == nil {
		return nil
	}
	m := 0.1 * sliceHalfWidth * norm / *firstDelta
	if m <= 0 || math.IsNaN(m) {
		return nil
	}
	return finite(m)
}

// saveSlice makes a slice the newest of its run, on disk and before the viewers.
func (rs *Runs) saveSlice(slice Slice) error {
	text, err := json.Marshal(slice)
	if err != nil {
		return fmt.Errorf("run %s, writing its slice: %w", slice.Run, err)
	}
	frame, err := json.Marshal(sliceFrame{Type: "slice", Slice: text})
	if err != nil {
		return fmt.Errorf("run %s, writing its slice: %w", slice.Run, err)
	}
	if err := rs.writeSlice(slice, text, rs.store.PutSlice); err != nil {
		return err
	}
	rs.hub.SetState(slice.Run, stateSlice, frame)
	return nil
}

// keepSlice makes a slice that of its moment in the run's history.
func (rs *Runs) keepSlice(slice Slice) error {
	text, err := json.Marshal(slice)
	if err != nil {
		return fmt.Errorf("run %s, writing its slice: %w", slice.Run, err)
	}
	return rs.writeSlice(slice, text, rs.store.KeepSlice)
}

// writeSlice writes a slice as a blob, and lets record name it.
func (rs *Runs) writeSlice(slice Slice, text []byte, record func(store.Slice) error) error {
	sha, err := rs.store.Blobs.Put(text)
	if err != nil {
		return fmt.Errorf("run %s, saving its slice: %w", slice.Run, err)
	}
	return record(store.Slice{Run: slice.Run, Step: slice.Step, Level: slice.Level, Levels: slice.Levels, SHA256: sha})
}

// maxSliceBytes is far above the largest slice, 49² numbers.
const maxSliceBytes = 1 << 20

// sliceJSON is the newest slice of a run as JSON; a *fault with status 404 if there is none.
func (rs *Runs) sliceJSON(ctx context.Context, id string) ([]byte, error) {
	if recorded, err := rs.recordings.get(id); recorded != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return recorded.at(recorded.newest(), "slice", nil)
	}
	if _, err := rs.store.Run(ctx, id); err != nil {
		return nil, noSuchRun(id, err)
	}
	row, err := rs.store.Slice(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &fault{
			Status: http.StatusNotFound, Doing: "looking for the slice of run " + quoted(id), Expected: "one that has been computed", Found: "none yet",
			Advice: "Wait for the run's first checkpoint.",
		}
	}
	if err != nil {
		return nil, err
	}
	return rs.store.Blobs.Get(row.SHA256, maxSliceBytes)
}

// Slice is the newest slice of a run; a *fault with status 404 if there is none.
func (rs *Runs) Slice(ctx context.Context, id string) (*Slice, error) {
	text, err := rs.sliceJSON(ctx, id)
	if err != nil {
		return nil, err
	}
	var slice Slice
	if err := json.Unmarshal(text, &slice); err != nil {
		return nil, fmt.Errorf("run %s, reading its slice: %w", id, err)
	}
	return &slice, nil
}
