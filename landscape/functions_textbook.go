package landscape

import (
	"fmt"
	"math"
	"slices"
)

// The textbook objectives, whose smoothed form is a line of algebra, as constructors; and the dent, a sum of two of them.

// ObjectiveError says which argument of a constructor is not valid.
type ObjectiveError struct{ Objective, Field, Expected, Found string }

func (e *ObjectiveError) Error() string {
	return fmt.Sprintf("making the objective %s, %s: expected %s, found %s", e.Objective, e.Field, e.Expected, e.Found)
}

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
	return closedOnLine(Objective{
		ID: "dent", Name: "Dent", Dim: d, Lo: -1.5, Hi: 1.5, Start: 1.5, DeltaMax: 0.29, Growth: 2,
		MathML: ml(mlHalf(), mlPower("‖ x ‖", "2"), "− 0.3",
			mlExp(ml("−", mlRatio(mlPower(center, "2"), ml("2 ·", mlPower("0.1", "2")))))),
		Function: theDent(d).function(),
		Minima: []Minimum{
			{X: make([]float64, d), F: -5.78624954389175e-23, Global: true}, // the dent's tail at the origin: −0.3·exp(−50)
			{X: second, F: 0.1834261838866924},
		},
	}, func(n noise) (Function, bool) { return smoothDent(d, n) }, breaks{kinksAt(), dentWidth / 2})
}

// dented is ‖x‖²/2 + lift with a bell in it: the dent, and what Gaussian smoothing makes of it.
type dented struct {
	lift float64
	bell bell
}

// theDent is the dent itself.
func theDent(d int) dented {
	center := make([]float64, d)
	center[0] = 1
	return dented{bell: bell{-dentDepth, center, dentWidth * dentWidth}}
}

func (p dented) function() Function {
	b := p.bell.function()
	return Function{
		Func: func(x []float64) float64 { return norm2(x)/2 + p.lift + b.Func(x) },
		Grad: func(x, dst []float64) {
			b.Grad(x, dst)
			for i, v := range x {
				dst[i] += v
			}
		},
		Hess: func(x, dst []float64) bool {
			ok := b.Hess(x, dst)
			for i := range x {
				dst[i*(len(x)+1)]++
			}
			return ok
		},
	}
}

// unitLorentzian is −1/(1 + x²).
func unitLorentzian(int) Objective {
	o := lorentzianObjective(lorentzian{amplitude: -1, width: 1})
	o.ID, o.Name = "lorentzian", "Lorentzian"
	return o
}

// Lorentzian returns the function amplitude/(x² + width²) of one variable, width > 0.
func Lorentzian(amplitude, width float64) (Objective, error) {
	if err := validBell("Lorentzian", amplitude, width); err != nil {
		return Objective{}, err
	}
	return lorentzianObjective(lorentzian{amplitude, width}), nil
}

func validBell(name string, amplitude, width float64) error {
	switch {
	case !isFinite(amplitude) || amplitude == 0:
		return &ObjectiveError{name, "amplitude", "a finite number other than 0", fmt.Sprint(amplitude)}
	case !(width > 0) || math.IsInf(width, 1):
		return &ObjectiveError{name, "width", "a finite number above 0", fmt.Sprint(width)}
	}
	return nil
}

type lorentzian struct{ amplitude, width float64 }

func lorentzianObjective(l lorentzian) Objective {
	o := Objective{
		ID: "lorentzian-bump", Name: "Lorentzian bump", Dim: 1, Lo: -5 * l.width, Hi: 5 * l.width, Start: 5 * l.width, DeltaMax: 0.95 * l.width, Growth: 0,
		MathML: ml(mlRatio(ml(mlNumber(l.amplitude)), ml(mlPower("x", "2"), "+", mlPower(mlNumber(l.width), "2")))), Function: l.function(),
	}
	if l.amplitude < 0 {
		o.Minima = []Minimum{{X: []float64{0}, F: l.amplitude / (l.width * l.width), Global: true}}
	}
	return closedOnLine(o, l.smooth, breaks{kinksAt(), l.width / 3})
}

func (l lorentzian) function() Function {
	a2 := l.width * l.width
	return Function{
		Func: func(x []float64) float64 { return l.amplitude / (x[0]*x[0] + a2) },
		Grad: func(x, dst []float64) {
			q := x[0]*x[0] + a2
			dst[0] = -2 * l.amplitude * x[0] / (q * q)
		},
		Hess: func(x, dst []float64) bool {
			q := x[0]*x[0] + a2
			dst[0] = l.amplitude * (6*x[0]*x[0] - 2*a2) / (q * q * q)
			return true
		},
	}
}

// GaussianBump returns amplitude·exp(−‖x − center‖²/2width²), width > 0; a negative amplitude makes a well. It keeps a copy of
// center, whose length is the number of variables.
func GaussianBump(amplitude float64, center []float64, width float64) (Objective, error) {
	if err := validBell("Gaussian bump", amplitude, width); err != nil {
		return Objective{}, err
	}
	reach := 5 * width
	for _, v := range center {
		reach = max(reach, math.Abs(v)+5*width)
	}
	if len(center) == 0 || !isFinite(reach) {
		return Objective{}, &ObjectiveError{"Gaussian bump", "center", "one finite number or more", fmt.Sprint(center)}
	}
	b := bell{amplitude, slices.Clone(center), width * width}
	o := Objective{
		ID: "gaussian-bump", Name: "Gaussian bump", Dim: len(center), Lo: -reach, Hi: reach, Start: reach, DeltaMax: 0.19 * reach, Growth: 0,
		MathML:   ml(mlNumber(amplitude), mlExp(ml("−", mlRatio(mlPower("‖ x − μ ‖", "2"), ml("2 ·", mlPower(mlNumber(width), "2")))))),
		Function: b.function(),
	}
	if amplitude < 0 {
		o.Minima = []Minimum{{X: slices.Clone(center), F: amplitude, Global: true}}
	}
	return closedOnLine(o, b.smooth, breaks{kinksAt(), width / 2}), nil
}

// bell is amplitude·exp(−‖x − center‖²/2·variance).
type bell struct {
	amplitude float64
	center    []float64
	variance  float64
}

func (b bell) function() Function {
	value := func(x []float64) float64 {
		r2 := 0.0
		for i, v := range x {
			r2 += (v - b.center[i]) * (v - b.center[i])
		}
		return b.amplitude * math.Exp(-r2/(2*b.variance))
	}
	return Function{
		Func: value,
		Grad: func(x, dst []float64) {
			e := value(x) / b.variance
			for i, v := range x {
				dst[i] = -e * (v - b.center[i])
			}
		},
		Hess: func(x, dst []float64) bool {
			e, d := value(x)/b.variance, len(x)
			for i, v := range x {
				for j, w := range x {
					dst[i*d+j] = e / b.variance * (v - b.center[i]) * (w - b.center[j])
				}
				dst[i*d+i] -= e
			}
			return true
		},
	}
}
