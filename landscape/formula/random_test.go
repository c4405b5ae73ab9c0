package formula

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/expr-lang/expr"
)

// sample is a random formula: its source with as few parentheses as the precedences allow, and the same function built
// beside it in Go.
type sample struct {
	source  string
	binding int // 1 sum, 2 product, 3 minus sign, 4 power, 5 the rest
	value   func(x, y float64) float64
}

func (s sample) within(binding int) string {
	if s.binding < binding {
		return "(" + s.source + ")"
	}
	return s.source
}

// random returns a smooth formula of moderate values: every function is bounded, or has an argument that is.
func random(rng *rand.Rand, depth int) sample {
	if depth == 0 {
		switch rng.IntN(3) {
		case 0:
			return sample{"x", 5, func(x, y float64) float64 { return x }}
		case 1:
			return sample{"y", 5, func(x, y float64) float64 { return y }}
		}
		c := float64(1+rng.IntN(30)) / 8
		return sample{fmt.Sprintf("%.3f", c), 5, func(x, y float64) float64 { return c }}
	}
	a := random(rng, rng.IntN(depth))
	b := random(rng, depth-1)
	if rng.IntN(2) == 0 {
		a, b = b, a
	}
	f, g := a.value, b.value
	switch rng.IntN(14) {
	case 0, 1:
		return sample{a.within(1) + " + " + b.within(2), 1, func(x, y float64) float64 { return f(x, y) + g(x, y) }}
	case 2, 3:
		return sample{a.within(1) + "-" + b.within(2), 1, func(x, y float64) float64 { return f(x, y) - g(x, y) }}
	case 4:
		return sample{"tanh(" + a.source + ")*" + b.within(3), 2, func(x, y float64) float64 { return math.Tanh(f(x, y)) * g(x, y) }}
	case 5:
		return sample{a.within(2) + "*sin(" + b.source + ")", 2, func(x, y float64) float64 { return f(x, y) * math.Sin(g(x, y)) }}
	case 6:
		return sample{a.within(2) + "/(1 + " + b.within(5) + "^2)", 2, func(x, y float64) float64 { return f(x, y) / (1 + math.Pow(g(x, y), 2)) }}
	case 7:
		return sample{"-" + a.within(3), 3, func(x, y float64) float64 { return -f(x, y) }}
	case 8:
		return sample{"exp(-" + a.within(5) + "^2)", 5, func(x, y float64) float64 { return math.Exp(-math.Pow(f(x, y), 2)) }}
	case 9:
		return sample{"cos(" + a.source + ")", 5, func(x, y float64) float64 { return math.Cos(f(x, y)) }}
	case 10:
		return sample{"(2+cos(" + a.source + "))^-atan(" + b.source + ")", 4, func(x, y float64) float64 { return math.Pow(2+math.Cos(f(x, y)), -math.Atan(g(x, y))) }}
	case 11:
		return sample{"hypot(1+" + a.within(2) + ", 2 - sin(" + b.source + "))", 5,
			func(x, y float64) float64 { return math.Hypot(1+f(x, y), 2-math.Sin(g(x, y))) }}
	case 12:
		return sample{"sqrt(1 + " + a.within(5) + "^2)", 5, func(x, y float64) float64 { return math.Sqrt(1 + math.Pow(f(x, y), 2)) }}
	}
	return sample{"erf(" + a.source + ")^3", 4, func(x, y float64) float64 { return math.Pow(math.Erf(f(x, y)), 3) }}
}

func noVariable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Found == "no variable"
}

const randomFormulas = 1500

// Parsing and evaluation against the same function built in Go. The difference of a few roundings is magnified by the
// slopes of the functions, so the tolerance is a share of 10⁻¹² of the value, or of 1 (the worst that was seen is 10⁻¹⁴).
func TestRandomFormulasHaveTheirValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range randomFormulas {
		s := random(rng, 1+rng.IntN(6))
		f, err := Parse(s.source)
		if noVariable(err) {
			continue
		} else if err != nil {
			t.Fatalf("%s: %v", s.source, err)
		}
		x, y := 4*rng.Float64()-2, 4*rng.Float64()-2
		if got, want := f.at(x, y), s.value(x, y); !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
			t.Fatalf("%s at (%g, %g) = %.17g, not %.17g", s.source, x, y, got, want)
		}
	}
}

