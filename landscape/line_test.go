package landscape

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

// lineOf samples f on [−half, half] with a halo of that width.
func lineOf(t testing.TB, half, halo float64, n int, f func(x float64) float64) Line {
	t.Helper()
	l := Line{Lo: -half, Hi: half, N: n}
	l.Cells = HaloCells(halo, l.Step())
	z := make([]float64, l.M())
	for i := range z {
		z[i] = f(l.place(i - l.Cells))
	}
	l, err := NewLine(-half, half, n, l.Cells, z)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func smoothLine(t testing.TB, l Line, k Kernel, delta float64) SmoothedLine {
	t.Helper()
	s, err := l.Smooth(k, delta)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rastriginLine(x float64) float64 { return x*x - 10*math.Cos(2*math.Pi*x) + 10 }

// Known case B3 and B4: Rastrigin of one variable under a Gaussian of standard deviation δ and under a box of half-width δ.
func TestLineRastrigin(t *testing.T) {
	l := lineOf(t, 5, 4, 1001, rastriginLine)
	gaussian, box := Kernel{Law: Gaussian, Convention: Coordinate, Dim: 1}, Kernel{Law: Uniform, Convention: Vector, Dim: 1}
	for _, c := range []struct {
		k              Kernel
		delta, x, want float64
	}{
		{gaussian, 0.1, 0, 1.801313}, {gaussian, 0.1, 0.5, 18.468687}, {gaussian, 0.25, 1, 8.150371}, {gaussian, 0.5, 0.25, 10.3125},
		{box, 0.25, 0, 3.654636}, {box, 0.25, 0.5, 16.637031}, {box, 0.5, 0, 10.083333}, {box, 0.75, 0, 12.309566},
	} {
		s := smoothLine(t, l, c.k, c.delta)
		near(t, fmt.Sprintf("%s δ = %g at %g", c.k.Law, c.delta, c.x), s.Z[int(math.Round((c.x+5)*100))], c.want, 1e-6)
	}
}

// argmin refines the least node by the parabola through it and its neighbors.
func argmin(x, z []float64) float64 {
	at := 1
	for i := 1; i < len(z)-1; i++ {
		if z[i] < z[at] {
			at = i
		}
	}
	a, b, c := z[at-1], z[at], z[at+1]
	return x[at] + (x[1]-x[0])*(a-c)/(2*(a-2*b+c))
}

// Known case B8: at δ = 0.5 a kernel of positive values moves Rastrigin's minimum up: f̂_δ(x) = E f(x − δu). Of the exponential
// kernel 2·10⁻¹² lies outside of the halo.
func TestAsymmetricKernelsMoveTheMinimum(t *testing.T) {
	const delta = 0.5
	l := lineOf(t, 5, 20, 1001, rastriginLine)
	for _, c := range []struct {
		k                      Kernel
		place, shift, variance float64
	}{
		{Kernel{Law: Exponential, Dim: 1}, 1.2056, 0.75, 0.75 * 0.75},
		{Kernel{Law: Rayleigh, Dim: 1}, 0.4768, 0.5 * math.Sqrt(math.Pi/2), 0.25 * (2 - math.Pi/2)},
		{Kernel{Law: Gaussian, Convention: Coordinate, Dim: 1}, 0, 0, 0.25},
	} {
		s := smoothLine(t, l, c.k, delta)
		near(t, string(c.k.Law)+" argmin", argmin(s.X, s.Z), c.place, 0.005)
		near(t, string(c.k.Law)+" shift", s.Shift, c.shift, 1e-15)
		// The parabola alone moves to δE u and is lifted by the variance.
		p := smoothLine(t, lineOf(t, 5, 20, 1001, func(x float64) float64 { return x * x }), c.k, delta)
		near(t, string(c.k.Law)+" argmin of x²", argmin(p.X, p.Z), c.shift, 1e-6)
		near(t, string(c.k.Law)+" least x²", slices.Min(p.Z), c.variance, 1e-4)
		if s.MirrorMass > 1e-10 {
			t.Errorf("%s: %g in the mirror", c.k.Law, s.MirrorMass)
		}
	}
	// The uniform law on [−2, 2]: sin(2π) = 0 takes the ripple away, and x² + 1/3 + 10 remains.
	box := smoothLine(t, l, Kernel{Law: Uniform, Convention: Vector, Dim: 1}, 2*delta)
	near(t, "box argmin", argmin(box.X, box.Z), 0, 1e-6)
	near(t, "box minimum", slices.Min(box.Z), 10.3333, 1e-4)
}

// A wave is multiplied by the characteristic function, its phase included, under every law. The period of the padded line is
// not that of the wave, so what the mirror adds under heavy tails is left aside: a halo of 400 units, at the middle.
func TestLineMultipliesWaves(t *testing.T) {
	const delta, wave = 0.3, 2.5
	l := lineOf(t, 4, 400, 65, func(x float64) float64 { return math.Sin(wave*x + 0.4) })
	for _, law := range Laws() {
		k := Kernel{Law: law, Convention: Vector, Alpha: 1.3, Dim: 1}
		s, chi := smoothLine(t, l, k, delta), k.Characteristic(delta, wave)
		for i, x := range s.X {
			sin, cos := math.Sincos(wave*x + 0.4)
			want := real(chi)*sin + imag(chi)*cos // Im(χ·exp(i(kx+φ)))
			if e := math.Abs(s.Z[i] - want); !(e <= 1e-6+0.1*s.MirrorMass) {
				t.Fatalf("%s at %g: %g, want %g (%g in the mirror)", law, x, s.Z[i], want, s.MirrorMass)
			}
		}
	}
}

// Known case B11: x²/2 on [−1, 1] with σ = 0.2. With a halo of 4σ the error is below 10⁻⁴; without one no padding helps:
// nearest, mirrored with and without the edge twice, zero and renormalized all err by 0.089 or more.
func TestHaloOrElse(t *testing.T) {
	const sigma, n = 0.2, 201
	square := func(x float64) float64 { return x * x / 2 }
	worst := func(at func(i int) float64) float64 {
		e := 0.0
		for i := range n {
			e = max(e, math.Abs(at(i)-square(-1+0.01*float64(i))-sigma*sigma/2))
		}
		return e
	}
	k := Kernel{Law: Gaussian, Convention: Coordinate, Dim: 1}
	good := smoothLine(t, lineOf(t, 1, 4*sigma, n, square), k, sigma)
	if e := worst(func(i int) float64 { return good.Z[i] }); e >= 1e-4 {
		t.Errorf("with a halo of 4σ the error is %g", e)
	}
	if good.MirrorMass < 6e-5 || good.MirrorMass > 7e-5 {
		t.Errorf("outside 4σ lies %g", good.MirrorMass)
	}
	small := smoothLine(t, lineOf(t, 1, 0.04, n, square), k, sigma) // four cells, the least there is
	if e := worst(func(i int) float64 { return small.Z[i] }); e < 0.089 {
		t.Errorf("with a halo of four cells the error is but %g", e)
	}
	for name, pad := range map[string]func(i int) (value, weight float64){
		"nearest": func(i int) (float64, float64) { return square(-1 + 0.01*float64(min(max(i, 0), n-1))), 1 },
		"mirror":  func(i int) (float64, float64) { return square(-1 + 0.01*float64(mirror(i, n))), 1 },
		"reflect": func(i int) (float64, float64) {
			return square(-1 + 0.01*float64(min(((i%(2*n))+2*n)%(2*n), 2*n-1-((i%(2*n))+2*n)%(2*n)))), 1
		},
		"zero":         func(i int) (float64, float64) { return inside(i, n) * square(-1+0.01*float64(i)), 1 },
		"renormalized": func(i int) (float64, float64) { return inside(i, n) * square(-1+0.01*float64(i)), inside(i, n) },
	} {
		e := worst(func(i int) float64 {
			sum, total := 0.0, 0.0
			for j := -160; j <= 160; j++ {
				g := math.Exp(-float64(j*j) / (2 * 20 * 20))
				v, w := pad(i + j)
				sum += g * v
				total += g * w
			}
			return sum / total
		})
		if e < 0.089 {
			t.Errorf("%s: the error is but %g", name, e)
		}
	}
}

func inside(i, n int) float64 {
	if i >= 0 && i < n {
		return 1
	}
	return 0
}

// A kernel of d dimensions acts on a line through its marginal, which for the ball is known: 1/(d+2) of variance.
func TestLineProjects(t *testing.T) {
	l := lineOf(t, 1, 4, 257, func(x float64) float64 { return x * x })
	for _, d := range []int{1, 2, 50, 100_000} {
		s := smoothLine(t, l, Kernel{Law: Uniform, Convention: Vector, Dim: d}, 0.7)
		near(t, fmt.Sprintf("lift in %d dimensions", d), s.Z[128], 0.49/(float64(d)+2), 1e-6)
	}
}

func TestSampleLine(t *testing.T) {
	o, _ := ObjectiveByID("rastrigin", 1)
	l, err := SampleLine(o, 257)
	if err != nil {
		t.Fatal(err)
	}
	s := smoothLine(t, l, Kernel{Law: Gaussian, Convention: Coordinate, Dim: 1}, 0)
	if s.MirrorMass != 0 || !slices.Equal(s.Z, l.Z[l.Cells:l.Cells+257]) || s.X[0] != o.Lo || s.X[256] != o.Hi {
		t.Error("δ = 0 changes the line")
	}
	plane, _ := ObjectiveByID("rastrigin", 2)
	var bad *GridError
	for name, err := range map[string]error{
		"two variables": errorOf(SampleLine(plane, 257)), "too few": errorOf(SampleLine(o, 3)), "too many": errorOf(SampleLine(o, 60_000)), "not resolved": errorOf(SampleLine(o, 33)),
		"no interval": errorOf(NewLine(1, 1, 20, 4, make([]float64, 28))), "other length": errorOf(NewLine(0, 1, 20, 4, make([]float64, 20))),
		"NaN": errorOf(Line{Lo: 0, Hi: 1, N: 8, Z: []float64{0, 0, math.NaN(), 0, 0, 0, 0, 0}}.Smooth(Kernel{Law: Cauchy, Dim: 1}, 1)),
	} {
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }
