package landscape

import "errors"

// Smoother smooths one field by any kernel and degree.
type Smoother struct{ field Field }

// NewSmoother transforms the field once.
func NewSmoother(f Field) (*Smoother, error) { return &Smoother{f}, nil }

// Smooth returns f̂_δ.
func (s *Smoother) Smooth(k Kernel, delta float64) (Smoothed, error) {
	return Smoothed{Grid: s.field.Inner()}, errors.ErrUnsupported
}

// Smoothed is f̂_δ on the inner grid of a field.
type Smoothed struct {
	Grid // N×N on the closed domain; owned by the caller
	// MirrorMass is P(‖δu‖ > halo): at most this part of the kernel reached beyond the halo, where the field is
	// mirrored, from any inner node.
	MirrorMass float64
	wide       Field // the inner grid with a halo of minimaRing cells
}

// Minima returns the strict local minima of f̂_δ in the closed domain, lowest first.
func (s Smoothed) Minima() []Point { return nil }

// Point is a place on a surface.
type Point struct{ X, Y, Z float64 }
