package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
	"smoothscape/trainer/measure"
)

// Limits of a comparison.
const (
	maxCompared       = maxStudyRuns
	usualCurvePoints  = 160
	leastCurvePoints  = 10
	maxCurvePoints    = spansKept
	maxComparedIDSize = 200 // bytes of a run's name in the query
)

// ComparisonView is everything that the page /compare shows of some runs, but for their landscapes.
type ComparisonView struct {
	Study    *StudyTitle   `json:"study"` // nil: the runs were chosen one by one
	Runs     []ComparedRun `json:"runs"`
	Missing  []string      `json:"missing"` // a sentence for each run that is named and not here
	Groups   []groupView   `json:"groups"`
	Metrics  []metric      `json:"metrics"`
	Against  string        `json:"against"`  // letter of the group that the findings hold the others against
	Findings []string      `json:"findings"` // sentences
	Active   bool          `json:"active"`   // something will change by itself
	Behind   int           `json:"behind"`   // updates that the server has not read yet: ask again at once

	Shown *comparedShown `json:"shown,omitempty"` // only for who asks with shown=1
}

// StudyTitle names a study.
type StudyTitle struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ComparedRun is one run of a comparison.
type ComparedRun struct {
	ID         string             `json:"id"`
	Name       string             `json:"name"`
	Group      string             `json:"group"` // letter
	Seed       string             `json:"seed"`
	Status     Status             `json:"status"`
	Reason     string             `json:"reason"`
	Step       int                `json:"step"`
	TotalSteps int                `json:"totalSteps"`
	Values     map[string]float64 `json:"values"`    // by metric; what is not known or not finite is missing
	NotFinite  int                `json:"notFinite"` // losses
	Sharpness  MeasureStatus      `json:"sharpness"` // where its measurement stands; empty: nobody asked
	Slice      *ComparedSlice     `json:"slice"`     // the newest; nil before the first
}

// ComparedSlice says which slice a run has.
type ComparedSlice struct {
	Step  int `json:"step"`
	Level int `json:"level"`
}

// comparison is what somebody wants to see side by side.
type comparison struct {
	Study   string
	Runs    []string
	Points  int    // of each curve, at most
	Against string // letter of a group; empty: that of the constant schedule, or the first
}

// Compare puts runs side by side. What is wrong with the question are *fault values; a run that is not here is no fault.
func (rs *Runs) Compare(ctx context.Context, asked comparison) (ComparisonView, error) {
	view := ComparisonView{Runs: []ComparedRun{}, Missing: []string{}, Groups: []groupView{}, Metrics: metrics(), Findings: []string{}}
	chosen, err := rs.choose(ctx, asked, &view)
	if err != nil {
		return view, err
	}
	until := time.Now().Add(digestPatience)
	var found []*compared
	for _, id := range chosen {
		one, err := rs.compared(ctx, id, asked.Points, until, &view)
		if err != nil {
			return view, err
		}
		if one != nil {
			found = append(found, one)
		}
	}
	groups := groupsOf(found)
	var base *group
	for place, g := range groups {
		one := g.view()
		one.Ink, one.Dash = inkOf(place)
		if own := g.ownInk(); own > 0 {
			one.Ink = own
		}
		view.Groups = append(view.Groups, one)
		for i := range view.Runs {
			if slices.ContainsFunc(g.runs, func(r *compared) bool { return r.run.ID == view.Runs[i].ID }) {
				view.Runs[i].Group = g.letter
			}
		}
		if base == nil || g.letter == asked.Against || asked.Against == "" && g.config.Schedule == trainer.Constant && base.config.Schedule != trainer.Constant {
			base = g
		}
	}
	if base != nil {
		view.Against, view.Findings = base.letter, findings(groups, base)
	}
	return view, nil
}

