package fullspace

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/landscape"
	"smoothscape/landscape/slice"
)

// quartic is |x|⁴. Under v ~ N(0, s²I): |x|⁴ + 2(d+2)s²|x|² + s⁴d(d+2), from E|v|⁴ = s⁴d(d+2) and E(x·v)² = s²|x|².
func quartic(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v * v
	}
	return s * s
}

// What many seeds say of the estimate and of its error. In all cells, with and without the control variate: the mean over seeds is
// the truth (bias), 2 standard errors cover it about as often as they say, and the squared errors are in the mean as large
// as the variances that were told.
func TestManySeedsFindTheTruthAndTheError(t *testing.T) {
	notShort(t)
	t.Parallel()
	rastrigin, _ := landscape.ObjectiveByID("rastrigin", 10)
	smoothed, _ := rastrigin.Smoothed(gaussian(10), 0.5)
	const d, s2 = 10, 0.25 / 10
	for _, c := range []struct {
		name     string
		f, truth func(x []float64) float64
		stop     Stop
		seeds    int
		nodes    int
		control  bool
		least    float64 // of the coverage of 2 standard errors, in the mean of the cells
		bias     float64 // that is allowed beyond chance, in standard errors
	}{
		// The Student law of 31 and 15 degrees has 0.946 and 0.936 within ±2; the heavier tails of the values cost a little.
		{"rastrigin, plain", rastrigin.Func, smoothed.Func, Stop{Samples: 32}, 500, 8, false, 0.93, 0},
		{"rastrigin, control", rastrigin.Func, smoothed.Func, Stop{Samples: 32}, 500, 8, true, 0.93, 0},
		// The first error that is small enough ends it, after 38 samples in the mean, and is a little too small.
		{"rastrigin, stopped by its error", rastrigin.Func, smoothed.Func, Stop{Relative: 0.08, Samples: 1000}, 500, 8, true, 0.92, 0.3},
		// So few samples that a slope from all of them would be biased by a quarter of the error (12 times what 2000 seeds leave
		// open): the values at the center and elsewhere are not linear in each other. Seven and fewer degrees: 0.914.
		{"quartic, control, 8 samples", quartic, func(x []float64) float64 {
			r2 := math.Sqrt(quartic(x))
			return r2*r2 + 2*(d+2)*s2*r2 + s2*s2*d*(d+2)
		}, Stop{Samples: 8}, 2000, 8, true, 0.85, 0},
		{"sum of exponentials, control", func(x []float64) float64 {
			sum := 0.0
			for _, v := range x {
				sum += math.Exp(v)
			}
			return sum
		}, func(x []float64) float64 {
			sum := 0.0
			for _, v := range x {
				sum += math.Exp(v + s2/2)
			}
			return sum
		}, Stop{Samples: 16}, 400, 8, true, 0.92, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cells := c.nodes * c.nodes
			x := make([]float64, d)
			samples := 0.0
			bias, errors2, told, covered := make([]float64, cells), make([]float64, cells), make([]float64, cells), make([]float64, cells)
			for seed := range c.seeds {
				p := Problem[float64]{Plane: coordinatePlane[float64](d), X: axes(-1.3, 1.1, c.nodes), Y: axes(-0.7, 1.6, c.nodes), Noise: drawn(t, gaussian(d), 0.5, 4), Seed: uint64(seed)}
				e := begin(t, p)
				if !c.control {
					e.lead = 0
				} else if e.lead != 4 {
					t.Fatalf("got %d pairs at the center, want 4 of 64 cells", e.lead)
				}
				if _, err := e.Run(context.Background(), evaluators(1, c.f), c.stop, nil); err != nil {
					t.Fatal(err)
				}
				got := e.Estimate()
				samples += float64(got.Samples) / float64(c.seeds)
				for i, z := range got.Z {
					x[0], x[1] = got.X[i%c.nodes], got.Y[i/c.nodes]
					miss := z - c.truth(x)
					bias[i] += miss / float64(c.seeds)
					errors2[i] += miss * miss / float64(c.seeds)
					told[i] += got.StdErr[i] * got.StdErr[i] / float64(c.seeds)
					if math.Abs(miss) <= 2*got.StdErr[i] {
						covered[i] += 1 / float64(c.seeds)
					}
				}
			}
			n := math.Sqrt(float64(c.seeds))
			mean, ratio := 0.0, 0.0
			for i := range cells {
				// 4.5 standard errors of the mean over the seeds: one of 64 cells lies outside by chance in a two-thousandth of all cases.
				if math.Abs(bias[i]) > (4.5/n+c.bias)*math.Sqrt(errors2[i]) {
					t.Errorf("cell %d: bias %.3g, where the errors of the seeds leave ± %.2g", i, bias[i], math.Sqrt(errors2[i])/n)
				}
				mean += covered[i] / float64(cells)
				ratio += told[i] / errors2[i] / float64(cells)
				if covered[i] < c.least-0.03-4*0.25/n || covered[i] > 0.97+4*0.2/n {
					t.Errorf("cell %d: 2 standard errors cover the truth in %.1f %% of the seeds", i, 100*covered[i])
				}
			}
			// The cells of one seed err together, so the means over the cells are hardly better known than those of one cell.
			if mean < c.least || mean > 0.97 {
				t.Errorf("2 standard errors cover the truth in %.1f %%, want %.0f to 97", 100*mean, 100*c.least)
			}
			if math.Abs(ratio-1) > 0.2+c.bias/2 {
				t.Errorf("the variances told are %.2f of the squared errors", ratio)
			}
			t.Logf("%s: %.1f samples, coverage %.3f, variance told over squared error %.2f", c.name, samples, mean, ratio)
		})
	}
}

