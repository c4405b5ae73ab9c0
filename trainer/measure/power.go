package measure

import (
	"context"
	"math"
	"math/rand/v2"
)

// Eigenpair is an approximate eigenvalue of an Operator with its unit vector.
type Eigenpair struct {
	Value      float64
	Residual   float64   // ‖A v − λ v‖: some eigenvalue lies within this of Value
	Vector     []float64 // unit length
	Iterations int
	Converged  bool // the relative change fell below the tolerance
}

// PowerIteration finds count eigenvalues of largest magnitude, largest first, as PyHessian does (Yao et al. 2020): from a random normal
// start, v ← A v/‖A v‖, kept orthogonal to the vectors found before, until λ = vᵀA v changes by less than tolerance (PyHessian: 1e-3)
// of |λ|, or for limit (100) products. The sign of λ is that of the eigenvalue: a negative one of largest magnitude comes first. Two of
// equal magnitude and opposite sign do not converge; Lanczos has no such trouble and needs fewer products.
//
// progress counts products, up to count·limit.
func PowerIteration(ctx context.Context, a Operator, count, limit int, tolerance float64, rng *rand.Rand, progress func(done, total int)) ([]Eigenpair, error) {
	d := a.Dim()
	if count < 1 || count > d {
		return nil, argument("power iteration", "at least one eigenvalue, and no more than the dimension", count)
	}
	if limit < 1 {
		return nil, argument("power iteration", "a product or more", limit)
	}
	var found []Eigenpair
	image := make([]float64, d)
	for k := range count {
		v := randomUnit(d, rng)
		pair := Eigenpair{}
		before := math.NaN()
		for pair.Iterations < limit {
			deflate(v, found)
			length := norm(v)
			if length == 0 || math.IsNaN(length) {
				break
			}
			scale(v, 1/length)
			if err := a.Apply(ctx, image, v); err != nil {
				return nil, err
			}
			pair.Iterations++
			pair.Value = dot(v, image)
			pair.Vector = append(pair.Vector[:0], v...)
			residual := 0.0
			for i, w := range image {
				r := w - pair.Value*v[i]
				residual += r * r
			}
			pair.Residual = math.Sqrt(residual)
			report(progress, k*limit+pair.Iterations, count*limit)
			if math.Abs(pair.Value-before) < tolerance*(math.Abs(before)+1e-6) {
				pair.Converged = true
				break
			}
			before = pair.Value
			copy(v, image)
		}
		found = append(found, pair)
	}
	return found, nil
}

// deflate makes v orthogonal to the vectors found, twice: once leaves rounding errors.
func deflate(v []float64, found []Eigenpair) {
	for range 2 {
		for _, f := range found {
			addScaled(v, -dot(v, f.Vector), f.Vector)
		}
	}
}

// randomUnit is a direction of R^d, uniform on the sphere.
func randomUnit(d int, rng *rand.Rand) []float64 {
	v := make([]float64, d)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	scale(v, 1/norm(v))
	return v
}

// randomSigns fills v with ±1, each as likely (Rademacher).
func randomSigns(v []float64, rng *rand.Rand) {
	var bits uint64
	for i := range v {
		if i%64 == 0 {
			bits = rng.Uint64()
		}
		v[i] = 1 - 2*float64(bits&1)
		bits >>= 1
	}
}
