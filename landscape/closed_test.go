package landscape

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Every closed form against a witness that knows the law by its density or by its definition: quadrature in one and two
// dimensions and, in any dimension, for sums of functions of one variable; Monte Carlo for the others.

// textbook returns the objectives made by constructors, of d variables.
func textbook(t testing.TB, d int) []Objective {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, uint64(d)))
	h, k, center := make([]float64, d*d), make([]float64, d), make([]float64, d)
	for i := range d {
		k[i], center[i] = rng.NormFloat64()/math.Sqrt(float64(d)), rng.NormFloat64()
		for j := range i + 1 {
			h[i*d+j] = rng.NormFloat64()
			h[j*d+i] = h[i*d+j]
		}
	}
	var all []Objective
	add := func(o Objective, err error) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	add(Quadratic(h))
	add(PlaneWave(k, 0.3))
	add(GaussianBump(-2, center, 0.7*math.Sqrt(float64(d))))
	if d == 1 {
		add(Lorentzian(-3, 0.5))
		add(Lorentzian(2, 1.5))
	}
	return all
}

func TestTextbookObjectivesAreWhatTheySay(t *testing.T) {
	for _, d := range checkedDims {
		for i, o := range textbook(t, d) {
			t.Run(fmt.Sprintf("%s/%d/%d", o.ID, d, i), func(t *testing.T) { checkObjective(t, o, d) })
		}
	}
}

