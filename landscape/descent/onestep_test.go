package descent

import (
	"context"
	"errors"
	"math"
	"math/cmplx"
	"strings"
	"testing"

	"smoothscape/landscape"
)

func oneStep(t *testing.T, o landscape.Objective, k landscape.Kernel, eta, b, c float64, x []float64, samples int, seed uint64) OneStep {
	t.Helper()
	got, err := TakeOneStep(t.Context(), o, k, eta, b, c, x, samples, seed)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Rastrigin on a line, x = 0.7, η = 0.05, ω ~ N(0, 9): both numbers follow from the formulas by hand. The standard error of 10⁶ samples is
// about 0.002, that of 4·10⁶ half of it.
func TestOneStepOfSGDIsAStepOnTheSmoothedFunction(t *testing.T) {
	samples := 4_000_000
	if testing.Short() {
		samples = 400_000
	}
	got := oneStep(t, rastriginOf(1), gaussian(1), 0.05, 1, 3, []float64{0.7}, samples, 1)
	if math.Abs(got.Half[0]-3.617832) > 1e-6 || math.Abs(got.Descent[0]-4.615247) > 1e-6 || math.Abs(got.NoiseLevel-0.15) > 1e-15 {
		t.Errorf("y = %.7f, y − η∇f̂ = %.7f, δ = %g", got.Half[0], got.Descent[0], got.NoiseLevel)
	}
	stdErr := float64(got.StdErr[0])
	if math.Abs(got.Mean[0]-4.615247) > 4*stdErr || stdErr > 0.0015*math.Sqrt(4e6/float64(samples)) {
		t.Errorf("E y' = %g ± %g, want 4.615247", got.Mean[0], stdErr)
	}
}

// In any dimension, for any symmetric law with a variance, in either convention.
func TestOneStepForEveryLaw(t *testing.T) {
	const samples = 60_000
	for _, d := range []int{1, 2, 10} {
		x := make([]float64, d)
		for i := range x {
			x[i] = 0.2 + 0.17*float64(i)
		}
		for _, law := range []landscape.Law{landscape.Gaussian, landscape.Uniform} {
			for _, convention := range []landscape.Convention{landscape.Vector, landscape.Coordinate} {
				k := landscape.Kernel{Law: law, Convention: convention, Dim: d}
				got := oneStep(t, waves(d), k, 0.05, 4, 6, x, samples, 3)
				moved := 0.0
				for i := range x {
					// Four standard errors: one coordinate in 16,000 is beyond by chance, and the seed is fixed.
					if math.Abs(got.Mean[i]-got.Descent[i]) > 4*float64(got.StdErr[i]) {
						t.Errorf("%v, coordinate %d: E y' = %g ± %g, want %g", k, i+1, got.Mean[i], got.StdErr[i], got.Descent[i])
					}
					moved = max(moved, math.Abs(got.Descent[i]-got.Half[i])/float64(got.StdErr[i]))
				}
				if moved < 10 {
					t.Errorf("%v: the step is %g standard errors long, the test proves nothing", k, moved)
				}
			}
		}
	}
}

// A law with a mean moves the step by −ηEω besides. Under exponential noise of mean 1.5, E exp(−iwu) = 1/(1 + 1.5iw), so that the slope
// of waves becomes the imaginary part of 2π·exp(2πix)/(1 + 3πiδ).
func TestOneStepUnderNoiseWithAMean(t *testing.T) {
	o := waves(2)
	k := landscape.Kernel{Law: landscape.Exponential, Dim: 2}
	const eta, c = 0.05, 2.0
	got := oneStep(t, o, k, eta, 1, c, []float64{0.2, 0.6}, 100_000, 1)
	for i, y := range got.Half {
		slope := 2 * math.Pi * imag(cmplx.Exp(complex(0, 2*math.Pi*y))/complex(1, 3*math.Pi*eta*c))
		want := y - 1.5*eta*c - eta*slope
		if math.Abs(got.Mean[i]-want) > 4*float64(got.StdErr[i]) {
			t.Errorf("coordinate %d: E y' = %g ± %g, want %g", i+1, got.Mean[i], got.StdErr[i], want)
		}
	}
	catalogue, _ := landscape.ObjectiveByID("rastrigin", 2)
	got = oneStep(t, catalogue, k, 0.001, 1, 100, []float64{0.2, 0.6}, 100_000, 1)
	for i := range got.Half {
		if got.Descent == nil || math.Abs(got.Mean[i]-got.Descent[i]) > 4*float64(got.StdErr[i]) {
			t.Errorf("Rastrigin, coordinate %d: E y' = %g ± %g, want %v", i+1, got.Mean[i], got.StdErr[i], got.Descent)
		}
	}
}

// Under α-stable noise y' has a mean and no variance: the mean of n draws strays by about n^−(1−1/α), not by its "standard
// error". At α = 1.8 and n = 10⁶ the scale of that is δ·10⁶^−0.444 = 0.002·δ; 0.01 is 50 times that for δ = 0.1, and the tail beyond t scales of
// the stable law carries about t^−1.8 < 10⁻³.
func TestOneStepUnderStableNoise(t *testing.T) {
	k := landscape.Kernel{Law: landscape.Stable, Alpha: 1.8, Dim: 2}
	got := oneStep(t, waves(2), k, 0.05, 1, 2, []float64{0.2, 0.6}, 1_000_000, 1)
	for i := range got.Half {
		if math.Abs(got.Mean[i]-got.Descent[i]) > 0.01 {
			t.Errorf("coordinate %d: E y' = %g, want %g", i+1, got.Mean[i], got.Descent[i])
		}
		if math.Abs(got.Descent[i]-got.Half[i]) < 0.05 {
			t.Errorf("coordinate %d: the step is as short as the tolerance", i+1)
		}
	}
}

// Where the identity ends: noise whose law depends on the iterate. Two iterates of Rastrigin have the same half step y; with C(x) = 1 + |x|
// their noise differs, each mean is a step on the f̂ of its own δ, and so E[y' | y] is no function of y, let alone −η∇f̂(y) of one δ.
func TestNoiseThatDependsOnTheIterateBreaksTheIdentity(t *testing.T) {
	const eta = 0.05
	half := func(x float64) float64 { return x - eta*(2*x+20*math.Pi*math.Sin(2*math.Pi*x)) }
	y := half(0.7)
	// half is continuous; it passes y on [2, 2.8] too: half(2) = 1.8 < 3.6178 < half(2.75) = 5.6.
	lo, hi := 2.0, 2.75
	for range 200 {
		if mid := (lo + hi) / 2; half(mid) < y {
			lo = mid
		} else {
			hi = mid
		}
	}
	spread := func(x float64) float64 { return 1 + math.Abs(x) }
	const samples = 400_000
	near := oneStep(t, rastriginOf(1), gaussian(1), eta, 1, spread(0.7), []float64{0.7}, samples, 1)
	far := oneStep(t, rastriginOf(1), gaussian(1), eta, 1, spread(lo), []float64{lo}, samples, 2)
	if math.Abs(near.Half[0]-far.Half[0]) > 1e-9 {
		t.Fatalf("half steps %g and %g", near.Half[0], far.Half[0])
	}
	for _, s := range []OneStep{near, far} {
		if math.Abs(s.Mean[0]-s.Descent[0]) > 4*float64(s.StdErr[0]) {
			t.Errorf("δ = %g: E y' = %g ± %g, want %g", s.NoiseLevel, s.Mean[0], s.StdErr[0], s.Descent[0])
		}
	}
	if gap, stdErr := math.Abs(near.Mean[0]-far.Mean[0]), math.Hypot(float64(near.StdErr[0]), float64(far.StdErr[0])); gap < 20*stdErr {
		t.Errorf("the means differ by %g ± %g only", gap, stdErr)
	}
}

func TestOneStepRefuses(t *testing.T) {
	stable := landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: 1}
	for name, test := range map[string]struct {
		k         landscape.Kernel
		eta, b, c float64
		x         []float64
		samples   int
		complaint string
	}{
		"no rate":        {gaussian(1), 0, 1, 1, []float64{1}, 10, "learning rate"},
		"half a batch":   {gaussian(1), 1, 0.5, 1, []float64{1}, 10, "batch size"},
		"a NaN spread":   {gaussian(1), 1, 1, math.NaN(), []float64{1}, 10, "spread C"},
		"one sample":     {gaussian(1), 1, 1, 1, []float64{1}, 1, "samples"},
		"two dimensions": {gaussian(2), 1, 1, 1, []float64{1}, 10, "dimension"},
		"a long start":   {gaussian(1), 1, 1, 1, []float64{1, 2}, 10, "start"},
		"no mean":        {landscape.Kernel{Law: landscape.Cauchy, Dim: 1}, 1, 1, 1, []float64{1}, 10, "does not exist"},
		"no smoothing":   {stable, 1, 1, 1, []float64{1}, 10, "does not exist"},
	} {
		if _, err := TakeOneStep(t.Context(), rastriginOf(1), test.k, test.eta, test.b, test.c, test.x, test.samples, 1); err == nil || !strings.Contains(err.Error(), test.complaint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := TakeOneStep(ctx, rastriginOf(1), gaussian(1), 1, 1, 1, []float64{1}, 10, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	o := rastriginOf(1)
	o.Smoothed = nil
	if got := oneStep(t, o, gaussian(1), 0.05, 1, 3, []float64{0.7}, 10, 1); got.Descent != nil {
		t.Error("a closed form from nowhere")
	}
}
