package slice

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Plane is the set of parameters Center + α·D1 + β·D2. The three vectors have one length.
type Plane[T Float] struct {
	Center, D1, D2 []T
}

// NewPlane gives the plane through a copy of params along two filter-normalized directions, the first drawn from rng first.
func NewPlane[T Float](rng *rand.Rand, params []T, blocks []Block) Plane[T] {
	return RandomPlane(rng, params, blocks, Recipe{Normalization: Filter})
}

// RandomPlane gives the plane through a copy of params along two random directions, the first drawn from rng first.
func RandomPlane[T Float](rng *rand.Rand, params []T, blocks []Block, recipe Recipe) Plane[T] {
	p := Plane[T]{Center: append([]T(nil), params...)}
	p.D1 = Draw(rng, params, blocks, recipe)
	p.D2 = Draw(rng, params, blocks, recipe)
	if recipe.Orthogonal {
		Orthogonalize(p.D2, p.D1)
	}
	return p
}

// Through gives the plane through three places, such as checkpoints: a is its center, b lies at (1, 0) and c at (0, 1). A
// *PlaneError says where the three lie on a line.
func Through[T Float](a, b, c []T) (Plane[T], error) {
	if len(a) != len(b) || len(a) != len(c) {
		return Plane[T]{}, &PlaneError{Doing: "laying a plane through three places", Expected: "places of one length", Found: fmt.Sprintf("%d, %d and %d numbers", len(a), len(b), len(c)),
			Advice: "give checkpoints of one network"}
	}
	p := Plane[T]{Center: append([]T(nil), a...), D1: Between(a, b), D2: Between(a, c)}
	_, err := p.Metric()
	return p, err
}

// At writes the parameters at (alpha, beta) into dst, which has the length of Center.
func (p Plane[T]) At(alpha, beta float64, dst []T) {
	for i, c := range p.Center {
		dst[i] = T(float64(c) + alpha*float64(p.D1[i]) + beta*float64(p.D2[i]))
	}
}

// Norms are ‖D1‖ and ‖D2‖: one unit of α is a step of length ‖D1‖ in parameter space, so a δ there is δ/‖D1‖ in the plane.
func (p Plane[T]) Norms() (n1, n2 float64) { return norm(p.D1), norm(p.D2) }

// Gram is ⟨D1, D1⟩, ⟨D1, D2⟩, ⟨D2, D2⟩: the plane's own metric.
func (p Plane[T]) Gram() (g11, g12, g22 float64) {
	return dot(p.D1, p.D1), dot(p.D1, p.D2), dot(p.D2, p.D2)
}

// Cosine is the cosine of the angle between D1 and D2: for random directions in d dimensions about ±1/√d, not exactly 0. It
// is 0 if one of them vanishes.
func (p Plane[T]) Cosine() float64 {
	g11, g12, g22 := p.Gram()
	if g11 == 0 || g22 == 0 {
		return 0
	}
	return g12 / math.Sqrt(g11) / math.Sqrt(g22)
}

// PlaneError says why vectors span no plane, or why a point cannot be projected on it.
type PlaneError struct{ Doing, Expected, Found, Advice string }

func (e *PlaneError) Error() string {
	return fmt.Sprintf("%s: expected %s, found %s; %s", e.Doing, e.Expected, e.Found, e.Advice)
}

// leastSine is the least sine of the angle between two directions that span a plane: float32 directions of 10⁷ parameters
// keep theirs to about 10⁻⁷.
const leastSine = 1e-6

// Metric is the Gram matrix G of a plane with its inverse: how lengths in parameter space and in plot units belong together.
type Metric struct {
	G11, G12, G22 float64
	I11, I12, I22 float64 // of G⁻¹
}

// Metric returns a *PlaneError where a direction vanishes or is not finite, or the two are parallel.
func (p Plane[T]) Metric() (Metric, error) {
	bad := func(found string) (Metric, error) {
		return Metric{}, &PlaneError{Doing: "measuring a plane", Expected: "two directions that span one", Found: found, Advice: "choose directions that differ"}
	}
	var m Metric
	m.G11, m.G12, m.G22 = p.Gram()
	switch size := m.G11 + m.G22; {
	case math.IsNaN(size) || math.IsInf(size, 0):
		return bad("directions that are not finite")
	case m.G11 == 0 || m.G22 == 0:
		return bad("a direction of length 0")
	}
	// G22·sin² by the residual of D2, not by G11·G22 − G12², which would lose the digits of a small angle.
	across := residual(p.D2, nil, p.D1, nil, m.G12/m.G11, 0)
	if !(across > leastSine*leastSine*m.G22) {
		return bad(fmt.Sprintf("two directions with an angle of sine %.2g between them", math.Sqrt(across/m.G22)))
	}
	det := m.G11 * across
	m.I11, m.I12, m.I22 = m.G22/det, -m.G12/det, m.G11/det
	return m, nil
}

