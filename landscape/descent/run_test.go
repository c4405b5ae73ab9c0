package descent

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"smoothscape/landscape"
)

func run(t *testing.T, m Method, start []float64, seed uint64, keep int) Trajectory {
	t.Helper()
	trajectory, err := Run(t.Context(), m, start, seed, keep)
	if err != nil {
		t.Fatal(err)
	}
	return trajectory
}

// On ½h‖x‖² the recursions are linear and written here without v: gradient descent is x_T = (1−ηh)^T·x₀, and the heavy balls are
//
//	x_{t+1} = (1 + β − ηh)x_t − βx_{t−1}         x_{t+1} = (1 + β − η(1−β)h)x_t − βx_{t−1}        with x₋₁ = x₀.
func TestTheRecursionOnABowl(t *testing.T) {
	const eta, h, steps = 0.1, 3.0, 60
	for _, test := range []struct {
		name       string
		beta       float64
		normalized bool
		pull       float64
	}{
		{"no momentum", 0, false, eta * h},
		{"heavy ball", 0.9, false, eta * h},
		{"normalized heavy ball", 0.9, true, eta * 0.1 * h},
		{"normalized without momentum", 0, true, eta * h},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := Descent(bowl(2, h), eta, steps)
			m.Momentum, m.Normalized = test.beta, test.normalized
			got := run(t, m, []float64{1, -0.5}, 1, steps+1)
			if len(got.Points) != steps+1 || got.End != Finished || got.Derivative != "analytic" || got.SmoothedBy != "" {
				t.Fatalf("%d points, %+v", len(got.Points), got.End)
			}
			before, now := 1.0, 1.0
			for step, p := range got.Points {
				// Each step rounds by a few 10⁻¹⁶ and a bowl does not magnify it.
				if p.Step != step || math.Abs(p.X[0]-now) > 1e-13 || math.Abs(p.X[1]+now/2) > 1e-13 || math.Abs(float64(p.F)-h/2*1.25*now*now) > 1e-13 {
					t.Fatalf("step %d: got %+v, want x₁ = %g", step, p, now)
				}
				before, now = now, (1+test.beta-test.pull)*now-test.beta*before
			}
		})
	}
}

// A stage changes η and δ, and momentum lives on across it.
func TestStagesFollowEachOther(t *testing.T) {
	const h = 2.0
	m := Method{Objective: bowl(1, h), Gradient: Smoothed, Kernel: gaussian(1), Stages: []Stage{
		{Steps: 3, LearningRate: 0.1, NoiseLevel: 0.5}, {Steps: 2, LearningRate: 0.05, NoiseLevel: 0.25}, {Steps: 1, LearningRate: 0.01},
	}}
	got := run(t, m, []float64{1}, 1, 100)
	if got.SmoothedBy != "closed form" || len(got.Points) != 7 || got.Steps != 6 {
		t.Fatalf("got %+v", got)
	}
	x := 1.0
	for step, p := range got.Points {
		stage := []int{0, 0, 0, 1, 1, 2, 2}[step] // the last point has the stage of the last step
		s := m.Stages[stage]
		if p.Stage != stage || p.LearningRate != s.LearningRate || p.NoiseLevel != s.NoiseLevel || math.Abs(p.X[0]-x) > 1e-14 {
			t.Errorf("step %d: got %+v, want x = %g in stage %d", step, p, x, stage)
		}
		if want := h/2*x*x + h/2*s.NoiseLevel*s.NoiseLevel; math.Abs(float64(*p.Smoothed)-want) > 1e-14 {
			t.Errorf("step %d: f̂ = %g, want %g", step, *p.Smoothed, want)
		}
		x *= 1 - s.LearningRate*h
	}
}

func TestThinningKeepsItsBound(t *testing.T) {
	for _, steps := range []int{1, 2, 3, 9, 10, 11, 99, 100, 101, 1000} {
		for _, keep := range []int{2, 3, 10, 11, 1001, 5000} {
			got := run(t, Descent(bowl(1, 1), 0.01, steps), []float64{1}, 1, keep)
			if n := len(got.Points); n > keep || n < 2 || got.Points[0].Step != 0 || got.Last().Step != steps {
				t.Errorf("%d steps, keep %d: %d points to step %d", steps, keep, n, got.Last().Step)
			}
			for i, p := range got.Points[:len(got.Points)-1] {
				if p.Step != i*got.Every {
					t.Errorf("%d steps, keep %d: point %d is step %d", steps, keep, i, p.Step)
				}
			}
			if keep > steps && got.Every != 1 {
				t.Errorf("%d steps, keep %d: every %d", steps, keep, got.Every)
			}
		}
	}
}

