package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"smoothscape/web"
)

// comparedShown is what the page /compare puts where it belongs without a look at it: words, and HTML of package web.
type comparedShown struct {
	Progress string   `json:"progress"`
	Done     string   `json:"done"`  // its first sentence, for an announcement
	Names    []string `json:"names"` // HTML, of each group
	Seeds    []string `json:"seeds"` // of each group: how many runs, and what became of them
	Note     string   `json:"note"`
	Results  string   `json:"results"` // HTML: the content of the table of groups
	Each     string   `json:"each"`    // HTML: the content of the table of runs
}

// Groups have six colors and five sorts of dashes, so that with their letters no two look alike.
const inks = 6

var groupDashes = [...][]float64{nil, {9, 4}, {2.5, 3}, {10, 3, 2.5, 3}, {18, 4}}

// inkOf is the color and the dashes of the group at that place.
func inkOf(place int) (ink int, dash []float64) {
	return 1 + place%inks, groupDashes[place%len(groupDashes)]
}

// ownInk is the color that people gave to all runs of a group, after those of groups; 0 if there is none.
func (g *group) ownInk() int {
	color := g.runs[0].run.Color
	for _, r := range g.runs {
		if r.run.Color != color {
			return 0
		}
	}
	if own := slices.Index(strings.Fields(runColorSet), color); own >= 0 {
		return inks + 1 + own
	}
	return 0
}

// shown is what the page shows of a comparison.
func (view ComparisonView) shown(ctx context.Context) *comparedShown {
	shown := &comparedShown{Names: []string{}, Seeds: []string{}, Note: view.note()}
	shown.Progress, shown.Done = view.progress()
	html := func(c templ.Component) string {
		var text bytes.Buffer
		if err := c.Render(ctx, &text); err != nil {
			panic("compare: " + err.Error()) // a buffer takes everything
		}
		return text.String()
	}
	var metrics []metric
	groups, runs := web.ResultTable{First: [2]string{"Group", "Runs"}}, web.ResultTable{First: [2]string{"Run", "Status"}}
	for _, m := range view.Metrics {
		known := slices.ContainsFunc(view.Groups, func(g groupView) bool { _, ok := g.Summary[m.ID]; return ok }) ||
			slices.ContainsFunc(view.Runs, func(r ComparedRun) bool { _, ok := r.Values[m.ID]; return ok })
		if known {
			metrics = append(metrics, m)
			groups.Metrics = append(groups.Metrics, web.ResultMetric{ID: m.ID, Title: m.Title, Unit: m.Unit, Definition: m.Definition})
		}
	}
	runs.Metrics = groups.Metrics
	for _, g := range view.Groups {
		name := web.GroupName{Letter: g.Letter, Ink: g.Ink, Dash: strings.Trim(fmt.Sprint(g.Dash), "[]"), Label: g.Label}
		shown.Names, shown.Seeds = append(shown.Names, html(web.GroupTitle(name))), append(shown.Seeds, g.seeds())
		row := web.GroupResult{Name: name, Runs: fmt.Sprint(len(g.Runs))}
		if g.Done < len(g.Runs) {
			row.Runs = fmt.Sprintf("%d of %d done", g.Done, len(g.Runs))
		}
		for _, m := range metrics {
			row.Cells = append(row.Cells, spreadCell(g.Summary, m))
		}
		groups.Groups = append(groups.Groups, row)
	}
	for _, r := range view.Runs {
		row := web.RunResult{ID: r.ID, Letter: r.Group, Name: r.Name, Status: web.Status{Word: string(r.Status)}}
		if part := r.part(); part != "" {
			row.Notes = append(row.Notes, part)
		}
		if r.Reason != "" {
			row.Notes = append(row.Notes, r.Reason)
		}
		if r.NotFinite > 0 {
			row.Notes = append(row.Notes, grouped(r.NotFinite)+" losses not finite")
		}
		for _, m := range metrics {
			cell := web.ResultCell{Text: "–"}
			if v, ok := r.Values[m.ID]; ok {
				cell.Text = m.written(v)
			}
			row.Cells = append(row.Cells, cell)
		}
		runs.Runs = append(runs.Runs, row)
	}
	shown.Results, shown.Each = html(web.Results(groups)), html(web.Results(runs))
	return shown
}

