package nice

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"smoothscape/landscape"
	"smoothscape/landscape/formula"
)

// A quadratic is σ-nice with σ = λ_min(H), by every definition and under every kernel for which f̂ exists: smoothing adds
// a constant.
func TestAQuadraticHasItsLeastEigenvalue(t *testing.T) {
	form := landscape.Function{
		Func: func(x []float64) float64 { return 1.5*x[0]*x[0] + x[0]*x[1] + x[1]*x[1] },
		Grad: func(x, dst []float64) { dst[0], dst[1] = 3*x[0]+x[1], x[0]+2*x[1] },
	}
	least := (5 - math.Sqrt(5)) / 2 // of [[3, 1], [1, 2]]
	plane := landscape.Objective{Function: form, ID: "form", Dim: 2, Lo: -2, Hi: 2, DeltaMax: 0.3, Growth: 2}
	line := landscape.Objective{Function: landscape.Function{Func: func(x []float64) float64 { return 2 * x[0] * x[0] }},
		ID: "parabola", Dim: 1, Lo: -2, Hi: 2, DeltaMax: 0.3, Growth: 2}
	for _, o := range []landscape.Objective{line, plane} {
		want := map[int]float64{1: 4, 2: least}[o.Dim]
		for _, law := range []landscape.Law{landscape.Gaussian, landscape.Uniform} {
			for _, c := range []landscape.Convention{landscape.Vector, landscape.Coordinate} {
				family, err := FamilyOf(o, landscape.Kernel{Law: law, Convention: c, Dim: o.Dim})
				if err != nil {
					t.Fatal(err)
				}
				for _, def := range []Definition{SigmaNice, NewSigmaNice, SigmaMNice} {
					r, err := Check(context.Background(), def, family, []float64{0.2, 0.1}, []float64{3}, Options{Nodes: 11})
					if err != nil {
						t.Fatal(err)
					}
					// The parabola has no gradient, so its uniform f̂″ is a difference over 10⁻⁵ of a wave: 10⁻¹⁶/10⁻⁶.
					if !r.Holds || math.Abs(r.Sigma-want) > 1e-8 || r.Stages[1].HandOver != nil || r.Stages[0].HandOver.Distance > 1e-7 {
						t.Errorf("%s, %s, %s, %d variables: σ = %.12g, not %.12g; %v", def, law, c, o.Dim, r.Sigma, want, r.Failures)
					}
				}
			}
		}
		_, err := FamilyOf(o, landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: o.Dim})
		if !errors.Is(err, landscape.ErrNoSmoothing) {
			t.Errorf("a quadratic under heavy tails: %v", err)
		}
	}
}

// Quadrature against the closed forms of the catalogue, in value, gradient and Hessian, inside its table and beyond.
func TestQuadratureAgainstClosedForms(t *testing.T) {
	for _, d := range []int{1, 2} {
		for _, id := range []string{"rastrigin", "dent", "styblinski-tang"} {
			o, _ := landscape.ObjectiveByID(id, d)
			for _, law := range []landscape.Law{landscape.Gaussian, landscape.Uniform} {
				k := landscape.Kernel{Law: law, Convention: landscape.Vector, Dim: d}
				for _, share := range []float64{0.004, 0.03, 0.1} {
					delta := share * (o.Hi - o.Lo)
					exact, ok := o.Smoothed(k, delta)
					if !ok {
						continue
					}
					f, err := Quadrature(o.Function, k, delta, (o.Hi-o.Lo)/wavesAcross, o.Lo, o.Hi)
					if err != nil {
						t.Fatal(err)
					}
					for _, x := range [][]float64{{0.31, -0.7}, {1, 0}, {-1.4, 1.3}, {o.Hi + 6*delta, 0.2}} {
						x = x[:d]
						scale := 1 + math.Abs(o.Func(x)) // of f; derivatives lose digits by 1/δ and 1/δ²
						near(t, "value", f.Func(x), exact.Func(x), 1e-11*scale)
						g, gx, h, hx := make([]float64, d), make([]float64, d), make([]float64, d*d), make([]float64, d*d)
						f.Grad(x, g)
						exact.Grad(x, gx)
						f.Hess(x, h)
						exact.Hess(x, hx)
						for i := range g {
							near(t, id+" gradient, "+string(law), g[i], gx[i], 1e-11*scale/delta)
						}
						for i := range h {
							near(t, id+" Hessian, "+string(law), h[i], hx[i], 1e-11*scale/(delta*delta))
						}
					}
				}
			}
		}
	}
}

