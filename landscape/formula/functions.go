package formula

import "math"

// unary is a function of one argument with its derivatives.
type unary struct {
	name  string
	value func(v float64) float64
	// slope returns f′(v) and f″(v), where f = value(v). What is not finite, or NaN, marks a kink.
	slope func(v, f float64) (first, second float64)
	// image is the interval of values on [lo, hi]; nil where it is not known.
	image func(lo, hi float64) (a, b float64)
	// order bounds the growth of f(v) where |v| = O(|x|^g) and v ≥ lo; nil where that is not known or the image is bounded.
	order func(lo, g float64) float64
}

var nan = math.NaN()

// unaries are the functions of one argument.
var unaries = []unary{
	{"sin", math.Sin, func(v, f float64) (float64, float64) { return math.Cos(v), -f }, within(-1, 1), nil},
	{"cos", math.Cos, func(v, f float64) (float64, float64) { return -math.Sin(v), -f }, within(-1, 1), nil},
	{"tan", math.Tan, func(v, f float64) (float64, float64) { return 1 + f*f, 2 * f * (1 + f*f) }, nil, nil},
	{"asin", math.Asin, func(v, f float64) (float64, float64) { s := 1 / math.Sqrt(1-v*v); return s, v * s * s * s }, inside(math.Asin, -1, 1), nil},
	{"acos", math.Acos, func(v, f float64) (float64, float64) { s := -1 / math.Sqrt(1-v*v); return s, v * s * s * s }, falling(math.Acos, -1, 1), nil},
	{"atan", math.Atan, func(v, f float64) (float64, float64) { s := 1 / (1 + v*v); return s, -2 * v * s * s }, rising(math.Atan), nil},
	{"sinh", math.Sinh, func(v, f float64) (float64, float64) { return math.Cosh(v), f }, rising(math.Sinh), nil},
	{"cosh", math.Cosh, func(v, f float64) (float64, float64) { return math.Sinh(v), f }, even(math.Cosh), nil},
	{"tanh", math.Tanh, func(v, f float64) (float64, float64) {
		c := math.Cosh(v)
		s := 1 / (c * c)
		return s, -2 * f * s
	}, rising(math.Tanh), nil},
	{"asinh", math.Asinh, func(v, f float64) (float64, float64) { s := 1 / math.Hypot(1, v); return s, -v * s * s * s }, rising(math.Asinh), logOrder(math.Inf(-1))},
	{"acosh", math.Acosh, func(v, f float64) (float64, float64) {
		s := 1 / (math.Sqrt(v-1) * math.Sqrt(v+1))
		return s, -v * s * s * s
	}, inside(math.Acosh, 1, math.Inf(1)), logOrder(math.Inf(-1))},
	{"atanh", math.Atanh, func(v, f float64) (float64, float64) { s := 1 / (1 - v*v); return s, 2 * v * s * s }, inside(math.Atanh, -1, 1), nil},
	{"exp", math.Exp, func(v, f float64) (float64, float64) { return f, f }, rising(math.Exp), nil},
	{"expm1", math.Expm1, func(v, f float64) (float64, float64) { s := math.Exp(v); return s, s }, rising(math.Expm1), nil},
	{"log", math.Log, func(v, f float64) (float64, float64) { return 1 / v, -1 / (v * v) }, inside(math.Log, 0, math.Inf(1)), logOrder(0)},
	{"ln", math.Log, func(v, f float64) (float64, float64) { return 1 / v, -1 / (v * v) }, inside(math.Log, 0, math.Inf(1)), logOrder(0)},
	{"log2", math.Log2, func(v, f float64) (float64, float64) { s := math.Log2E / v; return s, -s / v }, inside(math.Log2, 0, math.Inf(1)), logOrder(0)},
	{"log10", math.Log10, func(v, f float64) (float64, float64) { s := math.Log10E / v; return s, -s / v }, inside(math.Log10, 0, math.Inf(1)), logOrder(0)},
	{"log1p", math.Log1p, func(v, f float64) (float64, float64) { s := 1 / (1 + v); return s, -s * s }, inside(math.Log1p, -1, math.Inf(1)), logOrder(-1)},
	{"sqrt", math.Sqrt, func(v, f float64) (float64, float64) { s := 0.5 / f; return s, -s / (2 * v) }, inside(math.Sqrt, 0, math.Inf(1)), half},
	{"cbrt", math.Cbrt, func(v, f float64) (float64, float64) { s := 1 / (3 * f * f); return s, -2 * s / (3 * v) }, rising(math.Cbrt), third},
	{"erf", math.Erf, func(v, f float64) (float64, float64) {
		s := 2 / math.Sqrt(math.Pi) * math.Exp(-v*v)
		return s, -2 * v * s
	}, rising(math.Erf), nil},
	{"erfc", math.Erfc, func(v, f float64) (float64, float64) {
		s := -2 / math.Sqrt(math.Pi) * math.Exp(-v*v)
		return s, -2 * v * s
	}, falling(math.Erfc, math.Inf(-1), math.Inf(1)), nil},
	{"abs", math.Abs, func(v, f float64) (float64, float64) { return unlessZero(v, math.Copysign(1, v)) }, even(math.Abs), same},
	{"sign", sign, func(v, f float64) (float64, float64) { return unlessZero(v, 0) }, rising(sign), nil},
	{"floor", math.Floor, func(v, f float64) (float64, float64) { return unlessZero(v-f, 0) }, rising(math.Floor), same},
	{"ceil", math.Ceil, func(v, f float64) (float64, float64) { return unlessZero(v-f, 0) }, rising(math.Ceil), same},
}

