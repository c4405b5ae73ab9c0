package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"smoothscape/trainer"
)

// compared is one run of a comparison.
type compared struct {
	run    RunView
	images int                // of the training set; 0 before the run began
	values map[string]float64 // of metrics; those that are not known or not finite are missing
	points []point            // of its updates
	epochs []point
}

// group are the runs that differ in nothing but their seed.
type group struct {
	letter, label string
	config        trainer.Config
	runs          []*compared
}

// groupsOf sorts runs into groups, in the order in which the first of each was named. What names a group is its schedule, and where that
// is not enough the settings in which it differs from another.
func groupsOf(runs []*compared) []*group {
	var groups []*group
	byKey := map[string]*group{}
	for _, r := range runs {
		key := groupKey(r.run.Config)
		g := byKey[key]
		if g == nil {
			g = &group{letter: letterOf(len(groups)), config: r.run.Config}
			byKey[key] = g
			groups = append(groups, g)
		}
		g.runs = append(g.runs, r)
	}
	labelGroups(groups)
	return groups
}

// groupKey is the configuration without its seed.
func groupKey(cfg trainer.Config) string {
	cfg.Seed = 0
	key, err := json.Marshal(cfg)
	if err != nil {
		return fmt.Sprint(cfg) // numbers of a configuration are finite, so this does not happen
	}
	return string(key)
}

// letterOf is A … Z, then AA … AZ, BA …
func letterOf(i int) string {
	letter := string(rune('A' + i%26))
	if i < 26 {
		return letter
	}
	return letterOf(i/26-1) + letter
}

func labelGroups(groups []*group) {
	if distinct(groups, func(g *group) string { return g.config.Schedule }) {
		for _, g := range groups {
			g.label = g.config.Schedule
		}
		return
	}
	fields := make([]map[string]json.RawMessage, len(groups))
	different := map[string]bool{}
	for i, g := range groups {
		text, err := json.Marshal(g.config)
		if err == nil {
			_ = json.Unmarshal(text, &fields[i]) // it was JSON a line ago
		}
		for name, value := range fields[i] {
			if string(value) != string(fields[0][name]) {
				different[name] = true
			}
		}
		for name := range fields[0] {
			if _, ok := fields[i][name]; !ok {
				different[name] = true
			}
		}
	}
	var names []string
	for name := range different {
		if name != "seed" && name != "schedule" && name != "spec" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for i, g := range groups {
		parts := []string{g.config.Schedule}
		for _, name := range names {
			parts = append(parts, fieldWord(name)+" "+strings.Trim(string(fields[i][name]), `"`))
		}
		g.label = strings.Join(parts, ", ")
	}
	if !distinct(groups, func(g *group) string { return g.label }) { // networks of one's own
		for _, g := range groups {
			g.label += " (" + g.runs[0].run.Name + ")"
		}
	}
}

// fieldWord is how a label names a setting.
func fieldWord(name string) string {
	switch name {
	case "learningRate":
		return "η"
	case "batchSize":
		return "b"
	case "stageEpochs":
		return "stage"
	}
	return name
}

func distinct(groups []*group, of func(*group) string) bool {
	seen := map[string]bool{}
	for _, g := range groups {
		seen[of(g)] = true
	}
	return len(seen) == len(groups)
}

// with is the runs of the group with one of these statuses.
func (g *group) with(statuses ...Status) []*compared {
	var some []*compared
	for _, r := range g.runs {
		if slices.Contains(statuses, r.run.Status) {
			some = append(some, r)
		}
	}
	return some
}

// done is the runs that are trained to their end.
func (g *group) done() []*compared { return g.with(StatusDone, StatusRecorded) }

// images are those of the training set; 0 before the first run began.
func (g *group) images() int {
	for _, r := range g.runs {
		if r.images > 0 {
			return r.images
		}
	}
	return 0
}

// groupView is a group as the page sees it.
type groupView struct {
	Letter   string            `json:"letter"` // by which it is called where colors are not enough
	Label    string            `json:"label"`
	Ink      int               `json:"ink"`  // its color, from 1
	Dash     []float64         `json:"dash"` // of its line, in CSS pixels; null: solid
	Schedule string            `json:"schedule"`
	Runs     []string          `json:"runs"`
	Done     int               `json:"done"`     // runs that are trained to their end
	Diverged int               `json:"diverged"` // runs whose loss stopped being finite: in no mean
	SoFar    bool              `json:"soFar"`    // none is done: the summary is of what there is by now
	Summary  map[string]spread `json:"summary"`  // by metric, over the runs that are done
	Updates  *curves           `json:"updates"`
	Epochs   *curves           `json:"epochs"`
}

func (g *group) view() groupView {
	view := groupView{
		Letter: g.letter, Label: g.label, Schedule: g.config.Schedule, Done: len(g.done()), Diverged: len(g.with(StatusDiverged)), Summary: map[string]spread{},
	}
	updates, epochs := make([][]point, len(g.runs)), make([][]point, len(g.runs))
	for i, r := range g.runs {
		view.Runs = append(view.Runs, r.run.ID)
		updates[i], epochs[i] = r.points, r.epochs
	}
	view.Updates, view.Epochs = curvesOf(updates, g.images()), curvesOf(epochs, g.images())
	counted, soFar := g.counted()
	view.SoFar = soFar
	for _, m := range metrics() {
		var values []float64
		for _, r := range counted {
			if v, ok := r.values[m.ID]; ok {
				values = append(values, v)
			}
		}
		if s, ok := spreadOf(values); ok {
			view.Summary[m.ID] = s
		}
	}
	return view
}

// counted are the runs that stand in the table: those that are done, or, while there is none, those that have something to say.
func (g *group) counted() (runs []*compared, soFar bool) {
	if done := g.done(); len(done) > 0 {
		return done, false
	}
	for _, r := range g.runs {
		if r.run.Status != StatusDiverged && len(r.values) > 0 {
			runs = append(runs, r)
		}
	}
	return runs, true
}
