package engine

import (
	"fmt"
	"slices"
)

// MaxDirections is how many directions an AffineSet may have: those of a plane, and a step out of it.
const MaxDirections = 3

// Place is where parameters lie in an AffineSet: the factor of each direction. Those of directions that the set does not have do not count.
type Place [MaxDirections]float64

// AffineSet is the parameters Center + Σ c_k·Directions[k], all vectors as long as Model.Params. There are at most MaxDirections of them.
type AffineSet struct {
	Center     []float32
	Directions [][]float32
}

// AffineModel is what a Model may be besides: one that forms the parameters of an affine set where it computes, so that neither they nor the images travel
// for each place.
type AffineModel interface {
	Model
	// Lay takes a set and images to where it computes, for EvalAt, and forgets those of the Lay before. Batch norm goes by State as it is now or, if
	// recompute, at each place by mean and biased variance of all these images there, as Grad does by those of its batch. The vectors belong to the model
	// until the next Lay: nobody changes them. The error wraps ErrShape where lengths or labels do not fit.
	Lay(set AffineSet, x []float32, y []int, recompute bool) error
	// Turn replaces direction k, which belongs to the model until the next Turn or Lay.
	Turn(k int, direction []float32) error
	// EvalAt evaluates the first n ≥ 1 of the places (at least one) into the first n of out: as many as suit one piece of work, which may be fewer than there
	// are. The loss is the mean over the laid images. Parameters are formed in float32, one direction after the other with rounded factors: they
	// differ from the exact sum by at most 6·2⁻²⁴·(|center| + Σ|c_k·d_k|), and where all factors are 0 they are the center, bit for bit. What a place gives does
	// not depend on those beside it. Where these terms are not finite, or may leave float32 together, the loss is NaN. Params stay as they are.
	EvalAt(places []Place, out []Metrics) (n int, err error)
}

// At forms the parameters of a place, rounded once, into dst.
func (s AffineSet) At(p Place, dst []float32) {
	for i, c := range s.Center {
		sum := float64(c)
		for k, d := range s.Directions {
			sum += p[k] * float64(d[i])
		}
		dst[i] = float32(sum)
	}
}

// Check reports, as an error that wraps ErrShape, what keeps the set from being one of spec.
func (s AffineSet) Check(spec Spec) error {
	if len(s.Directions) < 1 || len(s.Directions) > MaxDirections {
		return fmt.Errorf("%w: expected 1 to %d directions, found %d", ErrShape, MaxDirections, len(s.Directions))
	}
	want := spec.ParameterCount()
	if i := slices.IndexFunc(append([][]float32{s.Center}, s.Directions...), func(v []float32) bool { return len(v) != want }); i >= 0 {
		return fmt.Errorf("%w: expected a center and directions of %d values, one a parameter, found another length in vector %d", ErrShape, want, i)
	}
	return nil
}

// CheckTurn reports, likewise, what keeps direction k from being replaced.
func (s AffineSet) CheckTurn(k int, direction []float32) error {
	if k < 0 || k >= len(s.Directions) || len(direction) != len(s.Center) {
		return fmt.Errorf("%w: expected a direction from 0 to %d of %d values, found %d of %d", ErrShape, len(s.Directions)-1, len(s.Center), k, len(direction))
	}
	return nil
}

// CheckPlaces reports, likewise, what keeps places from being evaluated.
func (s AffineSet) CheckPlaces(places, room int) error {
	if len(s.Directions) == 0 || places < 1 || room < places {
		return fmt.Errorf("%w: expected a set that was laid, and room for the results of one place or more, found %d places, room for %d and %d directions", ErrShape, places, room, len(s.Directions))
	}
	return nil
}
