package descent

import (
	"fmt"
	"math"
	"testing"

	"smoothscape/landscape"
)

// On a σ-strongly convex function with Lipschitz slope L and η ≤ 1/L, f̂(x_T) − f̂* ≤ (1−ησ)^T (f̂(x_0) − f̂*). Rastrigin smoothed
// by 0.6 per axis is convex on all of space: its curvatures lie in 2 ± 40π²e^(−2π²·0.36), that is [1.676, 2.324].
func TestDescentOnAConvexSmoothingKeepsItsRate(t *testing.T) {
	const d, delta, steps = 5, 0.6, 60
	wave := 40 * math.Pi * math.Pi * math.Exp(-2*math.Pi*math.Pi*delta*delta)
	sigma, lipschitz := 2-wave, 2+wave
	if math.Abs(sigma-1.676) > 1e-3 {
		t.Fatalf("σ = %g", sigma)
	}
	for _, eta := range []float64{1 / lipschitz, 0.3 / lipschitz} {
		m := SmoothedDescent(rastriginOf(d), gaussian(d), delta, eta, steps)
		trial := DefaultTrial(m.Objective)
		best, _ := m.closedForm(delta)
		least := best.Func(make([]float64, d))
		for seed := range uint64(20) {
			got := run(t, m, trial.Start(m.Objective, seed), seed, steps+1)
			first := float64(*got.Points[0].Smoothed) - least
			for _, p := range got.Points {
				bound := math.Pow(1-eta*sigma, float64(p.Step)) * first
				// 10⁻¹³ of f̂* = 50 + 1.8 is what a sum of five terms loses.
				if gap := float64(*p.Smoothed) - least; gap > bound+1e-11 {
					t.Errorf("η = %g, seed %d, step %d: f̂ − f̂* = %g is above %g", eta, seed, p.Step, gap, bound)
				}
			}
		}
	}
}

// On curvature h the iterate of SGD wanders with 1/√(ηh(2−ηh)) times the spread of one step, with a heavy ball with
// √((1+β)/((1−β)ηh(2(1+β)−ηh))) times (the variance of a second-order autoregression), and never comes to rest.
func TestTheIterateWandersFartherThanTheKernel(t *testing.T) {
	const d, h, c, runs = 10, 2.0, 3.0, 1000
	for _, test := range []struct{ eta, beta float64 }{{0.05, 0}, {0.4, 0}, {0.9, 0}, {0.05, 0.5}} {
		t.Run(fmt.Sprintf("η %g, β %g", test.eta, test.beta), func(t *testing.T) {
			m, err := SGD(bowl(d, h), gaussian(d), c, Schedule{LearningRate: test.eta, BatchSize: 4, Stages: 1, StageSteps: 300, Kappa: 1, Lambda: 1})
			if err != nil {
				t.Fatal(err)
			}
			m.Momentum = test.beta
			got := ensemble(t, m, DefaultTrial(m.Objective))
			squares := 0.0
			for _, f := range got.Finals {
				for _, v := range f.X {
					squares += v * v / (d * runs)
				}
			}
			step := test.eta * c / 2 // ηC/√b per axis: δ
			want := math.Sqrt((1 + test.beta) / ((1 - test.beta) * test.eta * h * (2*(1+test.beta) - test.eta*h)))
			// The spread of N normal numbers errs by 1/√(2N) of itself; the start is forgotten to 0.9³⁰⁰ = 2·10⁻¹⁴.
			if ratio, tol := math.Sqrt(squares)/step, 4*want/math.Sqrt(2*d*runs); math.Abs(ratio-want) > tol {
				t.Errorf("spread %g steps, want %g ± %g", ratio, want, tol)
			}
			if test.eta == 0.05 && test.beta == 0 && math.Abs(want-2.29) > 0.005 {
				t.Errorf("%g is not the 2.29 that is known", want)
			}
		})
	}
}

// Gradient descent on f̂ goes where gradient descent on f cannot: from the third ring of Rastrigin to the center.
func TestSmoothingLeadsOutOfAFalseMinimum(t *testing.T) {
	start := []float64{2.1, -1.9}
	plain := run(t, Descent(rastriginOf(2), 0.001, 5000), start, 1, 2).Last()
	if math.Abs(plain.X[0]-2) > 0.05 || math.Abs(plain.X[1]+2) > 0.05 {
		t.Errorf("on f it ends at %v", plain.X)
	}
	smooth := run(t, SmoothedDescent(rastriginOf(2), gaussian(2), 0.55, 0.05, 500), start, 1, 2).Last()
	if math.Hypot(smooth.X[0], smooth.X[1]) > 1e-9 {
		t.Errorf("on f̂ it ends at %v", smooth.X)
	}
}

