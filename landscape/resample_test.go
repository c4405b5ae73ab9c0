package landscape

import (
	"errors"
	"math"
	"testing"
)

func gridOf(cols, rows int, f func(x, y float64) float64) Grid {
	g := Grid{X: spread(-1, 1, cols), Y: spread(-2, 2, rows)}
	for _, y := range g.Y {
		for _, x := range g.X {
			g.Z = append(g.Z, f(x, y))
		}
	}
	return g
}

func TestResampleReproducesQuadraticsInside(t *testing.T) {
	f := func(x, y float64) float64 { return 3 - x + 2*y + x*x - 0.5*x*y + 4*y*y }
	got, err := Resample(gridOf(7, 9, f), 101)
	if err != nil {
		t.Fatal(err)
	}
	for i, z := range got.Z {
		x, y := got.X[i%101], got.Y[i/101]
		// Outside the outermost cells (⅓ wide in x, ½ in y). Rounding: 16 products of values up to 26.
		if math.Abs(x) < 2.0/3 && math.Abs(y) < 1.5 && math.Abs(z-f(x, y)) > 1e-13 {
			t.Fatalf("at (%g, %g): got %.17g, want %.17g", x, y, z, f(x, y))
		}
	}
}

func TestResamplePassesThroughItsNodes(t *testing.T) {
	g := gridOf(7, 7, func(x, y float64) float64 { return math.Sin(9*x) + math.Cos(5*y) })
	for _, n := range []int{7, 13, 49} {
		got, err := Resample(g, n)
		if err != nil {
			t.Fatal(err)
		}
		step := (n - 1) / 6
		for i, z := range g.Z {
			if got.Z[i/7*step*n+i%7*step] != z {
				t.Fatalf("n = %d: node %d changed", n, i)
			}
		}
	}
}

// One value by hand: the middle of cell 2 of a line is (−z₁ + 9z₂ + 9z₃ − z₄)/16; that of cell 0, with z₋₁ = z₁,
// (−z₁ + 9z₀ + 9z₁ − z₂)/16.
func TestResampleWeights(t *testing.T) {
	g := gridOf(6, 3, func(x, _ float64) float64 { return math.Exp(x) })
	got, err := Resample(g, 11)
	if err != nil {
		t.Fatal(err)
	}
	z := g.Z[:6]
	if want := (-z[1] + 9*z[2] + 9*z[3] - z[4]) / 16; math.Abs(got.Z[5]-want) > 1e-15 {
		t.Errorf("middle: got %g, want %g", got.Z[5], want)
	}
	if want := (9*z[0] + 8*z[1] - z[2]) / 16; math.Abs(got.Z[1]-want) > 1e-15 {
		t.Errorf("end: got %g, want %g", got.Z[1], want)
	}
	if want := (9*z[5] + 8*z[4] - z[3]) / 16; math.Abs(got.Z[9]-want) > 1e-15 {
		t.Errorf("other end: got %g, want %g", got.Z[9], want)
	}
}

func TestResampleKeepsAHoleSmall(t *testing.T) {
	g := gridOf(9, 9, func(x, y float64) float64 { return x + y })
	g.Z[4*9+4] = math.NaN()
	got, err := Resample(g, 33)
	if err != nil {
		t.Fatal(err)
	}
	for i, z := range got.Z {
		col, row := i%33, i/33
		// Four new steps a cell; the hole is at 16.
		near := max(col-16, 16-col) < 8 && max(row-16, 16-row) < 8
		if math.IsNaN(z) && !near {
			t.Fatalf("(%d, %d) was lost", col, row)
		}
	}
}

// Of the whole grid, and of a part that ends on nodes, the nodes are the same ones.
func TestResampleWithinAgreesWithTheWhole(t *testing.T) {
	g := gridOf(9, 9, func(x, y float64) float64 { return math.Sin(9*x) + math.Cos(5*y) })
	whole, err := Resample(g, 33)
	if err != nil {
		t.Fatal(err)
	}
	all, allErr := ResampleWithin(g, Rect{-1, 1, -2, 2}, 33)
	part, partErr := ResampleWithin(g, Rect{-0.5, 0.5, -1, 1}, 17) // the same distance of nodes
	if err := errors.Join(allErr, partErr); err != nil {
		t.Fatal(err)
	}
	for i, z := range part.Z {
		at := (i/17+8)*33 + i%17 + 8
		if math.Abs(z-whole.Z[at]) > 1e-13 || math.Abs(part.X[i%17]-whole.X[at%33]) > 1e-15 || math.Abs(part.Y[i/17]-whole.Y[at/33]) > 1e-15 {
			t.Fatalf("node %d: %g at (%g, %g), of the whole %g", i, z, part.X[i%17], part.Y[i/17], whole.Z[at])
		}
	}
	for i, z := range all.Z {
		if z != whole.Z[i] {
			t.Fatalf("node %d: %g, want %g", i, z, whole.Z[i])
		}
	}
}

func TestResampleRefusesWhatIsNoGrid(t *testing.T) {
	good := gridOf(7, 7, func(x, y float64) float64 { return 0 })
	for name, call := range map[string]func() (Grid, error){
		"empty":         func() (Grid, error) { return Resample(Grid{}, 10) },
		"two nodes":     func() (Grid, error) { return Resample(gridOf(2, 2, func(x, y float64) float64 { return 0 }), 10) },
		"value missing": func() (Grid, error) { return Resample(Grid{X: good.X, Y: good.Y, Z: good.Z[1:]}, 10) },
		"one new node":  func() (Grid, error) { return Resample(good, 1) },
		"too many":      func() (Grid, error) { return Resample(good, MaxNodes+1) },
		"beyond it":     func() (Grid, error) { return ResampleWithin(good, Square(-1.1, 1), 10) },
		"no part":       func() (Grid, error) { return ResampleWithin(good, Square(1, -1), 10) },
		"no number":     func() (Grid, error) { return ResampleWithin(good, Square(math.NaN(), 1), 10) },
		"part of none":  func() (Grid, error) { return ResampleWithin(Grid{}, Square(-1, 1), 10) },
	} {
		var typed *GridError
		if _, err := call(); !errors.As(err, &typed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