func TestConstructorsRefuse(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, err := range map[string]error{
		"no matrix":           refusal(Quadratic(nil)),
		"three numbers":       refusal(Quadratic([]float64{1, 2, 3})),
		"not symmetric":       refusal(Quadratic([]float64{1, 2, 3, 4})),
		"not a number":        refusal(Quadratic([]float64{nan})),
		"no wave":             refusal(PlaneWave(nil, 0)),
		"wave of length 0":    refusal(PlaneWave([]float64{0, 0}, 0)),
		"phase without end":   refusal(PlaneWave([]float64{1}, inf)),
		"no center":           refusal(GaussianBump(1, nil, 1)),
		"center without end":  refusal(GaussianBump(1, []float64{inf}, 1)),
		"bump of height 0":    refusal(GaussianBump(0, []float64{1}, 1)),
		"bump of width 0":     refusal(GaussianBump(1, []float64{1}, 0)),
		"Lorentzian too wide": refusal(Lorentzian(1, inf)),
	} {
		if _, ok := err.(*ObjectiveError); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func refusal(_ Objective, err error) error { return err }

// closedKernels are the kernels of d dimensions under which closed forms are tried.
func closedKernels(d int) []Kernel {
	all := []Kernel{
		{Law: Gaussian, Convention: Vector, Dim: d}, {Law: Gaussian, Convention: Coordinate, Dim: d},
		{Law: Uniform, Convention: Vector, Dim: d}, {Law: Uniform, Convention: Coordinate, Dim: d},
		{Law: Stable, Alpha: 1.5, Dim: d}, {Law: Cauchy, Dim: d},
		{Law: Exponential, Dim: d}, {Law: Rayleigh, Dim: d}, {Law: Levy, Dim: d}, {Law: Pareto, Dim: d},
	}
	return all
}

// density is the marginal of v = δu on one axis.
type density struct {
	p      func(v float64) float64
	lo, hi float64 // where it is not negligible
	width  float64 // panels of this width resolve it
}

// axisDensity returns the density of a coordinate; ok is false for a law that has none in elementary functions.
func axisDensity(k Kernel, delta float64) (density, bool) {
	d := float64(k.Dim)
	switch k.Law {
	case Gaussian:
		s := delta
		if k.Convention == Vector {
			s /= math.Sqrt(d)
		}
		return density{func(v float64) float64 { return math.Exp(-v*v/(2*s*s)) / (s * math.Sqrt(2*math.Pi)) }, -8.5 * s, 8.5 * s, s / 3}, true
	case Uniform:
		r := delta
		if k.Convention == Coordinate {
			r *= math.Sqrt(d + 2)
		}
		// The normalization by quadrature of sin^d.
		c := 1 / legendre(0, math.Pi, math.Pi/200, func(a float64) float64 { return math.Pow(math.Sin(a), d) })
		return density{func(v float64) float64 { return c / r * math.Pow(max(0, 1-v*v/(r*r)), (d-1)/2) }, -r, r, r / 60}, true
	case Exponential:
		s := 1.5 * delta
		return density{func(v float64) float64 { return math.Exp(-v/s) / s }, 0, 40 * s, s / 4}, true
	case Rayleigh:
		s := delta
		return density{func(v float64) float64 { return v / (s * s) * math.Exp(-v*v/(2*s*s)) }, 0, 9 * s, s / 3}, true
	case Cauchy: // for functions that fall as 1/x² to a constant: what lies beyond 3000 gives 4/3000²·2δ/3000π
		return density{func(v float64) float64 { return delta / (math.Pi * (v*v + delta*delta)) }, -3000, 3000, math.Inf(1)}, true
	}
	return density{}, false
}

// rule returns places v and weights that integrate a function of v against the density, with panels that break at the places of
// kinks and are finer than fine.
func (p density) rule(fine float64, breaks ...float64) (places, weights []float64) {
	nodes := []float64{p.lo, p.hi}
	for _, b := range breaks {
		if b > p.lo && b < p.hi {
			nodes = append(nodes, b)
		}
	}
	slices.Sort(nodes)
	for i := range len(nodes) - 1 {
		// With v = c + r·sin φ the ends of the interval, where the density of a ball has a root, do no harm.
		c, r := (nodes[i]+nodes[i+1])/2, (nodes[i+1]-nodes[i])/2
		phis, parts := legendreRule(-math.Pi/2, math.Pi/2, min(0.4, min(p.width, fine)/r))
		for j, phi := range phis {
			sin, cos := math.Sincos(phi)
			v := c + r*sin
			places, weights = append(places, v), append(weights, parts[j]*p.p(v)*r*cos)
		}
	}
	return places, weights
}

// legendreRule is legendre as places and weights.
func legendreRule(a, b, width float64) (places, weights []float64) {
	legendre(a, b, width, func(x float64) float64 {
		places = append(places, x)
		return 0
	})
	each := make([]float64, 5)
	for i := range each { // the weights of one panel, in its order
		at := 0
		each[i] = legendre(a, b, b-a, func(float64) float64 {
			at++
			if at == i+1 {
				return 1
			}
			return 0
		}) * 5 / float64(len(places))
	}
	for i := range places {
		weights = append(weights, each[i%5])
	}
	return places, weights
}

// mean integrates f against the density; see rule.
func (p density) mean(f func(v float64) float64, fine float64, breaks ...float64) float64 {
	sum := 0.0
	places, weights := p.rule(fine, breaks...)
	for i, v := range places {
		sum += weights[i] * f(v)
	}
	return sum
}

// meanInPlane is mean for two independent coordinates.
func (p density) meanInPlane(f func(x []float64) float64, x []float64) float64 {
	sum, at := 0.0, make([]float64, 2)
	places, weights := p.rule(math.Inf(1))
	for i, v := range places {
		at[0] = x[0] - v
		row := 0.0
		for j, w := range places {
			at[1] = x[1] - w
			row += weights[j] * f(at)
		}
		sum += weights[i] * row
	}
	return sum
}

// additive lists the objectives that are sums of functions of one variable: there E f is a sum of means over marginals.
var additive = []string{"rastrigin", "styblinski-tang", "sphere", "ellipsoid", "rot-ellipsoid", "absolute-value", "schwefel", "alpine1"}

// kinks returns the v at which the term of x − v has a kink.
func kinks(id string, x float64) []float64 {
	at := []float64{x}
	if id == "alpine1" {
		for k := -9.0; k <= 9; k++ {
			at = append(at, x-2*math.Pi*k+math.Asin(0.1), x-2*math.Pi*k-math.Pi-math.Asin(0.1))
		}
	}
	return at
}

// draw draws v = δu by the definition of the law.
func draw(k Kernel, delta float64, rng *rand.Rand, v []float64) {
	d := float64(k.Dim)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	scale := delta
	switch k.Law {
	case Gaussian:
		if k.Convention == Vector {
			scale /= math.Sqrt(d)
		}
	case Uniform:
		if k.Convention == Coordinate {
			scale *= math.Sqrt(d + 2)
		}
		scale *= math.Pow(rng.Float64(), 1/d) / math.Sqrt(norm2(v))
	case Stable: // sub-Gaussian: √(2A) times a normal vector, A positive α/2-stable (Kanter)
		a := k.Alpha / 2
		angle := math.Pi * rng.Float64()
		sub := math.Sin(a*angle) / math.Pow(math.Sin(angle), 1/a) * math.Pow(math.Sin((1-a)*angle)/rng.ExpFloat64(), (1-a)/a)
		scale *= math.Sqrt(2 * sub)
	case Cauchy: // a t law of one degree of freedom
		scale /= math.Abs(rng.NormFloat64())
	default: // by the inverse of the distribution function; for Levy 1 + 1/N²
		for i, n := range v {
			e := -math.Log(1 - rng.Float64())
			v[i] = map[Law]float64{Exponential: 1.5 * e, Rayleigh: math.Sqrt(2 * e), Levy: 1 + 1/(n*n), Pareto: math.Exp(e)}[k.Law]
		}
	}
	for i := range v {
		v[i] *= scale
	}
}

// witness returns f̂(x), found without the closed form, and a bound of its error.
func witness(o Objective, k Kernel, delta float64, x []float64) (value, tolerance float64) {
	fine := (o.Hi - o.Lo) / 200
	switch {
	case o.ID == "drop-wave":
		fine = 0.08
	case o.ID == "drop-wave-12pi":
		fine = 0.025
	case strings.HasPrefix(o.ID, "lorentzian"):
		fine *= 3
	}
	axis, known := axisDensity(k, delta)
	y := slices.Clone(x)
	// Quadrature errs by some 10⁻¹¹ of the values that are added.
	size := func() float64 { return 1e-11 * (math.Abs(value) + math.Abs(o.Func(x)) + math.Pow(delta, o.Growth)) }
	if k.Law == Cauchy && o.Dim == 1 && o.ID != "plane-wave" {
		far := o.Func([]float64{1e9})
		value = far + axis.mean(func(v float64) float64 {
			y[0] = x[0] - v
			return o.Func(y) - far
		}, fine, x[0], -100*delta, -10*delta, -delta, delta, 10*delta, 100*delta)
		return value, 1e-9
	}
	independent := k.Law == Gaussian || k.Law == Exponential || k.Law == Rayleigh
	switch {
	case k.Law == Cauchy:
	case known && (o.Dim == 1 || slices.Contains(additive, o.ID)):
		value = o.Func(x)
		for i, c := range x {
			at := o.Func(x)
			value += axis.mean(func(v float64) float64 {
				y[i] = c - v
				return o.Func(y) - at
			}, fine, kinks(o.ID, c)...)
			y[i] = c
		}
		return value, size() * float64(o.Dim)
	case o.Dim == 2 && independent:
		value = axis.meanInPlane(o.Func, x)
		return value, 10 * size()
	case o.Dim == 2 && k.Law == Uniform:
		value = 2 * legendre(0, 1, 1./24, func(rho float64) float64 { return rho * ring(o.Func, x[0], x[1], axis.hi*rho, 360) })
		return value, 10 * size()
	}
	pairs := 12_000 / o.Dim
	if o.Dim > 5 {
		pairs = 2_000
	}
	rng := rand.New(rand.NewPCG(11, uint64(o.Dim)))
	v := make([]float64, k.Dim)
	var sum, squares float64
	for range pairs {
		draw(k, delta, rng, v)
		pair := o.Func(along(x, v, -1))
		if k.Mean() == 0 { // the law is symmetric
			pair = (pair + o.Func(along(x, v, 1))) / 2
		}
		sum += pair
		squares += pair * pair
	}
	n := float64(pairs)
	value = sum / n
	return value, 4*math.Sqrt(max(0, squares/n-value*value)/n) + 1e-9*math.Abs(value)
}

func TestClosedFormsAgreeWithWitnesses(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: a minute of quadrature and Monte Carlo in one goroutine is not part of -short")
	}
	for _, d := range checkedDims {
		for n, o := range append(Objectives(d), textbook(t, d)...) {
			if o.Smoothed == nil {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d/%d", o.ID, d, n), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(9, uint64(d)))
				forms := 0
				for _, k := range closedKernels(d) {
					for _, part := range []float64{0.03, 0.3, 1} {
						if d > 5 && part != 0.3 {
							continue
						}
						delta := part * o.DeltaMax
						f, ok := o.Smoothed(k, delta)
						if ok && k.Exists(o.Growth) != nil {
							t.Errorf("%v: a closed form of what does not exist", k)
						}
						if !ok {
							continue
						}
						forms++
						x := make([]float64, d)
						for i := range x {
							x[i] = o.Lo + (o.Hi-o.Lo)*rng.Float64()
							if len(o.Minima) > 0 && (part > 0.9 || o.ID == "gaussian-bump") { // where it varies most
								x[i] = o.Minima[0].X[i] + (o.Hi-o.Lo)/20*rng.NormFloat64()/math.Sqrt(float64(d))
							}
						}
						want, tolerance := witness(o, k, delta, x)
						if got := f.Func(x); !(math.Abs(got-want) <= tolerance) {
							t.Errorf("%s %s α=%g δ=%g at %.3g: %.12g, want %.12g ± %.2g", k.Law, k.Convention, k.Alpha, delta, head(x), got, want, tolerance)
						}
						if d <= 10 || o.ID != "schwefel" && o.ID != "alpine1" {
							checkDerivatives(t, f, x, (o.Hi-o.Lo)/10, 1e-6)
						}
					}
				}
				if forms == 0 && o.Dim == 1 {
					t.Errorf("no closed form under any kernel")
				}
			})
		}
	}
}

