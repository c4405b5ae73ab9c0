package slice

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Float is the type of a parameter: float32 for networks, float64 for functions.
type Float interface{ ~float32 | ~float64 }

// Block is a run of a flat parameter vector that filter normalization treats as one: the weights of one output channel or
// neuron. Fixed blocks (biases) get no direction.
type Block struct {
	Start, Len int
	Fixed      bool
}

// FilterNormalized draws a random direction in parameter space, normalized as in Li et al. 2018: each block i of weights w_i
// gets a standard Gaussian vector g_i, scaled to
//
//	d_i = g_i · ‖w_i‖ / (‖g_i‖ + 10⁻¹⁰),
//
// and fixed blocks, and parameters in no block, get 0. Hence ‖d_i‖ = ‖w_i‖ block by block, and ‖d‖ is the norm of all weights
// that are not fixed. The caller owns the result. A block outside params is the caller's mistake and panics.
func FilterNormalized[T Float](rng *rand.Rand, params []T, blocks []Block) []T {
	d := make([]T, len(params))
	var g []float64
	for _, block := range blocks {
		if block.Start < 0 || block.Len < 0 || block.Start > len(params)-block.Len {
			panic(fmt.Sprintf("slice: FilterNormalized: block of %d at %d in a vector of %d", block.Len, block.Start, len(params)))
		}
		if block.Fixed {
			continue
		}
		g = g[:0]
		for range block.Len {
			g = append(g, rng.NormFloat64())
		}
		squares := 0.0
		for _, v := range g {
			squares += v * v
		}
		scale := norm(params[block.Start:block.Start+block.Len]) / (math.Sqrt(squares) + 1e-10)
		for i, v := range g {
			d[block.Start+i] = T(v * scale)
		}
	}
	return d
}

// Plane is the set of parameters Center + α·D1 + β·D2. The three vectors have one length.
type Plane[T Float] struct {
	Center, D1, D2 []T
}

// NewPlane gives the plane through a copy of params along two filter-normalized directions, the first drawn from rng first.
func NewPlane[T Float](rng *rand.Rand, params []T, blocks []Block) Plane[T] {
	p := Plane[T]{Center: append([]T(nil), params...)}
	p.D1 = FilterNormalized(rng, params, blocks)
	p.D2 = FilterNormalized(rng, params, blocks)
	return p
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

func norm[T Float](v []T) float64 { return math.Sqrt(dot(v, v)) }

func dot[T Float](a, b []T) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
