package landscape

import (
	"math"
	"math/rand/v2"
	"testing"
)

// On the plane f is f, whatever the number of variables, and its lowest minimum is the one that the plane goes through.
func TestPlaneIsARestriction(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, d := range []int{3, 50} {
		for _, o := range Objectives(d) {
			plane, x := o.Plane(), o.Center()
			if plane.Dim != 2 || plane.Lo != o.Lo || plane.Growth != o.Growth || plane.DeltaMax != o.DeltaMax || plane.Smoothed != nil {
				t.Errorf("%s, d = %d: %+v", o.ID, d, plane)
			}
			for range 5 {
				x[0], x[1] = o.Lo+(o.Hi-o.Lo)*rng.Float64(), o.Lo+(o.Hi-o.Lo)*rng.Float64()
				if got, want := plane.Func(x[:2]), o.Func(x); got != want {
					t.Errorf("%s, d = %d: %g at (%g, %g), want %g", o.ID, d, got, x[0], x[1], want)
				}
			}
			for _, m := range plane.Minima {
				if got := plane.Func(m.X); math.Abs(got-m.F) > 1e-9*(1+math.Abs(m.F)) {
					t.Errorf("%s, d = %d: %g at its minimum %v, want %g", o.ID, d, got, m.X, m.F)
				}
			}
		}
	}
	if o, _ := ObjectiveByID("rastrigin", 2); o.Plane().Smoothed == nil {
		t.Error("two variables are a plane already")
	}
}

// Not every function of d variables is that of two variables on the plane: Ackley takes means over all of them.
func TestPlaneIsNotTheFunctionOfTwoVariables(t *testing.T) {
	two, _ := ObjectiveByID("ackley", 2)
	fifty, _ := ObjectiveByID("ackley", 50)
	x := []float64{1.5, 0.5}
	// −20exp(−0.2·√(2.5/50)) − exp((−1 − 1 + 48)/50) + 20 + e
	want := -20*math.Exp(-0.2*math.Sqrt(2.5/50)) - math.Exp(46./50) + 20 + math.E
	if got := fifty.Plane().Func(x); math.Abs(got-want) > 1e-12 || math.Abs(got-two.Func(x)) < 1 {
		t.Errorf("%g, want %g; with two variables %g", got, want, two.Func(x))
	}
}
