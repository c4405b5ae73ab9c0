package descent

import (
	"math"

	"smoothscape/landscape"
)

// DefaultLearningRate proposes an η for gradient descent on f: 1/(2L), with L the greatest ‖∇f(x) − ∇f(y)‖/‖x − y‖ over 200 pairs in
// the domain that are a thousandth of its width apart; but no more than makes the mean square of a step, over these places and their
// coordinates, the square of a tenth of the width, as for a function of kinks L says nothing. L is a lower bound of the Lipschitz
// constant of ∇f, hence the factor of two; descent with η < 2/L does not leave a valley by overshooting. The pairs are always the
// same. It returns 0.01 where f has no slope that could be measured.
func DefaultLearningRate(o landscape.Objective) float64 {
	oracle := newOracle(Descent(o, 1, 1))
	rng := newStream(0, streamStart)
	x, y := make([]float64, o.Dim), make([]float64, o.Dim)
	g, h := make([]float64, o.Dim), make([]float64, o.Dim)
	greatest, squares, count := 0.0, 0.0, 0.0
	for range 200 {
		length := 0.0
		for i := range x {
			x[i] = o.Lo + (o.Hi-o.Lo)*rng.Float64()
			y[i] = rng.NormFloat64()
			length += y[i] * y[i]
		}
		step := 1e-3 * (o.Hi - o.Lo)
		for i := range y {
			y[i] = x[i] + step*y[i]/math.Sqrt(length)
		}
		oracle.slope(o.Function, x, g)
		oracle.slope(o.Function, y, h)
		for _, v := range g {
			if q := v * v; q <= math.MaxFloat64/1e6 { // no NaN, no infinity
				squares += q
				count++
			}
		}
		if l := distance(g, h) / step; l > greatest && !math.IsInf(l, 0) {
			greatest = l
		}
	}
	longest := (o.Hi - o.Lo) / 10 / math.Sqrt(squares/count)
	if eta := min(1/(2*greatest), longest); eta > 0 && !math.IsInf(eta, 0) {
		return eta
	}
	return 0.01
}
