package nice

import (
	"fmt"
	"math"

	"smoothscape/landscape"
)

// Family is the smoothed functions δ → f̂_δ of one function on a domain.
type Family struct {
	Dim    int     // 1 or 2
	Lo, Hi float64 // the domain [Lo, Hi]^Dim, in which global minimizers are searched
	Kernel landscape.Kernel
	// Smoothed returns f̂_δ for δ > 0. It may be called by many goroutines, and so may the functions. Missing derivatives
	// are replaced by differences.
	Smoothed func(delta float64) (landscape.Function, error)
}

// FamilyOf returns the smoothed functions of an objective of one or two variables: in closed form where the objective has
// it, by Quadrature where it has not. The error is that of the kernel where f̂ does not exist, and an *Error where it can
// be had in neither way.
func FamilyOf(o landscape.Objective, k landscape.Kernel) (Family, error) {
	if err := k.Validate(); err != nil {
		return Family{}, err
	}
	if k.Dim != o.Dim {
		return Family{}, &Error{"pairing an objective and a kernel", fmt.Sprintf("a kernel of %d dimensions", o.Dim), fmt.Sprint(k.Dim), ""}
	}
	if err := k.Exists(o.Growth); err != nil {
		return Family{}, err
	}
	family := Family{Dim: o.Dim, Lo: o.Lo, Hi: o.Hi, Kernel: k}
	family.Smoothed = func(delta float64) (landscape.Function, error) {
		if o.Smoothed != nil {
			if f, ok := o.Smoothed(k, delta); ok {
				return f, nil
			}
		}
		return Quadrature(o.Function, k, delta, (o.Hi-o.Lo)/wavesAcross, o.Lo, o.Hi)
	}
	if err := family.validate(); err != nil {
		return Family{}, err
	}
	_, err := family.Smoothed((o.Hi - o.Lo) / 4) // what is not available is not available at any δ
	return family, err
}

func (f Family) validate() error {
	if f.Dim != 1 && f.Dim != 2 {
		return &Error{"reading the family of smoothed functions", "one or two variables", fmt.Sprint(f.Dim), "take the objective with fewer"}
	}
	if !(f.Lo < f.Hi) || math.IsInf(f.Hi-f.Lo, 0) {
		return &Error{"reading the domain", "a finite interval [lo, hi], lo < hi", fmt.Sprintf("[%g, %g]", f.Lo, f.Hi), ""}
	}
	if f.Smoothed == nil {
		return &Error{"reading the family of smoothed functions", "a function of δ", "nil", ""}
	}
	return nil
}

// Diameter is that of the domain, √Dim times its width: Hazan's schedule starts from half of it.
func (f Family) Diameter() float64 { return math.Sqrt(float64(f.Dim)) * (f.Hi - f.Lo) }

// at returns the surface of one δ.
func (f Family) at(delta float64) (*surface, error) {
	smoothed, err := f.Smoothed(delta)
	if err != nil {
		return nil, fmt.Errorf("δ = %g: %w", delta, err)
	}
	return newSurface(smoothed, f, delta), nil
}
