package landscape

import "math"

// Law is the family of laws that the kernel variable u comes from.
type Law string

// The laws. The first four are isotropic: u has the same law after every rotation. The others have independent coordinates, all
// positive, each with the scale that the authors' demonstration gives it.
const (
	Gaussian    Law = "gaussian"    // normal
	Uniform     Law = "uniform"     // uniform on a ball, a disc in the plane
	Stable      Law = "stable"      // isotropic α-stable, 1 < α < 2, with E exp(−ik·u) = exp(−‖k‖^α)
	Cauchy      Law = "cauchy"      // the same with α = 1
	Exponential Law = "exponential" // mean 1.5
	Rayleigh    Law = "rayleigh"    // the length of a standard normal vector of the plane
	Levy        Law = "levy"        // 1 + 1/N(0, 1)²: the demonstration passes 1 as the location
	Pareto      Law = "pareto"      // P(u > x) = 1/x for x ≥ 1
)

// exponentialMean is that of a coordinate under Exponential.
const exponentialMean = 1.5

// Laws returns all laws, in the order in which they are offered. The caller owns the slice.
func Laws() []Law {
	return []Law{Gaussian, Uniform, Stable, Cauchy, Exponential, Rayleigh, Levy, Pareto}
}

// isotropic reports whether the law of u depends on its length alone.
func (k Kernel) isotropic() bool {
	return k.Law == Gaussian || k.Law == Uniform || k.Law == Stable || k.Law == Cauchy
}

// tailIndex returns the a for which E‖u‖^g is finite where g < a and infinite where g ≥ a; +Inf for the laws with all moments.
func (k Kernel) tailIndex() float64 {
	switch k.Law {
	case Stable:
		return k.Alpha
	case Cauchy, Pareto:
		return 1
	case Levy:
		return 0.5
	}
	return math.Inf(1)
}

// scale returns the standard deviation per axis (Gaussian) or the radius (Uniform) at δ = 1; 1 for the laws with a scale of
// their own.
func (k Kernel) scale() float64 {
	switch {
	case k.Law == Gaussian && k.Convention == Vector:
		return 1 / math.Sqrt(float64(k.Dim))
	case k.Law == Uniform && k.Convention == Coordinate:
		return math.Sqrt(float64(k.Dim) + 2)
	}
	return 1
}

// Mean returns the mean of a coordinate of u: 0 for the isotropic laws (for Cauchy, which has no mean, its center), +Inf for Levy
// and Pareto. Smoothing by a kernel with a mean moves the picture by δ·Mean along each axis, since f̂_δ(x) = E f(x − δu).
func (k Kernel) Mean() float64 {
	switch k.Law {
	case Exponential:
		return exponentialMean
	case Rayleigh:
		return math.Sqrt(math.Pi / 2)
	case Levy, Pareto:
		return math.Inf(1)
	}
	return 0
}

// StdDev returns the standard deviation of a coordinate of δu; +Inf for Stable, Cauchy, Levy and Pareto (0 at δ = 0).
func (k Kernel) StdDev(delta float64) float64 {
	if delta == 0 {
		return 0
	}
	switch k.Law {
	case Gaussian:
		return delta * k.scale()
	case Uniform:
		return delta * k.scale() / math.Sqrt(float64(k.Dim)+2) // of a coordinate of a point in the ball
	case Exponential:
		return delta * exponentialMean
	case Rayleigh:
		return delta * math.Sqrt(2-math.Pi/2)
	}
	return math.Inf(1)
}

// SecondMoment returns E uᵢ² of a coordinate of u about 0, that is Mean² + StdDev(1)²: a quadratic function with Hessian H is
// lifted by δ²·SecondMoment·tr(H)/2 where the mean is 0. +Inf for the laws without a variance.
func (k Kernel) SecondMoment() float64 {
	mean, s := k.Mean(), k.StdDev(1)
	return mean*mean + s*s
}

// Transfer returns the factor by which smoothing of degree δ ≥ 0 under an isotropic law multiplies a plane wave of that
// wavenumber (its length ‖k‖, radians per unit): E exp(−iδk·u), in [−1, 1]. It does not matter whether the wave lives on a line,
// in a plane or in all d dimensions: the transfer function of a marginal is that of the whole.
//
//	Gaussian  exp(−s²k²/2)                              s = δ/√d (vector), δ (coordinate)
//	Uniform   Γ(d/2+1) (2/w)^(d/2) J_(d/2)(w), w = Rk   R = δ (vector), δ√(d+2) (coordinate); 2J₁(w)/w for d = 2
//	Stable    exp(−(δk)^α)
//	Cauchy    exp(−δk)
//
// It is 1 at δ = 0 and NaN for the other laws, which Characteristic serves.
func (k Kernel) Transfer(delta, wavenumber float64) float64 {
	w := delta * k.scale() * wavenumber
	switch k.Law {
	case Gaussian:
		return math.Exp(-w * w / 2)
	case Uniform:
		return ballTransfer(k.Dim, w)
	case Stable:
		return math.Exp(-math.Pow(w, k.Alpha))
	case Cauchy:
		return math.Exp(-w)
	}
	return math.NaN()
}

// Characteristic returns E exp(−iδk·uᵢ) of one coordinate of u for any law and any sign of the wavenumber k: the complex number
// by which smoothing multiplies exp(ikxᵢ). For the laws with independent coordinates the factor of a plane wave is the
// product over its axes.
//
//	Exponential  1/(1 + 1.5iw), w = δk
//	Rayleigh     1 − √2·w·D(w/√2) − iw√(π/2)·exp(−w²/2), D Dawson's integral
//	Levy         exp(−√w − i(w + √w)) for w ≥ 0
//	Pareto       E₂(iw) = exp(−iw) − iw·E₁(iw)
func (k Kernel) Characteristic(delta, wavenumber float64) complex128 {
	if k.isotropic() {
		return complex(k.Transfer(delta, math.Abs(wavenumber)), 0)
	}
	w := math.Abs(delta * wavenumber)
	var re, im float64
	switch k.Law {
	case Exponential:
		w *= exponentialMean
		re, im = 1/(1+w*w), -1/(w+1/w)
		if w == 0 {
			im = 0
		}
	case Rayleigh:
		re, im = rayleighCharacteristic(w)
	case Levy:
		root := math.Sqrt(w)
		sin, cos := math.Sincos(w + root)
		re, im = math.Exp(-root)*cos, -math.Exp(-root)*sin
	case Pareto:
		re, im = paretoCharacteristic(w)
	default:
		return complex(math.NaN(), math.NaN())
	}
	if wavenumber < 0 {
		im = -im
	}
	return complex(re, im)
}
