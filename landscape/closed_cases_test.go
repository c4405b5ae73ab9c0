package landscape

import (
	"math"
	"testing"
)

// Values worked out elsewhere, from the formulas of arXiv 2311.08745's functions.

func smoothedAt(t *testing.T, id string, k Kernel, delta float64, x ...float64) float64 {
	t.Helper()
	o, ok := ObjectiveByID(id, len(x))
	if !ok || o.Smoothed == nil {
		t.Fatalf("no closed form of %q in %d variables", id, len(x))
	}
	f, ok := o.Smoothed(k, delta)
	if !ok {
		t.Fatalf("no closed form of %q under %v", id, k)
	}
	return f.Func(x)
}

func TestSmoothedRastriginOnALine(t *testing.T) {
	for _, c := range []struct {
		law            Law
		delta, x, want float64
	}{
		{Gaussian, 0.1, 0, 1.801313}, {Gaussian, 0.1, 0.5, 18.468687}, {Gaussian, 0.25, 1, 8.150371}, {Gaussian, 0.5, 0.25, 10.3125},
		{Uniform, 0.25, 0, 3.654636}, {Uniform, 0.25, 0.5, 16.637031}, {Uniform, 0.5, 0, 10.083333}, {Uniform, 0.75, 0, 12.309566}, // δ is the half-width
	} {
		got := smoothedAt(t, "rastrigin", Kernel{Law: c.law, Convention: Vector, Dim: 1}, c.delta, c.x)
		if math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s, δ = %g: f̂(%g) = %.7f, want %.6f", c.law, c.delta, c.x, got, c.want)
		}
	}
}

// dentSecond returns where f̂ of the dent has its second minimum on the first axis, x > 0.3; NaN where it has none.
func dentSecond(t *testing.T, d int, delta float64) float64 {
	t.Helper()
	o, _ := ObjectiveByID("dent", d)
	f, ok := o.Smoothed(Kernel{Law: Gaussian, Convention: Coordinate, Dim: d}, delta)
	if !ok {
		t.Fatal("no closed form")
	}
	x, grad := make([]float64, d), make([]float64, d)
	slope := func(at float64) float64 {
		x[0] = at
		f.Grad(x, grad)
		return grad[0]
	}
	const step = 1e-4
	for at := 0.3; at < 1.2; at += step {
		if slope(at) < 0 && slope(at+step) >= 0 {
			return at + step/2
		}
	}
	return math.NaN()
}

func TestSmoothedDent(t *testing.T) {
	if got := smoothedAt(t, "dent", Kernel{Law: Gaussian, Convention: Vector, Dim: 1}, 0.2, 0.8); math.Abs(got-0.250067) > 1e-5 {
		t.Errorf("f̂₀.₂(0.8) = %.7f, want 0.250067", got)
	}
	for delta, want := range map[float64]float64{0: 0.9659, 0.05: 0.9513, 0.1: 0.8825} {
		if got := dentSecond(t, 1, delta); math.Abs(got-want) > 2e-4 {
			t.Errorf("δ = %g: second minimum at %.4f, want %.4f", delta, got, want)
		}
	}
	// Where it dies: the bell loses depth faster in the plane.
	for d, want := range map[int]float64{1: 0.107173, 2: 0.079942} {
		alive, dead := 0.0, 0.2
		for dead-alive > 1e-5 {
			if mid := (alive + dead) / 2; math.IsNaN(dentSecond(t, d, mid)) {
				dead = mid
			} else {
				alive = mid
			}
		}
		if math.Abs(dead-want) > 2e-5 {
			t.Errorf("d = %d: the second minimum dies at δ = %.6f, want %.6f", d, dead, want)
		}
	}
	// On a line f̂ is convex from δ = 0.21536 on: f̂″ = 1 + (a·l/v^1.5)(1 − (x−1)²/v)exp(−(x−1)²/2v) is least at (x−1)² = 3v.
	o, _ := ObjectiveByID("dent", 1)
	for delta, convex := range map[float64]bool{0.2153: false, 0.2154: true} {
		f, _ := o.Smoothed(Kernel{Law: Gaussian, Convention: Coordinate, Dim: 1}, delta)
		least := math.Inf(1)
		var h [1]float64
		for i := range 3001 {
			f.Hess([]float64{-1.5 + float64(i)/1000}, h[:])
			least = min(least, h[0])
		}
		if (least >= 0) != convex {
			t.Errorf("δ = %g: least curvature %g", delta, least)
		}
	}
}

