package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"smoothscape/server/store"
)

// runList is the answer of GET /api/runs.
type runList struct {
	Runs    []RunView `json:"runs"`           // newest first and then the recorded ones: all, or those that have changed
	Gone    []string  `json:"gone,omitempty"` // runs that have been deleted since
	All     bool      `json:"all"`            // Runs is the whole list: what is not in it is gone
	Version string    `json:"version"`        // ask again with ?since= this; opaque
}

// Changed is what has changed in the list since it had a version; the whole list for "", for what is no version, and for one of another
// start of the program, which may have had another data folder.
func (rs *Runs) Changed(ctx context.Context, since string) (runList, error) {
	list := runList{Runs: []RunView{}, All: true}
	var newest int64
	if _, err := fmt.Sscanf(since, rs.epoch+".%d", &newest); err == nil && newest > 0 {
		list.All = false
	} else {
		newest = 0
	}
	runs, err := rs.store.RunsChanged(ctx, newest)
	if err != nil {
		return runList{}, err
	}
	for _, run := range runs {
		newest = max(newest, run.Changed)
		switch {
		case run.Deleted == 0:
			list.Runs = append(list.Runs, viewOf(run))
		case !list.All:
			list.Gone = append(list.Gone, run.ID)
		}
	}
	slices.SortStableFunc(list.Runs, newestFirst)
	if list.All {
		recorded, err := rs.recordedViews()
		if err != nil {
			return runList{}, err
		}
		list.Runs = append(list.Runs, recorded...)
	}
	list.Version = fmt.Sprintf("%s.%d", rs.epoch, newest)
	return list, nil
}

func newestFirst(a, b RunView) int {
	if a.Created != b.Created {
		return int(max(-1, min(1, b.Created-a.Created)))
	}
	return strings.Compare(a.ID, b.ID)
}

// apiRuns answers GET /api/runs?since=VERSION.
func (rs *Runs) apiRuns(w http.ResponseWriter, r *http.Request) error {
	list, err := rs.Changed(r.Context(), r.URL.Query().Get("since"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, list)
	return nil
}

// marked gives a view what people say of its run.
func marked(view RunView, run store.Run) RunView {
	view.Pinned, view.Tags, view.Color, view.Notes, view.Study = run.Pinned, run.Tags, run.Color, run.Notes, run.Study
	if view.Tags == nil {
		view.Tags = []string{} // a run that was never in the store
	}
	view.LearningRate, view.BatchSize, view.NoiseLevel = run.LearningRate, run.BatchSize, run.NoiseLevel
	return view
}