// The control variate is worth its name: the height that all cells share is known from the center.
func TestControlVariateShrinksTheError(t *testing.T) {
	notShort(t)
	t.Parallel()
	const d = 50
	o, _ := landscape.ObjectiveByID("rastrigin", d)
	p := Problem[float64]{Plane: coordinatePlane[float64](d), X: axes(-5, 5, 33), Y: axes(-5, 5, 33), Noise: drawn(t, gaussian(d), 0.5, 2), Seed: 1}
	with := estimate(t, p, o.Func, 32)
	e := begin(t, p)
	e.lead = 0
	if _, err := e.Run(context.Background(), evaluators(2, o.Func), Stop{Samples: 32}, nil); err != nil {
		t.Fatal(err)
	}
	// Two of 50 equal coordinates are left, of which each of both values has its own part: at most √(4/50) = 0.28, and 1/8 of the
	// center's error.
	if without := e.Estimate(); with.MaxErr > 0.45*without.MaxErr {
		t.Errorf("got largest errors of %.3g with and %.3g without", with.MaxErr, without.MaxErr)
	}
}

// A quadratic function with a linear part: pairs have no linear term, and all cells share one lift, which the center knows. The estimate
// on 8×8 cells errs as the center's 4n pairs do, without a difference between cells.
func TestQuadraticIsLiftedAsAWhole(t *testing.T) {
	t.Parallel()
	const d, n, delta = 30, 400, 0.7
	trace, trace2 := 0.0, 0.0
	h := make([]float32, d)
	for i := range h {
		h[i] = float32(i%5) - 0.5
		trace += float64(h[i])
		trace2 += float64(h[i] * h[i])
	}
	f := func(x []float32) float64 {
		z := 0.0
		for i, v := range x {
			z += 3*float64(v) + float64(h[i])*float64(v)*float64(v)/2
		}
		return z
	}
	plane := coordinatePlane[float32](d)
	plane.Center[5], plane.D1[7] = 2, -0.5
	p := Problem[float32]{Plane: plane, X: axes(-1, 1, 8), Y: axes(-1, 1, 8), Noise: drawn(t, gaussian(d), delta, 2), Seed: 5}
	got := estimate(t, p, f, n)
	want := delta * delta * trace / (2 * d)
	stdErr := delta * delta * math.Sqrt(trace2/2) / d / math.Sqrt(4*n)
	first := got.Z[0] - f(at(plane, got.X[0], got.Y[0]))
	if math.Abs(first-want) > 4*stdErr {
		t.Errorf("got lift %g, want %g ± %g", first, want, stdErr)
	}
	for i, z := range got.Z {
		x := at(plane, got.X[i%8], got.Y[i/8])
		// float32 rounds parameters of 2 by 2⁻²³ under slopes of 3 to 10, in 30 coordinates; of that the mean over 800 points.
		if lift := z - f(x); math.Abs(lift-first) > 1e-5 {
			t.Errorf("cell %d: lift %.9g, the first has %.9g", i, lift, first)
		}
		if math.Abs(got.StdErr[i]-stdErr) > 0.1*stdErr { // from 1600 values: good to 2 or 3 per cent
			t.Errorf("cell %d: standard error %g, want %g", i, got.StdErr[i], stdErr)
		}
	}
}

// The law of the step is −v: asymmetric kernels shift and lift as their closed forms say.
func TestAsymmetricKernelsAgreeWithClosedForms(t *testing.T) {
	t.Parallel()
	const d, n = 3, 4000
	o, _ := landscape.ObjectiveByID("rastrigin", d)
	for _, law := range []landscape.Law{landscape.Exponential, landscape.Rayleigh} {
		k := landscape.Kernel{Law: law, Dim: d}
		smoothed, ok := o.Smoothed(k, 0.3)
		if !ok {
			t.Fatalf("%s: no closed form", law)
		}
		got := estimate(t, Problem[float64]{Plane: coordinatePlane[float64](d), X: axes(-2, 2, 4), Y: axes(-2, 2, 3), Noise: drawn(t, k, 0.3, o.Growth), Seed: 9}, o.Func, n)
		if got.Antithetic {
			t.Errorf("%s: pairs of a law that has no symmetry", law)
		}
		for i, z := range got.Z {
			x := []float64{got.X[i%4], got.Y[i/4], 0}
			if want := smoothed.Func(x); math.Abs(z-want) > 4.5*got.StdErr[i] || math.Abs(want-o.Func(x)) < 10*got.StdErr[i] {
				t.Errorf("%s: got %.4g ± %.2g, want %.4g", law, z, got.StdErr[i], want)
			}
		}
	}
}