// A function with Lipschitz constant L moves by at most δL·E‖u‖; |x| does so at 0.
func TestSmoothingMovesALipschitzFunctionBySoMuch(t *testing.T) {
	const delta = 0.7
	for law, mean := range map[Law]float64{Gaussian: 0.7978845608, Uniform: 0.5} {
		k := Kernel{Law: law, Convention: Vector, Dim: 1}
		if got := smoothedAt(t, "absolute-value", k, delta, 0); math.Abs(got-delta*mean) > 1e-9 {
			t.Errorf("%s: f̂(0) = %.10f, want δE|u| = %.10f", law, got, delta*mean)
		}
		for i := range 101 {
			x := float64(i-50) / 25
			if rise := smoothedAt(t, "absolute-value", k, delta, x) - math.Abs(x); rise < -1e-9 || rise > delta*mean+1e-9 {
				t.Errorf("%s: f̂ − f = %g at %g", law, rise, x)
			}
		}
	}
}

// With the demonstration's δ = 0.5 a law with a mean moves the minimum: by δ·E u for the parabola, and by what its waves do.
func TestAsymmetricLawsMoveTheMinimumOfRastrigin(t *testing.T) {
	o, _ := ObjectiveByID("rastrigin", 1)
	for _, c := range []struct {
		k           Kernel
		delta, want float64
	}{
		{Kernel{Law: Exponential, Dim: 1}, 0.5, 1.2056}, {Kernel{Law: Rayleigh, Dim: 1}, 0.5, 0.4768},
		{Kernel{Law: Gaussian, Convention: Coordinate, Dim: 1}, 0.5, 0}, {Kernel{Law: Uniform, Convention: Vector, Dim: 1}, 1, 0}, // 0.5·(−2, 2)
	} {
		f, ok := o.Smoothed(c.k, c.delta)
		if !ok {
			t.Fatalf("no closed form under %v", c.k)
		}
		best, least := 0.0, math.Inf(1)
		for i := range 40_001 {
			if x := float64(i-20_000) / 10_000; f.Func([]float64{x}) < least {
				best, least = x, f.Func([]float64{x})
			}
		}
		if math.Abs(best-c.want) > 1e-4+5e-5 {
			t.Errorf("%s: the minimum is at %.4f, want %.4f", c.k.Law, best, c.want)
		}
		if c.k.Law == Uniform && math.Abs(least-10-1./3) > 1e-9 { // sin 2π = 0: the waves are gone
			t.Errorf("least value %.9f, want 10⅓", least)
		}
		if _, ok := o.Smoothed(Kernel{Law: Cauchy, Dim: 1}, 0.5); ok {
			t.Error("smoothed by a law without a variance")
		}
	}
}

// The value at the origin of the Drop-Wave with 12π under a Cauchy law, as residues give it; at δ = 2 it has no gap.
func TestSmoothedDropWaveAtTheOrigin(t *testing.T) {
	const k = 12 * math.Pi
	at := func(delta float64) float64 {
		return smoothedAt(t, "drop-wave-12pi", Kernel{Law: Cauchy, Dim: 1}, delta, 0)
	}
	for _, delta := range []float64{0.01, 0.1, 0.5, 1.9, 2.1, 5} {
		e := math.Exp(-delta * k)
		want := -1/(2+delta) - 0.5*(math.Exp(-2*k)/(2+delta)+(e-math.Exp(-2*k))/(2-delta)+e/(2+delta))
		if got := at(delta); math.Abs(got-want) > 1e-14 {
			t.Errorf("δ = %g: %.16g, want %.16g", delta, got, want)
		}
	}
	if a, b, c := at(2-1e-7), at(2), at(2+1e-7); math.Abs(a-2*b+c) > 1e-12 || math.Abs(b+0.25) > 1e-12 {
		t.Errorf("about δ = 2: %.16g %.16g %.16g", a, b, c)
	}
}

// In ten million dimensions the ball of the coordinate convention is a Gaussian on every axis, up to 1/d.
func TestClosedFormsInManyDimensions(t *testing.T) {
	for _, id := range []string{"rastrigin", "styblinski-tang", "griewank", "schwefel", "alpine1", "absolute-value"} {
		o, _ := ObjectiveByID(id, 1)
		x := []float64{0.3 * o.Hi}
		ball, _ := o.Smoothed(Kernel{Law: Uniform, Convention: Coordinate, Dim: 10_000_000}, 0.3*o.DeltaMax)
		normal, _ := o.Smoothed(Kernel{Law: Gaussian, Convention: Coordinate, Dim: 1}, 0.3*o.DeltaMax)
		var a, b [1]float64
		ball.Grad(x, a[:])
		normal.Grad(x, b[:])
		if f, g := ball.Func(x), normal.Func(x); math.Abs(f-g) > 1e-6*math.Abs(g) || math.Abs(a[0]-b[0]) > 1e-6*(1+math.Abs(b[0])) {
			t.Errorf("%s: %g and slope %g, want %g and %g", id, f, a[0], g, b[0])
		}
	}
	for _, d := range []int{1000, 1001} { // both branches, by the recursion c(d+2)/c(d) = (d+2)/(d+1)
		if a, b := ballDensity(d+2)/ballDensity(d), float64(d+2)/float64(d+1); math.Abs(a-b) > 1e-11 {
			t.Errorf("d = %d: %.15g, want %.15g", d, a, b)
		}
	}
}

