package landscape

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func TestSampleLaysNodesAndHalo(t *testing.T) {
	o, _ := ObjectiveByID("himmelblau", 2)
	f, err := Sample(o, 129)
	if err != nil {
		t.Fatal(err)
	}
	// h = 10/128 and a halo of 6·2: ⌈153.6⌉ cells.
	if f.Cells != 154 || f.M() != 437 || len(f.Z) != 437*437 || f.Halo() < o.Halo() {
		t.Errorf("%d cells, %d nodes a side, halo %g", f.Cells, f.M(), f.Halo())
	}
	g := f.Inner()
	if g.X[0] != -5 || g.X[128] != 5 || g.Y[64] != 0 {
		t.Errorf("nodes at %g, %g, %g", g.X[0], g.X[128], g.Y[64])
	}
	// Rows belong to y: at (5, −5) and (−5, 5) the function differs.
	if z, ok := g.At(128, 0); !ok || z != o.Func([]float64{5, -5}) {
		t.Errorf("at (5, −5): %g", z)
	}
	if _, ok := g.At(129, 0); ok {
		t.Error("there is a node beyond the grid")
	}
	x, y := f.place(-154, 282)
	if z := f.Z[436*437]; z != o.Func([]float64{x, y}) {
		t.Errorf("the corner of the halo holds %g", z)
	}
}

func TestCatalogueIsResolved(t *testing.T) {
	for _, o := range Explored() {
		for _, n := range []int{129, 201, 257} {
			f, err := Sample(o, n)
			if err != nil {
				t.Error(err)
				continue
			}
			t.Logf("%-16s %d nodes: M = %d, P = %d, roughness %.1e", o.ID, n, f.M(), PaddedLength(f.M()), f.Roughness())
		}
	}
}

func TestRoughnessOfAWave(t *testing.T) {
	for _, nodes := range []float64{2, 4, 6, 12} {
		k := 2 * math.Pi / nodes
		f := fieldOf(t, Square(0, 199), 200, 8, func(x, y float64) float64 { return math.Cos(k*x) + 0.01*y*y })
		// The parabola along y has a second difference but no fourth; along x there is the wave alone.
		near(t, "roughness", f.Roughness(), math.Pow(math.Sin(k/2), 4), 1e-9)
	}
}

func TestUnresolvedFieldsAreRefused(t *testing.T) {
	wide, _ := ObjectiveByID("griewank", 2)
	wide.Lo, wide.Hi, wide.DeltaMax = -600, 600, 40
	rng := rand.New(rand.NewPCG(3, 4))
	noise := wide
	noise.Func = func([]float64) float64 { return rng.Float64() }
	for name, o := range map[string]Objective{"Griewank on ±600": wide, "noise": noise} {
		var bad *GridError
		if _, err := Sample(o, 129); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImpossibleGridsAreRefused(t *testing.T) {
	o, _ := ObjectiveByID("dent", 2)
	flat, endless := o, o
	flat.Lo, flat.Hi = 1, 1
	endless.DeltaMax = 1e300
	tries := map[string]func() error{
		"no nodes":       func() error { _, err := Sample(o, 0); return err },
		"too many nodes": func() error { _, err := Sample(o, 1<<40); return err },
		"no square":      func() error { _, err := Sample(flat, 129); return err },
		"endless halo":   func() error { _, err := Sample(endless, 129); return err },
		"too few values": func() error { _, err := NewField(Square(0, 1), 9, 4, make([]float64, 9)); return err },
		"negative halo":  func() error { _, err := NewField(Square(0, 1), 9, -1, make([]float64, 49)); return err },
		"NaN domain":     func() error { _, err := NewField(Square(0, math.NaN()), 9, 4, make([]float64, 289)); return err },
		"no halo":        func() error { _, err := NewSmoother(fieldOf(t, Square(0, 1), 9, 0, zero)); return err },
		"NaN value": func() error {
			_, err := NewSmoother(fieldOf(t, Square(0, 1), 9, 4, func(x, _ float64) float64 { return math.Sqrt(x) }))
			return err
		},
	}
	for name, try := range tries {
		var bad *GridError
		if err := try(); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRangeLeavesOutWhatIsNotFinite(t *testing.T) {
	lo, hi, ok := Grid{Z: []float64{math.NaN(), 3, math.Inf(1), -2}}.Range()
	if lo != -2 || hi != 3 || !ok {
		t.Errorf("%g to %g, %v", lo, hi, ok)
	}
	if _, _, ok := (Grid{Z: []float64{math.NaN()}}).Range(); ok {
		t.Error("a grid of NaN has a range")
	}
}

func zero(_, _ float64) float64 { return 0 }

func fieldOf(t testing.TB, domain Rect, n, cells int, f func(x, y float64) float64) Field {
	t.Helper()
	field := Field{Domain: domain, N: n, Cells: cells}
	m := field.M()
	z := make([]float64, m*m)
	for row := range m {
		for col := range m {
			z[row*m+col] = f(field.place(col-cells, row-cells))
		}
	}
	field, err := NewField(domain, n, cells, z)
	if err != nil {
		t.Fatal(err)
	}
	return field
}
