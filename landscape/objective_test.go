package landscape

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// One checker for the whole catalogue in every dimension, so that nothing an objective says of itself goes unproven.

var checkedDims = []int{1, 2, 3, 5, 10, 50}

func TestObjectivesAreWhatTheySay(t *testing.T) {
	for _, d := range checkedDims {
		seen := map[string]bool{}
		for _, o := range Objectives(d) {
			t.Run(fmt.Sprintf("%s/%d", o.ID, d), func(t *testing.T) {
				if found, ok := ObjectiveByID(o.ID, d); !ok || found.Name != o.Name || seen[o.ID] || seen[o.Name] {
					t.Errorf("the ID or the name does not name this objective alone")
				}
				seen[o.ID], seen[o.Name] = true, true
				checkObjective(t, o, d)
			})
		}
	}
	if _, ok := ObjectiveByID("unheard-of", 2); ok || Objectives(0) != nil || Objectives(-1) != nil {
		t.Error("there is an objective where there is none")
	}
}

// checkObjective holds an objective to what it says, but for its closed forms.
func checkObjective(t *testing.T, o Objective, d int) {
	t.Helper()
	if o.Dim != d || !(o.DeltaMax > 0) || !(o.Hi > o.Lo) || !(o.Start > 0) || o.Start < 0.9*o.Hi {
		t.Errorf("%d variables, δ up to %g on [%g, %g], start in ±%g", o.Dim, o.DeltaMax, o.Lo, o.Hi, o.Start)
	}
	checkMathML(t, o.MathML)
	checkGrowth(t, o)
	checkMinima(t, o)
	rng := rand.New(rand.NewPCG(7, uint64(d)))
	for range max(3, 40/d) {
		x := make([]float64, d)
		for i := range x {
			x[i] = o.Lo + (o.Hi-o.Lo)*rng.Float64()
		}
		checkDerivatives(t, o.Function, x, (o.Hi-o.Lo)/10, 1e-6)
	}
}