// A user's formula has no closed form; by quadrature it gets the numbers of the function it is.
func TestAFormula(t *testing.T) {
	f, err := formula.Parse("x^2/2 - 0.3*exp(-(x-1)^2/0.02)")
	if err != nil {
		t.Fatal(err)
	}
	o, err := f.Objective(-1.5, 1.5)
	if err != nil {
		t.Fatal(err)
	}
	family, err := FamilyOf(o, coordinate)
	if err != nil {
		t.Fatal(err)
	}
	r, want := check(t, SigmaNice, family, Halving(2, 4)), check(t, SigmaNice, smooth(t, "dent", 1), Halving(2, 4))
	for m := range r.Stages {
		near(t, "modulus", r.Stages[m].Modulus, want.Stages[m].Modulus, 1e-8)
		near(t, "x*", r.Stages[m].Minimizers[0].X[0], want.Stages[m].Minimizers[0].X[0], 1e-9)
	}
}

// Where a smoothed function brings no derivatives, differences take their place: with steps of 3·10⁻⁵ (gradients) and
// 5·10⁻⁴ (values) and fourth derivatives below 300, a second derivative errs by at most 300·(5·10⁻⁴)²/12 < 10⁻⁵.
func TestMissingDerivatives(t *testing.T) {
	full := smooth(t, "dent", 2)
	for name, reduce := range map[string]func(f landscape.Function) landscape.Function{
		"no Hessian":     func(f landscape.Function) landscape.Function { f.Hess = nil; return f },
		"no derivatives": func(f landscape.Function) landscape.Function { f.Hess, f.Grad = nil, nil; return f },
	} {
		part := full
		part.Smoothed = func(delta float64) (landscape.Function, error) {
			f, err := full.Smoothed(delta)
			return reduce(f), err
		}
		want := check(t, SigmaMNice, full, []float64{0.5, 0.2}, 2)
		got := check(t, SigmaMNice, part, []float64{0.5, 0.2}, 2)
		for m := range want.Stages {
			near(t, name, got.Stages[m].Modulus, want.Stages[m].Modulus, 1e-5)
			near(t, name+": x*", distance(got.Stages[m].Minimizers[0].X, want.Stages[m].Minimizers[0].X), 0, 1e-5)
		}
	}
}

func TestAMinimizerOnTheBorder(t *testing.T) {
	tilted := Family{Dim: 2, Lo: 0, Hi: 1, Kernel: landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: 2},
		Smoothed: func(delta float64) (landscape.Function, error) {
			return landscape.Function{
				Func: func(x []float64) float64 { return x[0] + (x[1]-0.3)*(x[1]-0.3) },
				Grad: func(x, dst []float64) { dst[0], dst[1] = 1, 2*(x[1]-0.3) },
				Hess: func(x, dst []float64) bool { dst[0], dst[1], dst[2], dst[3] = 0, 0, 0, 2; return true },
			}, nil
		}}
	r := check(t, SigmaMNice, tilted, []float64{0.1}, 2)
	m := r.Stages[0].Minimizers
	if len(m) != 1 || !m[0].OnBorder || m[0].X[0] != 0 || math.Abs(m[0].X[1]-0.3) > 1e-9 || r.Sigma != 0 || r.Holds {
		t.Errorf("%+v, σ = %g", m, r.Sigma)
	}
}

