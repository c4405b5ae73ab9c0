package landscape

import "slices"

// Objective is a function of two variables that carries its own truth: where it is looked at, how fast it
// grows, how far it may be smoothed and where its minima lie. TestObjectivesAreWhatTheySay holds every one
// to it.
type Objective struct {
	ID   string // short name in links and files, for example "rastrigin"
	Name string // name on screen
	// MathML is the right-hand side of f(x₁,x₂) =, presentation MathML without the <math> element.
	MathML string
	// Domain is the closed square that is shown.
	Domain Rect
	// DeltaMax > 0 is the upper end of the δ range, in the units of the domain and in either convention.
	// Within it the smoothed grid keeps the accuracy that the package documentation states.
	DeltaMax float64
	// Growth is the least g with f(x) = O(|x|^g); 0 for a bounded f. See Kernel.Exists.
	Growth float64
	// Func returns f(x) for len(x) = 2. It neither keeps nor changes x and may be called by many goroutines.
	Func func(x []float64) float64
	// Minima lists the global minima in Domain and the local ones that have a name, none twice.
	Minima []Minimum
}

// Minimum is a known minimum of an objective.
type Minimum struct {
	X      []float64 // place, two numbers
	F      float64   // value there
	Global bool
}

// Halo returns how far beyond the domain f is sampled, in the units of the domain: 5·DeltaMax, that is five
// standard deviations of the widest finite kernel, and 6·DeltaMax where f grows faster than |x|². There the
// values beyond the halo are so large that the 3·10⁻⁷ of the mass which lies outside 5σ would still show.
func (o Objective) Halo() float64 {
	if o.Growth > 2 {
		return 6 * o.DeltaMax
	}
	return 5 * o.DeltaMax
}

// Objectives returns the catalogue in the order in which it is offered. The caller owns the slice.
func Objectives() []Objective {
	return []Objective{
		rastrigin(), ackley(), dropWave(), himmelblau(), styblinskiTang(), griewank(), schwefel(), dent(),
	}
}

// ObjectiveByID returns the objective of the catalogue with that ID.
func ObjectiveByID(id string) (o Objective, ok bool) {
	all := Objectives()
	i := slices.IndexFunc(all, func(o Objective) bool { return o.ID == id })
	if i < 0 {
		return Objective{}, false
	}
	return all[i], true
}
