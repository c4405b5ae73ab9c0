package landscape

import (
	"errors"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// ballFactors are Γ(d/2+1)(2/z)^(d/2) J_(d/2)(z) for one direction of the unit ball.
func TestBallTransferKnownValues(t *testing.T) {
	for _, c := range []struct {
		z    float64
		want map[int]float64
	}{
		{2, map[int]float64{1: 0.454649, 2: 0.576725, 3: 0.653097, 10: 0.84476, 50: 0.96224}},
		{5, map[int]float64{1: -0.19178, 2: -0.13103, 3: -0.05705, 10: 0.32089, 50: 0.78547}},
	} {
		for d, want := range c.want {
			near(t, fmt.Sprintf("d = %d at %g", d, c.z), Kernel{Law: Uniform, Convention: Vector, Dim: d}.Transfer(0.5, 2*c.z), want, 1e-5)
		}
	}
	for _, w := range []float64{0, 1e-9, 1e-3, 0.5, 3, 40, 1e5} {
		sin, cos := math.Sincos(w)
		if w == 0 {
			sin, w = 1, 1
			cos = 0
			near(t, "d = 1 at 0", ballTransfer(1, 0), 1, 0)
			continue
		}
		near(t, "d = 1", ballTransfer(1, w), sin/w, 1e-15)
		if w > 0.1 {
			near(t, "d = 3", ballTransfer(3, w), 3*(sin-w*cos)/(w*w*w), 1e-12)
		}
	}
}

// ∫cos(w·sinφ)cosᵈφ dφ by Gauss's rule in narrow panels, both it and the weight.
func ballWitness(d int, w float64) float64 {
	end := min(math.Pi/2, 9/math.Sqrt(float64(d)))
	width := min(0.05, 1/math.Sqrt(float64(d))/20, 0.3/(1+w))
	weight := func(phi float64) float64 {
		s := math.Sin(phi)
		return math.Exp(float64(d) / 2 * math.Log1p(-s*s))
	}
	return legendre(0, end, width, func(phi float64) float64 { return weight(phi) * math.Cos(w*math.Sin(phi)) }) / legendre(0, end, width, weight)
}

// Every branch of ballTransfer and both sides of every border between them. Gauss's rule of five points in panels of 0.05 of
// the weight's width is exact to 10⁻¹⁴.
func TestBallTransferAgreesWithQuadrature(t *testing.T) {
	worst := 0.0
	for _, d := range []int{1, 2, 3, 4, 5, 8, 16, 17, 20, 25, 50, 99, 258, 260, 261, 262, 1000, 100_000, 10_000_000} {
		n := float64(d)
		border := math.Sqrt(4 * 2 * (n/2 + 1))
		for _, w := range []float64{0.01, 1, border * (1 - 1e-9), border * (1 + 1e-9), 2 * border, 3.9 * math.Sqrt(n), 8.9 * math.Sqrt(n), 9 * math.Sqrt(n), n / 2 * (1 - 1e-9), n / 2 * (1 + 1e-9), n, 3 * n} {
			if d == 10_000_000 && w > 1e6 || d == 1 && w < 1 || w > 1e5 {
				continue
			}
			got, want := ballTransfer(d, w), ballWitness(d, w)
			if math.IsNaN(got) {
				t.Errorf("d = %d at %g is NaN", d, w)
			}
			worst = max(worst, math.Abs(got-want))
			near(t, fmt.Sprintf("d = %d at %g", d, w), got, want, 1e-13)
		}
	}
	t.Logf("at most %.1e off", worst)
	for _, d := range []int{1, 2, 3, 261, 10_000_000} {
		for _, w := range []float64{1e8, 1e155, 1e300, math.Inf(1)} {
			if got := ballTransfer(d, w); !(math.Abs(got) < 1e-7) {
				t.Errorf("d = %d at %g: %g", d, w, got)
			}
		}
	}
}

// For large d the ball of radius √(d+2) is N(0, I) to order w⁴/(4d): Λ = exp(−w²/2)(1 − w⁴/(4d)…).
func TestBallBecomesNormal(t *testing.T) {
	for _, d := range []int{1000, 11_220_132} {
		ball, normal := Kernel{Law: Uniform, Convention: Coordinate, Dim: d}, Kernel{Law: Gaussian, Convention: Coordinate, Dim: d}
		for _, w := range []float64{0.1, 1, 2, 4, 8} {
			near(t, "factor", ball.Transfer(0.5, 2*w), normal.Transfer(0.5, 2*w), 0.6/float64(d))
		}
	}
}

// Known case B1: the variance of a coordinate is 1/(d+2).
func TestBallMarginalVariance(t *testing.T) {
	for d, want := range map[int]float64{2: 0.25, 3: 0.2, 10: 1. / 12, 100: 1. / 102, 11_220_132: 1. / 11_220_134} {
		k := Kernel{Law: Uniform, Convention: Vector, Dim: d}
		near(t, "second moment", k.SecondMoment()/want, 1, 1e-14)
		near(t, "standard deviation", k.StdDev(2)/(2*math.Sqrt(want)), 1, 1e-14)
		if d > 100 || testing.Short() {
			continue
		}
		// By samples; the standard error of a variance is at most √(2/n) of it, 0.3 %.
		const n = 200_000
		rng, u, sum := rand.New(rand.NewPCG(9, uint64(d))), make([]float64, d), 0.0
		for range n {
			k.Sample(rng, u)
			sum += u[d/2] * u[d/2]
		}
		near(t, "variance of samples", sum/n/want, 1, 0.02)
	}
}

// characteristic is E exp(−iwu) by quadrature of the density, turned in the complex plane to where the integrand decays.
func characteristicWitness(law Law, w float64) complex128 {
	integrate := func(a, b, width float64, f func(x float64) complex128) complex128 {
		return complex(legendre(a, b, width, func(x float64) float64 { return real(f(x)) }), legendre(a, b, width, func(x float64) float64 { return imag(f(x)) }))
	}
	width := 0.02 / (1 + w/10)
	switch law {
	case Exponential:
		return integrate(0, 60, width, func(x float64) complex128 { return cmplx.Exp(complex(-x/1.5, -w*x)) / 1.5 })
	case Rayleigh:
		return integrate(0, 9, width, func(x float64) complex128 { return complex(x, 0) * cmplx.Exp(complex(-x*x/2, -w*x)) })
	case Pareto: // ∫₁^∞ x⁻² exp(−iwx) dx with x = 1 − is, s = eᵗ
		return cmplx.Exp(complex(0, -w)) * integrate(-45, 12, 0.02, func(t float64) complex128 {
			s := math.Exp(t)
			return complex(0, -s*math.Exp(-w*s)) / cmplx.Pow(complex(1, -s), 2)
		})
	}
	// Levy: exp(−iw)·2∫φ(g) exp(−iw/g²) dg with g = exp(t + iπ/8).
	turned := cmplx.Exp(complex(0, math.Pi/8))
	return cmplx.Exp(complex(0, -w)) * integrate(-30, 4, 0.02, func(t float64) complex128 {
		g := complex(math.Exp(t), 0) * turned
		return complex(2/math.Sqrt(2*math.Pi), 0) * cmplx.Exp(-g*g/2-complex(0, w)/(g*g)) * g
	})
}

func TestCharacteristicAgreesWithQuadrature(t *testing.T) {
	for _, law := range []Law{Exponential, Rayleigh, Levy, Pareto} {
		k := Kernel{Law: law, Dim: 3}
		for _, w := range []float64{0.001, 0.1, 0.7, 1.999, 2.001, 5, 9.8, 10, 25, 60} {
			got, want := k.Characteristic(0.5, 2*w), characteristicWitness(law, w)
			if e := cmplx.Abs(got - want); !(e < 1e-11) {
				t.Errorf("%s at %g: %v, want %v: off by %.1e", law, w, got, want, e)
			}
			if got != cmplx.Conj(k.Characteristic(0.5, -2*w)) {
				t.Errorf("%s at −%g is not the conjugate", law, w)
			}
			if !math.IsNaN(k.Transfer(0.5, w)) {
				t.Errorf("%s has a transfer function although it is not isotropic", law)
			}
		}
	}
}

func TestCharacteristicAtTheEnds(t *testing.T) {
	for _, law := range Laws() {
		k := Kernel{Law: law, Convention: Vector, Alpha: 1.5, Dim: 4}
		for _, wave := range []float64{1, 0} {
			if got := k.Characteristic(1-wave, wave); got != 1 { // at k = 0 and at δ = 0
				t.Errorf("%s: the factor of a constant is %v", law, got)
			}
		}
		for _, wave := range []float64{1e-300, 1e-8, 1e3, 1e20, 1e300} {
			if c := cmplx.Abs(k.Characteristic(1, wave)); !(c <= 1+1e-15) {
				t.Errorf("%s at %g: modulus %g", law, wave, c)
			}
			if law == Rayleigh || law == Exponential { // the first two moments are the first two derivatives
				const h = 1e-3
				c := k.Characteristic(1, h)
				near(t, string(law)+" mean", -imag(c)/h, k.Mean(), 1e-4)
				near(t, string(law)+" second moment", 2*(1-real(c))/(h*h), k.SecondMoment(), 1e-4)
			}
		}
	}
}

// Dawson's integral by quadrature of its definition, both ways of computing it and the border between them.
func TestDawsonSlope(t *testing.T) {
	for _, x := range []float64{0, 1e-9, 0.01, 0.3, 1, 2.5, 6.9, 7, 12, 100} {
		d := legendre(max(0, x-40/(1+x)), x, 0.01/(1+x), func(s float64) float64 { return math.Exp(s*s - x*x) })
		near(t, fmt.Sprintf("1 − 2xD at %g", x), dawsonSlope(x), 1-2*x*d, 1e-13) // what rounding leaves of 1 − 2xD at 100
	}
}

// Monte Carlo: every sampler has the characteristic function that its kernel claims, along an axis and across all of them. The
// standard error of a mean of cos and sin over n draws is at most 1/√n; four of them.
func TestSamplesHaveTheirCharacteristic(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	for i, k := range []Kernel{
		{Gaussian, Vector, 0, 3}, {Gaussian, Coordinate, 0, 2}, {Uniform, Vector, 0, 1}, {Uniform, Vector, 0, 10}, {Uniform, Coordinate, 0, 2},
		{Stable, "", 1.2, 2}, {Stable, "", 1.8, 5}, {Cauchy, "", 0, 3}, {Exponential, "", 0, 2}, {Rayleigh, "", 0, 2}, {Levy, "", 0, 1}, {Pareto, "", 0, 2},
	} {
		t.Run(fmt.Sprintf("%s/%s/%d", k.Law, k.Convention, k.Dim), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(7, uint64(i)))
			waves := []float64{0.3, 1, 4}
			var axis, across [3]complex128
			u, root := make([]float64, k.Dim), math.Sqrt(float64(k.Dim))
			for range n {
				k.Sample(rng, u)
				sum := 0.0
				for _, v := range u {
					sum += v
				}
				for j, w := range waves {
					axis[j] += cmplx.Exp(complex(0, -w*u[0]))
					across[j] += cmplx.Exp(complex(0, -w*sum/root))
				}
			}
			for j, w := range waves {
				want := k.Characteristic(1, w)
				wantAcross := want
				if !k.isotropic() {
					wantAcross = cmplx.Pow(k.Characteristic(1, w/root), complex(float64(k.Dim), 0))
				}
				tolerance := 4 / math.Sqrt(float64(n))
				if e := cmplx.Abs(axis[j]/complex(float64(n), 0) - want); e > tolerance {
					t.Errorf("along an axis at %g: off by %.1e", w, e)
				}
				if e := cmplx.Abs(across[j]/complex(float64(n), 0) - wantAcross); e > tolerance {
					t.Errorf("across the axes at %g: off by %.1e", w, e)
				}
			}
		})
	}
}