// Every function of the catalogue of one or two variables under every kernel that it admits: numbers, or an error of a
// known kind.
func TestTheCatalogue(t *testing.T) {
	if testing.Short() {
		t.Skip("tries every kernel on every function")
	}
	t.Parallel()
	checked := 0
	for _, d := range []int{1, 2} {
		for _, o := range landscape.Objectives(d) {
			for _, law := range landscape.Laws() {
				k := landscape.Kernel{Law: law, Convention: landscape.Vector, Alpha: 1.5, Dim: d}
				var unavailable *Error
				family, err := FamilyOf(o, k)
				if errors.Is(err, landscape.ErrNoSmoothing) || errors.As(err, &unavailable) {
					continue
				} else if err != nil {
					t.Errorf("%s under %v: %v", o.ID, k, err)
					continue
				}
				width := o.Hi - o.Lo
				r, err := Check(context.Background(), SigmaMNice, family, []float64{width / 80, width / 160}, []float64{1}, Options{Nodes: 11})
				if err != nil || math.IsNaN(r.Sigma) || math.IsInf(r.Sigma, 0) || r.Holds != (len(r.Failures) == 0) || len(r.Stages[0].Minimizers) == 0 {
					t.Errorf("%s under %v: %+v, %v", o.ID, k, r, err)
				}
				checked++
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d pairs were checked", checked)
	}
}

// A kernel with a mean moves the minimizers: those of Rastrigin at δ = 0.5, which is the place of the sampled curves of
// the authors' demonstration to ±0.005.
func TestAsymmetricKernelsMoveTheMinimizer(t *testing.T) {
	o, _ := landscape.ObjectiveByID("rastrigin", 1)
	for law, place := range map[landscape.Law]float64{landscape.Exponential: 1.2056, landscape.Rayleigh: 0.4768, landscape.Gaussian: 0} {
		family, err := FamilyOf(o, landscape.Kernel{Law: law, Convention: landscape.Coordinate, Dim: 1})
		if err != nil {
			t.Fatal(err)
		}
		m := check(t, SigmaMNice, family, []float64{0.5}, 1).Stages[0].Minimizers
		near(t, string(law), m[0].X[0], place, 5e-5)
	}
}

func TestRefused(t *testing.T) {
	family := twoWells()
	wide := family
	wide.Dim = 3
	empty := family
	empty.Hi = empty.Lo
	nothing := family
	nothing.Smoothed = nil
	undefined := family
	undefined.Smoothed = func(float64) (landscape.Function, error) {
		return landscape.Function{Func: func([]float64) float64 { return math.NaN() }}, nil
	}
	failing := family
	failing.Smoothed = func(float64) (landscape.Function, error) {
		return landscape.Function{}, &Error{"trying", "much", "little", ""}
	}
	for _, c := range []struct {
		name   string
		def    Definition
		family Family
		deltas []float64
		radii  []float64
		nodes  int
		says   string
	}{
		{"an unknown definition", "nice", family, []float64{1}, []float64{1}, 0, `found "nice"`},
		{"three variables", SigmaMNice, wide, []float64{1}, []float64{1}, 0, "found 3"},
		{"an empty domain", SigmaMNice, empty, []float64{1}, []float64{1}, 0, "lo < hi"},
		{"no function", SigmaMNice, nothing, []float64{1}, []float64{1}, 0, "found nil"},
		{"no stages", SigmaMNice, family, nil, []float64{1}, 0, "at least one δ"},
		{"δ = 0", SigmaMNice, family, []float64{1, 0}, []float64{1}, 0, "found 0 at stage 2"},
		{"growing δ", SigmaMNice, family, []float64{0.5, 1}, []float64{1}, 0, "strictly decreasing"},
		{"δ that is no number", SigmaMNice, family, []float64{math.NaN()}, []float64{1}, 0, "found NaN"},
		{"no halving", SigmaNice, family, []float64{1, 0.4}, nil, 0, "half of the one before"},
		{"another radius for Hazan", SigmaNice, family, []float64{1, 0.5}, []float64{2}, 0, "expected 3"},
		{"no radius", NewSigmaNice, family, []float64{1}, nil, 0, "1 or 1 numbers"},
		{"too few radii", NewSigmaNice, family, []float64{1, 0.5, 0.2}, []float64{2, 2}, 0, "1 or 3 numbers"},
		{"radius 0", NewSigmaNice, family, []float64{1}, []float64{0}, 0, "positive"},
		{"3 nodes", SigmaMNice, family, []float64{1}, []float64{1}, 3, "9 to 4097"},
		{"NaN", SigmaMNice, undefined, []float64{1}, []float64{1}, 0, "found NaN"},
		{"a family that fails", SigmaMNice, failing, []float64{1}, []float64{1}, 0, "δ = 1: trying"},
	} {
		_, err := Check(context.Background(), c.def, c.family, c.deltas, c.radii, Options{Nodes: c.nodes})
		var refused *Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, which does not say %q", c.name, err, c.says)
		}
	}
	for _, c := range []struct {
		from, to, radius float64
		n                int
	}{{0, 1, 3, 5}, {1, 0.5, 3, 5}, {0.1, 1, 3, 1}, {0.1, math.Inf(1), 3, 5}, {0.1, 1, 2, 5}} {
		var refused *Error
		if _, err := Scan(context.Background(), SigmaNice, family, c.from, c.to, c.radius, c.n, Options{}); !errors.As(err, &refused) {
			t.Errorf("a scan of %+v: %v", c, err)
		}
	}
	if _, err := FamilyOf(landscape.Objective{Dim: 1, Lo: 0, Hi: 1}, landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: 2}); err == nil {
		t.Error("a kernel of other dimensions is accepted")
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Check(ctx, SigmaNice, twoWells(), Halving(2, 3), nil, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Check: %v", err)
	}
	if _, err := Scan(ctx, SigmaNice, twoWells(), 0.1, 1, 3, 9, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Scan: %v", err)
	}
}

// A report says what was asked, can be sent, and says again the same when asked again.
func TestReports(t *testing.T) {
	r := check(t, SigmaNice, twoWells(), Halving(4, 5))
	all := strings.Join(r.Remarks, " ")
	if !strings.Contains(all, "Hazan") || !strings.Contains(all, "uniform ball of radius δ; this is gaussian, coordinate") {
		t.Errorf("remarks: %s", all)
	}
	if text := strings.Join(check(t, NewSigmaNice, twoWells(), []float64{1}, 1).Remarks, " "); !strings.Contains(text, "not confirmed") || !strings.Contains(text, "d > 1") {
		t.Errorf("remarks: %s", text)
	}
	if s := r.Failures[0].String(); !strings.Contains(s, "stage 3, δ = 0.5: the Hessian has the eigenvalue") {
		t.Errorf("the first failure: %s", s)
	}
	one, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := json.Marshal(check(t, SigmaNice, twoWells(), Halving(4, 5)))
	if string(one) != string(two) {
		t.Error("two checks of the same differ")
	}
	scan, err := json.Marshal(scanned(t, SigmaMNice, twoWells(), 0.1, 1, 2, 20))
	if err != nil || !strings.Contains(string(scan), `"condition":"convexity"`) {
		t.Errorf("%s, %v", scan, err)
	}
}

// One stage of Rastrigin in the plane, closed form: 129² values and some 13,000 Hessians.
func BenchmarkStage(b *testing.B) {
	o, _ := landscape.ObjectiveByID("rastrigin", 2)
	k := coordinate
	k.Dim = 2
	family, err := FamilyOf(o, k)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Check(context.Background(), SigmaMNice, family, []float64{0.2}, []float64{1}, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// The same by quadrature, as a user's formula takes it.
func BenchmarkStageByQuadrature(b *testing.B) {
	o, _ := landscape.ObjectiveByID("rastrigin", 2)
	o.Smoothed = nil
	k := coordinate
	k.Dim = 2
	family, err := FamilyOf(o, k)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Check(context.Background(), SigmaMNice, family, []float64{0.2}, []float64{1}, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Every δ from 0.01 to 1 for the dent on the line, by 120 of them.
func BenchmarkScan(b *testing.B) {
	o, _ := landscape.ObjectiveByID("dent", 1)
	family, err := FamilyOf(o, coordinate)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Scan(context.Background(), SigmaNice, family, 0.01, 1, 3, 120, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
