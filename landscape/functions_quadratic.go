package landscape

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Quadratic returns ½xᵀHx for a symmetric H of d×d numbers, row-major, of which it keeps a copy. Where H is positive definite
// the origin is its minimum.
func Quadratic(h []float64) (Objective, error) {
	d := int(math.Round(math.Sqrt(float64(len(h)))))
	if d == 0 || d*d != len(h) {
		return Objective{}, &ObjectiveError{"quadratic", "matrix", "d×d numbers", fmt.Sprint(len(h))}
	}
	for i := range d {
		for j := range d {
			if v := h[i*d+j]; !isFinite(v) || v != h[j*d+i] {
				return Objective{}, &ObjectiveError{"quadratic", "matrix", "finite and symmetric", fmt.Sprintf("%g at row %d, column %d and %g opposite", v, i, j, h[j*d+i])}
			}
		}
	}
	q := quadratic{d: d, h: slices.Clone(h)}
	o := Objective{
		ID: "quadratic", Name: "Quadratic", Dim: d, Lo: -5, Hi: 5, Start: 5, DeltaMax: 0.95, Growth: 2,
		MathML: ml(mlHalf(), mlPower("x", "T"), "H x"), Function: q.function(),
	}
	if slices.Max(h) == 0 && slices.Min(h) == 0 {
		o.Growth = 0
	}
	var c mat.Cholesky
	if c.Factorize(mat.NewSymDense(d, q.h)) {
		o.Minima = []Minimum{{X: make([]float64, d), F: 0, Global: true}}
	}
	return closed(o, q.smooth), nil
}

// quadratic is ½(x−m)ᵀH(x−m) + lift with m = mean·(1, …, 1).
type quadratic struct {
	d          int
	h          []float64
	mean, lift float64
}

func (q quadratic) function() Function {
	// row returns (H(x−m))ᵢ.
	row := func(x []float64, i int) float64 {
		s := 0.0
		for j, v := range q.h[i*q.d : (i+1)*q.d] {
			s += v * (x[j] - q.mean)
		}
		return s
	}
	return Function{
		Func: func(x []float64) float64 {
			s := 0.0
			for i, v := range x {
				s += (v - q.mean) * row(x, i)
			}
			return s/2 + q.lift
		},
		Grad: func(x, dst []float64) {
			for i := range dst {
				dst[i] = row(x, i)
			}
		},
		Hess: func(_, dst []float64) bool {
			copy(dst, q.h)
			return true
		},
	}
}

// PlaneWave returns cos(k·x + phase), of len(k) variables; it keeps a copy of k, which must not be 0. Its minima lie on planes,
// so none is listed.
func PlaneWave(k []float64, phase float64) (Objective, error) {
	length := math.Sqrt(norm2(k))
	if !(length > 0) || !isFinite(length) || !isFinite(phase) {
		return Objective{}, &ObjectiveError{"plane wave", "wave vector and phase", "finite numbers, the vector not 0", fmt.Sprint(k, phase)}
	}
	reach := 4 * math.Pi / length
	w := planeWave{k: slices.Clone(k), amplitude: 1, phase: phase}
	return closed(Objective{
		ID: "plane-wave", Name: "Plane wave", Dim: len(k), Lo: -reach, Hi: reach, Start: reach, DeltaMax: 0.19 * reach, Growth: 0,
		MathML: ml("cos ( k · x + φ )"), Function: w.function(), Note: "Its minima fill planes; none is strict.",
	}, w.smooth), nil
}

// planeWave is amplitude·cos(k·x + phase).
type planeWave struct {
	k                []float64
	amplitude, phase float64
}

func (w planeWave) function() Function {
	angle := func(x []float64) float64 {
		s := w.phase
		for i, v := range x {
			s += w.k[i] * v
		}
		return s
	}
	return Function{
		Func: func(x []float64) float64 { return w.amplitude * math.Cos(angle(x)) },
		Grad: func(x, dst []float64) {
			slope := -w.amplitude * math.Sin(angle(x))
			for i, v := range w.k {
				dst[i] = slope * v
			}
		},
		Hess: func(x, dst []float64) bool {
			c := -w.amplitude * math.Cos(angle(x))
			for i, v := range w.k {
				for j, u := range w.k {
					dst[i*len(w.k)+j] = c * v * u
				}
			}
			return true
		},
	}
}