// spreadCell is a mean with its standard deviation, and how far the runs reach.
func spreadCell(summary map[string]spread, m metric) web.ResultCell {
	s, ok := summary[m.ID]
	if !ok {
		return web.ResultCell{Text: "–"}
	}
	cell := web.ResultCell{Text: m.written(s.Mean)}
	if s.SD != nil && *s.SD > 0 {
		cell.Text = plusMinus(m.Scale*s.Mean, m.Scale**s.SD)
	}
	if s.N > 1 && s.Min != s.Max {
		cell.Title = fmt.Sprintf("%s … %s, n = %d", m.written(s.Min), m.written(s.Max), s.N)
	}
	return cell
}

// written is a value of the metric as the page shows it.
func (m metric) written(v float64) string {
	if v *= m.Scale; v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return grouped(int(v))
	}
	return plain(v)
}

// part says how far a run that trains has come.
func (r ComparedRun) part() string {
	if r.Status != StatusRunning || r.TotalSteps == 0 {
		return ""
	}
	return fmt.Sprintf("%d %%", 100*r.Step/r.TotalSteps)
}

// seeds says how many runs a group has, and what became of them.
func (g groupView) seeds() string {
	n := len(g.Runs)
	text := fmt.Sprintf("%d of %d seeds done", g.Done, n)
	switch n {
	case 1:
		text = "1 run"
	case g.Done:
		text = fmt.Sprintf("%d seeds", n)
	}
	if g.Diverged > 0 {
		text += fmt.Sprintf(", %d diverged", g.Diverged)
	}
	return text
}

// progress says what is done and what goes on; done is its first sentence.
func (view ComparisonView) progress() (text, done string) {
	var trains, measured []string
	finished := 0
	for _, r := range view.Runs {
		switch r.Status {
		case StatusDone, StatusRecorded:
			finished++
		case StatusRunning:
			trains = append(trains, strings.TrimSpace(r.Name+" "+r.part()))
		}
		if r.Sharpness == MeasureRunning || r.Sharpness == MeasureWaiting {
			measured = append(measured, r.Name)
		}
	}
	done = "None of these runs is here."
	if n := len(view.Runs); n > 0 {
		done = fmt.Sprintf("%d of %d %s done.", finished, n, plural(n, "run is", "runs are"))
	}
	parts := []string{done}
	if len(trains) > 0 {
		parts = append(parts, "Training: "+strings.Join(trains, ", ")+".")
	}
	if len(measured) > 0 {
		parts = append(parts, "Measuring the sharpness of "+strings.Join(measured, ", ")+".")
	}
	if view.Behind > 0 {
		parts = append(parts, "The server is still reading: "+grouped(view.Behind)+" updates to go.")
	}
	return strings.Join(parts, " "), done
}

// note says what the table of results holds, and what it lacks.
func (view ComparisonView) note() string {
	var parts, soFar, diverged []string
	several, waits, failed := false, 0, 0
	for _, g := range view.Groups {
		several = several || len(g.Runs) > 1
		if g.SoFar && len(g.Summary) > 0 {
			soFar = append(soFar, g.Label)
		}
		if g.Diverged > 0 {
			diverged = append(diverged, fmt.Sprintf("%d of %s", g.Diverged, g.Label))
		}
	}
	for _, r := range view.Runs {
		_, known := r.Values["worstSharpness"]
		switch {
		case r.Sharpness == MeasureFailed:
			failed++
		case r.Status == StatusDone && !known && r.Sharpness != MeasureStopped:
			waits++
		}
	}
	if several {
		parts = append(parts, "Mean ± standard deviation over the seeds that are done; each run stands below.")
	}
	if len(soFar) > 0 {
		parts = append(parts, "So far, of runs that are not done: "+strings.Join(soFar, ", ")+".")
	}
	if len(diverged) > 0 {
		parts = append(parts, "Diverged, and in no mean: "+strings.Join(diverged, ", ")+".")
	}
	if waits > 0 {
		parts = append(parts, fmt.Sprintf("Sharpness: %d %s not measured. It is measured by itself for the runs of a study, once nothing trains; of other runs, on their own pages.", waits, plural(waits, "run", "runs")))
	}
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("Sharpness of %d could not be measured: their pages say why.", failed))
	}
	return strings.Join(parts, " ")
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
