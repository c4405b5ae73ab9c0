package measure

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// maxBasis bounds the bytes of a Lanczos basis.
const maxBasis = 4 << 30

// Ritz are the Ritz values of a Lanczos run: eigenvalues of A restricted to the Krylov space of the start.
type Ritz struct {
	Values    []float64 // ascending, one a step
	Residuals []float64 // ‖A y − θ y‖ = β_k|s_k|: some eigenvalue of A lies within this of Values[i]
	Weights   []float64 // squared first components: the weight of Values[i] in the start; they sum to 1

	basis   [][]float64 // orthonormal, one vector a step
	vectors *mat.Dense  // eigenvectors of the tridiagonal matrix, one a column
}

// Lanczos runs the given number of steps (fewer if d is smaller or the Krylov space ends) from start, which it scales to unit length, with
// full re-orthogonalization at every step, twice (C. Lanczos 1950). Extreme eigenvalues come first and converge within tens of
// steps; both ends are found, whatever their signs. A multiple eigenvalue is found once.
//
// It keeps steps vectors of d float64; more than 4 GiB are refused. progress counts products.
func Lanczos(ctx context.Context, a Operator, start []float64, steps int, progress func(done, total int)) (*Ritz, error) {
	d := a.Dim()
	steps = min(steps, d)
	if steps < 1 {
		return nil, argument("Lanczos", "a step or more in a space of a dimension or more", steps)
	}
	if d > maxBasis/8/steps {
		return nil, fmt.Errorf("Lanczos: %w: expected at most %d steps in %d dimensions (4 GiB), found %d; ask for fewer", ErrArgument, maxBasis/8/d, d, steps)
	}
	first := norm(start)
	if !(first > 0) || math.IsInf(first, 0) {
		return nil, argument("Lanczos", "a finite start other than 0", first)
	}
	q := slices.Clone(start)
	scale(q, 1/first)
	basis := [][]float64{q}
	var diagonal, next []float64 // α_k; β_k below it
	w := make([]float64, d)
	largest := 0.0
	for k := range steps {
		if err := a.Apply(ctx, w, basis[k]); err != nil {
			return nil, err
		}
		report(progress, k+1, steps)
		alpha := dot(w, basis[k])
		diagonal = append(diagonal, alpha)
		for range 2 {
			for _, b := range basis {
				addScaled(w, -dot(w, b), b)
			}
		}
		beta := norm(w)
		next = append(next, beta)
		if math.IsNaN(beta) || math.IsInf(beta, 0) {
			return nil, fmt.Errorf("Lanczos, step %d: %w", k+1, ErrNotFinite)
		}
		largest = max(largest, math.Abs(alpha)+beta)
		if k+1 == steps || beta <= 1e-12*largest { // the Krylov space is invariant, up to rounding
			break
		}
		q := slices.Clone(w)
		scale(q, 1/beta)
		basis = append(basis, q)
	}
	return ritz(basis, diagonal, next)
}

// ritz solves the tridiagonal problem with the given diagonal; next[k] couples k and k+1, and its last one the rest of the space.
func ritz(basis [][]float64, diagonal, next []float64) (*Ritz, error) {
	n := len(diagonal)
	t := mat.NewSymDense(n, nil)
	for k, v := range diagonal {
		t.SetSym(k, k, v)
		if k+1 < n {
			t.SetSym(k, k+1, next[k])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(t, true) {
		return nil, fmt.Errorf("Lanczos: eigenvalues of the tridiagonal matrix: %w", ErrNotFinite)
	}
	r := &Ritz{Values: eigen.Values(nil), basis: basis, vectors: new(mat.Dense)}
	eigen.VectorsTo(r.vectors)
	for i := range n {
		first := r.vectors.At(0, i)
		r.Weights = append(r.Weights, first*first)
		r.Residuals = append(r.Residuals, math.Abs(next[n-1]*r.vectors.At(n-1, i)))
	}
	return r, nil
}

// Vector is the Ritz vector of Values[i], of unit length. The caller owns it.
func (r *Ritz) Vector(i int) []float64 {
	v := make([]float64, len(r.basis[0]))
	for k, b := range r.basis {
		addScaled(v, r.vectors.At(k, i), b)
	}
	return v
}

// Top gives the count largest Ritz pairs, largest first, and Bottom the smallest one. Vectors are filled in if asked for.
func (r *Ritz) Top(count int, vectors bool) []Eigenpair {
	var pairs []Eigenpair
	for i := len(r.Values) - 1; i >= 0 && len(pairs) < count; i-- {
		pairs = append(pairs, r.pair(i, vectors))
	}
	return pairs
}

// Bottom gives the smallest Ritz pair.
func (r *Ritz) Bottom(vector bool) Eigenpair { return r.pair(0, vector) }

func (r *Ritz) pair(i int, vector bool) Eigenpair {
	p := Eigenpair{Value: r.Values[i], Residual: r.Residuals[i], Iterations: len(r.Values)}
	p.Converged = p.Residual <= 1e-2*math.Abs(p.Value)
	if vector {
		p.Vector = r.Vector(i)
	}
	return p
}

// RandomStart is a uniform direction of R^d to start Lanczos from.
func RandomStart(d int, rng *rand.Rand) []float64 { return randomUnit(d, rng) }