// A kernel of more dimensions than the function acts through its marginal.
func TestClosedFormUnderAMarginal(t *testing.T) {
	for _, id := range []string{"rastrigin", "himmelblau", "griewank", "dent"} {
		o, _ := ObjectiveByID(id, 2)
		x := []float64{0.3, -0.7}
		for _, k := range closedKernels(10) {
			f, ok := o.Smoothed(k, 0.4)
			if !ok {
				continue
			}
			axis, _ := axisDensity(k, 0.4)
			var want float64
			if k.Law != Uniform {
				want = axis.meanInPlane(o.Func, x)
			} else { // in the plane the 10-ball has the density (d/2πR²)(1 − r²/R²)^((d−2)/2)
				want = legendre(0, 1, 1./48, func(rho float64) float64 {
					return 10 * rho * math.Pow(1-rho*rho, 4) * ring(o.Func, x[0], x[1], axis.hi*rho, 360)
				})
			}
			if got := f.Func(x); math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
				t.Errorf("%s, %s %s: %.12g, want %.12g", id, k.Law, k.Convention, got, want)
			}
		}
		if _, ok := o.Smoothed(Kernel{Law: Gaussian, Convention: Vector, Dim: 1}, 0.4); ok {
			t.Errorf("%s is smoothed by a kernel of one dimension", id)
		}
	}
}

