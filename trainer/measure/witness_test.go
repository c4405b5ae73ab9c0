package measure

import (
	"context"
	"math/rand/v2"
)

// sum is a finite sum f = (1/n) Σ f_i with f_i(θ) = a_i·θ + ½ θᵀHθ, known in closed form: gradient mean a + Hθ.
type sum struct {
	a [][]float64 // one row an image
	h [][]float64 // symmetric; nil is 0
}

func (s sum) Dim() int { return len(s.a[0]) }

func (s sum) At(params []float32, images []int, grad []float32) (float64, error) {
	d := s.Dim()
	g := make([]float64, d)
	loss := 0.0
	for _, i := range images {
		for k, v := range s.a[i] {
			g[k] += v / float64(len(images))
		}
	}
	for k, v := range g {
		loss += v * float64(params[k])
	}
	for r := range s.h {
		row := 0.0
		for k, v := range s.h[r] {
			row += v * float64(params[k])
		}
		loss += row * float64(params[r]) / 2
		g[r] += row
	}
	for k, v := range g {
		grad[k] = float32(v)
	}
	return loss, nil
}

func (s sum) loss(params []float32, images []int) (float64, error) {
	return s.At(params, images, make([]float32, s.Dim()))
}

// diagonal is the matrix with the given diagonal.
func diagonal(h ...float64) [][]float64 {
	m := make([][]float64, len(h))
	for i, v := range h {
		m[i] = make([]float64, len(h))
		m[i][i] = v
	}
	return m
}

// randomSum has n images in d dimensions: Gaussian a_i about a common mean of length about 1, with standard deviation spread.
func randomSum(n, d int, spread float64, rng *rand.Rand) sum {
	center := randomUnit(d, rng)
	s := sum{a: make([][]float64, n)}
	for i := range s.a {
		s.a[i] = make([]float64, d)
		for k := range s.a[i] {
			s.a[i][k] = float64(float32(center[k] + spread*rng.NormFloat64()))
		}
	}
	return s
}

// truth gives C² and ‖∇f‖² of a sum at θ = 0, by their definitions.
func (s sum) truth() (c2, gradient float64) {
	n := float64(len(s.a))
	mean := make([]float64, s.Dim())
	for _, a := range s.a {
		addScaled(mean, 1/n, a)
	}
	for _, a := range s.a {
		for k, v := range a {
			c2 += (v - mean[k]) * (v - mean[k]) / n
		}
	}
	return c2, dot(mean, mean)
}

// matrix is a dense symmetric Operator.
type matrix [][]float64

func (m matrix) Dim() int { return len(m) }

func (m matrix) Apply(_ context.Context, dst, v []float64) error {
	for r, row := range m {
		dst[r] = dot(row, v)
	}
	return nil
}

// rotated is QᵀΛQ for a random orthogonal Q: a dense matrix with the given eigenvalues.
func rotated(eigenvalues []float64, rng *rand.Rand) matrix {
	d := len(eigenvalues)
	var q []Eigenpair
	for range d {
		v := randomUnit(d, rng)
		deflate(v, q)
		scale(v, 1/norm(v))
		q = append(q, Eigenpair{Vector: v})
	}
	m := make(matrix, d)
	for r := range m {
		m[r] = make([]float64, d)
		for k := range m[r] {
			for i, lambda := range eigenvalues {
				m[r][k] += lambda * q[i].Vector[r] * q[i].Vector[k]
			}
		}
	}
	return m
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
