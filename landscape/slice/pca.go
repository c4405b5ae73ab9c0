package slice

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Components are the principal components of points in parameter space, such as the checkpoints of a trajectory, centered at their
// mean as scikit-learn does it (Pearson 1901; the reference code of Li et al. 2018 uses it on θ_t − θ_final, whose mean it takes out
// again). With n points there are at most n − 1.
type Components[T Float] struct {
	// Directions are orthonormal, by decreasing variance. The sign of each is such that its entry of greatest magnitude, the first of
	// equals, is positive.
	Directions [][]T
	Variance   []float64 // explained: s²/(n − 1) with the singular value s of the centered points
	Ratio      []float64 // Variance over the variance of all directions, Total
	Total      float64
}

// PrincipalComponents finds count ≥ 1 of them from the n×n matrix of inner products of the centered points, in float64: n²·d/2
// multiply-adds, and no d×d matrix. Components whose variance is below 10⁻¹² of the total are rounding and refused: a *PlaneError says
// so, and how many the points have.
func PrincipalComponents[T Float](points [][]T, count int) (Components[T], error) {
	bad := func(expected, found string) (Components[T], error) {
		return Components[T]{}, &PlaneError{Doing: "finding the principal components of a trajectory", Expected: expected, Found: found, Advice: "give checkpoints of different updates"}
	}
	n := len(points)
	if count < 1 || n < count+1 {
		return bad(fmt.Sprintf("at least %d points", max(2, count+1)), fmt.Sprint(n))
	}
	d := len(points[0])
	mean := make([]float64, d)
	for _, p := range points {
		if len(p) != d {
			return bad(fmt.Sprintf("points of %d parameters", d), fmt.Sprintf("one of %d", len(p)))
		}
		for i, v := range p {
			mean[i] += float64(v) / float64(n)
		}
	}
	gram := centeredGram(points, mean)
	for i := range n {
		if v := gram.At(i, i); math.IsNaN(v) || math.IsInf(v, 0) {
			return bad("finite points", "one that is not")
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		return bad("an eigenvalue decomposition that converges", "one that does not")
	}
	values := eigen.Values(nil) // increasing
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	out := Components[T]{}
	for i := range n {
		out.Total += gram.At(i, i) / float64(n-1)
	}
	for c := range count {
		value := values[n-1-c]
		if !(value > 1e-12*out.Total*float64(n-1)) {
			return bad(fmt.Sprintf("points that lie in %d or more dimensions", count), fmt.Sprintf("%d", c))
		}
		direction := make([]float64, d)
		for i, p := range points {
			w := vectors.At(i, n-1-c) / math.Sqrt(value)
			for k, v := range p {
				direction[k] += w * (float64(v) - mean[k])
			}
		}
		out.Directions = append(out.Directions, signed[T](direction))
		out.Variance = append(out.Variance, value/float64(n-1))
		out.Ratio = append(out.Ratio, value/float64(n-1)/out.Total)
	}
	return out, nil
}

// centeredGram is the matrix of ⟨x_s − mean, x_t − mean⟩, summed over strips of coordinates: a strip of all points, widened and
// centered once, fits the cache, where whole points would be read from memory once for each pair.
func centeredGram[T Float](points [][]T, mean []float64) *mat.SymDense {
	const strip = 2048
	gram := mat.NewSymDense(len(points), nil)
	x := blas64.General{Rows: len(points), Stride: strip, Data: make([]float64, len(points)*strip)}
	for from := 0; from < len(mean); from += strip {
		x.Cols = min(strip, len(mean)-from)
		for t, p := range points {
			for j, m := range mean[from : from+x.Cols] {
				x.Data[t*strip+j] = float64(p[from+j]) - m
			}
		}
		blas64.Syrk(blas.NoTrans, 1, x, 1, gram.RawSymmetric())
	}
	return gram
}

// signed makes the entry of greatest magnitude positive.
func signed[T Float](v []float64) []T {
	greatest := 0
	for i := range v {
		if math.Abs(v[i]) > math.Abs(v[greatest]) {
			greatest = i
		}
	}
	sign := 1.0
	if v[greatest] < 0 {
		sign = -1
	}
	out := make([]T, len(v))
	for i := range v {
		out[i] = T(sign * v[i])
	}
	return out
}

// PathPlane gives the plane of a trajectory: through its last point, along the first two principal components, which have length 1.
func PathPlane[T Float](points [][]T) (Plane[T], Components[T], error) {
	components, err := PrincipalComponents(points, 2)
	if err != nil {
		return Plane[T]{}, Components[T]{}, err
	}
	last := points[len(points)-1]
	return Plane[T]{Center: append([]T(nil), last...), D1: components.Directions[0], D2: components.Directions[1]}, components, nil
}
