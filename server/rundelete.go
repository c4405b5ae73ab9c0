package main

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"smoothscape/server/store"
)

// A deleted run is hidden for keepDeleted, and then removed with everything that belongs to it.
const (
	keepDeleted = 7 * 24 * time.Hour
	purgePeriod = 24 * time.Hour
)

// apiDelete answers DELETE /api/runs/{id} with {"id":…,"until":…}: up to that time, in Unix milliseconds, it can be restored.
func (rs *Runs) apiDelete(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	until, err := rs.Delete(id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"id": id, "until": until})
	return nil
}

// Delete hides a run, one that waits in the queue too; until is how long it can be restored, in Unix milliseconds. A *fault with status 404
// or 409 says that there is no such run, or that it trains or ships with the program.
func (rs *Runs) Delete(id string) (until int64, err error) {
	if err := rs.mayChange(id, "deleting a run"); err != nil {
		return 0, err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return 0, errClosing
	}
	now := time.Now()
	_, err = rs.store.UpdateRun(id, func(run *store.Run) error {
		switch status := Status(run.Status); status {
		case StatusRunning, StatusPausing, StatusStopping:
			return &fault{
				Status: http.StatusConflict, Field: "id", Doing: "deleting a run", Expected: "one that is not training", Found: "one that is " + string(status),
				Advice: "Stop it, and delete it when it has stopped.",
			}
		}
		run.Deleted = now.UnixMilli()
		return nil
	})
	if err != nil {
		return 0, noSuchRun(id, err)
	}
	rs.hub.SetState(id, stateGone, []byte{})
	rs.slices.forget(id)
	return now.Add(keepDeleted).UnixMilli(), nil
}

// apiRestore answers POST /api/runs/{id}/restore.
func (rs *Runs) apiRestore(w http.ResponseWriter, r *http.Request) error {
	run, err := rs.Restore(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, run)
	return nil
}

// Restore brings a deleted run back as it was; one that waited in the queue waits again. A *fault with status 404 says that there is no such
// run, or no longer.
func (rs *Runs) Restore(ctx context.Context, id string) (RunView, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return RunView{}, errClosing
	}
	if _, err := rs.store.RestoreRun(id); err != nil {
		return RunView{}, noSuchRun(id, err)
	}
	rs.slices.want(id)
	rs.measures.want()
	rs.startQueued()
	return rs.Run(ctx, id)
}

// purgeDaily removes what was deleted long ago, now and every day, until the program closes.
func (rs *Runs) purgeDaily() {
	ctx, cancel := context.WithCancel(rs.ctx)
	defer cancel()
	rs.workers.Go(func() { // in the midst of a purge, too
		select {
		case <-rs.closing:
			cancel()
		case <-ctx.Done():
		}
	})
	day := time.NewTicker(purgePeriod)
	defer day.Stop()
	for {
		rs.purge(ctx, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-day.C:
		}
	}
}

// purge removes what was deleted so long ago that it cannot be restored any more.
func (rs *Runs) purge(ctx context.Context, now time.Time) {
	purged, err := rs.store.PurgeRuns(ctx, now.Add(-keepDeleted).UnixMilli())
	switch {
	case err != nil && ctx.Err() == nil:
		rs.log.Error("deleted runs cannot be removed", "cause", err)
	case purged > 0:
		rs.log.Info("deleted runs were removed", "runs", purged)
	}
}
