package formula

import (
	"math"
	"testing"
)

// must returns the formula or ends the test.
func must(t testing.TB, source string) Formula {
	t.Helper()
	f, err := Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return f
}

// at evaluates a formula at (x, y).
func (f Formula) at(x, y float64) float64 { return f.Function().Func([]float64{x, y}[:f.Dim()]) }

// The usual mathematical reading. Each formula is at x = 3, y = 2.
func TestPrecedence(t *testing.T) {
	for _, c := range []struct {
		source string
		want   float64
	}{
		{"-x^2", -9},
		{"(-x)^2", 9},
		{"--x", 3},
		{"+x", 3},
		{"- -x^2", 9},
		{"2^3^2 + 0*x", 512},
		{"(2^3)^2 + 0*x", 64},
		{"2**3**2 + 0*x", 512},
		{"2^-x", 0.125},
		{"2^-x^2", 1. / 512},
		{"2^-x*3", 0.375},
		{"-2^2*x", -12},
		{"2*-x", -6},
		{"x-y-1", 0},
		{"x-(y-1)", 2},
		{"12/x/y", 2},
		{"12/(x/y)", 8},
		{"12/x*y", 8},
		{"1/2*x", 1.5},
		{"7/2 + 0*x", 3.5},
		{"x/2^2", 0.75},
		{"x+y*2", 7},
		{"(x+y)*2", 10},
		{"-x*y", -6},
		{"-x/y", -1.5},
		{"x--y", 5},
		{"2^63*0*x + 999999999999999999*10", 9.99999999999999999e18}, // no integer arithmetic, so no overflow
		{"9007199254740993 + 0*x", 9007199254740992},                 // float64, as everything
		{"min(x, y, 1, 4)", 1},
		{"max(x, y, 1, 4)", 4},
		{"pow(y, x)", 8},
		{"atan2(y, x)", math.Atan2(2, 3)},
		{"x1 + x2", 5},
		{"ln(e^x)", 3},
		{"2 · x − y × 1 ÷ 2 ⋅ 1", 5},
		{"π*x - pi*x + τ - 2*pi", 0},
		{" \t\nx\n+ y ", 5},
		{".5*x + 1.e0 + 1E-1*y", 2.7},
		{"0^0 + 0*x", 1},
	} {
		if got := must(t, c.source).at(3, 2); !(math.Abs(got-c.want) <= 1e-15*math.Abs(c.want)) {
			t.Errorf("%s = %.17g, not %.17g", c.source, got, c.want)
		}
	}
}

// Every function and whole formulas against Go's math package, at points of both signs. Powers by multiplication may
// differ from math.Pow by a few roundings, hence 4·10⁻¹⁶ for each of at most 8 of them.
func TestValuesAgainstGo(t *testing.T) {
	type function func(x, y float64) float64
	one := func(f func(float64) float64) function { return func(x, _ float64) float64 { return f(x) } }
	for source, want := range map[string]function{
		"sin(x)": one(math.Sin), "cos(x)": one(math.Cos), "tan(x)": one(math.Tan),
		"asin(x)": one(math.Asin), "acos(x)": one(math.Acos), "atan(x)": one(math.Atan),
		"sinh(x)": one(math.Sinh), "cosh(x)": one(math.Cosh), "tanh(x)": one(math.Tanh),
		"asinh(x)": one(math.Asinh), "acosh(x)": one(math.Acosh), "atanh(x)": one(math.Atanh),
		"exp(x)": one(math.Exp), "expm1(x)": one(math.Expm1), "log(x)": one(math.Log), "ln(x)": one(math.Log),
		"log2(x)": one(math.Log2), "log10(x)": one(math.Log10), "log1p(x)": one(math.Log1p),
		"sqrt(x)": one(math.Sqrt), "cbrt(x)": one(math.Cbrt), "erf(x)": one(math.Erf), "erfc(x)": one(math.Erfc),
		"abs(x)": one(math.Abs), "floor(x)": one(math.Floor), "ceil(x)": one(math.Ceil),
		"sign(x)":    func(x, _ float64) float64 { return map[bool]float64{true: 1, false: -1}[x > 0] },
		"pow(x, y)":  math.Pow,
		"x^y":        math.Pow,
		"hypot(x,y)": math.Hypot, "atan2(x,y)": math.Atan2, "min(x,y)": math.Min, "max(x,y)": math.Max,
		"x^7":   func(x, _ float64) float64 { return math.Pow(x, 7) },
		"x^4":   func(x, _ float64) float64 { return math.Pow(x, 4) },
		"x^3":   func(x, _ float64) float64 { return math.Pow(x, 3) },
		"x^-2":  func(x, _ float64) float64 { return math.Pow(x, -2) },
		"x^0.5": func(x, _ float64) float64 { return math.Pow(x, 0.5) },
		"1.5^x": func(x, _ float64) float64 { return math.Pow(1.5, x) },
		"2-x/y": func(x, y float64) float64 { return 2 - x/y },
		"y/x":   func(x, y float64) float64 { return y / x },
		"20 + x^2 + y^2 - 10*(cos(2*pi*x) + cos(2*pi*y))": func(x, y float64) float64 {
			return 20 + x*x + y*y - 10*(math.Cos(2*math.Pi*x)+math.Cos(2*math.Pi*y))
		},
		"-20*exp(-0.2*sqrt((x^2+y^2)/2)) - exp((cos(2*pi*x)+cos(2*pi*y))/2) + 20 + e": func(x, y float64) float64 {
			return -20*math.Exp(-0.2*math.Sqrt((x*x+y*y)/2)) - math.Exp((math.Cos(2*math.Pi*x)+math.Cos(2*math.Pi*y))/2) + 20 + math.E
		},
		"(x^2+y-11)^2 + (x+y^2-7)^2": func(x, y float64) float64 {
			return math.Pow(x*x+y-11, 2) + math.Pow(x+y*y-7, 2)
		},
	} {
		f := must(t, source)
		for _, x := range []float64{-3.7, -1, -0.4, 0.3, 0.999, 1.7, 4.2} {
			for _, y := range []float64{-2.2, 0.6, 3} {
				got, exact := f.at(x, y), want(x, y)
				if got != exact && !(math.Abs(got-exact) <= 3.2e-15*max(1, math.Abs(exact))) && !(math.IsNaN(got) && math.IsNaN(exact)) {
					t.Errorf("%s at (%g, %g) = %.17g, not %.17g", source, x, y, got, exact)
				}
			}
		}
	}
}

// A formula that leaves its domain of definition says so by NaN, in value and gradient, and by no Hessian.
func TestUndefinedValues(t *testing.T) {
	for _, source := range []string{"log(x)", "sqrt(x)", "x^0.5", "asin(x)", "acosh(x)", "max(y, log(x))", "(0*x)/(0*x)", "y^2 + log1p(x)"} {
		f := must(t, source)
		x, g, h := []float64{-2, 1}[:f.Dim()], make([]float64, f.Dim()), make([]float64, 4)
		if v := f.Function().Func(x); !math.IsNaN(v) {
			t.Errorf("%s at −2 is %g", source, v)
		}
		if f.Function().Grad(x, g); !math.IsNaN(g[0]) {
			t.Errorf("the gradient of %s at −2 is %v", source, g)
		}
		if f.Function().Hess(x, h) {
			t.Errorf("%s has a Hessian at −2: %v", source, h)
		}
	}
}
