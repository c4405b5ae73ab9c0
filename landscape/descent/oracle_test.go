package descent

import (
	"math"
	"testing"

	"smoothscape/landscape"
)

// directions returns the direction of a method at a place, n times.
func directions(m Method, x []float64, seed uint64, n int) [][]float64 {
	o := newOracle(m)
	o.begin(seed)
	all := make([][]float64, n)
	for i := range all {
		all[i] = make([]float64, len(x))
		o.gradient(0, x, all[i])
	}
	return all
}

// The noise of SGD: E ω = 0, E‖ω‖² = C²/b in the vector convention and dC²/b in the coordinate one, E‖ω‖ ≤ C/√b.
func TestTheNoiseHasItsLength(t *testing.T) {
	const c, n, d = 3.0, 40_000, 5
	for _, k := range []landscape.Kernel{vector(d), gaussian(d)} {
		want := c * c
		if k.Convention == landscape.Coordinate {
			want *= d
		}
		for _, b := range []float64{1, 4, 32, 32.5} {
			m, err := SGD(rastriginOf(d), k, c, Schedule{LearningRate: 0.01, BatchSize: b, Stages: 1, StageSteps: 1, Kappa: 1, Lambda: 1})
			if err != nil {
				t.Fatal(err)
			}
			x := []float64{0.3, -1.2, 4, 0, 2.2}
			full := make([]float64, d)
			m.Objective.Grad(x, full)
			squares, fourth, length := 0.0, 0.0, 0.0
			mean := make([]float64, d)
			for _, g := range directions(m, x, 5, n) {
				s := 0.0
				for i := range g {
					w := g[i] - full[i]
					s += w * w
					mean[i] += w / n
				}
				squares += s / n
				fourth += s * s / n
				length += math.Sqrt(s) / n
			}
			if tol := 4 * math.Sqrt((fourth-squares*squares)/n); math.Abs(squares-want/b) > tol {
				t.Errorf("%v, b = %g: E‖ω‖² = %g, want %g ± %g", k, b, squares, want/b, tol)
			}
			if length > math.Sqrt(want/b) {
				t.Errorf("%v, b = %g: E‖ω‖ = %g is above C/√b = %g", k, b, length, math.Sqrt(want/b))
			}
			for i, v := range mean {
				if tol := 4 * math.Sqrt(want/b/d/n); math.Abs(v) > tol {
					t.Errorf("%v, b = %g: E ω%d = %g, want 0 ± %g", k, b, i+1, v, tol)
				}
			}
		}
	}
}

// The fresh and the common samples estimate the closed form, within four standard errors of their own.
func TestSampledDirectionsEstimateTheClosedForm(t *testing.T) {
	const d, n, delta = 4, 20_000, 0.3
	x := []float64{0.3, -1.2, 4, 0.6}
	for _, k := range []landscape.Kernel{vector(d), gaussian(d)} {
		o := rastriginOf(d)
		m := SmoothedDescent(o, k, delta, 0.1, 1)
		exact := directions(m, x, 1, 1)[0]
		m.Samples, m.Objective.Smoothed = n, nil
		common := directions(m, x, 1, 2)
		if !same(common[0], common[1]) {
			t.Error("common random numbers give two directions at one place")
		}
		m.Gradient, m.Samples = Sampled, 1
		fresh := directions(m, x, 1, n)
		if same(fresh[0], fresh[1]) {
			t.Error("fresh samples give one direction twice")
		}
		for i := range x {
			mean, squares := 0.0, 0.0
			for _, g := range fresh {
				mean += g[i] / n
				squares += g[i] * g[i] / n
			}
			stdErr := math.Sqrt((squares - mean*mean) / n)
			if math.Abs(mean-exact[i]) > 4*stdErr || math.Abs(common[0][i]-exact[i]) > 4*stdErr {
				t.Errorf("%s, coordinate %d: fresh %g, common %g, closed form %g, standard error %g", k.Convention, i+1, mean, common[0][i], exact[i], stdErr)
			}
		}
	}
}

// The f̂ that a trajectory shows without a closed form is within four of its standard errors of it.
func TestShownValuesOfTheSmoothedFunction(t *testing.T) {
	for seed := range uint64(20) {
		m := SmoothedDescent(rastriginOf(3), gaussian(3), 0.3, 0.001, 50)
		m.Samples = 1000
		exact := m.Objective.Smoothed
		m.Objective.Smoothed = nil
		got := run(t, m, []float64{1.3, -2, 0.4}, seed, 5)
		if got.SmoothedBy != monteCarlo {
			t.Fatalf("by %q", got.SmoothedBy)
		}
		f, _ := exact(m.Kernel, 0.3)
		for _, p := range got.Points {
			if want := f.Func(p.X); math.Abs(float64(*p.Smoothed)-want) > 4*float64(p.SmoothedStdErr) || !(p.SmoothedStdErr > 0) {
				t.Errorf("seed %d, step %d: f̂ = %g ± %g, want %g", seed, p.Step, *p.Smoothed, p.SmoothedStdErr, want)
			}
		}
	}
}