// A second witness of values: the library's own virtual machine, on formulas whose numbers are all written as float64.
func TestTheLibrarysMachineAgrees(t *testing.T) {
	env := map[string]any{"x": 0.0, "y": 0.0}
	for _, u := range unaries {
		env[u.name] = u.value
	}
	for _, b := range binaries {
		env[b.name] = b.value
	}
	rng := rand.New(rand.NewPCG(2, 1))
	for range 300 {
		s := random(rng, 1+rng.IntN(5))
		f, err := Parse(s.source)
		if err != nil {
			continue // no variable
		}
		x, y := 4*rng.Float64()-2, 4*rng.Float64()-2
		env["x"], env["y"] = x, y
		got, err := expr.Eval(s.source, env)
		if err != nil {
			t.Fatalf("%s: %v", s.source, err)
		}
		if want := got.(float64); !(math.Abs(f.at(x, y)-want) <= 1e-12*max(1, math.Abs(want))) {
			t.Fatalf("%s at (%g, %g) = %.17g, the library has %.17g", s.source, x, y, f.at(x, y), want)
		}
	}
}

// difference returns the derivative of f at 0 by central differences with Richardson's extrapolation, and a bound of its
// error: twice what the extrapolation changed (its own error is an order smaller), and the rounding of f, which a formula
// of 60 operations magnifies to at most 10⁴ of its last digits, over h.
func difference(f func(h float64) float64) (slope, tolerance float64) {
	const h = 1e-3
	wide, narrow := (f(h)-f(-h))/(2*h), (f(h/2)-f(-h/2))/h
	slope = (4*narrow - wide) / 3
	return slope, 2*math.Abs(slope-narrow) + 1e4*2.2e-16*(1+math.Abs(f(0)))/h
}

// Gradients against differences of values, Hessians against differences of gradients.
func checkDerivatives(t *testing.T, f Formula, x, y float64) {
	t.Helper()
	fn := f.Function()
	d := f.Dim()
	gradient := func(x, y float64) []float64 {
		g := make([]float64, d)
		fn.Grad([]float64{x, y}[:d], g)
		return g
	}
	g, h := gradient(x, y), make([]float64, d*d)
	if !fn.Hess([]float64{x, y}[:d], h) {
		t.Fatalf("%s has no Hessian at (%g, %g)", f.Source(), x, y)
	}
	for i := range d {
		dx, dy := float64(1-i), float64(i)
		want, tol := difference(func(h float64) float64 { return f.at(x+h*dx, y+h*dy) })
		if !(math.Abs(g[i]-want) <= tol) {
			t.Fatalf("∂%d of %s at (%g, %g) is %.12g, not %.12g ± %.1g", i+1, f.Source(), x, y, g[i], want, tol)
		}
		for j := range d {
			want, tol := difference(func(h float64) float64 { return gradient(x+h*dx, y+h*dy)[j] })
			if !(math.Abs(h[i*d+j]-want) <= tol) {
				t.Fatalf("∂%d∂%d of %s at (%g, %g) is %.12g, not %.12g ± %.1g", i+1, j+1, f.Source(), x, y, h[i*d+j], want, tol)
			}
		}
	}
}

func TestRandomFormulasHaveTheirDerivatives(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range randomFormulas {
		f, err := Parse(random(rng, 1+rng.IntN(5)).source)
		if err != nil {
			continue // no variable
		}
		checkDerivatives(t, f, 4*rng.Float64()-2, 4*rng.Float64()-2)
	}
}

func TestEveryFunctionHasItsDerivatives(t *testing.T) {
	for _, u := range unaries {
		for _, x := range []float64{-2.3, -0.6, -0.25, 0.1, 0.7, 1.4, 3.3} {
			if f := must(t, u.name+"(x)"); !math.IsNaN(f.at(x, 0)) {
				checkDerivatives(t, f, x, 0)
				checkDerivatives(t, must(t, "y*"+u.name+"(x) - x*y^2"), x, 0.8)
			}
		}
	}
	for _, source := range []string{"x^y", "pow(x+2, y*x)", "hypot(x, y)", "atan2(x, y)", "atan2(y, x - 3)", "min(x, y)", "max(x, y, x*y)", "x/y", "2^x*y", "x^-3",
		"x^2.5", "x^1", "x^0 + y", "x^5*y^4", "3/x", "x/3", "2 - x", "y - x", "(x+y)*(x-y*x)", "min(x, 1)", "max(5, x)"} {
		for _, p := range [][2]float64{{0.4, 1.3}, {1.7, 0.6}, {2.2, 2.9}} {
			checkDerivatives(t, must(t, source), p[0], p[1])
		}
	}
	for _, p := range [][2]float64{{-1.2, 0.7}, {-0.4, -2}} { // where a power with a whole exponent still is
		checkDerivatives(t, must(t, "x^5*y^4 + x^-3/y"), p[0], p[1])
	}
}
