package landscape

import (
	"math"
	"strconv"
)

// The objectives made of waves. Domains and δ ranges are chosen so that grids of 129, 201 and 257 nodes resolve the
// functions of Explored, the ripple melts within the range where it ever does, and the transform of 257 nodes has length
// 512 (640 for Schwefel, 1024 for the two quartics, whose four minima become one only from 1.39 and 1.6 standard deviations
// per axis on). Beyond two variables domain and δ range stay the same.

// rastrigin is Σ(xᵢ² − 10cos2πxᵢ) + 10d (Rastrigin 1974): a parabola under waves of length 1.
func rastrigin(d int) Objective {
	return closed(Objective{
		ID: "rastrigin", Name: "Rastrigin", Dim: d, Lo: -5, Hi: 5, Start: 5.12, DeltaMax: 0.9, Growth: 2,
		MathML: ml(strconv.Itoa(10*d)+" +", mlSum(d, func(i string) string {
			return ml("(", mlPower(mlX(d, i), "2"), "− 10 cos ( 2 π", mlX(d, i), ") )")
		})),
		Note:     "Shown on ±5; the authors' code starts from ±5.12. For d = 1 it is also the Rastrigin function of their smoothing demonstration.",
		Function: rippledBowl{lift: 10, amplitude: 10}.function(),
		Minima:   []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}, smoothRastrigin)
}

// rippledBowl is Σ((xᵢ − mean)² + lift − amplitude·cos2π(xᵢ − shift)): Rastrigin, and what smoothing makes of it.
type rippledBowl struct{ mean, lift, amplitude, shift float64 }

func (b rippledBowl) function() Function {
	return Function{
		Func: func(x []float64) float64 {
			// lift − amplitude·cos is lift − amplitude + 2·amplitude·sin² of the half; for Rastrigin itself the first is 0.
			mean, shift, rest, wave := b.mean, b.shift, b.lift-b.amplitude, 2*b.amplitude
			s := 0.0
			for _, v := range x {
				u, h := v-mean, halfSin(v-shift)
				s += u*u + (rest + wave*h*h)
			}
			return s
		},
		Grad: func(x, dst []float64) {
			mean, shift, slope := b.mean, b.shift, 2*math.Pi*b.amplitude
			for i, v := range x {
				dst[i] = 2*(v-mean) + slope*sinTurns(v-shift)
			}
		},
		Hess: func(x, dst []float64) bool {
			clear(dst)
			for i, v := range x {
				dst[i*(len(x)+1)] = 2 + 4*math.Pi*math.Pi*b.amplitude*cosTurns(v-b.shift)
			}
			return true
		},
	}
}

// ackley is −20exp(−0.2√(Σxᵢ²/d)) − exp(Σcos(2πxᵢ)/d) + 20 + e (Ackley 1987): a funnel with a cusp, bounded.
func ackley(d int) Objective {
	n := float64(d)
	// parts returns √(Σxᵢ²/d) and the second exponential.
	parts := func(x []float64) (r, e float64) {
		c := 0.0
		for _, v := range x {
			c += cosTurns(v)
		}
		return math.Sqrt(norm2(x) / n), math.Exp(c / n)
	}
	return closedOnLine(Objective{
		ID: "ackley", Name: "Ackley", Dim: d, Lo: -5, Hi: 5, Start: 32.768, DeltaMax: 0.9, Growth: 0,
		MathML: ml("20 + e − 20", mlExp(ml("− 0.2", mlRoot(mlMean(d, func(i string) string { return mlPower(mlX(d, i), "2") })))), "−",
			mlExp(mlMean(d, func(i string) string { return ml("cos ( 2 π", mlX(d, i), ")") }))),
		Note: "Shown on ±5; the literature and the authors' code take ±32.768.",
		Function: Function{
			Func: func(x []float64) float64 {
				r, e := parts(x)
				return -20*math.Expm1(-0.2*r) + (math.E - e)
			},
			Grad: func(x, dst []float64) {
				r, e := parts(x)
				funnel := 4 * math.Exp(-0.2*r) / (n * r)
				if r == 0 {
					funnel = 0
				}
				for i, v := range x {
					dst[i] = funnel*v + e*2*math.Pi/n*sinTurns(v)
				}
			},
			Hess: func(x, dst []float64) bool {
				r, e := parts(x)
				funnel := 4 * math.Exp(-0.2*r) / (n * r)
				if !isotropicHess(x, dst, funnel, -funnel*(0.2+1/r)/(n*r)) {
					return false
				}
				slope := make([]float64, d)
				for i, v := range x {
					slope[i] = 2 * math.Pi / n * sinTurns(v)
					dst[i*(d+1)] += e * 4 * math.Pi * math.Pi / n * cosTurns(v)
				}
				for i := range d {
					for j := range d {
						dst[i*d+j] -= e * slope[i] * slope[j]
					}
				}
				return true
			},
		},
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}, nil, breaks{kinksAt(0), 0.1})
}