// broken is a bowl that turns into something else beyond |x₁| = 1.
func broken(f, g float64) landscape.Objective {
	o := bowl(2, 1)
	inner := o.Function
	o.Func = func(x []float64) float64 {
		if math.Abs(x[0]) > 1 {
			return f
		}
		return inner.Func(x)
	}
	o.Grad = func(x, dst []float64) {
		inner.Grad(x, dst)
		if math.Abs(x[0]) > 1 {
			dst[1] = g
		}
	}
	return o
}

func TestDivergenceIsAnEnd(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		name   string
		method Method
		steps  int
		reason string
	}{
		// |x| grows by 1.1 a step from 0.9; 2·10⁶ is passed by the step that makes 0.9·1.1^n of it: n = 154.
		{"a step too long for the curvature", Descent(bowl(2, 1), 2.1, 1000), 153, "farther than 1e+06 domains"},
		{"a NaN gradient", Descent(broken(nan, nan), 2.1, 1000), 2, "the gradient at step 3 is NaN"},
		{"an infinite gradient", Descent(broken(inf, -inf), 2.1, 1000), 2, "the gradient at step 3 is -Inf"},
		{"a rate beyond all bounds", Descent(bowl(2, 1), 1e300, 10), 0, "farther than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := run(t, test.method, []float64{0.9, 0}, 1, 1000)
			if got.End != Diverged || got.Steps != test.steps || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("ended %s after %d steps: %s", got.End, got.Steps, got.Reason)
			}
			if got.Last().Step != got.Steps || math.Abs(got.Last().X[0]) > 2e6+1 {
				t.Errorf("the last point is %+v", got.Last())
			}
			if _, err := json.Marshal(got); err != nil {
				t.Error(err)
			}
		})
	}
	// Where f alone is not finite the run goes on and says so.
	got := run(t, Descent(broken(nan, 0), 1.9, 4), []float64{1.05, 0}, 1, 10)
	if got.End != Finished || !math.IsNaN(float64(got.Points[0].F)) || math.IsNaN(float64(got.Last().F)) {
		t.Errorf("got %+v", got)
	}
	text, err := json.Marshal(got)
	if err != nil || !strings.Contains(string(text), `"f":"NaN"`) {
		t.Errorf("%v: %s", err, text)
	}
}

func TestARunIsItsSeed(t *testing.T) {
	sgd, err := SGD(rastriginOf(3), vector(3), 5, Schedule{LearningRate: 0.001, BatchSize: 4, Stages: 2, StageSteps: 50, Kappa: 0.5, Lambda: 2})
	if err != nil {
		t.Fatal(err)
	}
	e := DefaultExplicit()
	e.Levels, e.Steps, e.Samples = 3, 5, 7
	explicit, err := e.Method(rastriginOf(3), vector(3))
	if err != nil {
		t.Fatal(err)
	}
	common := SmoothedDescent(rastriginOf(3), vector(3), 0.4, 0.001, 20)
	common.Objective.Smoothed = nil
	for name, m := range map[string]Method{"sgd": sgd, "explicit": explicit, "common random numbers": common} {
		a, b := run(t, m, []float64{1, 2, 3}, 7, 1000), run(t, m, []float64{1, 2, 3}, 7, 2)
		c := run(t, m, []float64{1, 2, 3}, 8, 2)
		if same(a.Last().X, b.Last().X) != true || same(a.Last().X, c.Last().X) {
			t.Errorf("%s: seeds 7, 7, 8 end in %v, %v, %v", name, a.Last().X, b.Last().X, c.Last().X)
		}
	}
}

func same(x, y []float64) bool {
	for i, v := range x {
		if v != y[i] {
			return false
		}
	}
	return len(x) == len(y)
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := bowl(1, 1)
	calls := 0
	grad := o.Grad
	o.Grad = func(x, dst []float64) {
		if calls++; calls == 10 {
			cancel()
		}
		grad(x, dst)
	}
	got, err := Run(ctx, Descent(o, 0.1, 1000), []float64{1}, 1, 1001)
	if !errors.Is(err, context.Canceled) || got.End != Canceled || got.Steps != 10 || got.Last().Step != 10 {
		t.Errorf("%v after %d steps: %s", err, got.Steps, got.End)
	}
}

