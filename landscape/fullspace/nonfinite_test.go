package fullspace

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"smoothscape/landscape"
)

// NaN and infinite values stay where they are: the other cells have the bits of a run without them.
func TestValuesThatAreNotFiniteDoNotSpread(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	want := estimate(t, p, f, 20)
	for name, bad := range map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "−Inf": math.Inf(-1), "whose squares overflow": 1e200} {
		// By the call: the cell (3, 2), in both signs or in one.
		place := at(p.Plane, p.X[3], p.Y[2])
		sick := func(x []float32) float64 {
			r := 0.0
			for i, v := range x {
				r += float64(v-place[i]) * float64(v-place[i])
			}
			if r < 0.15 {
				return bad
			}
			return f(x)
		}
		e := begin(t, p)
		if _, err := e.Run(context.Background(), evaluators(2, sick), Stop{Samples: 20}, nil); err != nil {
			t.Fatal(err)
		}
		got := e.Estimate()
		if got.Lost == 0 || got.Lost > 30 {
			t.Fatalf("%s: %d cells are lost: nothing is tried", name, got.Lost)
		}
		lost := 0
		for i, z := range got.Z {
			if got.NonFinite[i] > 0 {
				lost++
				if !math.IsNaN(z) || !math.IsNaN(got.StdErr[i]) {
					t.Errorf("%s: cell %d met %d such values and shows %g ± %g", name, i, got.NonFinite[i], z, got.StdErr[i])
				}
			} else if z != want.Z[i] || got.StdErr[i] != want.StdErr[i] {
				t.Errorf("%s: cell %d: got %g ± %g, want %g ± %g", name, i, z, got.StdErr[i], want.Z[i], want.StdErr[i])
			}
		}
		if lost != got.Lost || math.IsNaN(got.MaxErr) || math.IsNaN(got.Range) {
			t.Errorf("%s: got %d lost of %d, errors %g, range %g", name, got.Lost, lost, got.MaxErr, got.Range)
		}
		state := e.State()
		if _, err := json.Marshal(state); err != nil {
			t.Errorf("%s: the state: %v", name, err)
		}
		if _, err := Resume(p, state); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// With no finite value at the center there is no control variate, and that is all.
func TestCenterThatIsNotFiniteCostsTheControlOnly(t *testing.T) {
	t.Parallel()
	const d, n = 10, 64
	o, _ := landscape.ObjectiveByID("rastrigin", d)
	smoothed, _ := o.Smoothed(gaussian(d), 0.4)
	for name, least := range map[string]float64{"never": 0.6, "sometimes": 0.12} {
		p := Problem[float64]{Plane: coordinatePlane[float64](d), X: axes(1, 4, 8), Y: axes(1, 4, 8), Noise: drawn(t, gaussian(d), 0.4, 2), Seed: 6}
		got := estimate(t, p, func(x []float64) float64 {
			if x[0]*x[0]+x[1]*x[1] < least*least { // the step in the plane has 0.4·√(2/d) = 0.18
				return math.NaN()
			}
			return o.Func(x)
		}, n)
		for i, z := range got.Z {
			x := make([]float64, d)
			x[0], x[1] = got.X[i%8], got.Y[i/8]
			if want := smoothed.Func(x); math.Abs(z-want) > 5*got.StdErr[i] || !(got.StdErr[i] < 3) {
				t.Errorf("%s finite: got %g ± %g, want %g", name, z, got.StdErr[i], want)
			}
		}
	}
}

func TestAllCellsLostEndTheRun(t *testing.T) {
	t.Parallel()
	p, _ := rough(t)
	e := begin(t, p)
	if _, err := e.Run(context.Background(), evaluators(2, func([]float32) float64 { return math.NaN() }), Stop{Relative: 0.01, Samples: 1000}, nil); err != nil {
		t.Fatal(err)
	}
	if got := e.Estimate(); got.Samples != leastSamples || got.Lost != 72 || !math.IsNaN(got.MaxErr) || !math.IsNaN(got.RMSErr) || !math.IsNaN(got.Range) {
		t.Errorf("got %d samples, %d lost, %g, %g, %g", got.Samples, got.Lost, got.MaxErr, got.RMSErr, got.Range)
	}
}

// With a single finite value at the center alone its mean has no error that could be told, so no cell that leans on it has.
func TestOneValueAtTheCenterAloneHasNoError(t *testing.T) {
	t.Parallel()
	s := newState("", 1)
	for i, z := range []float64{1, 2, 1.5} {
		lead := []float64{math.NaN(), math.Inf(1)}
		if i == 0 {
			lead[0] = 1.25
		}
		s.fold([]float64{z}, []float64{z - 1}, lead)
	}
	if mean, variance := s.at(0, s.Lead.variance()); math.Abs(mean-2.25) > 1e-15 || !math.IsInf(variance, 1) {
		t.Errorf("got %g with variance %g, want 2.25 with +Inf", mean, variance)
	}
}
