package figure

import (
	"math"
	"testing"
)

func TestACircleIsOneClosedLine(t *testing.T) {
	g := gridOf(41, -1, 1, func(x, y float64) float64 { return x*x + y*y })
	lines := newTracer(g).lines(0.5)
	if len(lines) != 1 || lines[0][0] != lines[0][len(lines[0])-1] {
		t.Fatalf("%d lines", len(lines))
	}
	var length float64
	for i, p := range lines[0] {
		// Linear interpolation of x² over a step h = 0.05 is off by at most h²/4 in value, h²/(8r) < 4.5e-4 in radius r = 0.707.
		if r := math.Hypot(p.x, p.y); math.Abs(r-math.Sqrt(0.5)) > 4.5e-4 {
			t.Fatalf("radius %v at point %d", r, i)
		}
		if i > 0 {
			length += math.Hypot(p.x-lines[0][i-1].x, p.y-lines[0][i-1].y)
		}
	}
	if math.Abs(length-2*math.Pi*math.Sqrt(0.5)) > 0.01 {
		t.Errorf("length %v", length)
	}
}

func TestContoursOf(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(x, y float64) float64
		value  float64
		lines  int
		closed int
	}{
		{"a plane: one line from border to border", func(x, y float64) float64 { return x + 0.3*y }, 0.1, 1, 0},
		{"nothing at that value", func(x, y float64) float64 { return x }, 7, 0, 0},
		{"a saddle: two branches", func(x, y float64) float64 { return x * y }, 0.1, 2, 0},
		{"two wells", func(x, y float64) float64 { return min(math.Hypot(x-0.5, y), math.Hypot(x+0.5, y)) }, 0.3, 2, 2},
		{"a value met exactly on nodes", func(x, y float64) float64 { return math.Round(4 * x) }, 2, 1, 0},
		{"a hole of NaN cuts the line", func(x, y float64) float64 {
			if math.Abs(y) < 0.2 {
				return math.NaN()
			}
			return x
		}, 0.03, 2, 0},
		{"a pole", func(x, y float64) float64 { return 1 / (x*x + y*y) }, 4, 1, 0},
		{"a constant at its own value", func(x, y float64) float64 { return 1 }, 1, 0, 0},
	} {
		tracer := newTracer(gridOf(33, -1, 1, c.f))
		for range 2 { // a tracer may be used again
			lines := tracer.lines(c.value)
			closed := 0
			for _, l := range lines {
				if len(l) < 2 {
					t.Errorf("%s: a line of %d points", c.name, len(l))
				}
				if l[0] == l[len(l)-1] {
					closed++
				}
			}
			if len(lines) != c.lines || closed != c.closed && c.name != "a pole" {
				t.Errorf("%s: %d lines, %d closed; want %d, %d", c.name, len(lines), closed, c.lines, c.closed)
			}
		}
	}
}
