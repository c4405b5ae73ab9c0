package landscape

import "slices"

// Function is a function of d variables with its derivatives. Its closures neither keep nor change x and may be called by
// many goroutines; len(x) = d.
type Function struct {
	// Func returns f(x).
	Func func(x []float64) float64
	// Grad writes ∇f(x) into dst, of length d. Where f has a kink it writes a finite subgradient, 0 at a minimum. Nil where
	// the gradient is not known.
	Grad func(x, dst []float64)
	// Hess writes ∇²f(x) into dst, d×d row-major, and reports whether it is finite there. Nil where it is not known.
	Hess func(x, dst []float64) (ok bool)
}

// Objective is a function of d variables that carries its own truth: where it is looked at, how fast it
// grows, how far it may be smoothed, where its minima lie and what smoothing makes of it. TestObjectivesAreWhatTheySay
// holds every one to it.
type Objective struct {
	Function
	ID   string // short name in links and files, for example "rastrigin"
	Name string // name on screen
	// MathML is the right-hand side of f(x) =, presentation MathML without the <math> element.
	MathML string
	// Dim is d ≥ 1, the number of variables.
	Dim int
	// Lo and Hi bound each coordinate of the closed cube [Lo, Hi]^d that is shown and started from.
	Lo, Hi float64
	// DeltaMax > 0 is the upper end of the δ range, in the units of the domain and in either convention.
	// Within it the smoothed grid keeps the accuracy that the package documentation states.
	DeltaMax float64
	// Growth is the least g with f(x) = O(|x|^g); 0 for a bounded f. See Kernel.Exists.
	Growth float64
	// Minima lists the global minima in the domain and the local ones that have a name, none twice.
	Minima []Minimum
	// Smoothed returns f̂_δ under a kernel of Dim = d in closed form; ok is false where none is known. Nil where there is none at
	// all. Whether f̂ exists is told by Kernel.Exists, which the closed forms respect.
	Smoothed func(k Kernel, delta float64) (smoothed Function, ok bool)
}

// Square is the domain of a function of two variables.
func (o Objective) Square() Rect { return Square(o.Lo, o.Hi) }

// Minimum is a known minimum of an objective.
type Minimum struct {
	X      []float64 // place, d numbers
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

// Objectives returns those of the catalogue that have d ≥ 1 variables, in the order in which they are offered. The caller
// owns the slice.
func Objectives(d int) []Objective {
	if d != 2 {
		return nil
	}
	return []Objective{
		rastrigin(), ackley(), dropWave(), himmelblau(), styblinskiTang(), griewank(), schwefel(), dent(),
	}
}

// ObjectiveByID returns the objective of the catalogue with that ID and d variables.
func ObjectiveByID(id string, d int) (o Objective, ok bool) {
	all := Objectives(d)
	i := slices.IndexFunc(all, func(o Objective) bool { return o.ID == id })
	if i < 0 {
		return Objective{}, false
	}
	return all[i], true
}