// The mass outside by counting samples: four standard errors √(p(1−p)/n).
func TestMassOutsideCountsSamples(t *testing.T) {
	const n, delta = 40_000, 0.7
	for i, law := range Laws() {
		for _, d := range []int{1, 2, 5} {
			k := Kernel{Law: law, Convention: Vector, Alpha: 1.4, Dim: d}
			rng := rand.New(rand.NewPCG(8, uint64(i)))
			for axes := 1; axes <= min(2, d); axes++ {
				radii := []float64{0.2, 0.55, 1.3, 4}
				var outside [4]int
				u := make([]float64, d)
				for range n {
					k.Sample(rng, u)
					reach := math.Abs(u[0])
					if axes == 2 && k.isotropic() {
						reach = math.Hypot(u[0], u[1])
					} else if axes == 2 {
						reach = max(u[0], u[1])
					}
					for j, r := range radii {
						if delta*reach > r {
							outside[j]++
						}
					}
				}
				for j, r := range radii {
					p := k.massOutside(axes, delta, r)
					near(t, fmt.Sprintf("%s, d = %d, %d axes, beyond %g", law, d, axes, r), float64(outside[j])/n, p, 4*math.Sqrt(p*(1-p)/n)+1e-12)
				}
			}
		}
	}
	// P(r ≤ ρδ) = 1 − (1−ρ²)^(d/2): the medians.
	for d, median := range map[int]float64{2: 0.707, 10: 0.360, 100: 0.117, 1000: 0.037} {
		near(t, "half of the mass", Kernel{Law: Uniform, Convention: Vector, Dim: d}.MassOutside(1, median), 0.5, 0.01)
	}
	// The ball's marginal on a line against quadrature of its density, up to a network's dimension.
	for _, d := range []int{1, 2, 3, 50, 11_220_132} {
		s := 1 / math.Sqrt(float64(d)+2)
		density := func(x float64) float64 { return math.Exp((float64(d) - 1) / 2 * math.Log1p(-x*x)) }
		far := min(1-1e-15, 12*s)
		whole := legendre(0, far, s/50, density)
		near(t, "ball on a line", Kernel{Law: Uniform, Convention: Vector, Dim: d}.massOutside(1, 1, 1.5*s), 1-legendre(0, 1.5*s, s/50, density)/whole, 1e-6)
	}
}

// Moments decide: what a law gives to a function that grows as |x|^g.
func TestExistsFollowsTheMoments(t *testing.T) {
	for law, below := range map[Law]float64{Gaussian: math.Inf(1), Uniform: math.Inf(1), Exponential: math.Inf(1), Rayleigh: math.Inf(1), Stable: 1.5, Cauchy: 1, Pareto: 1, Levy: 0.5} {
		k := Kernel{Law: law, Convention: Vector, Alpha: 1.5, Dim: 2}
		for _, growth := range []float64{0, 0.49, 0.5, 0.99, 1, 1.49, 1.5, 2, 4} {
			err := k.Exists(growth)
			if (err == nil) != (growth < below) || err != nil && !errors.Is(err, ErrNoSmoothing) {
				t.Errorf("%s, |x|^%g: %v", law, growth, err)
			}
		}
		if k.Validate() != nil {
			t.Error(k.Validate())
		}
	}
}