func checkMathML(t *testing.T, formula string) {
	t.Helper()
	if !strings.HasPrefix(formula, "<mrow>") {
		t.Errorf("the formula is no <mrow>: %.40s", formula)
	}
	arguments := map[string]int{"msup": 2, "msub": 2, "mfrac": 2, "munder": 2, "munderover": 3}
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

// directions returns unit vectors: the axes both ways, the diagonals and random ones.
func directions(d, random int) [][]float64 {
	var all [][]float64
	for i := range d {
		for _, s := range []float64{1, -1} {
			v := make([]float64, d)
			v[i] = s
			all = append(all, v)
		}
	}
	rng := rand.New(rand.NewPCG(1, uint64(d)))
	for n := range random {
		v := make([]float64, d)
		for i := range v {
			v[i] = rng.NormFloat64()
			if n == 0 {
				v[i] = 1
			}
		}
		r := math.Sqrt(norm2(v))
		for i := range v {
			v[i] /= r
		}
		all = append(all, v)
	}
	return all
}

func along(x, v []float64, r float64) []float64 {
	y := make([]float64, len(x))
	for i := range y {
		y[i] = x[i] + r*v[i]
	}
	return y
}

// On spheres that grow a thousandfold, max|f|/r^g must stay within a factor of three, and for an unbounded f must not
// fall either: then g is the growth order and not just a bound.
func checkGrowth(t *testing.T, o Objective) {
	t.Helper()
	around := directions(o.Dim, 1000/o.Dim)
	greatest := func(r float64) float64 {
		m := 0.0
		for _, v := range around {
			for i := range 8 {
				m = max(m, math.Abs(o.Func(along(make([]float64, o.Dim), v, r*(1+float64(i)/8)))))
			}
		}
		return m
	}
	base := 20 * (o.Hi - o.Lo) * math.Sqrt(float64(o.Dim))
	ratio := greatest(1000*base) / greatest(base) / math.Pow(1000, o.Growth)
	if o.Growth == 0 { // bounded; a wave is as large anywhere, a bump falls
		ratio = greatest(1000*base) / (greatest(base) + greatest(1e-2*base))
	}
	if !(ratio > 1./3 || o.Growth == 0) || !(ratio < 3) {
		t.Errorf("max|f| grows by 1000^%g·%g over a thousandfold radius", o.Growth, ratio)
	}
}

// checkMinima looks at the listed values, at the gradient there, at points around, and at many of the domain for lower ones.
func checkMinima(t *testing.T, o Objective) {
	t.Helper()
	scale, d := (o.Hi-o.Lo)/10, o.Dim
	least := math.Inf(1)
	grad := make([]float64, d)
	for _, m := range o.Minima {
		f := o.Func(m.X)
		least = min(least, f)
		if math.Abs(f-m.F) > 1e-12*max(1, math.Abs(m.F))+1e-15*419*float64(d) {
			t.Errorf("f%v = %.17g, listed %.17g", m.X, f, m.F)
		}
		for _, x := range m.X {
			if x < o.Lo || x > o.Hi {
				t.Errorf("the minimum %v is outside the domain", m.X)
			}
		}
		for _, v := range directions(d, 64) {
			for _, r := range []float64{1e-3, 1e-2} {
				if !(o.Func(along(m.X, v, r*scale)) > f) {
					t.Errorf("f is not greater than at %v at a distance of %g", m.X, r*scale)
				}
			}
		}
		// The places are listed to 17 digits, so the gradient is below the curvature times 10⁻¹⁶ of the place.
		o.Grad(m.X, grad)
		if g := math.Sqrt(norm2(grad)); !(g*scale <= 1e-11*max(float64(d), math.Abs(m.F))) {
			t.Errorf("the gradient at %v has the length %g", m.X, g)
		}
	}
	for _, m := range o.Minima {
		if m.Global != (m.F <= least+1e-9) {
			t.Errorf("the minimum %v is listed as global: %v", m.X, m.Global)
		}
	}
	if len(o.Minima) == 0 {
		return
	}
	rng := rand.New(rand.NewPCG(3, uint64(d)))
	x := make([]float64, d)
	for range 100_000 / d {
		for i := range x {
			x[i] = o.Lo + (o.Hi-o.Lo)*rng.Float64()
		}
		if f := o.Func(x); f < least-1e-9 {
			t.Fatalf("f%v = %g is below the least listed minimum %g", x, f, least)
		}
	}
}

// checkDerivatives compares the gradient with central differences of f along some directions, and the Hessian with those of
// the gradient. Steps h and h/2 extrapolate to an error of order h⁴; what is left is rounding, ε|f|/h, and a kink that lies
// between the points, which shows as a difference between the two steps and lets the point pass.
func checkDerivatives(t *testing.T, f Function, x []float64, scale, tolerance float64) {
	t.Helper()
	d := len(x)
	h := 1e-4 * scale
	grad, hess := make([]float64, d), make([]float64, d*d)
	f.Grad(x, grad)
	finite := f.Hess(x, hess)
	plus, minus := make([]float64, d), make([]float64, d)
	value := math.Abs(f.Func(x))
	kinks, checked := 0, 0
	for n, v := range directions(d, 4) { // three axes, the diagonal and three random ones
		if n >= 6 && n < 2*d || n < 6 && n%2 == 1 {
			continue
		}
		checked++
		difference := func(h float64) float64 { return (f.Func(along(x, v, h)) - f.Func(along(x, v, -h))) / (2 * h) }
		first, second := difference(h), difference(h/2)
		slope := 0.0
		for i := range grad {
			slope += grad[i] * v[i]
		}
		got := (4*second - first) / 3
		noise := 1e-15 * (value + 1) / h * 10
		size := math.Sqrt(norm2(grad)) + value/scale
		if math.Abs(first-second) > 1e-2*size {
			kinks++
			continue
		}
		if !(math.Abs(slope-got) <= tolerance*size+noise) {
			t.Errorf("at %.5g along %.3g: slope %g, by differences %g", head(x), head(v), slope, got)
		}
		if !finite {
			continue
		}
		worst, most, biggest := 0.0, 0.0, 0.0
		column := make([]float64, d)
		for _, step := range []float64{h, h / 2} {
			f.Grad(along(x, v, step), plus)
			f.Grad(along(x, v, -step), minus)
			for i := range column {
				c := (plus[i] - minus[i]) / (2 * step)
				if step == h {
					column[i] = c
					continue
				}
				most = max(most, math.Abs(c-column[i]))
				c = (4*c - column[i]) / 3
				hv := 0.0
				for j := range v {
					hv += hess[i*d+j] * v[j]
				}
				worst = max(worst, math.Abs(hv-c))
				biggest = max(biggest, math.Abs(hv))
			}
		}
		biggest += size / scale
		if most > 1e-2*biggest {
			kinks++
			continue
		}
		if !(worst <= tolerance*biggest+1e-15*10*size/h) {
			t.Errorf("at %.5g along %.3g: the Hessian is wrong by %g of %g", head(x), head(v), worst, biggest)
		}
	}
	if kinks > 1+checked/3 {
		t.Errorf("at %.5g: %d of %d directions have a kink", head(x), kinks, checked)
	}
	largest := 0.0
	for _, v := range hess {
		largest = max(largest, math.Abs(v))
	}
	for i := range d {
		for j := range i {
			if a, b := hess[i*d+j], hess[j*d+i]; finite && math.Abs(a-b) > 1e-14*largest {
				t.Errorf("the Hessian is not symmetric: %g and %g", a, b)
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

// head returns the first coordinates, for messages.
func head(x []float64) []float64 { return x[:min(5, len(x))] }
