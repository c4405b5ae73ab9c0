package descent

import (
	"encoding/json"
	"slices"
	"testing"
)

// The keys that pages and scripts read.
func TestResultsAsJSON(t *testing.T) {
	keys := func(v any) []string {
		t.Helper()
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		var names []string
		for name := range fields {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	m := noisyMethod(t)
	trial := DefaultTrial(m.Objective)
	trial.Runs = 3
	outcome := ensemble(t, m, trial)
	trajectory := run(t, m, []float64{1, 2, 3}, 1, 10)
	for _, test := range []struct {
		value any
		want  []string
	}{
		{trajectory, []string{"derivative", "end", "every", "points", "seed", "smoothedBy", "stages", "steps"}},
		{trajectory.Points[0], []string{"batchSize", "f", "learningRate", "noiseLevel", "smoothed", "stage", "step", "x"}},
		{trajectory.Stages[0], []string{"batchSize", "learningRate", "noiseLevel", "steps"}},
		{outcome, []string{"diverged", "elsewhere", "ended", "finals", "finite", "mean", "quantiles", "stdErr", "success", "trial"}},
		{outcome.Trial, []string{"hi", "lo", "radius", "runs", "seed", "tolerance"}},
		{outcome.Finals[0], []string{"end", "f", "minimum", "seed", "steps", "success", "x"}},
		{outcome.Success, []string{"hi", "lo", "rate", "runs", "successes"}},
		{oneStep(t, m.Objective, m.Kernel, 0.1, 1, 1, []float64{1, 2, 3}, 2, 1), []string{"descent", "half", "mean", "noiseLevel", "samples", "stdErr"}},
		{DefaultExplicit(), []string{"first", "last", "learningRate", "levels", "power", "samples", "scale", "steps"}},
	} {
		if got := keys(test.value); !slices.Equal(got, test.want) {
			t.Errorf("%T has the keys %v, want %v", test.value, got, test.want)
		}
	}
}
