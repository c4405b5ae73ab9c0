package landscape

import (
	"math"
	"strings"
)

// The catalogue. Domains and δ ranges are chosen so that grids of 129, 201 and 257 nodes resolve the function, the
// ripple melts within the range where it ever does, and the padded transform of 257 nodes stays at 512 (640 for
// Schwefel, 768 and 1024 for the two quartics).

// rastrigin is Σ(xᵢ² − 10cos2πxᵢ) + 20 (Rastrigin 1974): a parabola under waves of length 1.
func rastrigin() Objective {
	return Objective{
		ID: "rastrigin", Name: "Rastrigin", Domain: Square(-5, 5), DeltaMax: 0.9, Growth: 2,
		MathML: row(mn("20"), mo("+"), sumOverAxes(
			row(mo("("), power(xi, mn("2")), mo("−"), mn("10"), mi("cos"), mo("⁡"), mo("("), mn("2"), mi("π"), xi, mo(")"), mo(")")))),
		Func: func(x []float64) float64 {
			return 20 + x[0]*x[0] + x[1]*x[1] - 10*(math.Cos(2*math.Pi*x[0])+math.Cos(2*math.Pi*x[1]))
		},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// ackley is −20exp(−0.2√(Σxᵢ²/2)) − exp(Σcos(2πxᵢ)/2) + 20 + e (Ackley 1987): a funnel with a cusp, bounded.
func ackley() Objective {
	return Objective{
		ID: "ackley", Name: "Ackley", Domain: Square(-5, 5), DeltaMax: 0.9, Growth: 0,
		MathML: row(mn("20"), mo("+"), mi("e"), mo("−"), mn("20"),
			exp(row(mo("−"), mn("0.2"), root(row(half, sumOverAxes(power(xi, mn("2"))))))), mo("−"),
			exp(row(half, sumOverAxes(row(mi("cos"), mo("⁡"), mo("("), mn("2"), mi("π"), xi, mo(")")))))),
		Func: func(x []float64) float64 {
			r := math.Sqrt((x[0]*x[0] + x[1]*x[1]) / 2)
			c := (math.Cos(2*math.Pi*x[0]) + math.Cos(2*math.Pi*x[1])) / 2
			return -20*math.Expm1(-0.2*r) + (math.E - math.Exp(c))
		},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// dropWave is 1 − (1 + cos12‖x‖)/(‖x‖²/2 + 2): rings around one minimum, bounded. With cos(12‖x‖), not 12π, and
// raised by 1 to a minimum of 0. Its circular valleys are no strict minima and are not counted as such.
func dropWave() Objective {
	norm := row(mo("‖"), mi("x"), mo("‖"))
	return Objective{
		ID: "drop-wave", Name: "Drop-Wave", Domain: Square(-2, 2), DeltaMax: 0.39, Growth: 0,
		MathML: row(mn("1"), mo("−"), fraction(
			row(mn("1"), mo("+"), mi("cos"), mo("⁡"), mo("("), mn("12"), norm, mo(")")),
			row(half, power(norm, mn("2")), mo("+"), mn("2")))),
		Func: func(x []float64) float64 {
			s := x[0]*x[0] + x[1]*x[1]
			return 1 - (1+math.Cos(12*math.Sqrt(s)))/(s/2+2)
		},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// himmelblau is (x₁² + x₂ − 11)² + (x₁ + x₂² − 7)² (Himmelblau 1972): four minima of the same depth.
func himmelblau() Objective {
	return Objective{
		ID: "himmelblau", Name: "Himmelblau", Domain: Square(-5, 5), DeltaMax: 2, Growth: 4,
		MathML: row(
			power(row(mo("("), power(x1, mn("2")), mo("+"), x2, mo("−"), mn("11"), mo(")")), mn("2")), mo("+"),
			power(row(mo("("), x1, mo("+"), power(x2, mn("2")), mo("−"), mn("7"), mo(")")), mn("2"))),
		Func: func(x []float64) float64 {
			a := x[0]*x[0] + x[1] - 11
			b := x[0] + x[1]*x[1] - 7
			return a*a + b*b
		},
		Minima: []Minimum{
			{X: []float64{3, 2}, F: 0, Global: true},
			{X: []float64{-2.805118086952745, 3.131312518250573}, F: 0, Global: true},
			{X: []float64{-3.779310253377747, -3.283185991286170}, F: 0, Global: true},
			{X: []float64{3.584428340330492, -1.848126526964404}, F: 0, Global: true},
		},
	}
}

// styblinskiTang is ½Σ(xᵢ⁴ − 16xᵢ² + 5xᵢ) (Styblinski and Tang 1990): four minima of three depths.
func styblinskiTang() Objective {
	// The outer roots of 4x³ − 32x + 5, and the halves of the function there.
	const a, b = -2.9035340277711770, 2.7468027709908369
	const fa, fb = -39.166165703771419, -25.029470884041434
	return Objective{
		ID: "styblinski-tang", Name: "Styblinski–Tang", Domain: Square(-5, 5), DeltaMax: 2, Growth: 4,
		MathML: row(half, sumOverAxes(row(mo("("), power(xi, mn("4")), mo("−"), mn("16"), power(xi, mn("2")), mo("+"), mn("5"), xi, mo(")")))),
		Func: func(x []float64) float64 {
			s := 0.0
			for _, v := range x[:2] {
				s += v * (5 + v*(v*v-16))
			}
			return s / 2
		},
		Minima: []Minimum{
			{X: []float64{a, a}, F: 2 * fa, Global: true},
			{X: []float64{a, b}, F: fa + fb},
			{X: []float64{b, a}, F: fa + fb},
			{X: []float64{b, b}, F: 2 * fb},
		},
	}
}

// griewank is Σxᵢ²/4000 − Πcos(xᵢ/√i) + 1 (Griewank 1981) on ±30, where its waves are to be seen; on the usual ±600
// no grid of a few hundred nodes resolves them.
func griewank() Objective {
	cosine := func(argument string) string { return row(mi("cos"), mo("⁡"), mo("("), argument, mo(")")) }
	return Objective{
		ID: "griewank", Name: "Griewank", Domain: Square(-30, 30), DeltaMax: 5.9, Growth: 2,
		MathML: row(mn("1"), mo("+"), fraction(row(power(x1, mn("2")), mo("+"), power(x2, mn("2"))), mn("4000")), mo("−"),
			cosine(x1), cosine(fraction(x2, root(mn("2"))))),
		Func: func(x []float64) float64 {
			return 1 + (x[0]*x[0]+x[1]*x[1])/4000 - math.Cos(x[0])*math.Cos(x[1]/math.Sqrt2)
		},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// schwefel is 2·418.98… − Σxᵢsin√|xᵢ| (Schwefel 1981): the lowest valley is far from the next lowest. It grows as |x|
// and has no confining trend.
func schwefel() Objective {
	const place, height = 420.96874635998194, 418.98288727243374 // the maximum of x·sin√x on [0, 500]
	return Objective{
		ID: "schwefel", Name: "Schwefel", Domain: Square(-500, 500), DeltaMax: 148, Growth: 1,
		MathML: row(mn("837.9658"), mo("−"), sumOverAxes(row(xi, mi("sin"), mo("⁡"), root(row(mo("|"), xi, mo("|")))))),
		Func: func(x []float64) float64 {
			return 2*height - x[0]*math.Sin(math.Sqrt(math.Abs(x[0]))) - x[1]*math.Sin(math.Sqrt(math.Abs(x[1])))
		},
		Minima: []Minimum{{X: []float64{place, place}, F: 0, Global: true}},
	}
}

// Constants of the dent: its depth a and its width l.
const (
	dentDepth = 0.3
	dentWidth = 0.1
)

// dent is ½‖x‖² − a·exp(−‖x − e₁‖²/2l²), a = 0.3, l = 0.1: a bowl with one sharp false minimum, the textbook case for
// smoothing (its line x₂ = 0 is the example of paper section 3.4).
func dent() Objective {
	return Objective{
		ID: "dent", Name: "Dent", Domain: Square(-1.5, 1.5), DeltaMax: 0.29, Growth: 2,
		MathML: row(half, power(row(mo("‖"), mi("x"), mo("‖")), mn("2")), mo("−"), mn("0.3"),
			exp(row(mo("−"), fraction(power(row(mo("‖"), mi("x"), mo("−"), index(mi("e"), mn("1")), mo("‖")), mn("2")),
				row(mn("2"), mo("·"), power(mn("0.1"), mn("2"))))))),
		Func: func(x []float64) float64 {
			u := x[0] - 1
			return (x[0]*x[0]+x[1]*x[1])/2 - dentDepth*math.Exp(-(u*u+x[1]*x[1])/(2*dentWidth*dentWidth))
		},
		Minima: []Minimum{
			{X: []float64{0, 0}, F: -5.786e-23, Global: true}, // the dent's tail at the origin: −0.3·exp(−50)
			{X: []float64{0.9659, 0}, F: 0.18343},
		},
	}
}

// MathML elements and the pieces that the formulas share.
var (
	x1   = index(mi("x"), mn("1"))
	x2   = index(mi("x"), mn("2"))
	xi   = index(mi("x"), mi("i"))
	half = fraction(mn("1"), mn("2"))
)

func mi(s string) string          { return "<mi>" + s + "</mi>" }
func mn(s string) string          { return "<mn>" + s + "</mn>" }
func mo(s string) string          { return "<mo>" + s + "</mo>" }
func row(s ...string) string      { return "<mrow>" + strings.Join(s, "") + "</mrow>" }
func power(base, p string) string { return "<msup>" + base + p + "</msup>" }
func index(base, i string) string { return "<msub>" + base + i + "</msub>" }
func fraction(n, d string) string { return "<mfrac>" + n + d + "</mfrac>" }
func root(s string) string        { return "<msqrt>" + s + "</msqrt>" }
func exp(s string) string         { return power(mi("e"), s) }
func sumOverAxes(term string) string {
	return row("<munderover>", mo("∑"), row(mi("i"), mo("="), mn("1")), mn("2"), "</munderover>", term)
}
