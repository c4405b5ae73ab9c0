package landscape

import (
	"errors"
	"fmt"
	"math"
)

// Law is the family of laws that the kernel variable u comes from.
type Law string

// The laws.
const (
	Gaussian Law = "gaussian" // normal
	Uniform  Law = "uniform"  // uniform on a ball, a disc in the plane
	Stable   Law = "stable"   // isotropic α-stable, 1 < α < 2
)

// Convention says what δ = 1 means for the laws that have a variance.
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
	Law        Law
	Convention Convention // ignored for Stable, which has a scale of its own
	Alpha      float64    // tail index, 1 < Alpha < 2; ignored for the other laws
	Dim        int        // d ≥ 1, the number of coordinates of u
}

// ErrNoSmoothing is wrapped by the error of Kernel.Exists: the mean that defines f̂ does not exist.
var ErrNoSmoothing = errors.New("the smoothed function does not exist")

// KernelError says which part of a kernel is not valid.
type KernelError struct{ Field, Expected, Found string }

func (e *KernelError) Error() string {
	return fmt.Sprintf("reading the %s of a kernel: expected %s, found %s", e.Field, e.Expected, e.Found)
}

// Validate returns a *KernelError for an unknown law or convention, or a tail index outside (1, 2).
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
	default:
		return &KernelError{"law", `"gaussian", "uniform" or "stable"`, fmt.Sprintf("%q", k.Law)}
	}
	if k.Dim < 1 {
		return &KernelError{"dimension", "1 or more", fmt.Sprint(k.Dim)}
	}
	return nil
}

// scale returns the standard deviation per axis (Gaussian) or the radius (Uniform) at δ = 1.
func (k Kernel) scale() float64 {
	switch {
	case k.Law == Gaussian && k.Convention == Vector:
		return 1 / math.Sqrt(float64(k.Dim))
	case k.Law == Uniform && k.Convention == Coordinate:
		return math.Sqrt(float64(k.Dim + 2))
	}
	return 1
}

// Transfer returns the factor by which smoothing of degree δ ≥ 0 multiplies a plane wave of that wavenumber
// (its length ‖k‖, radians per unit): E exp(−iδk·u), in [−1, 1].
//
//	Gaussian  exp(−s²k²/2)      s = δ/√2 (vector), δ (coordinate)
//	Uniform   2J₁(Rk)/(Rk)      R = δ (vector), 2δ (coordinate)
//	Stable    exp(−(δk)^α)
//
// It is 1 at δ = 0 and NaN for an unknown law.
func (k Kernel) Transfer(delta, wavenumber float64) float64 {
	w := delta * k.scale() * wavenumber
	switch k.Law {
	case Gaussian:
		return math.Exp(-w * w / 2)
	case Uniform:
		return jinc(w)
	case Stable:
		return math.Exp(-math.Pow(w, k.Alpha))
	}
	return math.NaN()
}

// jinc is 2J₁(w)/w, by its series where the quotient would lose digits (the next term is w⁴/192 < 10⁻¹⁷).
func jinc(w float64) float64 {
	if math.Abs(w) < 1e-4 {
		return 1 - w*w/8
	}
	return 2 * math.J1(w) / w
}

// StdDev returns the standard deviation of δu per axis; +Inf for Stable (0 at δ = 0).
func (k Kernel) StdDev(delta float64) float64 {
	switch {
	case delta == 0:
		return 0
	case k.Law == Gaussian:
		return delta * k.scale()
	case k.Law == Uniform:
		return delta * k.scale() / math.Sqrt(float64(k.Dim+2)) // of a coordinate of a point in the ball
	}
	return math.Inf(1)
}

// MassOutside returns P(‖δu‖ > r) in the plane for δ ≥ 0 and r ≥ 0, in [0, 1].
//
//	Gaussian  exp(−r²/(2s²))
//	Uniform   1 − r²/R²
//	Stable    1 − ρ∫₀^∞ J₁(ρt) exp(−t^α) dt with ρ = r/δ, by quadrature to 10⁻⁸
func (k Kernel) MassOutside(delta, r float64) float64 {
	if delta == 0 {
		return 0
	}
	rho := r / (delta * k.scale())
	switch k.Law {
	case Gaussian:
		return math.Exp(-rho * rho / 2)
	case Uniform:
		return max(0, 1-rho*rho)
	case Stable:
		return stableMassOutside(k.Alpha, rho)
	}
	return math.NaN()
}

// Exists returns nil where E f(x − δu) exists for a function that grows as |x|^growth, and an error that wraps
// ErrNoSmoothing and states the reason where it does not. Gaussian and Uniform have all moments; an α-stable u
// has E‖u‖^g only for g < α, and nothing may overrule that: a transform would return a false finite picture.
func (k Kernel) Exists(growth float64) error {
	if k.Law != Stable || growth < k.Alpha {
		return nil
	}
	return fmt.Errorf("%w: the function grows as |x|^%g, and the mean of |u|^%g is infinite under α-stable noise with α = %g; "+
		"take a bounded function, a greater α or a kernel with a variance", ErrNoSmoothing, growth, growth, k.Alpha)
}

// batchExponent returns the q of δ = ηC·b^−q: 1/2 for noise with a variance, (α−1)/α for α-stable noise, whose
// mean over b samples narrows more slowly.
func (k Kernel) batchExponent() float64 {
	if k.Law == Stable {
		return (k.Alpha - 1) / k.Alpha
	}
	return 0.5
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
