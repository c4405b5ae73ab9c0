package main

import (
	"context"
	"fmt"
	"strings"

	"smoothscape/landscape"
	"smoothscape/landscape/descent"
)

// DescentEnsembleView is what GET /api/descent/ensemble answers: where many runs of each optimizer end, all from the same seeded starts,
// uniform in the picture.
type DescentEnsembleView struct {
	Runs    int                     `json:"runs"`
	Steps   int                     `json:"steps"`
	Seed    uint64                  `json:"seed"`   // of the first; run i has this seed plus i
	Minima  int                     `json:"minima"` // global ones
	Methods []DescentEnsembleMethod `json:"methods"`
}

// DescentEnsembleMethod says where the runs of one of them end.
type DescentEnsembleMethod struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Global counts the runs that end in the valley of a global minimum: going downhill from there without noise leads into it.
	Global descent.Proportion `json:"global"`
	// Arrived counts those that end within a hundredth of the picture of one, or with f less than 0.01 above it.
	Arrived  descent.Proportion `json:"arrived"`
	Diverged int                `json:"diverged"`
	Sentence string             `json:"sentence"`
}

// ensembleRuns is 100, and fewer where a step costs more.
func ensembleRuns(d int) int { return min(100, max(20, 5000/d)) }

// descendMany runs the ensembles of a query, on one goroutine: the page of a class may ask for many.
func descendMany(ctx context.Context, q descentQuery, o landscape.Objective) (DescentEnsembleView, error) {
	view := DescentEnsembleView{Runs: ensembleRuns(o.Dim), Steps: descentSteps, Seed: q.seed, Minima: globals(o), Methods: []DescentEnsembleMethod{}}
	trial := descent.DefaultTrial(o)
	trial.Seed, trial.Runs, trial.Lo, trial.Hi, trial.Workers = q.seed, view.Runs, o.Lo, o.Hi, 1
	for _, id := range strings.Split(q.methods, ",") {
		method, _, err := methodOf(id, q, o)
		if err != nil {
			return view, err
		}
		outcome, err := descent.Ensemble(ctx, method, trial)
		if err != nil {
			return view, err
		}
		inValley := 0
		for _, f := range outcome.Finals {
			if f.End == descent.Finished && isGlobal(o, downhill(o, f.X)) {
				inValley++
			}
		}
		m := DescentEnsembleMethod{ID: id, Name: descentNames[id], Global: descent.ProportionOf(inValley, view.Runs), Diverged: outcome.Diverged}
		if outcome.Success != nil {
			m.Arrived = *outcome.Success
		}
		m.Sentence = ensembleSentence(m)
		view.Methods = append(view.Methods, m)
	}
	return view, nil
}

func ensembleSentence(m DescentEnsembleMethod) string {
	text := fmt.Sprintf("%s: %d of %d starts end in the valley of a global minimum (95 %% interval %.0f to %.0f %%), %d at its bottom", m.Name, m.Global.Successes, m.Global.Runs, 100*m.Global.Lo, 100*m.Global.Hi, m.Arrived.Successes)
	if m.Diverged > 0 {
		text += fmt.Sprintf("; %d diverged", m.Diverged)
	}
	return text + "."
}