// choose lists the runs: those of the study, then those that are named.
func (rs *Runs) choose(ctx context.Context, asked comparison, view *ComparisonView) ([]string, error) {
	var chosen []string
	if asked.Study != "" {
		study, err := rs.Study(ctx, asked.Study)
		if err != nil {
			return nil, err
		}
		view.Study = &StudyTitle{ID: study.ID, Name: study.Name}
		for _, run := range study.Runs {
			if run.Status == "" {
				view.Missing = append(view.Missing, fmt.Sprintf("The run %s, seed %s of this study is not in this data folder any more.", run.Schedule, run.Seed))
				continue
			}
			chosen = append(chosen, run.Run)
		}
	}
	for _, id := range asked.Runs {
		if !slices.Contains(chosen, id) {
			chosen = append(chosen, id)
		}
	}
	if len(chosen)+len(view.Missing) == 0 {
		return nil, &fault{Field: "run", Doing: "choosing what to compare", Expected: "run=ID, several times, or study=ID", Found: "neither", Advice: "Choose runs from the list at /runs."}
	}
	if n := len(chosen); n > maxCompared {
		return nil, &fault{Field: "run", Doing: "choosing what to compare", Expected: fmt.Sprintf("at most %d runs", maxCompared), Found: fmt.Sprint(n), Advice: "Name fewer."}
	}
	return chosen, nil
}

// compared reads one run; nil if it is not here, which the view then says.
func (rs *Runs) compared(ctx context.Context, id string, points int, until time.Time, view *ComparisonView) (*compared, error) {
	run, err := rs.Run(ctx, id)
	if known := faults(err); len(known) > 0 && known[0].status() == http.StatusNotFound {
		view.Missing = append(view.Missing, fmt.Sprintf("There is no run %s in this data folder: it was deleted, or belongs to another one.", quoted(id)))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := rs.digests.of(id)
	d.mu.Lock()
	defer d.mu.Unlock()
	one := &compared{run: run}
	behind, err := d.follow(ctx, rs, run, until)
	if err != nil {
		return nil, err
	}
	sharpness, err := rs.sharpnessOf(ctx, id, d)
	if err != nil {
		return nil, err
	}
	one.look(d, points)
	shown := ComparedRun{
		ID: id, Name: run.Name, Seed: fmt.Sprint(run.Config.Seed), Status: run.Status, Reason: run.Reason, Step: run.Step, TotalSteps: run.TotalSteps, Values: one.values,
		NotFinite: d.lost, Sharpness: sharpness,
	}
	if slice, err := rs.store.Slice(ctx, id); err == nil {
		shown.Slice = &ComparedSlice{Step: slice.Step, Level: slice.Level}
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	view.Runs = append(view.Runs, shown)
	view.Behind += behind
	view.Active = view.Active || run.Status.active() || behind > 0 || sharpness == MeasureWaiting || sharpness == MeasureRunning
	return one, nil
}

// sharpnessOf brings the sharpness of a digest up to date with the run's newest report of one, and says where the newest measurement stands.
func (rs *Runs) sharpnessOf(ctx context.Context, id string, d *digest) (MeasureStatus, error) {
	rows, err := rs.store.Measurements(ctx, id, measurementsListed)
	if err != nil {
		return "", err
	}
	newest := MeasureStatus("")
	for _, row := range rows {
		if !asksSharpness(row.Request) {
			continue
		}
		if newest == "" {
			newest = MeasureStatus(row.Status)
		}
		if row.SHA256 == "" {
			continue
		}
		if row.SHA256 == d.sharpnessReport {
			return newest, nil
		}
		text, err := rs.store.Blobs.Get(row.SHA256, maxReportBytes)
		if err != nil {
			return newest, err
		}
		var report measure.Report
		if err := json.Unmarshal(text, &report); err != nil {
			return newest, fmt.Errorf("run %s, reading report %d: %w", id, row.Number, err)
		}
		d.sharpnessReport, d.sharpness = row.SHA256, map[string]float64{}
		for _, q := range report.Quantities {
			if strings.HasPrefix(q.Name, "worstSharpness") {
				d.sharpness[q.Name] = float64(q.Value)
			}
		}
		return newest, nil
	}
	return newest, nil
}

// asksSharpness says whether a request names that group; the request was checked when it came.
func asksSharpness(request []byte) bool {
	var r struct {
		What []measure.Kind `json:"what"`
	}
	return json.Unmarshal(request, &r) == nil && slices.Contains(r.What, measure.Sharpness)
}
