package descent

import (
	"math"
	"strings"
	"testing"

	"smoothscape/landscape"
)

// The list of the authors' code, as it builds it: d is multiplied by (M−m)/(M−(m−1)) after each level, and 0.01 ends the list.
func TestLevelsAreThoseOfTheAuthors(t *testing.T) {
	e, ok := AuthorsExplicit("rastrigin")
	if !ok || e.LearningRate != 0.01 || e.Steps != 20 || e.Samples != 100 {
		t.Fatalf("got %+v", e)
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

// The functions of the authors' benchmark are in the catalogue, with their boxes.
func TestTheAuthorsBenchmarkIsInTheCatalogue(t *testing.T) {
	boxes := map[string]float64{
		"ackley": 32.768, "alpine1": 10, "drop-wave": 5.12, "ellipsoid": 100, "griewank": 100, "happycat": 20, "hgbat": 15, "modified-ridge": 100,
		"rastrigin": 5.12, "rosenbrock": 10, "rot-ellipsoid": 100, "salomon": 20, "schaffer-f7": 100, "schwefel": 500, "schwefel-2.21": 100, "sphere": 100,
	}
	if len(boxes) != len(authors) {
		t.Errorf("%d functions, want %d", len(authors), len(boxes))
	}
	for id, half := range boxes {
		o, ok := landscape.ObjectiveByID(id, 50)
		if e, known := AuthorsExplicit(id); !ok || !known || o.Start != half || e.Validate() != nil {
			t.Errorf("%s: in the catalogue %v with a box of %g, with constants %v", id, ok, o.Start, known)
			continue
		}
		if trial := DefaultTrial(o); trial.Lo != -half || trial.Hi != half {
			t.Errorf("%s starts in [%g, %g]", id, trial.Lo, trial.Hi)
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
	if _, ok := AuthorsExplicit("unheard-of"); ok {
		t.Error("an unknown objective has constants")
	}
}