func TestNoClosedFormOfWhatDoesNotExist(t *testing.T) {
	for _, d := range []int{1, 2, 10} {
		for _, o := range append(Objectives(d), textbook(t, d)...) {
			if o.Smoothed == nil {
				continue
			}
			good := Kernel{Law: Gaussian, Convention: Vector, Dim: d}
			for name, try := range map[string]struct {
				k     Kernel
				delta float64
			}{
				"δ < 0":        {good, -1},
				"δ = NaN":      {good, math.NaN()},
				"δ = ∞":        {good, math.Inf(1)},
				"no kernel":    {Kernel{}, 1},
				"no dimension": {Kernel{Law: Gaussian, Convention: Vector}, 1},
			} {
				if _, ok := o.Smoothed(try.k, try.delta); ok {
					t.Errorf("%s: %s is smoothed", o.ID, name)
				}
			}
			for _, k := range closedKernels(d) {
				if _, ok := o.Smoothed(k, 0.1*o.DeltaMax); ok && k.Exists(o.Growth) != nil {
					t.Errorf("%s grows as |x|^%g and is smoothed by %s", o.ID, o.Growth, k.Law)
				}
			}
			f, ok := o.Smoothed(good, 0)
			x := every(d, 0.3*o.Hi)
			if !ok || f.Func(x) != o.Func(x) {
				t.Errorf("%s: δ = 0 is not f itself", o.ID)
			}
		}
	}
}
