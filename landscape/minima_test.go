package landscape

import (
	"math"
	"math/rand/v2"
	"testing"
)

// At δ = 0 every listed minimum is found, in its place to a part of a cell, and the lowest comes first.
func TestListedMinimaAreFound(t *testing.T) {
	for _, o := range Explored() {
		for _, n := range []int{129, 200, 257} {
			s := smootherOf(t, o, n)
			found := smooth(t, s, coordinateGaussian, 0).Minima()
			// The polynomial is exact for the quartics; a cusp in the middle of a cell is seen to a quarter of it.
			place := 0.01 * s.Field().Step()
			if o.ID == "ackley" {
				place = 0.25 * s.Field().Step()
			}
			for _, m := range o.Minima {
				hits := 0
				for _, p := range found {
					if math.Hypot(p.X-m.X[0], p.Y-m.X[1]) <= place {
						hits++
					}
				}
				if hits != 1 {
					t.Errorf("%s, %d nodes: the minimum at %v is found %d times", o.ID, n, m.X, hits)
				}
			}
			for i := 1; i < len(found); i++ {
				if found[i].Z < found[i-1].Z {
					t.Errorf("%s: not lowest first", o.ID)
				}
			}
		}
	}
}

// Known case B6, in the plane, where the bump shrinks by l²/v instead of l/√v: the minima on the axis by bisection
// of the slope of the closed form, and the δ where the second one vanishes.
func TestDentMelts(t *testing.T) {
	o, _ := ObjectiveByID("dent", 2)
	s := smootherOf(t, o, 257)
	const l2 = dentWidth * dentWidth
	zeros := func(delta float64) (places []float64) {
		v := l2 + delta*delta
		slope := func(x float64) float64 { return x + dentDepth*l2/v*(x-1)/v*math.Exp(-(x-1)*(x-1)/(2*v)) }
		for i := range 30001 {
			a, b := -1.5+1e-4*(float64(i)-0.5), -1.5+1e-4*(float64(i)+0.5)
			if slope(a) < 0 && slope(b) >= 0 {
				places = append(places, (a+b)/2)
			}
		}
		return places
	}
	for _, delta := range []float64{0, 0.02, 0.05, 0.07, 0.08, 0.1, 0.2, 0.29} {
		want := zeros(delta)
		found := smooth(t, s, coordinateGaussian, delta).Minima()
		if len(found) != len(want) {
			t.Errorf("δ = %g: %d minima, want %d at %v", delta, len(found), len(want), want)
			continue
		}
		for _, x := range want {
			best := math.Inf(1)
			for _, p := range found {
				best = min(best, math.Hypot(p.X-x, p.Y))
			}
			if best > 1.5e-4 {
				t.Errorf("δ = %g: no minimum within 1.5e-4 of (%g, 0)", delta, x)
			}
		}
	}
}

// Discs are no monotone filters: they make new minima.
func TestRastriginCounts(t *testing.T) {
	o, _ := ObjectiveByID("rastrigin", 2)
	for _, n := range []int{129, 200, 201, 257} {
		s := smootherOf(t, o, n)
		for _, c := range []struct {
			k     Kernel
			delta float64
			want  int
		}{
			{coordinateGaussian, 0.05, 121}, {coordinateGaussian, 0.42, 9}, {coordinateGaussian, 0.44, 1}, {coordinateGaussian, 0.6, 1},
			{Kernel{Law: Uniform, Convention: Vector, Dim: 2}, 0.6, 1}, {Kernel{Law: Uniform, Convention: Vector, Dim: 2}, 0.65, 16},
		} {
			if got := len(smooth(t, s, c.k, c.delta).Minima()); got != c.want {
				t.Errorf("%d nodes, %s %s δ = %g: %d minima, want %d", n, c.k.Law, c.k.Convention, c.delta, got, c.want)
			}
		}
	}
}

// The rings of Drop-Wave are valleys, not hundreds of minima of the grid; its center is one until smoothing raises it.
func TestCircularValleysAreNoMinima(t *testing.T) {
	o, _ := ObjectiveByID("drop-wave", 2)
	for _, n := range []int{129, 201, 257} {
		s := smootherOf(t, o, n)
		for i := range 40 {
			delta := 0.39 * float64(i) / 39
			got := len(smooth(t, s, coordinateGaussian, delta).Minima())
			if delta < 0.16 && got != 1 || got > 1 {
				t.Errorf("%d nodes, δ = %g: %d minima", n, delta, got)
			}
		}
	}
}

func TestMinimaAtTheBorder(t *testing.T) {
	bowl := func(x0 float64) func(x, y float64) float64 {
		return func(x, y float64) float64 { return (x-x0)*(x-x0) + 2*y*y + 0.1*(x-x0)*y + 0.3*(x-x0)*(x-x0)*(x-x0) }
	}
	const h = 2.0 / 64
	for _, c := range []struct {
		name string
		x0   float64
		want int
	}{
		{"on the border", 1, 1}, {"a third of a cell inside", 1 - h/3, 1}, {"half a cell inside", 1 - h/2, 1}, {"a tenth of a cell outside", 1 + h/10, 0},
		{"half a cell outside", 1 + h/2, 0}, {"a cell outside", 1 + h, 0}, {"on the other border", -1, 1}, {"outside the other border", -1 - h/10, 0},
	} {
		got := Minima(fieldOf(t, Square(-1, 1), 65, 4, bowl(c.x0)))
		if len(got) != c.want {
			t.Errorf("%s: %v, want %d", c.name, got, c.want)
		}
		for _, p := range got {
			near(t, c.name+": place", math.Hypot(p.X-c.x0, p.Y), 0, 1e-9)
		}
	}
}

func TestWhatIsNoMinimum(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for name, f := range map[string]func(x, y float64) float64{
		"a plain":                 zero,
		"a plain with rounding":   func(x, y float64) float64 { return 7 + 1e-15*rng.NormFloat64() },
		"a straight valley":       func(x, y float64) float64 { return x * x },
		"an oblique valley":       func(x, y float64) float64 { return (x - 0.7*y) * (x - 0.7*y) },
		"a saddle":                func(x, y float64) float64 { return x*x - y*y },
		"a summit":                func(x, y float64) float64 { return -x*x - y*y },
		"a function that is lost": func(x, y float64) float64 { return math.NaN() },
	} {
		if got := Minima(fieldOf(t, Square(-1, 1), 65, 4, f)); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	// One value that is not finite hides its neighborhood and nothing else.
	hole := fieldOf(t, Square(-1, 1), 65, 4, func(x, y float64) float64 {
		if x == 1 && y == 1 {
			return math.NaN()
		}
		return x*x + 4*y*y
	})
	if got := Minima(hole); len(got) != 1 {
		t.Errorf("beside a hole: %v", got)
	}
}

// Four equal nodes around a minimum in the middle of a cell are one minimum, and long bowls count.
func TestTiesAndLongBowls(t *testing.T) {
	for name, f := range map[string]func(x, y float64) float64{
		"middle of a cell": func(x, y float64) float64 { return x*x + y*y },
		"1:500 bowl":       func(x, y float64) float64 { return (x+y)*(x+y) + (x-y)*(x-y)/500 },
	} {
		got := Minima(fieldOf(t, Square(-1, 1), 64, 4, f))
		if len(got) != 1 || math.Hypot(got[0].X, got[0].Y) > 1e-9 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
