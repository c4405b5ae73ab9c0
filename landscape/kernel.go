package landscape

import (
	"errors"
	"fmt"
	"math"
)

// Convention says what δ = 1 means for Gaussian and Uniform; the other laws have a scale of their own.
type Convention string

// The conventions.
const (
	// Vector is the paper's: u ~ N(0, I/d), or u uniform on the ball of radius 1.
	Vector Convention = "vector"
	// Coordinate makes δ the standard deviation per axis: u ~ N(0, I), or u uniform on the ball of radius √(d+2).
	Coordinate Convention = "coordinate"
)

// Kernel is the law of u in f̂_δ(x) = E f(x − δu). On a grid it is defined by its transfer function, never by sampled
// weights. With Dim = 2 it smooths a picture by a kernel of the plane (slice smoothing, an analogue); with Dim = d the
// same picture by the marginal in the plane of the kernel of all d dimensions (projected).
type Kernel struct {
	Law        Law        `json:"law"`
	Convention Convention `json:"convention"` // of Gaussian and Uniform; ignored for the other laws, which have a scale of their own
	Alpha      float64    `json:"alpha"`      // tail index of Stable, 1 < Alpha < 2; ignored for the other laws
	Dim        int        `json:"dim"`        // d ≥ 1, the number of coordinates of u
}

// ErrNoSmoothing is wrapped by the error of Kernel.Exists: the mean that defines f̂ does not exist.
var ErrNoSmoothing = errors.New("the smoothed function does not exist")

// KernelError says which part of a kernel is not valid.
type KernelError struct{ Field, Expected, Found string }

func (e *KernelError) Error() string {
	return fmt.Sprintf("reading the %s of a kernel: expected %s, found %s", e.Field, e.Expected, e.Found)
}

// Validate returns a *KernelError for an unknown law or convention, or a tail index outside (1, 2)
// and a dimension below 1.
func (k Kernel) Validate() error {
	switch k.Law {
	case Gaussian, Uniform:
		if k.Convention != Vector && k.Convention != Coordinate {
			return &KernelError{"convention", `"vector" or "coordinate"`, fmt.Sprintf("%q", k.Convention)}
		}
	case Stable:
		if !(k.Alpha > 1 && k.Alpha < 2) {
			return &KernelError{"tail index α", "1 < α < 2", fmt.Sprint(k.Alpha)}
		}
	case Cauchy, Exponential, Rayleigh, Levy, Pareto:
	default:
		return &KernelError{"law", fmt.Sprintf("one of %q", Laws()), fmt.Sprintf("%q", k.Law)}
	}
	if k.Dim < 1 {
		return &KernelError{"dimension", "1 or more", fmt.Sprint(k.Dim)}
	}
	return nil
}

// Exists returns nil where E f(x − δu) exists for a function that grows as |x|^growth, and an error that wraps
// ErrNoSmoothing and states the reason where it does not. Gaussian, Uniform, Exponential and Rayleigh have all moments.
// E‖u‖^g is finite only for g < α under an α-stable law, for g < 1 under Cauchy and Pareto and for g < 1/2 under Levy, and
// nothing may overrule that: a transform would return a false finite picture.
func (k Kernel) Exists(growth float64) error {
	index := k.tailIndex()
	if growth < index || math.IsInf(index, 1) {
		return nil
	}
	noise, advice := fmt.Sprintf("%s noise", k.Law), "take a bounded function or a kernel with a variance"
	if k.Law == Stable {
		noise, advice = fmt.Sprintf("α-stable noise with α = %g", k.Alpha), "take a bounded function, a greater α or a kernel with a variance"
	}
	return fmt.Errorf("%w: the function grows as |x|^%g, and the mean of |u|^%g is infinite under %s; %s", ErrNoSmoothing, growth, growth, noise, advice)
}

// batchExponent returns the q of δ = ηC·b^−q: 1/2 for noise with a variance, (a−1)/a for noise of tail index a < 2, whose
// mean over b samples narrows more slowly (α-stable), not at all (Cauchy, Pareto) or widens (Levy).
func (k Kernel) batchExponent() float64 {
	a := min(2, k.tailIndex())
	return (a - 1) / a
}

// Degree returns the degree of smoothing δ = ηC/√b of SGD with learning rate η, batch size b and gradient spread
// C; under an α-stable kernel δ_α = ηC_α·b^(−(α−1)/α), with C_α the scale of one sample's noise.
func Degree(k Kernel, eta, b, c float64) float64 {
	return eta * c * math.Pow(b, -k.batchExponent())
}

// LearningRateFor is the inverse of Degree in η: the learning rate at which SGD with batch size b > 0 and gradient
// spread c > 0 smooths by δ.
func LearningRateFor(k Kernel, delta, b, c float64) float64 {
	return delta / c * math.Pow(b, k.batchExponent())
}
