package descent

import (
	"math"
	"strings"
	"testing"
)

// The list of the authors' code, as it builds it: d is multiplied by (M−m)/(M−(m−1)) after each level, and 0.01 ends the list.
func TestLevelsAreThoseOfTheAuthors(t *testing.T) {
	e, half, ok := AuthorsExplicit("rastrigin")
	if !ok || half != 5.12 || e.LearningRate != 0.01 || e.Steps != 20 || e.Samples != 100 {
		t.Fatalf("got %+v from a box of %g", e, half)
	}
	stages, err := e.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) != 51 {
		t.Fatalf("%d levels", len(stages))
	}
	d := 1.0
	for m, got := range stages {
		want := d
		if m == 50 {
			want = 0.01
		}
		if math.Abs(got.NoiseLevel-want) > 1e-12 || math.Abs(got.LearningRate-0.01*want) > 1e-14 || got.Steps != 20 || got.BatchSize != 0 {
			t.Errorf("level %d: got %+v, want δ = %g", m, got, want)
		}
		d *= (50 - float64(m)) / (50 - (float64(m) - 1))
	}
	for m, want := range map[int]float64{0: 1, 1: 0.980392, 2: 0.960784, 48: 0.058824, 49: 0.039216, 50: 0.01} {
		if math.Abs(stages[m].NoiseLevel-want) > 1e-6 {
			t.Errorf("level %d: got %g, want %g", m, stages[m].NoiseLevel, want)
		}
	}
}

func TestTheGeometricScale(t *testing.T) {
	e := DefaultExplicit()
	e.Scale, e.First, e.Last = Geometric, 2, 0.02
	stages, err := e.Plan()
	if err != nil {
		t.Fatal(err)
	}
	for m := 1; m < len(stages); m++ {
		if r := stages[m].NoiseLevel / stages[m-1].NoiseLevel; math.Abs(r-math.Pow(0.01, 1./50)) > 1e-12 {
			t.Errorf("level %d is %g of the one before", m, r)
		}
	}
	if first, last := stages[0].NoiseLevel, stages[50].NoiseLevel; len(stages) != 51 || first != 2 || last != 0.02 {
		t.Errorf("%d levels from %g to %g", len(stages), first, last)
	}
}

func TestExplicitNamesAllFaults(t *testing.T) {
	err := Explicit{Scale: "log", Last: math.NaN()}.Validate()
	for _, field := range []string{"learning rate l₀", "levels M", "scale", "power p", "first level", "last level", "steps", "samples"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in: %v", field, err)
		}
	}
	if err := DefaultExplicit().Validate(); err != nil {
		t.Error(err)
	}
	if _, err := (Explicit{}).Method(bowl(1, 1), vector(1)); err == nil {
		t.Error("a method of nothing")
	}
	if _, _, ok := AuthorsExplicit("unheard-of"); ok {
		t.Error("an unknown objective has constants")
	}
}
