package landscape

import (
	"errors"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

func newSmoother(t testing.TB, f Field) *Smoother {
	t.Helper()
	s, err := NewSmoother(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A plane wave that runs down and to the right tells the signs of both axes apart. Every law multiplies it by its characteristic
// function: of the length of the wave vector, or the product over the axes. Only where a law is heavy does the mirror show.
func TestKernelsMultiplyPlaneWaves(t *testing.T) {
	const delta, kx, ky = 0.15, 1.5, -2.5
	s := newSmoother(t, fieldOf(t, Square(-2, 2), 41, 160, func(x, y float64) float64 { return math.Cos(kx*x + ky*y + 0.4) }))
	for _, k := range []Kernel{
		{Gaussian, Vector, 0, 2}, {Gaussian, Vector, 0, 30}, {Uniform, Coordinate, 0, 2}, {Uniform, Vector, 0, 7}, {Stable, "", 1.7, 2}, {Cauchy, "", 0, 2},
		{Exponential, "", 0, 2}, {Rayleigh, "", 0, 9}, {Levy, "", 0, 2}, {Pareto, "", 0, 3},
	} {
		chi := k.Characteristic(delta, math.Hypot(kx, ky))
		if !k.isotropic() {
			chi = k.Characteristic(delta, kx) * k.Characteristic(delta, ky)
		}
		g, worst := smooth(t, s, k, delta), 0.0
		for row, y := range g.Y {
			for col, x := range g.X {
				want := real(chi * cmplx.Exp(complex(0, kx*x+ky*y+0.4)))
				worst = max(worst, math.Abs(g.Z[row*41+col]-want))
			}
		}
		if !(worst <= 1e-7+0.5*g.MirrorMass) {
			t.Errorf("%s, d = %d: off by %.1e, with %.1e in the mirror", k.Law, k.Dim, worst, g.MirrorMass)
		}
	}
}

// Known case B8 in the plane: the sum over the axes of (x−μ)² + δ²·Var + 10 − 10·Re(χ(2π)·exp(2πix)), on the whole grid.
func TestAsymmetricKernelsOnRastrigin(t *testing.T) {
	const delta, n = 0.5, 81
	s := newSmoother(t, fieldOf(t, Square(-2, 2), n, 400, func(x, y float64) float64 { return rastriginLine(x) + rastriginLine(y) }))
	for _, c := range []struct {
		law            Law
		mean, variance float64
		chi            complex128
		place          float64
	}{
		{Exponential, 0.75, 0.5625, 1 / complex(1, 1.5*math.Pi), 1.2056},
		{Rayleigh, 0.5 * math.Sqrt(math.Pi/2), 0.25 * (2 - math.Pi/2), characteristicWitness(Rayleigh, math.Pi), 0.4768},
	} {
		g := smooth(t, s, Kernel{Law: c.law, Dim: 2}, delta)
		axis := func(x float64) float64 {
			return (x-c.mean)*(x-c.mean) + c.variance + 10 - 10*real(c.chi*cmplx.Exp(complex(0, 2*math.Pi*x)))
		}
		line := make([]float64, n)
		for row, y := range g.Y {
			line[row] = g.Z[row*n+n/2]
			for col, x := range g.X {
				if e := math.Abs(g.Z[row*n+col] - axis(x) - axis(y)); !(e < 1e-5) {
					t.Fatalf("%s at (%g, %g): off by %.1e", c.law, x, y, e)
				}
			}
		}
		near(t, string(c.law)+" argmin along y", argmin(g.Y, line), c.place, 0.005)
		near(t, string(c.law)+" shift", g.Shift[0], c.mean, 1e-15)
		near(t, string(c.law)+" shift", g.Shift[1], c.mean, 1e-15)
	}
}

// The same picture axis by axis and through its spectrum. They differ by what the narrower halo cuts off, and by rounding.
func TestAxesAgreeWithSpectrum(t *testing.T) {
	for _, id := range []string{"drop-wave", "rastrigin", "styblinski-tang"} {
		o, _ := ObjectiveByID(id, 2)
		s := smootherOf(t, o, 129)
		f := s.Field()
		lo, hi, _ := f.Inner().Range()
		waves := wavenumbers(PaddedLength(f.M()), f.Step())
		for _, cells := range []float64{0.3, 1, 1.99, 2, 3, 5, 9} {
			k, delta := coordinateGaussian, cells*f.Step()
			if _, ok := f.byAxes(cells); !ok {
				continue
			}
			whole := s.result([2]float64{}, 0, func(count int, dst []float64) { s.multiply(k.columns(delta, waves), len(waves), count, dst) })
			g, worst := smooth(t, s, k, delta), 0.0
			for i, z := range g.Z {
				worst = max(worst, math.Abs(z-whole.Z[i])/(hi-lo))
			}
			tolerance := 1e-9
			if cells < 2 { // the long tails at the Nyquist wavenumber: see longTail
				tolerance = 4e-8
			}
			if !(worst <= tolerance) {
				t.Errorf("%s, %g cells: %.1e of the range apart", id, cells, worst)
			}
		}
	}
}

// Slice and projected, by the figures of d = 50: the disc lifts a quadratic by δ²·tr(H₂)/8, the marginal by δ²·tr(H₂)/(2·52), while f̂
// itself is lifted by δ²·tr(H)/(2·52) = 0.4768. For cos(Σxᵢ) the factors are 0.770 and 0.980, where that of f̂ is 0.6156.
func TestSliceAndProjectedDiffer(t *testing.T) {
	const d, n, delta = 50, 65, 1
	slice, projected := Kernel{Law: Uniform, Convention: Vector, Dim: 2}, Kernel{Law: Uniform, Convention: Vector, Dim: d}
	middle := func(k Kernel, f func(x, y float64) float64) float64 {
		s := newSmoother(t, fieldOf(t, Square(-1, 1), n, 64, f))
		return smooth(t, s, k, delta).Z[n/2*n+n/2]
	}
	bowl := func(x, y float64) float64 { return (1.1*x*x + 0.4*x*y + 0.988*y*y) / 2 } // tr(H₂) = 2.088
	near(t, "slice lift", middle(slice, bowl), 0.2610, 5e-5)
	near(t, "projected lift", middle(projected, bowl), 0.0201, 5e-5)
	wave := func(x, y float64) float64 { return math.Cos(x + y) }
	near(t, "slice factor", middle(slice, wave), 0.770, 5e-4)
	near(t, "projected factor", middle(projected, wave), 1-2./104+4./(8*52*54), 1e-5) // two terms of its series
	near(t, "projected factor, Gaussian", middle(Kernel{Law: Gaussian, Convention: Vector, Dim: d}, wave), 0.980, 5e-4)
	near(t, "factor of f̂", projected.Transfer(delta, math.Sqrt(d)), 0.6156, 5e-5)
	near(t, "factor of f̂, Gaussian", Kernel{Law: Gaussian, Convention: Vector, Dim: d}.Transfer(delta, math.Sqrt(d)), 0.6065, 5e-5)
}

// The projected picture of the ball is its Gaussian's up to order 1/d: what a network's picture rests on.
func TestProjectedBallIsNearlyNormal(t *testing.T) {
	o, _ := ObjectiveByID("drop-wave", 2)
	s := smootherOf(t, o, 129)
	for _, d := range []int{1000, 11_220_132} {
		delta := o.DeltaMax * math.Sqrt(float64(d))
		ball, normal := smooth(t, s, Kernel{Law: Uniform, Convention: Vector, Dim: d}, delta), smooth(t, s, Kernel{Law: Gaussian, Convention: Vector, Dim: d}, delta)
		for i, z := range ball.Z {
			if e := math.Abs(z - normal.Z[i]); !(e < 1/float64(d)+1e-6) {
				t.Fatalf("d = %d: %.1e apart", d, e)
			}
		}
	}
}

// recorded draws n noise vectors of d numbers with a mean and a covariance that no plane is aligned with.
func recorded(rng *rand.Rand, n, d int) [][]float64 {
	all := make([][]float64, n)
	for i := range all {
		v := make([]float64, d)
		common := rng.ExpFloat64()
		for j := range v {
			v[j] = rng.NormFloat64()*float64(1+j%3) + 0.3*common
		}
		all[i] = v
	}
	return all
}

// The nearest point of the plane to ηω leaves a rest that is orthogonal to both directions.
func TestEmpiricalProjectsOntoThePlane(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	const d, eta = 20, 0.1
	noise, directions := recorded(rng, 30, d), recorded(rng, 2, d)
	for axes := 1; axes <= 2; axes++ {
		e, err := NewEmpirical(directions[:axes], noise, eta)
		if err != nil {
			t.Fatal(err)
		}
		var mean [2]float64
		for i, p := range e.points {
			rest := make([]float64, d)
			for j := range rest {
				rest[j] = eta*noise[i][j] - p[0]*directions[0][j] - p[1]*directions[1][j]
			}
			for _, v := range directions[:axes] {
				near(t, "rest along a direction", dot(rest, v), 0, 1e-12)
			}
			mean[0], mean[1] = mean[0]+p[0]/30, mean[1]+p[1]/30
		}
		for i := range 2 {
			near(t, "mean", e.Mean()[i], mean[i], 1e-15)
			near(t, "mean of the centered", e.Centered().Mean()[i], 0, 1e-15)
			for j := range 2 {
				near(t, "E vvᵀ = cov + mean·meanᵀ", e.SecondMoment()[i][j], e.Covariance()[i][j]+mean[i]*mean[j], 1e-15)
			}
		}
		if e.Len() != 30 || axes == 1 && (e.points[7][1] != 0 || e.SecondMoment()[1][1] != 0) {
			t.Error("a line has a second axis")
		}
	}
}

// The mean over the shifted function itself is the witness: f is known everywhere, and the grid resolves it.
func TestEmpiricalKernelIsTheMeanOfShifts(t *testing.T) {
	const n, factor = 65, 1.7
	f := func(x, y float64) float64 { return math.Sin(1.3*x-0.7*y) + math.Exp(-(x*x+2*y*y+x*y)/2) }
	s := newSmoother(t, fieldOf(t, Square(-3, 3), n, 100, f))
	rng := rand.New(rand.NewPCG(3, 2))
	directions := recorded(rng, 2, 40)
	for _, count := range []int{1, 2, 37} {
		e, err := NewEmpirical(directions, recorded(rng, count, 40), 0.8)
		if err != nil {
			t.Fatal(err)
		}
		for name, e := range map[string]Empirical{"as recorded": e, "centered": e.Centered()} {
			g, err := s.SmoothEmpirical(e, factor)
			if err != nil || g.MirrorMass != 0 {
				t.Fatalf("%v (%g in the mirror)", err, g.MirrorMass)
			}
			worst := 0.0
			for row, y := range g.Y {
				for col, x := range g.X {
					want := 0.0
					for _, p := range e.points {
						want += f(x-factor*p[0], y-factor*p[1]) / float64(count)
					}
					worst = max(worst, math.Abs(g.Z[row*n+col]-want))
				}
			}
			if !(worst < 5e-7) { // the tails that fade leaves at 100 cells, 1.3·10⁻⁷, on a seam of up to 2
				t.Errorf("%d vectors, %s: off by %.1e", count, name, worst)
			}
			for i, m := range e.Mean() {
				near(t, "shift", g.Shift[i], factor*m, 1e-15)
			}
		}
	}
	// Off the grid by far: everything is in the mirror, and says so.
	e, _ := NewEmpirical(directions, recorded(rng, 8, 40), 1e6)
	if g, err := s.SmoothEmpirical(e, 1); err != nil || g.MirrorMass != 1 {
		t.Errorf("%v, %g in the mirror", err, g.MirrorMass)
	}
}

func TestEmpiricalKernelOnALine(t *testing.T) {
	f := func(x float64) float64 { return math.Exp(-x * x) }
	l := lineOf(t, 3, 4, 129, f)
	rng := rand.New(rand.NewPCG(3, 3))
	directions := recorded(rng, 1, 40)
	e, err := NewEmpirical(directions, recorded(rng, 25, 40), 0.8)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.SmoothEmpirical(e, -1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "shift", s.Shift, -e.Mean()[0], 1e-16)
	for i, x := range s.X {
		want := 0.0
		for _, p := range e.points {
			want += f(x+p[0]) / 25
		}
		near(t, fmt.Sprintf("at %g", x), s.Z[i], want, 1e-9)
	}
}

// A Gaussian cloud of many vectors smooths as the Gaussian does: within four standard errors 4/√n of its transfer function.
func TestEmpiricalKernelOfGaussianNoise(t *testing.T) {
	const d, n = 12, 2000
	rng, k := rand.New(rand.NewPCG(3, 4)), Kernel{Law: Gaussian, Convention: Vector, Dim: d}
	noise := make([][]float64, n)
	for i := range noise {
		noise[i] = make([]float64, d)
		k.Sample(rng, noise[i])
	}
	directions := [][]float64{make([]float64, d), make([]float64, d)}
	directions[0][3], directions[1][5] = 1, 1
	e, err := NewEmpirical(directions, noise, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := newSmoother(t, fieldOf(t, Square(-2, 2), 33, 40, func(x, y float64) float64 { return math.Cos(2*x + y) }))
	got, err := s.SmoothEmpirical(e, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := smooth(t, s, k, 1)
	for i, z := range got.Z {
		near(t, "value", z, want.Z[i], 4/math.Sqrt(n))
	}
}

func TestKernelsThatDoNotFitThePicture(t *testing.T) {
	s := newSmoother(t, fieldOf(t, Square(-2, 2), 33, 8, func(x, y float64) float64 { return x * y }))
	line := lineOf(t, 1, 1, 33, math.Cos)
	a, b := []float64{1, 2, 0}, []float64{0, 1, 1}
	flat, err := NewEmpirical([][]float64{a, b}, [][]float64{{1, 1, 1}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	along, err := NewEmpirical([][]float64{a}, [][]float64{{1, 1, 1}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a kernel of the line on a plane": errorOf(s.Smooth(Kernel{Law: Gaussian, Convention: Vector, Dim: 1}, 1)),
		"vectors of a line on a plane":    errorOf(s.SmoothEmpirical(along, 1)),
		"vectors of a plane on a line":    errorOf(line.SmoothEmpirical(flat, 1)),
		"infinite factor":                 errorOf(s.SmoothEmpirical(flat, math.Inf(1))),
		"negative degree":                 errorOf(line.Smooth(Kernel{Law: Cauchy, Dim: 1}, -1)),
		"no vectors":                      errorOf(NewEmpirical([][]float64{a, b}, nil, 1)),
		"too many vectors":                errorOf(NewEmpirical([][]float64{a}, make([][]float64, MaxSamples+1), 1)),
		"no directions":                   errorOf(NewEmpirical(nil, [][]float64{a}, 1)),
		"three directions":                errorOf(NewEmpirical([][]float64{a, b, a}, [][]float64{a}, 1)),
		"parallel directions":             errorOf(NewEmpirical([][]float64{a, {2, 4, 0}}, [][]float64{b}, 1)),
		"a direction of length 0":         errorOf(NewEmpirical([][]float64{{0, 0}}, [][]float64{{1, 1}}, 1)),
		"unequal lengths":                 errorOf(NewEmpirical([][]float64{a, b}, [][]float64{{1, 2}}, 1)),
		"NaN":                             errorOf(NewEmpirical([][]float64{a, b}, [][]float64{{1, math.NaN(), 0}}, 1)),
		"float32 that overflows":          errorOf(NewEmpirical([][]float32{{1, 2}}, [][]float32{{float32(math.Inf(1)), 0}}, 1)),
	} {
		var bad *KernelError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
