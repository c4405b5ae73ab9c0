package descent

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"smoothscape/landscape"
)

func ensemble(t *testing.T, m Method, trial Trial) Outcome {
	t.Helper()
	got, err := Ensemble(t.Context(), m, trial)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// noisyMethod is a short SGD on Rastrigin of three variables.
func noisyMethod(t *testing.T) Method {
	t.Helper()
	m, err := SGD(rastriginOf(3), gaussian(3), 40, Schedule{LearningRate: 0.002, BatchSize: 1, Stages: 4, StageSteps: 25, Kappa: 1, Lambda: 4})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheOutcomeDoesNotDependOnTheWorkers(t *testing.T) {
	m := noisyMethod(t)
	trial := DefaultTrial(m.Objective)
	trial.Runs, trial.Seed = 101, 9
	var first Outcome
	for i, workers := range []int{1, 2, 3, 7, 500} {
		trial.Workers = workers
		got := ensemble(t, m, trial)
		got.Trial.Workers = 1
		if i == 0 {
			first = got
		}
		if !reflect.DeepEqual(got, first) {
			t.Errorf("%d workers: another outcome", workers)
		}
	}
	for i, f := range first.Finals {
		if i%25 != 0 {
			continue
		}
		seed := trial.Seed + uint64(i)
		single := run(t, m, trial.Start(m.Objective, seed), seed, 2)
		if f.Seed != seed || !same(single.Last().X, f.X) || f.F != single.Last().F {
			t.Errorf("run %d is not repeated by its seed", i)
		}
	}
}

func TestStartsAreWhereTheyShouldBe(t *testing.T) {
	o := rastriginOf(4)
	trial := DefaultTrial(o)
	trial.Lo, trial.Hi = -1, 3
	const n = 5000
	moments := func() (mean, std float64, lo, hi float64) {
		lo, hi = math.Inf(1), math.Inf(-1)
		squares := 0.0
		for seed := range uint64(n) {
			for _, v := range trial.Start(o, seed) {
				mean += v / (4 * n)
				squares += v * v / (4 * n)
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		return mean, math.Sqrt(squares - mean*mean), lo, hi
	}
	// The mean of N draws of standard deviation s strays by s/√N, their standard deviation by less than s/√N.
	mean, std, lo, hi := moments()
	if s, tol := 4/math.Sqrt(12), 4*4/math.Sqrt(12)/math.Sqrt(4*n); math.Abs(mean-1) > tol || math.Abs(std-s) > tol || lo < -1 || hi > 3 {
		t.Errorf("in the box: mean %g, spread %g, from %g to %g", mean, std, lo, hi)
	}
	trial.Point, trial.Jitter = []float64{2, 2, 2, 2}, 0.1
	mean, std, _, _ = moments()
	if tol := 4 * 0.1 / math.Sqrt(4*n); math.Abs(mean-2) > tol || math.Abs(std-0.1) > tol {
		t.Errorf("about the point: mean %g, spread %g", mean, std)
	}
	trial.Jitter = 0
	if x := trial.Start(o, 5); !same(x, trial.Point) {
		t.Errorf("without jitter: %v", x)
	}
}

// twoWells is (x² − 1)² + x/4 on a line, with minima near ±1 of which the left one is global.
func twoWells() landscape.Objective {
	f := func(x float64) float64 { return (x*x-1)*(x*x-1) + x/4 }
	slope := func(x float64) float64 { return 4*x*(x*x-1) + 0.25 }
	root := func(x float64) float64 {
		for range 50 {
			x -= slope(x) / (12*x*x - 4)
		}
		return x
	}
	left, right := root(-1), root(1)
	return landscape.Objective{
		Function: landscape.Function{
			Func: func(x []float64) float64 { return f(x[0]) },
			Grad: func(x, dst []float64) { dst[0] = slope(x[0]) },
		},
		ID: "two-wells", Dim: 1, Lo: -2, Hi: 2, DeltaMax: 1, Growth: 4,
		Minima: []landscape.Minimum{{X: []float64{left}, F: f(left), Global: true}, {X: []float64{right}, F: f(right)}},
	}
}

// The pass between the wells is the middle root of the slope, 0.063: of uniform starts in [−2, 2] 51.6 % go left.
func TestEndsAndSuccessesAreCounted(t *testing.T) {
	o := twoWells()
	trial := DefaultTrial(o)
	trial.Runs = 2000
	got := ensemble(t, Descent(o, 0.02, 2000), trial)
	pass := 0.0
	for range 50 {
		pass -= (4*pass*(pass*pass-1) + 0.25) / (12*pass*pass - 4)
	}
	left, want := 0, (pass+2)/4
	for _, f := range got.Finals {
		start := trial.Start(o, f.Seed)[0]
		if start < pass {
			left++
		}
		if (start < pass) != (f.Minimum == 0) || f.Success != (f.Minimum == 0) {
			t.Errorf("from %g to minimum %d, success %v", start, f.Minimum, f.Success)
		}
	}
	p := got.Success
	if p.Successes != left || got.Ended[0] != left || got.Ended[1] != 2000-left || got.Elsewhere != 0 || got.Diverged != 0 || got.Finite != 2000 {
		t.Errorf("got %+v, ended %v and %d elsewhere, want %d in the left well", p, got.Ended, got.Elsewhere, left)
	}
	if math.Abs(p.Rate-want) > 4*math.Sqrt(want*(1-want)/2000) || p.Lo > want || p.Hi < want {
		t.Errorf("rate %g in [%g, %g], want %g", p.Rate, p.Lo, p.Hi, want)
	}
	// The median run ends in the left well, the worst in the right one.
	if math.Abs(float64(got.Quantiles[3])-o.Minima[0].F) > 1e-9 || math.Abs(float64(got.Quantiles[6])-o.Minima[1].F) > 1e-9 {
		t.Errorf("quantiles %v", got.Quantiles)
	}
	mean := want*o.Minima[0].F + (1-want)*o.Minima[1].F
	if math.Abs(float64(got.Mean)-mean) > 4*float64(got.StdErr) {
		t.Errorf("mean %g ± %g, want %g", got.Mean, got.StdErr, mean)
	}
}

// Either of the two marks of success is enough; a minimum farther than the radius is not reached, and no minimum means no rate.
func TestMarksOfSuccess(t *testing.T) {
	o := twoWells()
	near := []float64{o.Minima[0].X[0] + 0.05}
	for _, test := range []struct {
		name              string
		tolerance, radius float64
		success           bool
		minimum           int
	}{
		{"within both", 1, 0.1, true, 0},
		{"within the tolerance alone", 1, 0.01, true, -1},
		{"within the radius alone", 1e-9, 0.1, true, 0},
		{"within neither", 1e-9, 0.01, false, -1},
	} {
		trial := DefaultTrial(o)
		trial.Runs, trial.Point, trial.Tolerance, trial.Radius = 1, near, test.tolerance, test.radius
		got := ensemble(t, Descent(o, 1e-12, 1), trial)
		if f := got.Finals[0]; f.Success != test.success || f.Minimum != test.minimum {
			t.Errorf("%s: %+v", test.name, f)
		}
	}
	o.Minima = nil
	trial := DefaultTrial(o)
	trial.Runs = 3
	if got := ensemble(t, Descent(o, 0.01, 10), trial); got.Success != nil || len(got.Ended) != 0 || got.Elsewhere != 3 || got.Finals[0].Success {
		t.Errorf("without minima: %+v", got)
	}
}

func TestDivergedRunsAreCounted(t *testing.T) {
	o := bowl(2, 1)
	for _, test := range []struct {
		name     string
		eta      float64
		runs     int
		diverged int
	}{{"all", 3, 10, 10}, {"a single run", 3, 1, 1}, {"none", 0.5, 10, 0}} {
		trial := DefaultTrial(o)
		trial.Runs = test.runs
		got := ensemble(t, Descent(o, test.eta, 200), trial)
		if got.Diverged != test.diverged || got.Finite != test.runs-test.diverged || got.Elsewhere != test.diverged || got.Success.Successes != test.runs-test.diverged {
			t.Errorf("%s: %+v", test.name, got)
		}
		if test.diverged > 0 && (!math.IsNaN(float64(got.Mean)) || !math.IsInf(float64(got.Quantiles[0]), 1)) {
			t.Errorf("%s: mean %g, least %g", test.name, got.Mean, got.Quantiles[0])
		}
		if _, err := json.Marshal(got); err != nil {
			t.Error(err)
		}
	}
}

func TestQuantilesAreLinear(t *testing.T) {
	sorted := []float64{0, 1, 2, 3, 10}
	for level, want := range map[float64]float64{0: 0, 0.25: 1, 0.5: 2, 0.6: 2.4, 0.95: 8.6, 1: 10} {
		if got := quantile(sorted, level); math.Abs(got-want) > 1e-12 {
			t.Errorf("level %g: got %g, want %g", level, got, want)
		}
	}
	inf := math.Inf(1)
	if got := quantile([]float64{1, inf, inf}, 0.75); !math.IsInf(got, 1) {
		t.Errorf("between infinities: %g", got)
	}
	if got := quantile([]float64{1, inf}, 0.5); !math.IsInf(got, 1) {
		t.Errorf("before an infinity: %g", got)
	}
}

// The bounds of a score interval are, by definition, the p at which the observed count is 1.96 standard deviations of a binomial
// away: (k − np)² = z²np(1−p).
func TestIntervalsAreWilsons(t *testing.T) {
	z := distuv.UnitNormal.Quantile(0.975)
	for _, test := range []struct{ k, n int }{{0, 1}, {1, 1}, {0, 10}, {10, 10}, {9, 10}, {1, 1000}, {516, 1000}, {3, 7}, {999_999, 1_000_000}} {
		p := ProportionOf(test.k, test.n)
		k, n := float64(test.k), float64(test.n)
		if p.Rate != k/n || p.Lo > p.Rate || p.Hi < p.Rate || p.Lo < 0 || p.Hi > 1 || p.Successes != test.k || p.Runs != test.n {
			t.Errorf("%d of %d: %+v", test.k, test.n, p)
		}
		for _, bound := range []float64{p.Lo, p.Hi} {
			left, right := (k-n*bound)*(k-n*bound), z*z*n*bound*(1-bound)
			if math.Abs(left-right) > 1e-9*max(1, right) {
				t.Errorf("%d of %d: at %g, %g is not %g", test.k, test.n, bound, left, right)
			}
		}
	}
	// Its coverage by exact binomial sums keeps near 95 %: on average over p, and never far below.
	const n = 40
	sum, least, count := 0.0, 1.0, 0
	for p := 0.05; p < 0.951; p += 0.01 {
		law := distuv.Binomial{N: n, P: p}
		coverage := 0.0
		for k := range n + 1 {
			if i := ProportionOf(k, n); i.Lo <= p && p <= i.Hi {
				coverage += law.Prob(float64(k))
			}
		}
		sum, least, count = sum+coverage, min(least, coverage), count+1
	}
	if mean := sum / float64(count); math.Abs(mean-0.95) > 0.01 || least < 0.90 {
		t.Errorf("coverage %g on average, %g at least", mean, least)
	}
}

func TestProgressAndCancel(t *testing.T) {
	m := noisyMethod(t)
	trial := DefaultTrial(m.Objective)
	trial.Runs, trial.Workers = 50, 4
	last := 0
	trial.Progress = func(done, total int) {
		if done != last+1 || total != 50 {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}
	ensemble(t, m, trial)
	if last != 50 {
		t.Errorf("%d runs were reported", last)
	}
	ctx, cancel := context.WithCancel(t.Context())
	trial.Runs = 1_000_000 // an hour, if it were not stopped
	trial.Progress = func(done, _ int) {
		if done == 3 {
			cancel()
		}
	}
	if _, err := Ensemble(ctx, m, trial); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "of 1000000 runs") {
		t.Errorf("canceled: %v", err)
	}
}

func TestTrialsNameAllFaults(t *testing.T) {
	o := rastriginOf(3)
	bad := Trial{Lo: 1, Hi: -1, Tolerance: math.Inf(1), Radius: math.NaN(), Point: []float64{1}, Jitter: -1}
	_, err := Ensemble(t.Context(), Descent(o, 0.1, 1), bad)
	for _, field := range []string{"runs", "box of the starts", "tolerance", "radius", "start", "jitter", "workers"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in: %v", field, err)
		}
	}
	large := DefaultTrial(rastriginOf(100_000))
	if err := large.Validate(rastriginOf(100_000)); err == nil {
		t.Error("the finals of 1000 runs in 100,000 dimensions are accepted")
	}
}

func BenchmarkEnsemble(b *testing.B) {
	m, err := SGD(rastriginOf(50), vector(50), 40, Schedule{LearningRate: 0.001, BatchSize: 1, Stages: 5, StageSteps: 20, Kappa: 1, Lambda: 2})
	if err != nil {
		b.Fatal(err)
	}
	trial := DefaultTrial(m.Objective)
	trial.Runs = 200
	for b.Loop() {
		if _, err := Ensemble(b.Context(), m, trial); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*trial.Runs*m.Steps())/b.Elapsed().Seconds(), "steps/s")
}
