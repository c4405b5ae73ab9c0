package landscape

import "slices"

// Function is a function of d variables with its derivatives. Its closures neither keep nor change x and may be called by
// many goroutines; len(x) = d.
type Function struct {
	// Func returns f(x).
	Func func(x []float64) float64
	// Grad writes ∇f(x) into dst, of length d. Where f has a kink it writes a finite subgradient, 0 at a minimum; where f has
	// an infinite slope it leaves out the part that has it. Nil where the gradient is not known.
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
	// Note says where the formula, the domain or the list of minima differs from what a reader may know. Often empty.
	Note string
	// Dim is d ≥ 1, the number of variables.
	Dim int
	// Lo and Hi bound each coordinate of the closed cube [Lo, Hi]^d that is shown.
	Lo, Hi float64
	// Start is the half-width of the cube [−Start, Start]^d that optimization starts from: where the authors' code has the
	// function, their box.
	Start float64
	// DeltaMax > 0 is the upper end of the δ range on a grid of the plane, in the units of the domain and in either convention.
	// Within it the smoothed grid keeps the accuracy that the package documentation states. Closed forms have no such end.
	DeltaMax float64
	// Growth is the least g with f(x) = O(|x|^g); 0 for a bounded f. See Kernel.Exists.
	Growth float64
	// Minima lists the global minima in the domain and the local ones that have a name, none twice. Where there are too many
	// to list, Note says so; where no point is a strict minimum, the list is empty.
	Minima []Minimum
	// Smoothed returns f̂_δ under a kernel: by formula or, for one variable and for sums of functions of one variable, by
	// quadrature to 10⁻¹⁰ of the values. ok is false where neither is known, where f̂ does not exist (Kernel.Exists), for δ < 0
	// and for a kernel of fewer than d dimensions. A kernel of more acts through its marginal, as in a projected picture. Nil
	// where there is no such form at all.
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

// catalogue lists the objectives in the order in which they are offered. Those of Explored come first.
var catalogue = [...]struct {
	build       func(d int) Objective
	least, most int // numbers of variables; most = 0 for any
}{
	{rastrigin, 1, 0}, {ackley, 1, 0}, {dropWave, 1, 0}, {himmelblau, 2, 2}, {styblinskiTang, 1, 0}, {griewank, 1, 0}, {schwefel, 1, 0}, {dent, 1, 0},
	{sphere, 1, 0}, {ellipsoid, 2, 0}, {rotEllipsoid, 2, 0}, {rosenbrock, 2, 0},
	{alpine1, 1, 0}, {hgbat, 1, 0}, {happyCat, 1, 0}, {modifiedRidge, 2, 0}, {schafferF7, 2, 0}, {salomon, 1, 0}, {schwefel221, 2, 0},
	{dropWave12Pi, 1, 0}, {absoluteValue, 1, 0}, {unitLorentzian, 1, 1},
}

// explored is how many of the catalogue the page offers.
const explored = 8

// Objectives returns those of the catalogue that have d variables, in the order in which they are offered; none for d < 1. The
// caller owns the slice.
func Objectives(d int) []Objective {
	var all []Objective
	for _, c := range catalogue {
		if d >= c.least && (d <= c.most || c.most == 0) {
			all = append(all, c.build(d))
		}
	}
	return all
}

// Explored returns the objectives of two variables that the page offers and the browser computes: testdata/golden.json pins
// them, and their grids keep the accuracy that the package documentation states. The caller owns the slice.
func Explored() []Objective { return Objectives(2)[:explored] }

// ObjectiveByID returns the objective of the catalogue with that ID and d variables.
func ObjectiveByID(id string, d int) (o Objective, ok bool) {
	all := Objectives(d)
	i := slices.IndexFunc(all, func(o Objective) bool { return o.ID == id })
	if i < 0 {
		return Objective{}, false
	}
	return all[i], true
}

// every returns d times v.
func every(d int, v float64) []float64 { return slices.Repeat([]float64{v}, d) }

// norm2 returns ‖x‖².
func norm2(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v * v
	}
	return s
}

// isotropicHess writes a·I + b·xxᵀ into dst, the Hessian of a function of ‖x‖, and reports whether it is finite.
func isotropicHess(x, dst []float64, a, b float64) (ok bool) {
	for i, v := range x {
		row := dst[i*len(x) : (i+1)*len(x)]
		for j, w := range x {
			row[j] = b * v * w
		}
		row[i] += a
	}
	return isFinite(a) && isFinite(b)
}

// isFinite reports whether v is neither infinite nor NaN.
func isFinite(v float64) bool { return v-v == 0 }
