package formula

import (
	"fmt"
	"math"
	"strings"

	"smoothscape/landscape"
)

// Formula is a formula that was accepted. It never changes; the zero Formula is not valid.
type Formula struct {
	source  string
	root    *node
	program program
	dim     int
}

// Parse reads a formula in x, or in x and y. Its error is an *Error.
func Parse(source string) (Formula, error) {
	root, err := parse(source)
	if err != nil {
		return Formula{}, err
	}
	return Formula{source: source, root: root, program: compile(root), dim: root.variables()}, nil
}

// Source is the formula as it was written.
func (f Formula) Source() string { return f.source }

// Dim is the number of variables, 1 or 2.
func (f Formula) Dim() int { return f.dim }

// Function returns the formula with its exact derivatives, a function of Dim variables. No call allocates.
func (f Formula) Function() landscape.Function {
	at := func(x []float64) (float64, float64) {
		if f.dim == 1 {
			return x[0], 0
		}
		return x[0], x[1]
	}
	return landscape.Function{
		Func: func(x []float64) float64 { return f.program.value(at(x)) },
		Grad: func(x, dst []float64) {
			j, _ := f.program.jet(at(x))
			if math.IsNaN(j.v) {
				j.x, j.y = nan, nan
			}
			dst[0] = j.x
			if f.dim == 2 {
				dst[1] = j.y
			}
		},
		Hess: func(x, dst []float64) bool {
			j, smooth := f.program.jet(at(x))
			ok := smooth && isFinite(j.v) && isFinite(j.xx)
			dst[0] = j.xx
			if f.dim == 2 {
				dst[1], dst[2], dst[3] = j.xy, j.xy, j.yy
				ok = ok && isFinite(j.xy) && isFinite(j.yy)
			}
			return ok
		},
	}
}

func isFinite(v float64) bool { return v-v == 0 }

// Percent of the width of the domain that DeltaMax is, for a growth of at most 2 and for more. With its halo of 5 and 6
// times as much, a grid of 257 nodes is then transformed at length 512.
const (
	deltaPercent      = 9
	deltaPercentSteep = 8
)

// Objective returns the formula as an objective on [lo, hi]^Dim, with ID "formula", its source for a name and no known
// minima. DeltaMax is 0.09 of the width of the domain (0.08 where f grows faster than |x|²), Growth that of
// Formula.Growth, Start reaches around the domain; the caller may set others.
//
// The error is an *Error where the domain is not valid, or where f is not finite at one of the points of a lattice over
// the domain and its halo (65² points, or 1025 in one variable), for smoothing spreads such a value over everything.
func (f Formula) Objective(lo, hi float64) (landscape.Objective, error) {
	width := hi - lo
	if !(width > 0) || !isFinite(width) {
		return landscape.Objective{}, &Error{Doing: "reading the domain of the formula", Expected: "a finite interval [lo, hi], lo < hi",
			Found: fmt.Sprintf("[%g, %g]", lo, hi), Advice: "for example [-5, 5]"}
	}
	growth, _ := f.Growth()
	o := landscape.Objective{
		Function: f.Function(), ID: "formula", Name: strings.TrimSpace(f.source), MathML: f.MathML(),
		Dim: f.dim, Lo: lo, Hi: hi, Start: max(math.Abs(lo), math.Abs(hi)), DeltaMax: width * deltaPercent / 100, Growth: growth,
	}
	if growth > 2 {
		o.DeltaMax = width * deltaPercentSteep / 100
	}
	if err := checkFinite(o); err != nil {
		return landscape.Objective{}, err
	}
	return o, nil
}

// checkFinite refuses an objective that is not finite on a lattice over its domain and halo.
func checkFinite(o landscape.Objective) error {
	nodes, rows := 1025, 1
	if o.Dim == 2 {
		nodes, rows = 65, 65
	}
	from, step := o.Lo-o.Halo(), (o.Hi-o.Lo+2*o.Halo())/float64(nodes-1)
	x := make([]float64, o.Dim)
	for row := range rows {
		for col := range nodes {
			x[0] = from + step*float64(col)
			if o.Dim == 2 {
				x[1] = from + step*float64(row)
			}
			if v := o.Func(x); !isFinite(v) {
				return &Error{Doing: "evaluating the formula on its domain and the halo around it", Expected: "finite values",
					Found:  fmt.Sprintf("%g at %s", v, place(x)),
					Advice: "take another domain, or a formula that is finite there, such as log(x^2 + 0.01) or sqrt(abs(x))"}
			}
		}
	}
	return nil
}

func place(x []float64) string {
	if len(x) == 1 {
		return fmt.Sprintf("x = %.6g", x[0])
	}
	return fmt.Sprintf("(%.6g, %.6g)", x[0], x[1])
}