// Implicit graduated optimization as the theorems have it, gradient descent on f̂_δ along the stages of a schedule, ends in the global minimum
// where δ starts above the convexity of f̂ and falls slowly. With the same stages SGD does so in the mean only.
func TestGraduatedDescentFollowsTheSmoothedMinimum(t *testing.T) {
	s, _ := ScheduleByName(Polynomial)
	s.LearningRate, s.BatchSize, s.Stages, s.StageSteps, s.RateShare = 0.002, 1, 50, 200, 0
	m, err := SGD(rastriginOf(4), gaussian(4), 300, s) // δ from 0.6
	if err != nil {
		t.Fatal(err)
	}
	m.Gradient = Smoothed
	trial := DefaultTrial(m.Objective)
	trial.Runs = 20
	if got := ensemble(t, m, trial); got.Success.Successes != 20 || got.Ended[0] != 20 || float64(got.Quantiles[6]) > 1e-9 {
		t.Errorf("%+v, worst f %g", got.Success, got.Quantiles[6])
	}
	if got := ensemble(t, Descent(m.Objective, 0.002, 10_000), trial); got.Success.Successes > 1 {
		t.Errorf("plain descent: %+v", got.Success)
	}
}

// benchmark gives the Rastrigin function of the catalogue and a trial from the authors' box, ±5.12.
func benchmark(t *testing.T, d, runs int) (landscape.Objective, Trial) {
	t.Helper()
	o, ok := landscape.ObjectiveByID("rastrigin", d)
	if !ok {
		t.Fatal("the catalogue has no Rastrigin function")
	}
	trial := DefaultTrial(o)
	trial.Runs = runs
	return o, trial
}

// The benchmark of explicit graduated optimization in 50 dimensions. With the authors' kernel, of standard deviation δ per axis, it finds the
// global minimum; with that of the paper, √50 times narrower, it ends where plain descent does.
func TestExplicitGraduatedOptimizationOfRastrigin(t *testing.T) {
	if testing.Short() {
		t.Skip("100 million gradient coordinates")
	}
	t.Parallel()
	o, trial := benchmark(t, 50, 10)
	e, _ := AuthorsExplicit("rastrigin")
	for _, test := range []struct {
		name   string
		kernel landscape.Kernel
		right  func(f float64) bool
		least  int // runs that must be right
	}{
		{"authors' kernel", gaussian(50), func(f float64) bool { return f < 0.01 }, 9},
		{"paper's kernel", vector(50), func(f float64) bool { return f > 300 }, 10},
	} {
		m, err := e.Method(o, test.kernel)
		if err != nil {
			t.Fatal(err)
		}
		got := ensemble(t, m, trial)
		count := 0
		for _, f := range got.Finals {
			if test.right(float64(f.F)) {
				count++
			}
		}
		t.Logf("%s: final f from %.5g to %.5g, mean %.5g ± %.2g", test.name, got.Quantiles[0], got.Quantiles[6], got.Mean, got.StdErr)
		if count < test.least {
			t.Errorf("%s: %d of 10 runs are right, want %d", test.name, count, test.least)
		}
	}
	plain := ensemble(t, Descent(o, 0.001, 1020), trial)
	t.Logf("plain descent: mean %.5g ± %.2g", plain.Mean, plain.StdErr)
	// 434 ± 45 is the mean and the spread over seeds of another ten.
	if math.Abs(float64(plain.Mean)-434) > 45 {
		t.Errorf("plain descent ends at %g on average, want 434 ± 45", plain.Mean)
	}
}

// Four schedules of one starting δ on Rastrigin in ten dimensions, with noise N(0, 400²/b) per coordinate; δ falls by 1/√2 in each of 20
// stages of 500 steps. Growing the batch beats both decaying the rate and doing half of each, and all three
// beat constant noise; of these only the batch and the hybrid beat descent without noise. The expected means are of 200 other starts.
func TestFourSchedulesOnRastrigin(t *testing.T) {
	if testing.Short() {
		t.Skip("80 million noisy gradient coordinates")
	}
	t.Parallel()
	o, trial := benchmark(t, 10, 200)
	trial.Seed = 1001
	means := map[string]float64{}
	for _, test := range []struct {
		name         string
		mean, stdErr float64
	}{{Constant, 893, 25}, {LRDecay, 124.0, 3.4}, {BatchGrowth, 39.7, 1.2}, {Hybrid, 51.6, 1.6}, {"gd", 88.8, 1.7}} {
		m := Descent(o, 0.002, 10_000)
		if s, ok := ScheduleByName(test.name); ok {
			s.LearningRate, s.BatchSize, s.Stages, s.StageSteps = 0.002, 1, 20, 500
			var err error
			if m, err = SGD(o, gaussian(10), 400, s); err != nil {
				t.Fatal(err)
			}
		}
		got := ensemble(t, m, trial)
		means[test.name] = float64(got.Mean)
		t.Logf("%-12s %.1f ± %.1f", test.name, got.Mean, got.StdErr)
		if tol := 4 * math.Hypot(test.stdErr, float64(got.StdErr)); math.Abs(float64(got.Mean)-test.mean) > tol {
			t.Errorf("%s: mean final f %g, want %g ± %g", test.name, got.Mean, test.mean, tol)
		}
	}
	if !(means[BatchGrowth] < means[Hybrid] && means[Hybrid] < means["gd"] && means["gd"] < means[LRDecay] && means[LRDecay] < means[Constant]) {
		t.Errorf("wrong order: %v", means)
	}
}