// Indices into unaries of the two whose value and slope come from one evaluation.
const (
	fnSin = iota
	fnCos
)

// sign is −1, 0 or 1.
func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v // ±0, NaN
}

// unlessZero is the derivatives of a function that is linear on either side of a kink at 0.
func unlessZero(v, slope float64) (first, second float64) {
	if v == 0 {
		return nan, nan
	}
	return slope, 0
}

// binary is a function of two arguments with its derivatives.
type binary struct {
	name  string
	value func(a, b float64) float64
	slope func(a, b, f float64) partials
}

// partials are the derivatives of a function of a and b.
type partials struct{ a, b, aa, ab, bb float64 }

// binaries are the functions of two arguments, and power, the operator.
var binaries = []binary{
	{"pow", math.Pow, powerSlope},
	{"atan2", math.Atan2, atan2Slope},
	{"hypot", math.Hypot, hypotSlope},
	{"min", math.Min, nil}, // these two choose an argument: see machine.choose
	{"max", math.Max, nil},
}

// Indices into binaries.
const (
	fnPow = iota
	fnAtan2
	fnHypot
	fnMin
	fnMax
)

// powerSlope is that of a^b = exp(b·ln a), which for b not constant has derivatives in b only where a > 0.
func powerSlope(a, b, f float64) partials {
	l := math.Log(a) // NaN for a < 0, −Inf for a = 0: a kink
	p := partials{
		a: b * math.Pow(a, b-1), aa: b * (b - 1) * math.Pow(a, b-2),
		b: f * l, bb: f * l * l, ab: math.Pow(a, b-1) * (1 + b*l),
	}
	return p
}

// powerOf is the derivatives of v^p for a constant p.
func powerOf(v, p float64) (first, second float64) {
	switch p {
	case 0:
		return 0, 0
	case 1:
		return 1, 0
	case 2:
		return 2 * v, 2
	}
	return p * raise(v, p-1), p * (p - 1) * raise(v, p-2)
}

// raise is v^p; small integers by multiplication (at most 2p roundings), which is faster than math.Pow.
func raise(v, p float64) float64 {
	switch p {
	case 0:
		return 1
	case 1:
		return v
	case 2:
		return v * v
	case 3:
		return v * v * v
	case 4:
		v *= v
		return v * v
	}
	return math.Pow(v, p)
}

func hypotSlope(a, b, f float64) partials {
	u, w := a/f, b/f // NaN at the origin
	return partials{a: u, b: w, aa: w * w / f, ab: -u * w / f, bb: u * u / f}
}

// atan2Slope is the derivatives of the angle of the point (b, a); on the cut a = 0, b < 0 it jumps.
func atan2Slope(a, b, _ float64) partials {
	if a == 0 && b < 0 {
		return partials{a: 1 / b, aa: nan}
	}
	r := math.Hypot(a, b)
	u, w := a/r, b/r
	r2 := r * r
	return partials{a: w / r, b: -u / r, aa: -2 * u * w / r2, ab: (u*u - w*w) / r2, bb: 2 * u * w / r2}
}

func divideSlope(a, b, f float64) partials {
	return partials{a: 1 / b, b: -f / b, ab: -1 / (b * b), bb: 2 * f / (b * b)}
}

// functionNames lists every function, in the order in which errors name them.
func functionNames() []string {
	var names []string
	for _, u := range unaries {
		names = append(names, u.name)
	}
	for _, b := range binaries {
		names = append(names, b.name)
	}
	return names
}

// The pieces of the table: intervals and orders of growth. [lo, hi] is never empty and never NaN.

func within(a, b float64) func(lo, hi float64) (float64, float64) {
	return func(lo, hi float64) (float64, float64) { return a, b }
}

func rising(f func(float64) float64) func(lo, hi float64) (float64, float64) {
	return func(lo, hi float64) (float64, float64) { return f(lo), f(hi) }
}

// inside is rising, for a function that is not defined outside [from, to]; it answers NaN there.
func inside(f func(float64) float64, from, to float64) func(lo, hi float64) (float64, float64) {
	return func(lo, hi float64) (float64, float64) {
		if lo < from || hi > to {
			return nan, nan
		}
		return f(lo), f(hi)
	}
}

func falling(f func(float64) float64, from, to float64) func(lo, hi float64) (float64, float64) {
	return func(lo, hi float64) (float64, float64) {
		if lo < from || hi > to {
			return nan, nan
		}
		return f(hi), f(lo)
	}
}

// even is that of an even function which rises with |v|.
func even(f func(float64) float64) func(lo, hi float64) (float64, float64) {
	return func(lo, hi float64) (float64, float64) {
		if lo <= 0 && 0 <= hi {
			return f(0), math.Max(f(lo), f(hi))
		}
		return math.Min(f(lo), f(hi)), math.Max(f(lo), f(hi))
	}
}

func same(_, g float64) float64  { return g }
func half(_, g float64) float64  { return g / 2 }
func third(_, g float64) float64 { return g / 3 }

// logOrder is the order of a function that falls to −∞ at that end and rises like a logarithm, which grows less than
// every power.
func logOrder(end float64) func(lo, g float64) float64 {
	return func(lo, g float64) float64 {
		if (lo > end || math.IsInf(end, -1)) && !math.IsInf(g, 1) {
			return 0
		}
		return math.Inf(1) // the logarithm of exp(x) grows as x, that of exp(−x) too
	}
}
