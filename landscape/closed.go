package landscape

import (
	"math"
	"math/cmplx"
)

// Closed forms of f̂_δ(x) = E f(x − v), v = δu. They know a law by three things only, so that a new law needs no new formula:
// the moments of a coordinate of v (polynomials), its characteristic function (waves), and for |x| its distribution.

// noise is the law of v = δu.
type noise struct {
	kernel Kernel
	delta  float64
}

// closed gives an objective its closed form, which smooth makes for δ > 0 and a kernel under which f̂ exists.
func closed(o Objective, smooth func(n noise) (Function, bool)) Objective {
	raw, dim, growth := o.Function, o.Dim, o.Growth
	o.Smoothed = func(k Kernel, delta float64) (Function, bool) {
		if !(delta >= 0) || math.IsInf(delta, 1) || k.Validate() != nil || k.Dim < dim || k.Exists(growth) != nil {
			return Function{}, false
		}
		if delta == 0 {
			return raw, true
		}
		return smooth(noise{k, delta})
	}
	return o
}

// moments returns E vᵢⁿ for n ≤ 4; ok is false where one is infinite or not known.
func (n noise) moments() (m [5]float64, ok bool) {
	s2 := n.delta * n.delta
	switch n.kernel.Law {
	case Gaussian:
		s2 *= n.kernel.scale() * n.kernel.scale()
		return [5]float64{1, 0, s2, 0, 3 * s2 * s2}, true
	case Uniform: // E vᵢ² = R²/(d+2), E vᵢ⁴ = 3R⁴/((d+2)(d+4))
		s2 *= n.kernel.scale() * n.kernel.scale()
		d := float64(n.kernel.Dim)
		return [5]float64{1, 0, s2 / (d + 2), 0, 3 * s2 * s2 / ((d + 2) * (d + 4))}, true
	case Exponential: // n!·scaleⁿ
		v := exponentialMean * n.delta
		return [5]float64{1, v, 2 * v * v, 6 * v * v * v, 24 * v * v * v * v}, true
	case Rayleigh:
		mean := math.Sqrt(math.Pi/2) * n.delta
		return [5]float64{1, mean, 2 * s2, 3 * s2 * mean, 8 * s2 * s2}, true
	}
	return m, false
}

// wave returns E exp(−ikvᵢ), by which smoothing multiplies exp(ikxᵢ).
func (n noise) wave(k float64) complex128 { return n.kernel.Characteristic(n.delta, k) }

// turn returns χ as the factor of an amplitude and a shift of a phase: Re(χ·exp(iφ)) = factor·cos(φ + shift). For a
// symmetric law χ is real, the factor may be negative and the shift is 0.
func turn(chi complex128) (factor, shift float64) {
	if imag(chi) == 0 {
		return real(chi), 0
	}
	return cmplx.Abs(chi), cmplx.Phase(chi)
}

// planeWave returns E exp(−ik·v) for a wave vector of d ≤ Kernel.Dim coordinates.
func (n noise) planeWave(k []float64) complex128 {
	if n.kernel.isotropic() {
		return n.wave(math.Sqrt(norm2(k)))
	}
	chi := complex(1, 0)
	for _, v := range k {
		chi *= n.wave(v)
	}
	return chi
}

// closedOnLine is closed for an objective that, where it has but one variable, is smoothed by quadrature if there is no formula.
func closedOnLine(o Objective, smooth func(n noise) (Function, bool), b breaks) Objective {
	if o.Dim > 1 {
		if smooth == nil {
			return o
		}
		return closed(o, smooth)
	}
	line := onLine(o.Function, b)
	return closed(o, func(n noise) (Function, bool) {
		if smooth != nil {
			if f, ok := smooth(n); ok {
				return f, true
			}
		}
		return line(n)
	})
}
