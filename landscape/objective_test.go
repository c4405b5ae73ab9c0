package landscape

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"
)

// One checker for the whole catalogue, so that nothing an objective says of itself goes unproven.
func TestObjectivesAreWhatTheySay(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range Objectives(2) {
		t.Run(o.ID, func(t *testing.T) {
			if found, ok := ObjectiveByID(o.ID, 2); !ok || found.Name != o.Name || seen[o.ID] {
				t.Errorf("the ID does not name this objective alone")
			}
			seen[o.ID] = true
			if !(o.DeltaMax > 0) || math.Abs(o.Square().Width()-o.Square().Height()) > 0 || !(o.Square().Width() > 0) {
				t.Errorf("δ range %g on %v", o.DeltaMax, o.Square())
			}
			checkMathML(t, o.MathML)
			checkGrowth(t, o)
			checkMinima(t, o)
		})
	}
	if _, ok := ObjectiveByID("unheard-of", 2); ok {
		t.Error("an unknown ID has an objective")
	}
}

func checkMathML(t *testing.T, formula string) {
	t.Helper()
	if !strings.HasPrefix(formula, "<mrow>") {
		t.Errorf("the formula is no <mrow>: %.40s", formula)
	}
	arguments := map[string]int{"msup": 2, "msub": 2, "mfrac": 2, "munderover": 3}
	type element struct {
		name     string
		children int
	}
	var open []element
	for d := xml.NewDecoder(strings.NewReader(formula)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, formula)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) > 0 {
				open[len(open)-1].children++
			}
			open = append(open, element{name: token.Name.Local})
		case xml.EndElement:
			last := open[len(open)-1]
			if want, fixed := arguments[last.name]; fixed && last.children != want {
				t.Errorf("<%s> with %d children, want %d", last.name, last.children, want)
			}
			open = open[:len(open)-1]
		}
	}
}

// On circles that grow a thousandfold, max|f|/r^g must stay within a factor of three, and for an unbounded f must not
// fall either: then g is the growth order and not just a bound.
func checkGrowth(t *testing.T, o Objective) {
	t.Helper()
	greatest := func(r float64) float64 {
		m := 0.0
		for i := range 3001 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 3001)
			m = max(m, math.Abs(o.Func([]float64{r * cos, r * sin})))
		}
		return m
	}
	base := 20 * o.Square().Width()
	ratio := greatest(1000*base) / greatest(base) / math.Pow(1000, o.Growth)
	if !(ratio > 1./3 && ratio < 3) {
		t.Errorf("max|f| grows by 1000^%g·%g over a thousandfold radius", o.Growth, ratio)
	}
}

func checkMinima(t *testing.T, o Objective) {
	t.Helper()
	if len(o.Minima) == 0 {
		t.Fatal("no minimum is listed")
	}
	scale := o.Square().Width() / 10
	least := math.Inf(1)
	for _, m := range o.Minima {
		x, y := m.X[0], m.X[1]
		f := o.Func(m.X)
		least = min(least, f)
		if math.Abs(f-m.F) > 1e-12*max(1, math.Abs(m.F))+1e-15*837 || !o.Square().Contains(x, y) {
			t.Errorf("f%v = %.17g, listed %.17g", m.X, f, m.F)
		}
		for i := range 64 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 64)
			for _, r := range []float64{1e-3, 1e-2} {
				if !(o.Func([]float64{x + r*scale*cos, y + r*scale*sin}) > f) {
					t.Errorf("f is not greater than at %v at a distance of %g", m.X, r*scale)
				}
			}
		}
		// Central differences have an error of about h²·f‴; f is even about Ackley's cusp, where there is no gradient.
		const h = 1e-5
		gx := (o.Func([]float64{x + h*scale, y}) - o.Func([]float64{x - h*scale, y})) / (2 * h * scale)
		gy := (o.Func([]float64{x, y + h*scale}) - o.Func([]float64{x, y - h*scale})) / (2 * h * scale)
		if math.Hypot(gx, gy)*scale > 1e-5*max(1, math.Abs(m.F)) {
			t.Errorf("the gradient at %v is (%g, %g)", m.X, gx, gy)
		}
	}
	for _, m := range o.Minima {
		if m.Global != (m.F <= least+1e-9) {
			t.Errorf("the minimum %v is listed as global: %v", m.X, m.Global)
		}
	}
	for i := range 501 {
		for j := range 501 {
			x, y := o.Square().XMin+o.Square().Width()*float64(i)/500, o.Square().YMin+o.Square().Height()*float64(j)/500
			if f := o.Func([]float64{x, y}); f < least-1e-9 {
				t.Fatalf("f(%g, %g) = %g is below the least listed minimum %g", x, y, f, least)
			}
		}
	}
}

// The default view of the brief: the range of δ must reach past the melting of the waves.
func TestRastriginCoversItsMelting(t *testing.T) {
	o, _ := ObjectiveByID("rastrigin", 2)
	if o.Square() != Square(-5, 5) || o.DeltaMax < 0.7 {
		t.Errorf("domain %v, δ up to %g", o.Square(), o.DeltaMax)
	}
}