// Heavy tails under a bounded function.
func TestStableKernelAgreesWithCosine(t *testing.T) {
	t.Parallel()
	const d = 6
	k := landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: d}
	f := func(x []float64) float64 {
		s := 0.0
		for _, v := range x {
			s += v
		}
		return math.Cos(s)
	}
	got := estimate(t, Problem[float64]{Plane: coordinatePlane[float64](d), X: axes(-1, 1, 3), Y: axes(-1, 1, 3), Noise: drawn(t, k, 0.4, 0), Seed: 2}, f, 4000)
	factor := math.Exp(-math.Pow(0.4*math.Sqrt(d), 1.5))
	for i, z := range got.Z {
		if want := factor * math.Cos(got.X[i%3]+got.Y[i/3]); math.Abs(z-want) > 4.5*got.StdErr[i] {
			t.Errorf("got %.4g ± %.2g, want %.4g", z, got.StdErr[i], want)
		}
	}
}

// One point without control is the lift of package slice, whose numbers come from another stream.
func TestPointAgreesWithTheLift(t *testing.T) {
	t.Parallel()
	const d, n, delta = 20, 3000, 0.6
	o, _ := landscape.ObjectiveByID("ackley", d)
	center := make([]float64, d)
	for i := range center {
		center[i] = 0.1 * float64(i%4)
	}
	plane := coordinatePlane[float64](d)
	plane.Center = center
	lift, err := slice.MonteCarloLift(context.Background(), slice.OnPlane(plane, evaluators(1, o.Func))[0], d, delta, n, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	got := estimate(t, Problem[float64]{Plane: plane, X: []float64{0}, Y: []float64{0}, Noise: drawn(t, gaussian(d), delta, o.Growth), Seed: 3}, o.Func, n)
	if miss := got.Z[0] - o.Func(center) - lift.Mean; math.Abs(miss) > 4*math.Hypot(got.StdErr[0], lift.StdErr) || math.Abs(got.StdErr[0]/lift.StdErr-1) > 0.15 {
		t.Errorf("got %g ± %g, the lift is %g ± %g", got.Z[0]-o.Func(center), got.StdErr[0], lift.Mean, lift.StdErr)
	}
}

// The first fold has few samples; the plain recurrences are those of the definitions.
func TestEstimateWithoutControlIsMeanAndSpreadOfPairs(t *testing.T) {
	t.Parallel()
	const d, n = 3, 5
	noise := drawn(t, gaussian(d), 0.5, 2)
	f := func(x []float64) float64 { return x[0] + math.Exp(x[1])*x[2]*x[2] }
	got := estimate(t, Problem[float64]{Plane: coordinatePlane[float64](d), X: []float64{0.3}, Y: []float64{-0.2}, Noise: noise, Seed: 4}, f, n)
	var z []float64
	for i := range n {
		v := make([]float64, d)
		if err := noise.draw(rand.New(rand.NewPCG(seedOf(4, streamSample, uint64(i)))), i, v); err != nil {
			t.Fatal(err)
		}
		z = append(z, (f([]float64{0.3 - v[0], -0.2 - v[1], -v[2]})+f([]float64{0.3 + v[0], -0.2 + v[1], v[2]}))/2)
	}
	mean, square := 0.0, 0.0
	for _, v := range z {
		mean += v / n
	}
	for _, v := range z {
		square += (v - mean) * (v - mean)
	}
	if want := math.Sqrt(square / (n - 1) / n); math.Abs(got.Z[0]-mean) > 1e-14 || math.Abs(got.StdErr[0]-want) > 1e-14 {
		t.Errorf("got %g ± %g, want %g ± %g", got.Z[0], got.StdErr[0], mean, want)
	}
	if got.Evaluations != 2*n || got.Samples != n || !got.Antithetic || got.Complete {
		t.Errorf("got %+v", got)
	}
}

func TestNoSmoothingIsTheFunction(t *testing.T) {
	t.Parallel()
	p, f := rough(t)
	p.Noise = drawn(t, gaussian(7), 0, 2)
	got := estimate(t, p, f, 8)
	for i, z := range got.Z {
		if want := f(at(p.Plane, got.X[i%9], got.Y[i/9])); math.Abs(z-want) > 1e-13 || got.StdErr[i] > 1e-13 {
			t.Errorf("got %g ± %g, want %g", z, got.StdErr[i], want)
		}
	}
}
