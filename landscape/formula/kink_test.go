package formula

import (
	"math"
	"math/rand/v2"
	"testing"
)

// At a kink there is no Hessian, and the gradient is the finite subgradient that the package documentation promises.
func TestKinks(t *testing.T) {
	for _, c := range []struct {
		source string
		x, y   float64
		want   [2]float64
	}{
		{"abs(x) + 0*y", 0, 1, [2]float64{0, 0}},
		{"3*abs(x) + y", 0, 1, [2]float64{0, 1}},
		{"sqrt(x^2 + y^2)", 0, 0, [2]float64{0, 0}},
		{"hypot(x, y)", 0, 0, [2]float64{0, 0}},
		{"-20*exp(-0.2*sqrt((x^2+y^2)/2)) + 20", 0, 0, [2]float64{0, 0}},
		{"cbrt(x) + y", 0, 1, [2]float64{0, 1}},
		{"x^0.5 + y", 0, 1, [2]float64{0, 1}},
		{"x^1.5 + y", 0, 1, [2]float64{0, 1}}, // the gradient exists, the Hessian does not
		{"max(x, -x) + 0*y", 0, 1, [2]float64{0, 0}},
		{"max(2*x, -x) + 0*y", 0, 1, [2]float64{0, 0}},
		{"max(2*x, x) + 0*y", 0, 1, [2]float64{1, 0}},
		{"max(x, y)", 1, 1, [2]float64{0.5, 0.5}},
		{"min(x, y)", 1, 1, [2]float64{0.5, 0.5}},
		{"max(x, 2*x-1) + y", 1, 1, [2]float64{1, 1}},
		{"sign(x)*y", 0, 1, [2]float64{0, 0}},
		{"floor(x) + y", 2, 1, [2]float64{0, 1}},
		{"ceil(x) + y", -1, 1, [2]float64{0, 1}},
		{"atan2(x, y)", 0, 0, [2]float64{0, 0}},
		{"atan2(x, y)", 0, -2, [2]float64{-0.5, 0}},
		{"abs(x)^2 + y", 0, 1, [2]float64{0, 1}}, // smooth, which a rule for each operation cannot see
		{"x*sin(sqrt(abs(x))) + y", 0, 1, [2]float64{0, 1}},
	} {
		f := must(t, c.source)
		g, h := make([]float64, 2), make([]float64, 4)
		p := []float64{c.x, c.y}
		if f.Function().Grad(p, g); g[0] != c.want[0] || g[1] != c.want[1] {
			t.Errorf("%s at %v has the subgradient %v, not %v", c.source, p, g, c.want)
		}
		if f.Function().Hess(p, h) {
			t.Errorf("%s at %v has a Hessian: %v", c.source, p, h)
		}
		p[0] += 1e-3
		p[1] -= 2e-3
		if !f.Function().Hess(p, h) {
			t.Errorf("%s beside its kink has no Hessian", c.source)
		}
	}
}

func TestGrowth(t *testing.T) {
	for _, c := range []struct {
		source string
		want   float64
		proven bool
	}{
		{"x^2", 2, true},
		{"20 + x^2 + y^2 - 10*(cos(2*pi*x) + cos(2*pi*y))", 2, true},
		{"-20*exp(-0.2*sqrt((x^2+y^2)/2)) - exp((cos(2*pi*x)+cos(2*pi*y))/2) + 20 + e", 0, true},
		{"1 - (1 + cos(12*hypot(x, y)))/(hypot(x, y)^2/2 + 2)", 0, true},
		{"1 - (1 + cos(12*x))/(x*x/2 + 2)", 0, true},
		{"(x^2+y-11)^2 + (x+y^2-7)^2", 4, true},
		{"-x*sin(sqrt(abs(x)))", 1, true},
		{"x^2/2 - 0.3*exp(-(x-1)^2/0.02)", 2, true},
		{"sqrt(abs(x)) + cbrt(y)", 0.5, true},
		{"log(1 + x^2)", 0, true},
		{"asinh(x)*y", 1, true},
		{"x^3*y^-2 + x", math.Inf(1), false}, // not finite on the axes
		{"abs(x)^1.3", 1.3, true},
		{"x^2*exp(-1000*(y-3)^2)", 2, true}, // grows along a strip that no sample meets
		{"floor(x)/(2 + sign(y))", 1, true},
		{"2^-abs(x)", 0, true},
		{"0.5^(x^2)*tanh(y)", 0, true},
		{"(x^2 + 1)^-1", 0, true},
		{"max(x^2, y) - min(x, y, 3)", 2, true},
		{"x^2 - x^2", 2, true},                      // an upper bound
		{"x^3/(1 + abs(x))", 3, true},               // an upper bound
		{"tan(atan(x))", 1, false},                  // estimated
		{"(x^2 + y^2)/(x^2 + y^2 - x*y)", 0, false}, // estimated, by values that do not grow
		{"log(2 + cosh(x/1e9))", 0, false},
		{"exp(x)", math.Inf(1), false},
		{"exp(-x)", math.Inf(1), false},
		{"cosh(x)", math.Inf(1), false},
		{"x^x", math.Inf(1), false},
		{"sqrt(x)", math.Inf(1), false},      // not defined to the left
		{"sin(sqrt(x))", math.Inf(1), false}, // nor is what is bounded where it is defined
		{"log(x)", math.Inf(1), false},
		{"0/(1+y^2)*log(x)", math.Inf(1), false},
	} {
		got, proven := must(t, c.source).Growth()
		if got != c.want || proven != c.proven {
			t.Errorf("the growth of %s is %g, proven %t; not %g, %t", c.source, got, proven, c.want, c.proven)
		}
	}
}

// What is proven holds: the proven order is no less than the slope that the values show, for random formulas.
func TestProvenGrowthIsAnUpperBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	proofs := 0
	for range 500 {
		f, err := Parse(random(rng, 1+rng.IntN(5)).source)
		if err != nil {
			continue
		}
		g, proven := f.Growth()
		near, _ := f.greatest(1e4)
		far, ok := f.greatest(1e9)
		if !proven || !ok {
			continue
		}
		proofs++
		if limit := 100 * max(1, near) * math.Pow(1e5, g); far > limit {
			t.Errorf("%s: order %g, but %g at 10⁴ and %g at 10⁹", f.Source(), g, near, far)
		}
	}
	if proofs < 300 {
		t.Errorf("only %d of 500 random formulas have a proven growth", proofs)
	}
}
