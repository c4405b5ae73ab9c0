package landscape

import "math"

// The objectives that depend on ‖x‖ alone.

// dropWave is 1 − (1 + cos12‖x‖)/(‖x‖²/2 + 2): rings around one minimum, bounded. With cos(12‖x‖), not 12π, and
// raised by 1 to a minimum of 0. Its circular valleys are no strict minima and are not counted as such; from a standard
// deviation of about 0.18 per axis on the center of f̂ is a maximum, and then there is no strict minimum at all.
func dropWave(d int) Objective {
	o := dropWaveOf(d, rings{wave: 12, lift: 1})
	o.ID, o.Name, o.Lo, o.Hi, o.Start, o.DeltaMax = "drop-wave", "Drop-Wave", -2, 2, 5.12, 0.39
	o.MathML = ml("1 −", mlRatio(ml("1 + cos ( 12 ‖ x ‖ )"), ml(mlHalf(), mlPower("‖ x ‖", "2"), "+ 2")))
	o.Note = "cos 12‖x‖ and a minimum of 0, as in the authors' benchmark code; the literature has no 1 in front, hence a minimum of −1. Shown on ±2; they start from ±5.12."
	return o
}

// dropWave12Pi is −(1 + cos12π‖x‖)/(‖x‖²/2 + 2), the Drop-Wave of the authors' smoothing demonstration.
func dropWave12Pi(d int) Objective {
	o := dropWaveOf(d, rings{wave: 12 * math.Pi})
	o.ID, o.Name, o.Lo, o.Hi, o.Start, o.DeltaMax = "drop-wave-12pi", "Drop-Wave, 12π", -5, 5, 5, 0.95
	o.MathML = ml("−", mlRatio(ml("1 + cos ( 12 π ‖ x ‖ )"), ml(mlHalf(), mlPower("‖ x ‖", "2"), "+ 2")))
	o.Note = "cos 12π‖x‖ and a minimum of −1, as in the authors' smoothing demonstration (d = 1); their benchmark code and the literature take cos 12‖x‖."
	return o
}

func dropWaveOf(d int, r rings) Objective {
	return closedOnLine(Objective{
		Dim: d, Growth: 0, Function: r.function(),
		Minima: []Minimum{{X: make([]float64, d), F: r.lift - 1, Global: true}},
	}, func(n noise) (Function, bool) { return smoothRings(d, r, n) }, breaks{kinksAt(), 1 / r.wave})
}

// rings is lift − (1 + cos(wave·r))/(r²/2 + 2), r = ‖x‖.
type rings struct{ wave, lift float64 }

// derivatives returns a = φ′/r and b = (φ″ − φ′/r)/r² of f = φ(r), finite at r = 0: ∇f = a·x, ∇²f = a·I + b·xxᵀ.
func (p rings) derivatives(r2 float64) (a, b float64) {
	r := math.Sqrt(r2)
	z := p.wave * r
	n, q, k2 := 1+math.Cos(z), r2/2+2, p.wave*p.wave
	sinc, step := sincStep(z)
	a = k2*sinc/q + n/(q*q)
	b = k2*k2*step/q - 2*k2*sinc/(q*q) - 2*n/(q*q*q)
	return a, b
}

// sincStep returns sin z/z and (cos z − sin z/z)/z², by its series where the difference would lose digits (the first term
// left out is 12z¹⁰/13! < 2·10⁻¹⁵).
func sincStep(z float64) (sinc, step float64) {
	w := z * z
	if w < 1./16 {
		step = -1./3 + w*(1./30-w*(1./840-w*(1./45360-w/3991680)))
		return math.Cos(z) - w*step, step
	}
	sin, cos := math.Sincos(z)
	sinc = sin / z
	return sinc, (cos - sinc) / w
}

func (p rings) function() Function {
	return Function{
		Func: func(x []float64) float64 {
			s := norm2(x)
			return p.lift - (1+math.Cos(p.wave*math.Sqrt(s)))/(s/2+2)
		},
		Grad: func(x, dst []float64) {
			a, _ := p.derivatives(norm2(x))
			for i, v := range x {
				dst[i] = a * v
			}
		},
		Hess: func(x, dst []float64) bool {
			a, b := p.derivatives(norm2(x))
			return isotropicHess(x, dst, a, b)
		},
	}
}

// salomon is 1 − cos2π‖x‖ + 0.1‖x‖ (Salomon 1996): rings on a cone.
func salomon(d int) Objective {
	return closedOnLine(Objective{
		ID: "salomon", Name: "Salomon", Dim: d, Lo: -20, Hi: 20, Start: 20, DeltaMax: 3.8, Growth: 1,
		MathML: ml("1 − cos ( 2 π ‖ x ‖ ) + 0.1 ‖ x ‖"),
		Note:   "On the authors' ±20; the literature takes ±100.",
		Function: Function{
			Func: func(x []float64) float64 {
				r := math.Sqrt(norm2(x))
				return 1 - cosTurns(r) + 0.1*r
			},
			Grad: func(x, dst []float64) {
				r := math.Sqrt(norm2(x))
				a := (2*math.Pi*sinTurns(r) + 0.1) / r
				if r == 0 {
					a = 0
				}
				for i, v := range x {
					dst[i] = a * v
				}
			},
			Hess: func(x, dst []float64) bool {
				r := math.Sqrt(norm2(x))
				a := (2*math.Pi*sinTurns(r) + 0.1) / r
				return isotropicHess(x, dst, a, (4*math.Pi*math.Pi*cosTurns(r)-a)/(r*r))
			},
		},
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}, nil, breaks{kinksAt(0), 0.15})
}
