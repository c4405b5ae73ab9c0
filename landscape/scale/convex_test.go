package scale

import (
	"context"
	"errors"
	"math"
	"testing"

	"smoothscape/landscape"
)

// Rastrigin's function is convex where 40π²|T(δ)| ≤ 2, T the transfer function at the wavenumber 2π, since both signs of the
// wave occur in the domain. For a Gaussian that is δ ≥ √(ln(20π²)/2π²). For a box and a disc the last crossing is found by a
// walk down from far with steps that no lobe of T escapes.
func TestConvexity(t *testing.T) {
	t.Parallel()
	lastCrossing := func(k landscape.Kernel, from float64) float64 {
		const step = 1e-4
		for delta := from; delta > 0; delta -= step {
			if 40*math.Pi*math.Pi*math.Abs(wave(k, delta, 2*math.Pi)) > 2 {
				return delta
			}
		}
		return 0
	}
	// The dent: f̂″ is least at (x−1)² = 3v on the line, where it is 1 − 2a·l·e^(−3/2)/v^(3/2); in the plane the tangential
	// curvature at the center of the bump is never negative, and the radial one is the same with l²/v for l/√v.
	dentConvex := func(d float64) float64 {
		v := math.Pow(2*0.3*math.Pow(0.1, d)*math.Exp(-1.5), 1/(d/2+1))
		return math.Sqrt(v - 0.01)
	}
	box, disc := landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Vector, Dim: 1}, landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Vector, Dim: 2}
	wide := rastrigin(2)
	wide.Lo, wide.Hi = -1, 1 // a period holds all
	rings := math.Sqrt(math.Log(20*math.Pi*math.Pi) / (2 * math.Pi * math.Pi))
	grid, _ := gridSource(t, rastrigin(2), 101)
	waves, _ := gridSource(t, mustObjective(t, "drop-wave"), 129)
	dents, _ := gridSource(t, dent(2), 129)
	for _, c := range []struct {
		name         string
		src          Source
		k            landscape.Kernel
		max          float64
		steps        int
		want, within float64 // NaN: never
	}{
		{"rastrigin, Gaussian", closedSource(t, rastrigin(2), 64), gauss2, 0.9, 12, rings, 1e-7},
		{"rastrigin, Gaussian, on a line", closedSource(t, rastrigin(1), 77), gauss1, 0.9, 50, rings, 1e-7},
		{"rastrigin, Gaussian, on a grid", grid, gauss2, 0.9, 24, rings, 2e-4},
		{"rastrigin, box", closedSource(t, rastrigin(1), 64), box, 40, 400, lastCrossing(box, 40), 1e-4},
		{"rastrigin, disc", closedSource(t, wide, 17), disc, 10, 100, lastCrossing(disc, 10), 2e-4},
		{"rastrigin, not smooth enough", closedSource(t, rastrigin(2), 33), gauss2, 0.51, 20, math.NaN(), 0},
		{"dent on a line", closedSource(t, dent(1), 129), gauss1, 0.4, 50, dentConvex(1), 1e-7},
		{"dent", closedSource(t, dent(2), 65), gauss2, 0.4, 20, dentConvex(2), 1e-7},
		{"dent on a grid", dents, gauss2, 0.29, 12, dentConvex(2), 1e-3},
		{"drop-wave", waves, gauss2, 0.39, 20, math.NaN(), 0},
		{"a bowl", closedSource(t, bumps("bowl", 2, -1, 1, 1), 33), gauss2, 1, 20, 0, 0},
	} {
		got, ok, err := Convex(context.Background(), c.src, c.k, c.max, c.steps)
		if err != nil || ok == math.IsNaN(c.want) || ok && math.Abs(got-c.want) > c.within*c.want {
			t.Errorf("%s: δ = %.8f, %t, %v; want %.8f", c.name, got, ok, err, c.want)
		}
	}
	for name, want := range map[string][2]float64{"published": {0.517447, rings}, "published, box": {31.27, lastCrossing(box, 40)}, "published, disc": {6.94, lastCrossing(disc, 10)}} {
		if math.Abs(want[0]/want[1]-1) > 3e-4 {
			t.Errorf("%s: %g, the oracle says %g", name, want[0], want[1])
		}
	}
}

// The second differences of f̂ on [−5, 5] are all ≥ 0 at δ = 0.518 and some are not at 0.517.
func TestSecondDifferences(t *testing.T) {
	o := rastrigin(1)
	for delta, convex := range map[float64]bool{0.517: false, 0.518: true} {
		f, _ := o.Smoothed(gauss1, delta)
		least := math.Inf(1)
		for i := -4999; i < 5000; i++ {
			x := float64(i) / 1000
			least = min(least, f.Func([]float64{x - 1e-3})-2*f.Func([]float64{x})+f.Func([]float64{x + 1e-3}))
		}
		if (least >= 0) != convex {
			t.Errorf("δ = %g: the least second difference is %g", delta, least)
		}
	}
}

func TestConvexRefuses(t *testing.T) {
	src := closedSource(t, dent(2), 33)
	var wrong *OptionError
	if _, _, err := Convex(context.Background(), src, gauss2, 0, 20); !errors.As(err, &wrong) {
		t.Error(err)
	}
	if _, _, err := Convex(context.Background(), src, gauss2, 1, 3); !errors.As(err, &wrong) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Convex(ctx, src, gauss2, 1, 20); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	var kernel *landscape.KernelError
	if _, _, err := Convex(context.Background(), src, landscape.Kernel{}, 1, 20); !errors.As(err, &kernel) {
		t.Error(err)
	}
}

func mustObjective(t testing.TB, id string) landscape.Objective {
	t.Helper()
	o, ok := landscape.ObjectiveByID(id, 2)
	if !ok {
		t.Fatal(id)
	}
	return o
}
