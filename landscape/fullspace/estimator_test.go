package fullspace

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"smoothscape/landscape/slice"
)

func TestResultDoesNotDependOnTheWorkers(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	var want State
	for _, workers := range []int{1, 2, 3, 16} {
		e := begin(t, p)
		if reached, err := e.Run(context.Background(), evaluators(workers, f), Stop{Relative: 0.01, Samples: 1000}, nil); err != nil || !reached {
			t.Fatal(reached, err)
		}
		got := e.State()
		if want.Samples == 0 {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: another state after %d samples, want that after %d", workers, got.Samples, want.Samples)
		}
	}
	if want.Samples <= trustedSamples {
		t.Errorf("stopped after %d samples: nothing was tried", want.Samples)
	}
}

// A run that is broken off after every few rows, by its callback and by its context, and continued from its state as JSON.
func TestBrokenRunGivesTheSameBits(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	stop := Stop{Relative: 0.012, Samples: 1000}
	whole := begin(t, p)
	if _, err := whole.Run(context.Background(), evaluators(2, f), stop, nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken off")
	state := begin(t, p).State()
	breaks := 0
	for reached := false; !reached; breaks++ {
		text, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		var read State
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		e, err := Resume(p, read)
		if err != nil {
			t.Fatal(err)
		}
		handed := e.State()
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		reached, err = e.Run(ctx, evaluators(1+breaks%3, f), stop, func(Progress) error {
			calls++
			if calls == 20+7*(breaks%3) {
				if breaks%2 == 0 {
					return broken
				}
				cancel()
			}
			return nil
		})
		cancel()
		if err != nil && !errors.Is(err, broken) && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if breaks > 1000 {
			t.Fatal("no end")
		}
		if !reflect.DeepEqual(read, state) || !reflect.DeepEqual(handed, state) {
			t.Fatal("the run changed a state that is not its own")
		}
		state = e.State()
	}
	if breaks < 5 {
		t.Errorf("broken only %d times", breaks)
	}
	if !reflect.DeepEqual(state, whole.State()) {
		t.Errorf("another state after %d samples, want that after %d", state.Samples, whole.State().Samples)
	}
}

func TestRunContinuesOnTheSameEstimator(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	e := begin(t, p)
	for _, n := range []int{2, 5, 5, 3, 30} {
		if reached, err := e.Run(context.Background(), evaluators(2, f), Stop{Samples: n}, nil); err != nil || reached {
			t.Fatal(reached, err)
		}
	}
	if want := estimate(t, p, f, 30); !reflect.DeepEqual(e.Estimate(), want) {
		t.Error("another estimate than that of one run")
	}
}

func TestConstantHasNoErrorAndStops(t *testing.T) {
	t.Parallel()
	p, _ := rough(t)
	e := begin(t, p)
	reached, err := e.Run(context.Background(), evaluators(2, func([]float32) float64 { return 0.1 }), Stop{Samples: 1000}, nil)
	got := e.Estimate()
	if err != nil || !reached || got.Samples != leastSamples || got.MaxErr > 1e-16 || math.Abs(got.Z[0]-0.1) > 1e-16 {
		t.Errorf("got %v, %v, %d samples, %g ± %g", reached, err, got.Samples, got.Z[0], got.MaxErr)
	}
}

// At every stop the promise holds: the error is what was asked for, and was not one check before.
func TestStopsAtTheErrorThatWasAsked(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	for _, stop := range []Stop{{Relative: 0.05, Samples: 5000}, {Absolute: 0.1, Samples: 5000}, {Relative: 1e-9, Absolute: 0.2, Samples: 5000}} {
		e := begin(t, p)
		reached, err := e.Run(context.Background(), evaluators(2, f), stop, nil)
		got := e.Estimate()
		wanted := max(stop.Absolute, stop.Relative*got.Range)
		if err != nil || !reached || !(got.MaxErr <= wanted) || got.RMSErr > got.MaxErr || got.MaxErr != slices.Max(got.StdErr) {
			t.Errorf("%+v: got %v, %v, error %g, wanted %g", stop, reached, err, got.MaxErr, wanted)
		}
		before := estimate(t, p, f, got.Samples*8/9)
		if got.Samples > trustedSamples && before.MaxErr <= max(stop.Absolute, stop.Relative*before.Range)*0.98 {
			t.Errorf("%+v: stopped after %d samples, where %d would have done", stop, got.Samples, before.Samples)
		}
	}
	e := begin(t, p)
	reached, err := e.Run(context.Background(), evaluators(2, f), Stop{Relative: 1e-9, Samples: 11}, nil)
	if got := e.Estimate(); err != nil || reached || got.Samples != 11 || got.Evaluations != 11*2*(72+1+4) {
		t.Errorf("got %v, %v, %d samples, %d evaluations", reached, err, got.Samples, got.Evaluations)
	}
}

func TestProgressIsToldRowByRow(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	e := begin(t, p)
	var last Progress
	calls := 0
	_, err := e.Run(context.Background(), evaluators(3, f), Stop{Samples: 6}, func(now Progress) error {
		calls++
		if now.Evaluations <= last.Evaluations || now.Samples < last.Samples || now.Samples*p.SampleCost() > now.Evaluations {
			t.Errorf("after %+v came %+v", last, now)
		}
		if got := e.Estimate(); got.Samples != now.Samples {
			t.Errorf("the estimate has %d samples, told were %d", got.Samples, now.Samples)
		}
		last = now
		return nil
	})
	if err != nil || calls != 6*9 || last != (Progress{6, 6 * p.SampleCost()}) {
		t.Errorf("got %v, %d calls, the last %+v", err, calls, last)
	}
}

func TestEstimateBeforeTheFirstSamples(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	if got := begin(t, p).Estimate(); !math.IsNaN(got.Z[5]) || !math.IsNaN(got.MaxErr) || got.Samples != 0 {
		t.Errorf("got %g ± %g", got.Z[5], got.MaxErr)
	}
	e := begin(t, p)
	stop := errors.New("enough")
	_, err := e.Run(context.Background(), evaluators(1, f), Stop{Samples: 2}, func(now Progress) error {
		if now.Samples == 1 {
			return stop
		}
		return nil
	})
	if got := e.Estimate(); err != stop || got.Samples != 1 || math.IsNaN(got.Z[5]) || !math.IsInf(got.StdErr[5], 1) || !math.IsInf(got.MaxErr, 1) {
		t.Errorf("got %v, %d samples, %g ± %g", err, got.Samples, got.Z[5], got.StdErr[5])
	}
}

// Evaluators get parameters to read; that they are called by one goroutine each is for the race detector to see.
func TestErrorsEndTheRunAndNameTheirPlace(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	sick := errors.New("sick")
	var calls atomic.Int64
	e := begin(t, p)
	_, err := e.Run(context.Background(), []slice.Evaluator[float32]{evaluators(1, f)[0], func(x []float32) (float64, error) {
		if calls.Add(1) > 40 {
			return 0, sick
		}
		return f(x), nil
	}}, Stop{Samples: 1 << 30}, nil)
	if !errors.Is(err, sick) {
		t.Fatalf("got %v", err)
	}
	t.Log(err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Run(ctx, evaluators(1, f), Stop{Samples: 1 << 30}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good, f := rough(t)
	for name, change := range map[string]func(p *Problem[float32]){
		"no center":            func(p *Problem[float32]) { p.Plane.Center = nil },
		"short direction":      func(p *Problem[float32]) { p.Plane.D2 = p.Plane.D2[:3] },
		"no column":            func(p *Problem[float32]) { p.X = nil },
		"too many rows":        func(p *Problem[float32]) { p.Y = make([]float64, 5000) },
		"nodes that fall":      func(p *Problem[float32]) { p.X = []float64{1, 0} },
		"a node that is NaN":   func(p *Problem[float32]) { p.X = []float64{math.NaN()} },
		"no noise":             func(p *Problem[float32]) { p.Noise = Noise{} },
		"a kernel of a plane":  func(p *Problem[float32]) { p.Noise = drawn(t, gaussian(2), 1, 2) },
		"a kernel of too many": func(p *Problem[float32]) { p.Noise = drawn(t, gaussian(8), 1, 2) },
	} {
		p := good
		change(&p)
		var wrong *Error
		if _, err := New(p); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	e := begin(t, good)
	for name, stop := range map[string]Stop{"negative": {Relative: -1, Samples: 9}, "NaN": {Absolute: math.NaN(), Samples: 9}, "one sample": {Samples: 1}} {
		if _, err := e.Run(context.Background(), evaluators(1, f), stop, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := e.Run(context.Background(), nil, Stop{Samples: 9}, nil); err == nil {
		t.Error("no evaluators: no error")
	}
	if _, err := e.Run(context.Background(), evaluators(1, f), Stop{Samples: 9}, nil); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(p *Problem[float32], s *State){
		"another seed":      func(p *Problem[float32], s *State) { p.Seed++ },
		"another degree":    func(p *Problem[float32], s *State) { p.Noise = drawn(t, gaussian(7), 0.81, 2) },
		"another center":    func(p *Problem[float32], s *State) { p.Plane.Center = at(p.Plane, 1e-6, 0) },
		"other nodes":       func(p *Problem[float32], s *State) { p.X = axes(-1, 1.1, 9) },
		"a cell less":       func(p *Problem[float32], s *State) { s.Weight = s.Weight[1:] },
		"NaN in it":         func(p *Problem[float32], s *State) { s.Square[3] = math.NaN() },
		"samples below 0":   func(p *Problem[float32], s *State) { s.Samples = -1 },
		"counts beyond all": func(p *Problem[float32], s *State) { s.NonFinite[3] = 10 },
	} {
		p, s := good, e.State()
		change(&p, &s)
		var wrong *Error
		if _, err := Resume(p, s); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
