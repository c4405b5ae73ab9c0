package formula

import (
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"smoothscape/landscape"
)

const rastrigin = "20 + x^2 + y^2 - 10*(cos(2*pi*x) + cos(2*pi*y))"

func TestObjective(t *testing.T) {
	f := must(t, " "+rastrigin)
	o, err := f.Objective(-5, 5)
	if err != nil {
		t.Fatal(err)
	}
	if o.ID != "formula" || o.Name != rastrigin || o.Dim != 2 || o.Growth != 2 || o.Lo != -5 || o.Hi != 5 || o.Minima != nil || o.Smoothed != nil {
		t.Errorf("the objective is %+v", o)
	}
	if o.DeltaMax != 0.9 || o.Start != 5 || !strings.HasPrefix(o.MathML, "<mrow>") {
		t.Errorf("DeltaMax %g, MathML %s", o.DeltaMax, o.MathML)
	}
	x, g, h := []float64{0.3, -1.2}, make([]float64, 2), make([]float64, 4)
	o.Grad(x, g)
	if ok := o.Hess(x, h); !ok || math.Abs(h[0]-(2+40*math.Pi*math.Pi*math.Cos(0.6*math.Pi))) > 1e-11 || h[1] != 0 || h[2] != 0 ||
		math.Abs(g[1]-(-2.4+20*math.Pi*math.Sin(-2.4*math.Pi))) > 1e-12 {
		t.Errorf("gradient %v, Hessian %v", g, h)
	}
	if one, err := must(t, "x^4 - x").Objective(-2, 2); err != nil || one.Dim != 1 || one.DeltaMax != 0.32 {
		t.Errorf("in one variable: %+v, %v", one, err)
	}
}

// The δ range leaves a grid of 257 nodes the transform length 512, whatever the domain and the growth.
func TestTheHaloFitsTheTransform(t *testing.T) {
	for _, source := range []string{rastrigin, "x^4 + y^4"} {
		for _, domain := range [][2]float64{{-5, 5}, {0, 1}, {-500, 500}, {3, 3.001}} {
			o, err := must(t, source).Objective(domain[0], domain[1])
			if err != nil {
				t.Fatal(err)
			}
			if m := 257 + 2*landscape.HaloCells(o.Halo(), (o.Hi-o.Lo)/256); m > 512 {
				t.Errorf("%s on %v: %d nodes", source, domain, m)
			}
		}
	}
}

func TestObjectiveRefuses(t *testing.T) {
	for _, c := range []struct {
		source string
		lo, hi float64
		says   string
	}{
		{"x^2 + y", 1, 1, "expected a finite interval"},
		{"x^2 + y", 2, 1, "expected a finite interval"},
		{"x^2 + y", math.NaN(), 1, "expected a finite interval"},
		{"x^2 + y", math.Inf(-1), 1, "expected a finite interval"},
		{"x^2 + y", -1e308, 1e308, "expected a finite interval"},
		{"1/x", -1, 1, "Inf at x ="},
		{"log(x) + y", 1, 11, "found NaN at"}, // the domain is right of 0, its halo is not
		{"exp(x^2)", -20, 20, "found +Inf at x ="},
		{"x/0", -1, 1, "Inf"},
		{"sqrt(-1)*x", -1, 1, "found NaN at x ="},
	} {
		_, err := must(t, c.source).Objective(c.lo, c.hi)
		var refused *Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s on [%g, %g]: %v, which does not say %q", c.source, c.lo, c.hi, err, c.says)
		}
	}
}

// A formula is an objective as any other: it is sampled, smoothed, and has the minima of the catalogue's.
func TestAFormulaIsSmoothedLikeTheCatalogue(t *testing.T) {
	known, ok := landscape.ObjectiveByID("rastrigin", 2)
	if !ok {
		t.Fatal("no rastrigin")
	}
	o, err := must(t, rastrigin).Objective(known.Lo, known.Hi)
	if err != nil {
		t.Fatal(err)
	}
	var z [2][]float64
	for i, o := range []landscape.Objective{known, o} {
		field, err := landscape.Sample(o, 129)
		if err != nil {
			t.Fatal(err)
		}
		z[i] = field.Z
	}
	for i := range z[0] {
		if math.Abs(z[0][i]-z[1][i]) > 1e-12*(1+math.Abs(z[0][i])) { // the order of the sums differs
			t.Fatalf("node %d: %.17g and %.17g", i, z[0][i], z[1][i])
		}
	}
}

func TestEvaluationDoesNotAllocate(t *testing.T) {
	fn := must(t, "atan2(x, y)^2 + hypot(x, y) - min(x, y, 2^x)*erf(x)/y + "+rastrigin).Function()
	x, g, h := []float64{0.3, 1.7}, make([]float64, 2), make([]float64, 4)
	if n := testing.AllocsPerRun(100, func() {
		fn.Func(x)
		fn.Grad(x, g)
		fn.Hess(x, h)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// One formula, many goroutines, the same bits. The race detector sees what they share.
func TestManyGoroutines(t *testing.T) {
	fn := must(t, rastrigin).Function()
	want := fn.Func([]float64{0.3, 1.7})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			x, g, h := []float64{0.3, 1.7}, make([]float64, 2), make([]float64, 4)
			for range 200 {
				fn.Grad(x, g)
				fn.Hess(x, h)
				if got := fn.Func(x); got != want {
					t.Errorf("%g is not %g", got, want)
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse(rastrigin); err != nil {
			b.Fatal(err)
		}
	}
}

// Rastrigin in two variables: two cosines are most of it.
func BenchmarkEvaluate(b *testing.B) {
	fn := must(b, rastrigin).Function()
	x, g, h := []float64{0.3, 1.7}, make([]float64, 2), make([]float64, 4)
	b.Run("value", func(b *testing.B) {
		for b.Loop() {
			fn.Func(x)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		for b.Loop() {
			fn.Grad(x, g)
		}
	})
	b.Run("Hessian", func(b *testing.B) {
		for b.Loop() {
			fn.Hess(x, h)
		}
	})
	b.Run("value written in Go", func(b *testing.B) {
		for b.Loop() {
			_ = 20 + x[0]*x[0] + x[1]*x[1] - 10*(math.Cos(2*math.Pi*x[0])+math.Cos(2*math.Pi*x[1]))
		}
	})
}
