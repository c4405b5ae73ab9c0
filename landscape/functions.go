package landscape

import "math"

// The catalogue. Domains and δ ranges are chosen so that grids of 129, 201 and 257 nodes resolve the function, the
// ripple melts within the range where it ever does, and the transform of 257 nodes has length 512 (640 for Schwefel,
// 1024 for the two quartics, whose four minima become one only from 1.39 and 1.6 standard deviations per axis on).

// rastrigin is Σ(xᵢ² − 10cos2πxᵢ) + 20 (Rastrigin 1974): a parabola under waves of length 1.
func rastrigin() Objective {
	return Objective{
		ID: "rastrigin", Name: "Rastrigin", Dim: 2, Lo: -5, Hi: 5, DeltaMax: 0.9, Growth: 2,
		MathML: ml("20 +", mlSum(ml("(", mlPower(mlX("i"), "2"), "− 10 cos ( 2 π", mlX("i"), ") )"))),
		Function: Function{Func: func(x []float64) float64 {
			return 20 + x[0]*x[0] + x[1]*x[1] - 10*(math.Cos(2*math.Pi*x[0])+math.Cos(2*math.Pi*x[1]))
		}},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// ackley is −20exp(−0.2√(Σxᵢ²/2)) − exp(Σcos(2πxᵢ)/2) + 20 + e (Ackley 1987): a funnel with a cusp, bounded.
func ackley() Objective {
	return Objective{
		ID: "ackley", Name: "Ackley", Dim: 2, Lo: -5, Hi: 5, DeltaMax: 0.9, Growth: 0,
		MathML: ml("20 + e − 20", mlExp(ml("− 0.2", mlRoot(ml(mlHalf(), mlSum(mlPower(mlX("i"), "2")))))), "−",
			mlExp(ml(mlHalf(), mlSum(ml("cos ( 2 π", mlX("i"), ")"))))),
		Function: Function{Func: func(x []float64) float64 {
			r := math.Sqrt((x[0]*x[0] + x[1]*x[1]) / 2)
			c := (math.Cos(2*math.Pi*x[0]) + math.Cos(2*math.Pi*x[1])) / 2
			return -20*math.Expm1(-0.2*r) + (math.E - math.Exp(c))
		}},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// dropWave is 1 − (1 + cos12‖x‖)/(‖x‖²/2 + 2): rings around one minimum, bounded. With cos(12‖x‖), not 12π, and
// raised by 1 to a minimum of 0. Its circular valleys are no strict minima and are not counted as such; from a standard
// deviation of about 0.18 per axis on the center of f̂ is a maximum, and then there is no strict minimum at all.
func dropWave() Objective {
	return Objective{
		ID: "drop-wave", Name: "Drop-Wave", Dim: 2, Lo: -2, Hi: 2, DeltaMax: 0.39, Growth: 0,
		MathML: ml("1 −", mlRatio(ml("1 + cos ( 12 ‖ x ‖ )"), ml(mlHalf(), mlPower("‖ x ‖", "2"), "+ 2"))),
		Function: Function{Func: func(x []float64) float64 {
			s := x[0]*x[0] + x[1]*x[1]
			return 1 - (1+math.Cos(12*math.Sqrt(s)))/(s/2+2)
		}},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// himmelblau is (x₁² + x₂ − 11)² + (x₁ + x₂² − 7)² (Himmelblau 1972): four minima of the same depth.
func himmelblau() Objective {
	return Objective{
		ID: "himmelblau", Name: "Himmelblau", Dim: 2, Lo: -5, Hi: 5, DeltaMax: 2, Growth: 4,
		MathML: ml(mlPower(ml("(", mlPower(mlX("1"), "2"), "+", mlX("2"), "− 11 )"), "2"), "+",
			mlPower(ml("(", mlX("1"), "+", mlPower(mlX("2"), "2"), "− 7 )"), "2")),
		Function: Function{Func: func(x []float64) float64 {
			a := x[0]*x[0] + x[1] - 11
			b := x[0] + x[1]*x[1] - 7
			return a*a + b*b
		}},
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
	const fa, fb = -39.166165703771415, -25.029446655283941
	return Objective{
		ID: "styblinski-tang", Name: "Styblinski–Tang", Dim: 2, Lo: -5, Hi: 5, DeltaMax: 2, Growth: 4,
		MathML: ml(mlHalf(), mlSum(ml("(", mlPower(mlX("i"), "4"), "− 16", mlPower(mlX("i"), "2"), "+ 5", mlX("i"), ")"))),
		Function: Function{Func: func(x []float64) float64 {
			s := 0.0
			for _, v := range x[:2] {
				s += v * (5 + v*(v*v-16))
			}
			return s / 2
		}},
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
	return Objective{
		ID: "griewank", Name: "Griewank", Dim: 2, Lo: -30, Hi: 30, DeltaMax: 5.9, Growth: 2,
		MathML: ml("1 +", mlRatio(ml(mlPower(mlX("1"), "2"), "+", mlPower(mlX("2"), "2")), ml("4000")), "− cos (", mlX("1"),
			") cos (", mlRatio(mlX("2"), mlRoot(ml("2"))), ")"),
		Function: Function{Func: func(x []float64) float64 {
			return 1 + (x[0]*x[0]+x[1]*x[1])/4000 - math.Cos(x[0])*math.Cos(x[1]/math.Sqrt2)
		}},
		Minima: []Minimum{{X: []float64{0, 0}, F: 0, Global: true}},
	}
}

// schwefel is 2·418.98… − Σxᵢsin√|xᵢ| (Schwefel 1981): the lowest valley is far from the next lowest. It grows as |x|
// and has no confining trend.
func schwefel() Objective {
	const place, height = 420.96874635998194, 418.98288727243374 // the maximum of x·sin√x on [0, 500]
	return Objective{
		ID: "schwefel", Name: "Schwefel", Dim: 2, Lo: -500, Hi: 500, DeltaMax: 148, Growth: 1,
		MathML: ml("837.9658 −", mlSum(ml(mlX("i"), "sin", mlRoot(ml("|", mlX("i"), "|"))))),
		Function: Function{Func: func(x []float64) float64 {
			return 2*height - x[0]*math.Sin(math.Sqrt(math.Abs(x[0]))) - x[1]*math.Sin(math.Sqrt(math.Abs(x[1])))
		}},
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
		ID: "dent", Name: "Dent", Dim: 2, Lo: -1.5, Hi: 1.5, DeltaMax: 0.29, Growth: 2,
		MathML: ml(mlHalf(), mlPower("‖ x ‖", "2"), "− 0.3",
			mlExp(ml("−", mlRatio(mlPower(ml("‖ x −", mlIndex("e", "1"), "‖"), "2"), ml("2 ·", mlPower("0.1", "2")))))),
		Function: Function{Func: func(x []float64) float64 {
			u := x[0] - 1
			return (x[0]*x[0]+x[1]*x[1])/2 - dentDepth*math.Exp(-(u*u+x[1]*x[1])/(2*dentWidth*dentWidth))
		}},
		Minima: []Minimum{
			{X: []float64{0, 0}, F: -5.78624954389175e-23, Global: true}, // the dent's tail at the origin: −0.3·exp(−50)
			{X: []float64{0.9658737903143112, 0}, F: 0.1834261838866924},
		},
	}
}
