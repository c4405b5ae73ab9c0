package landscape

import (
	"fmt"
	"math"
)

// The textbook objectives, whose smoothed form is a line of algebra, as constructors; and the dent, a sum of two of them.

// ObjectiveError says which argument of a constructor is not valid.
type ObjectiveError struct{ Objective, Field, Expected, Found string }

func (e *ObjectiveError) Error() string {
	return fmt.Sprintf("making the objective %s, %s: expected %s, found %s", e.Objective, e.Field, e.Expected, e.Found)
}

// dented is ‖x‖²/2 + lift − depth·exp(−‖x − e₁‖²/2v): the dent, and what Gaussian smoothing makes of it.
type dented struct{ lift, depth, variance float64 }

// Constants of the dent: its depth a and its width l.
const (
	dentDepth = 0.3
	dentWidth = 0.1
)

// dent is ‖x‖²/2 − a·exp(−‖x − e₁‖²/2l²), a = 0.3, l = 0.1: a bowl with one sharp false minimum, the textbook case for
// smoothing.
func dent(d int) Objective {
	center := ml("‖ x −", mlIndex("e", "1"), "‖")
	if d == 1 {
		center = ml("( x − 1 )")
	}
	second := make([]float64, d)
	second[0] = 0.9658737903143112
	return closed(Objective{
		ID: "dent", Name: "Dent", Dim: d, Lo: -1.5, Hi: 1.5, Start: 1.5, DeltaMax: 0.29, Growth: 2,
		MathML: ml(mlHalf(), mlPower("‖ x ‖", "2"), "− 0.3",
			mlExp(ml("−", mlRatio(mlPower(center, "2"), ml("2 ·", mlPower("0.1", "2")))))),
		Function: dented{depth: dentDepth, variance: dentWidth * dentWidth}.function(),
		Minima: []Minimum{
			{X: make([]float64, d), F: -5.78624954389175e-23, Global: true}, // the dent's tail at the origin: −0.3·exp(−50)
			{X: second, F: 0.1834261838866924},
		},
	}, func(n noise) (Function, bool) { return smoothDent(d, n) })
}

func (p dented) function() Function {
	// bell returns depth·exp(−‖x − e₁‖²/2v).
	bell := func(x []float64) float64 {
		u := x[0] - 1
		return p.depth * math.Exp(-(u*u+norm2(x[1:]))/(2*p.variance))
	}
	return Function{
		Func: func(x []float64) float64 { return norm2(x)/2 + p.lift - bell(x) },
		Grad: func(x, dst []float64) {
			e := bell(x) / p.variance
			for i, v := range x {
				dst[i] = v + e*v
			}
			dst[0] -= e
		},
		Hess: func(x, dst []float64) bool {
			e, d := bell(x)/p.variance, len(x)
			for i, v := range x {
				if i == 0 {
					v--
				}
				for j, w := range x {
					if j == 0 {
						w--
					}
					dst[i*d+j] = -e / p.variance * v * w
				}
				dst[i*d+i] += 1 + e
			}
			return true
		},
	}
}