// The lift of ½xᵀHx: δ²tr(H)/2(d+2) for the unit ball, δ²tr(H)/2d for N(0, I/d), δ²tr(H)/2 per coordinate.
func TestSmoothedQuadraticLifts(t *testing.T) {
	for _, d := range []int{1, 3, 50} {
		o := textbook(t, d)[0]
		h := make([]float64, d*d)
		o.Hess(make([]float64, d), h)
		trace := 0.0
		for i := range d {
			trace += h[i*d+i]
		}
		n := float64(d)
		for _, c := range []struct {
			k    Kernel
			lift float64
		}{
			{Kernel{Law: Uniform, Convention: Vector, Dim: d}, 1 / (2 * (n + 2))}, {Kernel{Law: Uniform, Convention: Coordinate, Dim: d}, 0.5},
			{Kernel{Law: Gaussian, Convention: Vector, Dim: d}, 1 / (2 * n)}, {Kernel{Law: Gaussian, Convention: Coordinate, Dim: d}, 0.5},
		} {
			f, _ := o.Smoothed(c.k, 0.6)
			x := every(d, 0.2)
			if got, want := f.Func(x)-o.Func(x), 0.36*trace*c.lift; math.Abs(got-want) > 1e-12*(1+math.Abs(o.Func(x))) {
				t.Errorf("d = %d, %s %s: lift %g, want %g", d, c.k.Law, c.k.Convention, got, want)
			}
		}
	}
}

func TestTurns(t *testing.T) {
	worst := 0.0
	for i := range 200_001 {
		x := float64(i-100_000) / 10_007
		// Reduced exactly, so that math.Sincos sees a rounding of 2π|r| ≤ 2π·½ only: 4·10⁻¹⁶.
		r := x - math.Round(x)
		sin, cos := math.Sincos(2 * math.Pi * r)
		worst = max(worst, math.Abs(cosTurns(x)-cos), math.Abs(sinTurns(x)-sin))
	}
	if worst > 3e-15 {
		t.Errorf("the error is %g", worst)
	}
	for _, x := range []float64{math.Inf(1), math.NaN()} {
		if !math.IsNaN(cosTurns(x)) || !math.IsNaN(sinTurns(x)) {
			t.Errorf("cosTurns(%g) = %g, sinTurns = %g", x, cosTurns(x), sinTurns(x))
		}
	}
	for _, x := range []float64{0, 1, -7, 1e15, 1e300} {
		if cosTurns(x) != 1 || sinTurns(x) != 0 {
			t.Errorf("at %g: %g, %g", x, cosTurns(x), sinTurns(x))
		}
	}
	if math.Abs(cosTurns(0.25)) > 1e-15 || math.Abs(cosTurns(0.5)+1) > 1e-15 || sinTurns(0.25) < 1-2e-16 || sinTurns(-0.25) > -1+2e-16 {
		t.Errorf("quarter turns: %g %g %g", cosTurns(0.25), cosTurns(0.5), sinTurns(0.25))
	}
}

// Optimizers call these hundreds of millions of times.
func TestValuesAndGradientsDoNotAllocate(t *testing.T) {
	for _, o := range append(Objectives(50), textbook(t, 50)...) {
		x, dst := every(50, 0.3), make([]float64, 50)
		if n := testing.AllocsPerRun(5, func() { o.Func(x); o.Grad(x, dst) }); n != 0 {
			t.Errorf("%s allocates %g times", o.ID, n)
		}
		if o.Smoothed == nil {
			continue
		}
		if f, ok := o.Smoothed(Kernel{Law: Gaussian, Convention: Vector, Dim: 50}, 0.3); ok {
			if n := testing.AllocsPerRun(5, func() { f.Func(x); f.Grad(x, dst) }); n != 0 {
				t.Errorf("smoothed %s allocates %g times", o.ID, n)
			}
		}
	}
}

func BenchmarkRastrigin50(b *testing.B) {
	o, _ := ObjectiveByID("rastrigin", 50)
	x, dst := every(50, 0.3), make([]float64, 50)
	for i := range x {
		x[i] += float64(i) * 0.37
	}
	b.Run("value", func(b *testing.B) {
		for b.Loop() {
			o.Func(x)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		for b.Loop() {
			o.Grad(x, dst)
		}
	})
}
