package landscape

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
)

var coordinateGaussian = Kernel{Law: Gaussian, Convention: Coordinate, Dim: 2}

func smooth(t testing.TB, s *Smoother, k Kernel, delta float64) Smoothed {
	t.Helper()
	g, err := s.Smooth(k, delta)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// The budget: 10⁻⁶ of the range for every δ up to DeltaMax at 129, 201 and 257 nodes, at nodes of the border, beside it
// and inside, where the closed forms and the quadrature of the oracle answer. Kept an order tighter where it holds.
func TestGaussianAgreesWithQuadrature(t *testing.T) {
	for _, o := range Explored() {
		if o.ID == "ackley" {
			continue // a cusp: TestCuspIsAsGoodAsItsGrid
		}
		tolerance := 1e-7
		if o.ID == "schwefel" {
			tolerance = 1e-4 // |x|^1.5 at its axes
		}
		worst := 0.0
		for _, n := range []int{129, 201, 257} {
			if testing.Short() && n > 129 {
				break
			}
			s := smootherOf(t, o, n)
			lo, hi, _ := s.Field().Inner().Range()
			h := s.Field().Step()
			deltas := []float64{h / 4, h / 2, h, 2 * h, o.DeltaMax / 3, o.DeltaMax}
			if testing.Short() {
				deltas = []float64{h / 2, o.DeltaMax}
			}
			for _, c := range []Convention{Vector, Coordinate} {
				for _, delta := range deltas {
					k := Kernel{Law: Gaussian, Convention: c, Dim: 2}
					g, exact := smooth(t, s, k, delta), newOracle(k, delta)
					for _, col := range []int{0, 1, n / 3, n/2 + 1, n - 1} {
						for _, row := range []int{0, n / 2, n - 1} {
							e := math.Abs(g.Z[row*n+col]-exact.smooth(o, g.X[col], g.Y[row])) / (hi - lo)
							worst = max(worst, e)
							if !(e <= tolerance) {
								t.Errorf("%s, %s, %d nodes, δ = %g (%.2g cells) at (%g, %g): off by %.1e of the range", o.ID, c, n, delta, delta/h, g.X[col], g.Y[row], e)
							}
						}
					}
				}
			}
		}
		t.Logf("%-16s %.1e of the range", o.ID, worst)
	}
}

// A cone of slope s sampled on a grid is wrong by about its own change over a cell, s·h times a factor that falls fast
// with σ/h. Ackley's slope is 2√2: 0.2 of a range of 14 a unit.
func TestCuspIsAsGoodAsItsGrid(t *testing.T) {
	o, _ := ObjectiveByID("ackley", 2)
	s := smootherOf(t, o, 129)
	h := s.Field().Step()
	lo, hi, _ := s.Field().Inner().Range()
	for _, c := range []struct{ cells, tolerance float64 }{{0.25, 3e-3}, {1, 1e-3}, {2, 2e-4}, {6, 3e-5}, {11, 1e-5}} {
		g := smooth(t, s, coordinateGaussian, c.cells*h)
		exact := newOracle(coordinateGaussian, c.cells*h).smooth(o, 0, 0)
		near(t, "at the cusp", g.Z[64*129+64], exact, c.tolerance*(hi-lo))
	}
}

func TestNoSmoothingReturnsTheField(t *testing.T) {
	o, _ := ObjectiveByID("schwefel", 2)
	s := smootherOf(t, o, 129)
	for _, k := range []Kernel{coordinateGaussian, {Law: Uniform, Convention: Vector, Dim: 2}, {Law: Stable, Alpha: 1.5, Dim: 2}} {
		if g := smooth(t, s, k, 0); !slices.Equal(g.Z, s.Field().Inner().Z) || g.MirrorMass != 0 {
			t.Errorf("%s: δ = 0 changes the function or reaches the mirror (%g)", k.Law, g.MirrorMass)
		}
	}
}

// Known case B3. The function of the plane is the sum over its axes of the one that the paper lists.
func TestRastriginOnALine(t *testing.T) {
	o, _ := ObjectiveByID("rastrigin", 2)
	s := smootherOf(t, o, 201) // h = 0.05
	for _, c := range []struct{ delta, x, want float64 }{
		{0.1, 0, 1.801313}, {0.1, 0.5, 18.468687}, {0.25, 1, 8.150371}, {0.5, 0.25, 10.3125},
	} {
		i := int(math.Round((c.x + 5) / 0.05))
		near(t, "f̂", smooth(t, s, coordinateGaussian, c.delta).Z[i*201+i]/2, c.want, 1e-6)
	}
}

// Known case B5: convex from δ = 0.517447 on. The second difference at h = 10/256 lowers the threshold by 3·10⁻⁴.
func TestRastriginBecomesConvex(t *testing.T) {
	o, _ := ObjectiveByID("rastrigin", 2)
	s := smootherOf(t, o, 257)
	least := func(delta float64) float64 {
		g, m := smooth(t, s, coordinateGaussian, delta), math.Inf(1)
		for col := 1; col < 256; col++ {
			m = min(m, g.Z[128*257+col-1]-2*g.Z[128*257+col]+g.Z[128*257+col+1])
		}
		return m
	}
	if m := least(0.518); m < 0 {
		t.Errorf("not convex at 0.518: %g", m)
	}
	if m := least(0.517); m >= 0 {
		t.Errorf("convex at 0.517: %g", m)
	}
}

// Known case B9: |f̂ − f| ≤ δL·E|u| with equality at the kink of |x|, 0.797885δ for the Gaussian. On a grid the sum
// for a kink of slope change 2 is off by h²/12·2·density(0) = h²/(6δ√(2π)).
func TestSmoothingMovesAKinkMost(t *testing.T) {
	const delta, n = 0.4, 129
	field := fieldOf(t, Square(-4, 4), n, 40, func(x, _ float64) float64 { return math.Abs(x) })
	s, err := NewSmoother(field)
	if err != nil {
		t.Fatal(err)
	}
	g, h := smooth(t, s, coordinateGaussian, delta), field.Step()
	bias := h * h / (6 * delta * math.Sqrt(2*math.Pi))
	near(t, "f̂(0)", g.Z[64*n+64]+bias, math.Sqrt(2/math.Pi)*delta, 0.01*bias)
	for col, x := range g.X {
		if lift := g.Z[64*n+col] - math.Abs(x); lift > 0.797885*delta || lift < -bias {
			t.Errorf("at %g the function is lifted by %g", x, lift)
		}
	}
}

// Known case B11: a halo of 4σ is needed; with the mirror right behind the border the same picture is wrong.
func TestHaloDecidesTheBorder(t *testing.T) {
	const sigma, n = 0.2, 201
	worst := func(cells int) float64 {
		field := fieldOf(t, Square(-1, 1), n, cells, func(x, _ float64) float64 { return x * x / 2 })
		s, err := NewSmoother(field)
		if err != nil {
			t.Fatal(err)
		}
		g, e := smooth(t, s, coordinateGaussian, sigma), 0.0
		for col, x := range g.X {
			e = max(e, math.Abs(g.Z[100*n+col]-(x*x+sigma*sigma)/2))
		}
		return e
	}
	if e := worst(80); e >= 1e-4 {
		t.Errorf("with a halo of 4σ the error is %g", e)
	}
	if e := worst(minimaRing); e < 0.089 {
		t.Errorf("with a halo of four cells the error is but %g: the first half of this test proves nothing", e)
	}
}

// Smoothing conserves the mean of a wave and is linear; for a law with a variance it lifts a parabola by that variance.
func TestKernelsLiftAParabolaByTheirVariance(t *testing.T) {
	field := fieldOf(t, Square(-1, 1), 65, 64, func(x, y float64) float64 { return x*x + 3*y*y })
	s, err := NewSmoother(field)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []Kernel{{Law: Gaussian, Convention: Vector, Dim: 2}, coordinateGaussian, {Law: Uniform, Convention: Vector, Dim: 2}, {Law: Uniform, Convention: Coordinate, Dim: 2}} {
		const delta = 0.3
		g := smooth(t, s, k, delta)
		near(t, string(k.Law)+" "+string(k.Convention), g.Z[32*65+32], 4*k.StdDev(delta)*k.StdDev(delta), 1e-6)
	}
}

func TestMirrorMassIsWhatLeavesTheHalo(t *testing.T) {
	o, _ := ObjectiveByID("drop-wave", 2)
	s := smootherOf(t, o, 129)
	near(t, "5σ", smooth(t, s, coordinateGaussian, o.DeltaMax).MirrorMass, math.Exp(-12.5), 1e-6)
	if m := smooth(t, s, Kernel{Law: Stable, Alpha: 1.2, Dim: 2}, o.DeltaMax).MirrorMass; m < 0.05 || m > 0.3 {
		t.Errorf("heavy tails of α = 1.2 leave %g outside", m)
	}
}

func TestSmoothRefusesBadRequests(t *testing.T) {
	o, _ := ObjectiveByID("dent", 2)
	s := smootherOf(t, o, 65)
	for _, c := range []struct {
		k     Kernel
		delta float64
	}{{Kernel{}, 0.1}, {coordinateGaussian, -1}, {coordinateGaussian, math.NaN()}, {coordinateGaussian, math.Inf(1)}} {
		var bad *KernelError
		if _, err := s.Smooth(c.k, c.delta); !errors.As(err, &bad) {
			t.Errorf("%v, δ = %g: %v", c.k, c.delta, err)
		}
	}
	// Far beyond its range a kernel leaves the mean; nothing overflows.
	if g := smooth(t, s, coordinateGaussian, 1e300); math.IsNaN(g.Z[0]) {
		t.Error("a huge δ gives NaN")
	}
}

func TestOneSmootherServesManyGoroutines(t *testing.T) {
	o, _ := ObjectiveByID("ackley", 2)
	s := smootherOf(t, o, 129)
	kernels := []Kernel{coordinateGaussian, {Law: Uniform, Convention: Vector, Dim: 2}, {Law: Stable, Alpha: 1.5, Dim: 2}}
	var want [3]Smoothed
	for i, k := range kernels {
		want[i] = smooth(t, s, k, 0.3)
	}
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			if g, err := s.Smooth(kernels[i%3], 0.3); err != nil || !slices.Equal(g.Z, want[i%3].Z) {
				t.Errorf("goroutine %d got another picture (%v)", i, err)
			}
		})
	}
	group.Wait()
}
