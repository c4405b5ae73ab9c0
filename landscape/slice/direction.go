package slice

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Float is the type of a parameter: float32 for networks, float64 for functions.
type Float interface{ ~float32 | ~float64 }

// Block is a run of a flat parameter vector that filter normalization treats as one: the weights of one output channel or
// neuron. Fixed blocks are one-dimensional tensors (biases, scales and shifts of batch normalization). Blocks of one tensor
// have one number.
type Block struct {
	Start, Len int
	Fixed      bool
	Tensor     int
}

// Normalization says how a random direction is scaled to the parameters θ that it starts from (Li et al. 2018 and the
// code of its authors). g is a standard Gaussian vector.
type Normalization string

// The normalizations. In each the fixed blocks get 0, or what Recipe.Biases says.
const (
	None   Normalization = "none"   // d = g
	Filter Normalization = "filter" // of each block d_i = g_i·‖θ_i‖/(‖g_i‖ + 10⁻¹⁰)
	Layer  Normalization = "layer"  // the same of each tensor
	Weight Normalization = "weight" // d = g·θ, parameter by parameter
	// UnitFilter and UnitLayer scale each block, or tensor, of g to length 1 whatever θ is: the reference's dfilter and dlayer.
	UnitFilter Normalization = "dfilter"
	UnitLayer  Normalization = "dlayer"
)

// Normalizations lists them; Filter is the default of the field.
func Normalizations() []Normalization {
	return []Normalization{Filter, Layer, Weight, None, UnitFilter, UnitLayer}
}

// Recipe says how random directions are made.
type Recipe struct {
	Normalization Normalization
	// Biases lets the fixed blocks take part: with their own g where the normalization is None, else with d = θ as in the
	// reference. Without it they stay where they are.
	Biases bool
	// Orthogonal turns the second direction of a plane at right angles to the first, and keeps its length.
	Orthogonal bool
}

// Validate returns a *PlaneError for a normalization that there is not.
func (r Recipe) Validate() error {
	if slices.Contains(Normalizations(), r.Normalization) {
		return nil
	}
	return &PlaneError{Doing: "reading the normalization of directions", Expected: fmt.Sprintf("one of %q", Normalizations()), Found: fmt.Sprintf("%q", r.Normalization),
		Advice: "filter is the usual one"}
}

// Draw draws a direction for params. Parameters in no block get 0. The caller owns the result. A block outside params and a
// recipe that Validate refuses are the caller's mistake and panic.
func Draw[T Float](rng *rand.Rand, params []T, blocks []Block, recipe Recipe) []T {
	d := make([]T, len(params))
	for from := 0; from < len(blocks); {
		to := from + 1 // blocks that are scaled together
		if recipe.Normalization == Layer || recipe.Normalization == UnitLayer {
			for to < len(blocks) && blocks[to].Tensor == blocks[from].Tensor && blocks[to].Fixed == blocks[from].Fixed {
				to++
			}
		}
		fill(rng, params, d, blocks[from:to], recipe)
		from = to
	}
	return d
}

// FilterNormalized is Draw with filter normalization and fixed biases: ‖d_i‖ = ‖θ_i‖ block by block, and ‖d‖ is the norm
// of all weights that are not fixed.
func FilterNormalized[T Float](rng *rand.Rand, params []T, blocks []Block) []T {
	return Draw(rng, params, blocks, Recipe{Normalization: Filter})
}

// fill draws the direction on blocks that are scaled together.
func fill[T Float](rng *rand.Rand, params, d []T, blocks []Block, recipe Recipe) {
	var g []float64
	squares, weights := 0.0, 0.0
	for _, b := range blocks {
		if b.Start < 0 || b.Len < 0 || b.Start > len(params)-b.Len {
			panic(fmt.Sprintf("slice: Draw: block of %d at %d in a vector of %d", b.Len, b.Start, len(params)))
		}
		if b.Fixed && !recipe.Biases {
			continue
		}
		own := params[b.Start : b.Start+b.Len]
		if b.Fixed && recipe.Normalization != None {
			copy(d[b.Start:], own)
			continue
		}
		for range b.Len {
			v := rng.NormFloat64()
			g = append(g, v)
			squares += v * v
		}
		weights += dot(own, own)
	}
	if g == nil {
		return
	}
	scale := 1.0
	switch recipe.Normalization {
	case None, Weight:
	case Filter, Layer:
		scale = math.Sqrt(weights) / (math.Sqrt(squares) + 1e-10)
	case UnitFilter, UnitLayer:
		scale = 1 / (math.Sqrt(squares) + 1e-10)
	default:
		panic(fmt.Sprintf("slice: Draw: no normalization %q", recipe.Normalization))
	}
	for _, b := range blocks {
		if b.Fixed && (!recipe.Biases || recipe.Normalization != None) {
			continue
		}
		for i := range b.Len {
			v := g[i] * scale
			if recipe.Normalization == Weight {
				v *= float64(params[b.Start+i])
			}
			d[b.Start+i] = T(v)
		}
		g = g[b.Len:]
	}
}

// Between is the direction from one place to another: to − from. The caller owns it.
func Between[T Float](from, to []T) []T {
	d := make([]T, len(from))
	for i, v := range from {
		d[i] = to[i] - v
	}
	return d
}

// Scale multiplies a direction to have that norm; a direction that vanishes stays.
func Scale[T Float](d []T, to float64) {
	n := norm(d)
	if n == 0 {
		return
	}
	for i, v := range d {
		d[i] = T(float64(v) * (to / n))
	}
}

// Orthogonalize takes from d what it has of the span of the others, and gives it its old norm again. It works in float64 and runs
// Gram–Schmidt twice, which is enough (Giraud, Langou, Rozložník 2005). Where nothing is left of d, because it lies in their span, d
// becomes 0: what is left below 10⁻⁵ of it counts as rounding of float32.
func Orthogonalize[T Float](d []T, others ...[]T) {
	wide := func(v []T) []float64 {
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = float64(x)
		}
		return out
	}
	var basis [][]float64
	rest := func(v []float64) (part float64) { // takes from v what the basis has of it; how much of its norm is left
		before := norm(v)
		for range 2 {
			for _, e := range basis {
				along := dot(v, e)
				for i, x := range e {
					v[i] -= along * x
				}
			}
		}
		if before == 0 {
			return 0
		}
		return norm(v) / before
	}
	for _, o := range others {
		if e := wide(o); rest(e) > 1e-5 {
			Scale(e, 1)
			basis = append(basis, e)
		}
	}
	v := wide(d)
	before := norm(v)
	if rest(v) <= 1e-5 {
		clear(d)
		return
	}
	Scale(v, before)
	for i, x := range v {
		d[i] = T(x)
	}
}

func norm[T Float](v []T) float64 { return math.Sqrt(dot(v, v)) }

// dot is Σaᵢbᵢ in float64.
func dot[T Float](a, b []T) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
