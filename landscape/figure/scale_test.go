package figure

import (
	"fmt"
	"math"
	"testing"

	"smoothscape/landscape"
)

func TestLevelsStayWhileTheSmoothedGridChanges(t *testing.T) {
	s := newScale(gridOf(65, -5, 5, rastrigin(0)), landscape.Viridis, false)
	at := map[float64]bool{}
	for _, l := range s.levels(s.lo, s.hi) {
		at[l.value] = true
	}
	if len(at) < 10 || len(at) > 25 {
		t.Errorf("%d levels", len(at))
	}
	for _, l := range s.levels(10, 60) {
		if !at[l.value] {
			t.Errorf("level %v is not one of the raw grid's", l.value)
		}
		if l.bold != (math.Mod(l.value, 5*s.step.float()) == 0) {
			t.Errorf("level %v: bold is %v", l.value, l.bold)
		}
	}
}

func TestColorsSpanTheRange(t *testing.T) {
	s := scale{lo: 2, hi: 4}
	s.colors, _ = landscape.Viridis.Colors()
	for _, c := range []struct {
		v    float64
		want int
	}{{2, 0}, {1, 0}, {4, 255}, {1e308, 255}, {3, 128}, {2 + 2.0/256, 1}, {2 + 1.99/256, 0}} {
		if s.color(c.v) != s.colors[c.want] {
			t.Errorf("the color of %v is not entry %d", c.v, c.want)
		}
	}
}

func TestTickText(t *testing.T) {
	for _, c := range []struct {
		name   string
		lo, hi float64
		text   string
		power  int
		base   string
	}{
		{"plain", 0, 5, "[0 1 2 3 4 5]", 0, ""},
		{"minus", -1, 1, "[−1.0 −0.5 0.0 0.5 1.0]", 0, ""},
		{"hundreds", 0, 600, "[0 100 200 300 400 500 600]", 0, ""},
		{"large", 0, 3e9, "[0.0 0.5 1.0 1.5 2.0 2.5 3.0]", 9, ""},
		{"small", 0, 3e-7, "[0.0 0.5 1.0 1.5 2.0 2.5 3.0]", -7, ""},
		{"a small change of a large number", 1e6, 1e6 + 0.5, "[0.0 0.1 0.2 0.3 0.4 0.5]", 0, "1e6"},
		{"four digits", 9000, 9800, "[9000 9200 9400 9600 9800]", 0, ""},
	} {
		text, power, base := tickText(ticks(c.lo, c.hi, 6))
		if fmt.Sprint(text) != c.text || power != c.power || base != c.base {
			t.Errorf("%s: got %v ×10^%d + %q, want %s ×10^%d + %q", c.name, text, power, base, c.text, c.power, c.base)
		}
	}
}

func TestNiceStep(t *testing.T) {
	for _, c := range []struct{ wanted, step float64 }{{1, 1}, {1.01, 2}, {2, 2}, {2.1, 5}, {5.1, 10}, {0.3, 0.5}, {1e-8, 1e-8}, {7e100, 1e101}} {
		if got := niceStep(c.wanted).float(); got != c.step {
			t.Errorf("niceStep(%v) = %v, want %v", c.wanted, got, c.step)
		}
	}
}

// Cubic convolution reproduces quadratic functions exactly, border included; 1e-12 is rounding of values up to 10.
func TestTheSurfaceBetweenNodesIsExactForQuadratics(t *testing.T) {
	f := func(x, y float64) float64 { return 1 + 2*x - y + x*x - 3*x*y + 2*y*y }
	for _, n := range []int{3, 4, 9} {
		g := gridOf(n, -1, 1, f)
		row := make([]float64, 31)
		at := cubic(g, 31, 17)
		for r := range 17 {
			at(r, row)
			for c, got := range row {
				x, y := -1+2*(float64(c)+0.5)/31, -1+2*(float64(r)+0.5)/17
				if math.Abs(got-f(x, y)) > 1e-12 {
					t.Fatalf("%d nodes, (%.2f, %.2f): got %v, want %v", n, x, y, got, f(x, y))
				}
			}
		}
		fine := refine(g, 40)
		for i, z := range fine.Z {
			if x, y := fine.X[i%len(fine.X)], fine.Y[i/len(fine.X)]; math.Abs(z-f(x, y)) > 1e-12 {
				t.Fatalf("refined %d nodes at (%.2f, %.2f): got %v, want %v", n, x, y, z, f(x, y))
			}
		}
	}
}

// The picture is the right way up, and ends at the outermost nodes.
func TestHeatOrientation(t *testing.T) {
	g := gridOf(2, 0, 1, func(x, y float64) float64 { return x + 2*y })
	s := newScale(g, landscape.Viridis, false)
	img := heat(g, 64, 64, s)
	low, high := img.RGBAAt(0, 63), img.RGBAAt(63, 0)
	if s.color(3.0/128) != (landscape.RGB{low.R, low.G, low.B}) || s.color(3-3.0/128) != (landscape.RGB{high.R, high.G, high.B}) {
		t.Errorf("corners %v and %v", low, high)
	}
	g.Z[3] = math.NaN() // the upper right quarter
	img = heat(g, 64, 64, s)
	if gray := noValue(); img.RGBAAt(63, 0).R != gray[0] || img.RGBAAt(33, 30).R != gray[0] || img.RGBAAt(30, 30).R == gray[0] || img.RGBAAt(33, 33).R == gray[0] {
		t.Error("the gap is not the nearest node's quarter")
	}
}