func TestMethodsNameAllFaults(t *testing.T) {
	plain := rastriginOf(2)
	plain.Smoothed = nil
	stable := landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: 2}
	stage := Stage{Steps: 1, LearningRate: 0.1, NoiseLevel: 0.5}
	sgd, err := SGD(rastriginOf(2), vector(2), 1, Schedule{LearningRate: 0.1, BatchSize: 4, Stages: 1, StageSteps: 1, Kappa: 1, Lambda: 1})
	if err != nil || sgd.Validate() != nil {
		t.Fatal(err, sgd.Validate())
	}
	inconsistent := sgd
	inconsistent.GradStdDev = 2
	for _, test := range []struct {
		name   string
		method Method
		fields []string
	}{
		{"nothing at all", Method{}, []string{"objective", "domain", "gradient", "stages"}},
		{"bad numbers", Method{Objective: plain, Gradient: Exact, Momentum: 1, DifferenceStep: -1, Stages: []Stage{{NoiseLevel: math.NaN()}}}, []string{"momentum β", "step of differences", "steps of stage 1", "learning rate η of stage 1", "δ of stage 1"}},
		{"a kernel of another dimension", Method{Objective: plain, Gradient: Sampled, Kernel: vector(3), Stages: []Stage{stage}}, []string{"dimension of the kernel", "samples"}},
		{"no closed form and no samples", Method{Objective: plain, Gradient: Smoothed, Kernel: vector(2), Stages: []Stage{stage}}, []string{"samples"}},
		{"no kernel", Method{Objective: plain, Gradient: Noisy, Stages: []Stage{stage}}, []string{"law of a kernel"}},
		{"no smoothing", Method{Objective: plain, Gradient: Sampled, Kernel: stable, Samples: 9, Stages: []Stage{stage}}, []string{"does not exist"}},
		{"δ that is not ηC/√b", inconsistent, []string{"δ of stage 1: expected 0.1"}},
		{"SGD without a batch", Method{Objective: plain, Gradient: Noisy, Kernel: vector(2), Stages: []Stage{{Steps: 1, LearningRate: 0.1}}}, []string{"batch size b of stage 1"}},
		{"more samples than memory", Method{Objective: plain, Gradient: Sampled, Kernel: vector(2), Samples: 1e9, Stages: []Stage{stage}}, []string{"samples"}},
		{"more steps than patience", Method{Objective: plain, Gradient: Exact, Stages: []Stage{{Steps: 9e8, LearningRate: 1}, {Steps: 9e8, LearningRate: 1}}}, []string{"in all"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Run(t.Context(), test.method, []float64{1, 1}, 1, 10)
			for _, field := range test.fields {
				if err == nil || !strings.Contains(err.Error(), field) {
					t.Errorf("%q is not in: %v", field, err)
				}
			}
			if _, err := Ensemble(t.Context(), test.method, DefaultTrial(plain)); err == nil {
				t.Error("the ensemble accepts it")
			}
		})
	}
	if err := (Method{Objective: plain, Gradient: Sampled, Kernel: stable, Samples: 9, Stages: []Stage{stage}}).Validate(); !errors.Is(err, landscape.ErrNoSmoothing) {
		t.Errorf("the reason is lost: %v", err)
	}
	// SGD runs under noise that smooths nothing, and shows no f̂.
	m, err := SGD(rastriginOf(2), stable, 1, Schedule{LearningRate: 0.001, BatchSize: 4, Stages: 1, StageSteps: 9, Kappa: 1, Lambda: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, m, []float64{1, 1}, 1, 10); got.SmoothedBy != "" || got.Last().Smoothed != nil {
		t.Errorf("f̂ is shown: %s", got.SmoothedBy)
	}
	for name, start := range map[string][]float64{"too short": {1}, "NaN": {1, math.NaN()}, "far away": {1, 1e9}} {
		if _, err := Run(t.Context(), Descent(plain, 0.1, 1), start, 1, 10); err == nil || !strings.Contains(err.Error(), "start") {
			t.Errorf("start %s: %v", name, err)
		}
	}
	for _, keep := range []int{-1, 0, 1, 1 << 40} {
		if _, err := Run(t.Context(), Descent(plain, 0.1, 1), []float64{1, 1}, 1, keep); err == nil || !strings.Contains(err.Error(), "points to keep") {
			t.Errorf("keep %d: %v", keep, err)
		}
	}
}

func TestNumbersSurviveJSON(t *testing.T) {
	for _, v := range []float64{0, -1.5, 1e308, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1)} {
		text, err := json.Marshal(Number(v))
		var back Number
		if err != nil || json.Unmarshal(text, &back) != nil || math.Float64bits(float64(back)) != math.Float64bits(v) && !math.IsNaN(v) || math.IsNaN(v) != math.IsNaN(float64(back)) {
			t.Errorf("%g → %s → %g, %v", v, text, back, err)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", `"NaN"`, `"Infinity"`, `"-Infinity"`, "null", `"1"`, "1e999", "[]", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var x, y Number
		if json.Unmarshal(b, &x) != nil {
			return
		}
		text, err := json.Marshal(x)
		if err != nil || json.Unmarshal(text, &y) != nil || x != y && x == x {
			t.Errorf("%s → %g → %s → %g, %v", b, x, text, y, err)
		}
	})
}