// Differences of balanced step agree with the gradient to h²f‴/6 + εf/h, here below 10⁻⁷; the step of the authors' code, 10⁻⁸, leaves
// an error of up to ε·f/10⁻⁸, here some 10⁻⁶.
func TestDifferencesReplaceTheGradient(t *testing.T) {
	x := []float64{0.3, -1.2, 4, 0.6}
	m := Descent(rastriginOf(4), 0.1, 1)
	exact := directions(m, x, 1, 1)[0]
	check := func(name string, m Method, tol float64) float64 {
		worst := 0.0
		for i, g := range directions(m, x, 1, 1)[0] {
			worst = max(worst, math.Abs(g-exact[i]))
		}
		if worst > tol {
			t.Errorf("%s: off by %g", name, worst)
		}
		return worst
	}
	authors, unknown := m, m
	authors.DifferenceStep = 1e-8
	unknown.Objective.Grad = nil
	fine := check("no gradient known", unknown, 1e-7)
	coarse := check("the authors' step", authors, 1e-5)
	if fine > coarse {
		t.Errorf("the balanced step errs by %g, the authors' by %g", fine, coarse)
	}
	if got := run(t, unknown, x, 1, 2); got.Derivative != "central differences" {
		t.Errorf("the derivative is called %s", got.Derivative)
	}
}

func TestStreamsAreApart(t *testing.T) {
	seen := map[[2]uint64]bool{}
	for seed := range uint64(1000) {
		for _, stream := range []uint64{streamStart, streamNoise, streamCommon} {
			hi, lo := seedOf(seed, stream)
			seen[[2]uint64{hi, lo}] = true
		}
	}
	if len(seen) != 3000 {
		t.Errorf("%d streams of 3000", len(seen))
	}
	// Neighboring seeds are uncorrelated: the mean of 1000 uniforms is ½ ± 4/√12000.
	mean := 0.0
	for seed := range uint64(1000) {
		mean += newStream(seed, streamNoise).Float64() / 1000
	}
	if math.Abs(mean-0.5) > 4/math.Sqrt(12000) {
		t.Errorf("the first draws have the mean %g", mean)
	}
}

// A step of any method allocates nothing.
func TestStepsAllocateNothing(t *testing.T) {
	for name, m := range benchmarkMethods(t) {
		w := newWalker(m)
		w.oracle.begin(1)
		copy(w.x, make([]float64, m.Objective.Dim))
		step := func() {
			w.oracle.gradient(0, w.x, w.g)
			w.update(1e-6)
		}
		step() // draws the common random numbers
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%s: %g allocations a step", name, n)
		}
	}
}

func benchmarkMethods(t testing.TB) map[string]Method {
	const d = 50
	o, ok := landscape.ObjectiveByID("rastrigin", d)
	if !ok {
		t.Fatal("the catalogue has no Rastrigin function")
	}
	sgd, err := SGD(o, vector(d), 5, Schedule{LearningRate: 0.001, BatchSize: 4, Stages: 1, StageSteps: 1, Kappa: 1, Lambda: 1})
	if err != nil {
		t.Fatal(err)
	}
	heavy := sgd
	heavy.Momentum = 0.9
	explicit, err := DefaultExplicit().Method(o, gaussian(d))
	if err != nil {
		t.Fatal(err)
	}
	common := SmoothedDescent(o, vector(d), 0.4, 0.001, 1)
	closed := common
	common.Objective.Smoothed = nil
	differences := Descent(o, 0.001, 1)
	differences.Objective.Grad = nil
	return map[string]Method{
		"gd": Descent(o, 0.001, 1), "sgd": sgd, "heavy-ball": heavy, "smoothed": closed,
		"common-100": common, "explicit-100": explicit, "differences": differences,
	}
}

// Steps of Rastrigin in 50 dimensions.
func BenchmarkStep(b *testing.B) {
	for name, m := range benchmarkMethods(b) {
		b.Run(name, func(b *testing.B) {
			w := newWalker(m)
			w.oracle.begin(1)
			b.ReportAllocs()
			for b.Loop() {
				w.oracle.gradient(0, w.x, w.g)
				w.update(1e-4)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}