// griewank is Σxᵢ²/4000 − Πcos(xᵢ/√i) + 1 (Griewank 1981) on ±30, where its waves are to be seen; on the usual ±600
// no grid of a few hundred nodes resolves them.
func griewank(d int) Objective {
	squares := ml(mlPower(mlX(d, "1"), "2"), "+", mlPower(mlX(d, "2"), "2"))
	waves := ml("cos (", mlX(d, "1"), ") cos (", mlRatio(mlX(d, "2"), mlRoot(ml("2"))), ")")
	if d != 2 {
		squares = mlSum(d, func(i string) string { return mlPower(mlX(d, i), "2") })
		waves = mlProduct(d, func(i string) string { return ml("cos (", mlRatio(mlX(d, i), mlRoot(ml(i))), ")") })
	}
	if d == 1 {
		waves = ml("cos", mlX(d, "1"))
	}
	return closed(Objective{
		ID: "griewank", Name: "Griewank", Dim: d, Lo: -30, Hi: 30, Start: 100, DeltaMax: 5.9, Growth: 2,
		MathML:   ml("1 +", mlRatio(squares, ml("4000")), "−", waves),
		Note:     "Shown on ±30, where the waves are to be seen; the authors' code starts from ±100, the literature from ±600.",
		Function: griewankBowl(d).function(),
		Minima:   []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}, func(n noise) (Function, bool) { return smoothGriewank(d, n) })
}

// wavyBowl is Σ(xᵢ − mean)²/4000 + lift − amplitude·Πcos(waveᵢ·xᵢ + phaseᵢ): Griewank, and what smoothing makes of it.
type wavyBowl struct {
	mean, lift, amplitude float64
	wave, phase           []float64
}

// griewankBowl is Griewank itself.
func griewankBowl(d int) wavyBowl {
	b := wavyBowl{lift: 1, amplitude: 1, wave: make([]float64, d), phase: make([]float64, d)}
	for i := range b.wave {
		b.wave[i] = 1 / math.Sqrt(float64(i+1))
	}
	return b
}

func (b wavyBowl) function() Function {
	return Function{
		Func: func(x []float64) float64 {
			s, p := 0.0, b.amplitude
			for i, v := range x {
				u := v - b.mean
				s += u * u
				p *= math.Cos(b.wave[i]*v + b.phase[i])
			}
			return b.lift + s/4000 - p
		},
		Grad: func(x, dst []float64) {
			b.others(x, dst, -1)
			for i, v := range x {
				dst[i] = (v-b.mean)/2000 + b.wave[i]*math.Sin(b.wave[i]*v+b.phase[i])*dst[i]
			}
		},
		Hess: func(x, dst []float64) bool {
			d := len(x)
			for i, v := range x {
				row := dst[i*d : (i+1)*d]
				b.others(x, row, i)
				slope := b.wave[i] * math.Sin(b.wave[i]*v+b.phase[i])
				for j, w := range x {
					if j == i {
						row[i] = 1./2000 + b.wave[i]*b.wave[i]*math.Cos(b.wave[i]*v+b.phase[i])*row[i]
					} else {
						row[j] *= -slope * b.wave[j] * math.Sin(b.wave[j]*w+b.phase[j])
					}
				}
			}
			return true
		},
	}
}

// others writes into dst[j] the amplitude times the product of the cosines of all axes but j and without; dst[without] gets
// the product of all but without itself.
func (b wavyBowl) others(x, dst []float64, without int) {
	p := b.amplitude
	for j, v := range x {
		dst[j] = p
		if j != without {
			p *= math.Cos(b.wave[j]*v + b.phase[j])
		}
	}
	p = 1
	for j := len(x) - 1; j >= 0; j-- {
		dst[j] *= p
		if j != without {
			p *= math.Cos(b.wave[j]*x[j] + b.phase[j])
		}
	}
}