// Kernel is the 2×2 map (a 0; b c) from isotropic noise of the space to the plot: a kernel with standard deviation s per
// axis of parameter space has in-plane displacements s·(a·z₁, b·z₁ + c·z₂) with z standard normal, so that their covariance in
// plot units is s²G⁻¹. On orthogonal directions it is (1/‖D1‖, 0, 1/‖D2‖).
func (m Metric) Kernel() (a, b, c float64) {
	a = math.Sqrt(m.I11)
	b = m.I12 / a
	return a, b, math.Sqrt(max(0, m.I22-b*b))
}

// PlotUnits returns a length of parameter space in units of α and of β: δ/‖D1‖ and δ/‖D2‖.
func (m Metric) PlotUnits(delta float64) (alpha, beta float64) {
	return delta / math.Sqrt(m.G11), delta / math.Sqrt(m.G22)
}

// Projection is the point of a plane nearest to a place, and how far it is from there.
type Projection struct {
	Alpha, Beta float64
	Distance    float64 // from the plane, in parameter space: what a picture of the plane does not show
	// Fraction is Distance/‖place − Center‖, 0 … 1: the part of the way from the center that leaves the plane; 0 at the center.
	Fraction float64
	Radius   float64 // ‖place − Center‖
}

// Project projects a place onto the plane, with sums in float64. The error is that of Metric, or says that the length of the
// place is not that of the center.
func (p Plane[T]) Project(place []T) (Projection, error) {
	path, err := p.ProjectPath([][]T{place})
	if err != nil {
		return Projection{}, err
	}
	return path[0], nil
}

// ProjectPath projects many places, such as the checkpoints of a run: with their distances it says how much of the path the picture
// does not show. Errors are those of Project.
func (p Plane[T]) ProjectPath(places [][]T) ([]Projection, error) {
	m, err := p.Metric()
	if err != nil {
		return nil, err
	}
	path := make([]Projection, len(places))
	for i, place := range places {
		if len(place) != len(p.Center) {
			return nil, &PlaneError{Doing: "projecting a point onto a plane", Expected: fmt.Sprintf("%d parameters", len(p.Center)), Found: fmt.Sprint(len(place)),
				Advice: "give checkpoints of one network"}
		}
		path[i] = p.project(m, place)
	}
	return path, nil
}

// project solves for (α, β), and once more for what is left of the residual in the plane: on directions that are nearly parallel the
// first solution has lost digits.
func (p Plane[T]) project(m Metric, place []T) Projection {
	var out Projection
	var length float64
	for range 2 {
		var r1, r2 float64
		length = 0
		for i, v := range place {
			way := float64(v) - float64(p.Center[i])
			r := way - out.Alpha*float64(p.D1[i]) - out.Beta*float64(p.D2[i])
			r1 += r * float64(p.D1[i])
			r2 += r * float64(p.D2[i])
			length += way * way
		}
		out.Alpha += m.I11*r1 + m.I12*r2
		out.Beta += m.I12*r1 + m.I22*r2
	}
	out.Distance = math.Sqrt(residual(place, p.Center, p.D1, p.D2, out.Alpha, out.Beta))
	out.Radius = math.Sqrt(length)
	if length > 0 {
		out.Fraction = min(1, out.Distance/out.Radius)
	}
	return out
}

// residual is ‖v − center − a·d1 − b·d2‖²; center and d2 may be nil for 0.
func residual[T Float](v, center, d1, d2 []T, a, b float64) float64 {
	sum := 0.0
	for i := range v {
		r := float64(v[i]) - a*float64(d1[i])
		if center != nil {
			r -= float64(center[i])
		}
		if d2 != nil {
			r -= b * float64(d2[i])
		}
		sum += r * r
	}
	return sum
}
