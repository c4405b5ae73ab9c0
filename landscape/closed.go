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
	}
	return m, false
}

// wave returns E exp(−ikvᵢ), by which smoothing multiplies exp(ikxᵢ).
func (n noise) wave(k float64) complex128 {
	return complex(n.kernel.Transfer(n.delta, math.Abs(k)), 0)
}

// turn returns χ as the factor of an amplitude and a shift of a phase: Re(χ·exp(iφ)) = factor·cos(φ + shift). For a
// symmetric law χ is real, the factor may be negative and the shift is 0.
func turn(chi complex128) (factor, shift float64) {
	if imag(chi) == 0 {
		return real(chi), 0
	}
	return cmplx.Abs(chi), cmplx.Phase(chi)
}

func smoothRastrigin(n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	factor, shift := turn(n.wave(2 * math.Pi))
	return rippledBowl{mean: m[1], lift: 10 + m[2] - m[1]*m[1], amplitude: 10 * factor, shift: -shift / (2 * math.Pi)}.function(), true
}

// isotropic reports whether the law depends on ‖u‖ alone.
func (n noise) isotropic() bool {
	switch n.kernel.Law {
	case Gaussian, Uniform, Stable:
		return true
	}
	return false
}

// smoothGriewank: a product of cosines is a mean of the 2^d plane waves with the wavenumbers ±1, ±1/√2, …, ±1/√d. All have
// the same length, so an isotropic law multiplies the product by one factor; independent coordinates keep it a product.
func smoothGriewank(d int, n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	b := griewankBowl(d)
	b.mean, b.lift = m[1], 1+float64(d)*(m[2]-m[1]*m[1])/4000
	if n.isotropic() {
		b.amplitude = real(n.wave(math.Sqrt(norm2(b.wave))))
		return b.function(), true
	}
	for i, k := range b.wave {
		factor, shift := turn(n.wave(k))
		b.amplitude *= factor
		b.phase[i] = shift
	}
	return b.function(), true
}

// smooth expands the powers of x − v.
func (p axisPolynomial) smooth(n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	q := axisPolynomial{weight: p.weight}
	for power, c := range p.c {
		binomial := 1.0
		for k := power; k >= 0; k-- { // C(power, k)·xᵏ·E(−v)^(power−k)
			odd := 1 - 2*float64((power-k)&1)
			q.c[k] += c * binomial * odd * m[power-k]
			binomial *= float64(k) / float64(power-k+1)
		}
	}
	return q.function(), true
}

// smoothDent: the bell keeps its form under a Gaussian.
func smoothDent(d int, n noise) (Function, bool) {
	if n.kernel.Law != Gaussian {
		return Function{}, false
	}
	s := n.kernel.StdDev(n.delta)
	const l2 = dentWidth * dentWidth
	v := l2 + s*s
	return dented{lift: float64(d) * s * s / 2, depth: dentDepth * math.Pow(l2/v, float64(d)/2), variance: v}.function(), true
}

func smoothHimmelblau(noise) (Function, bool)              { return Function{}, false }
func smoothRosenbrock(noise) (Function, bool)              { return Function{}, false }
func smoothAbsoluteValue(noise) (Function, bool)           { return Function{}, false }
func smoothRings(d int, r rings, n noise) (Function, bool) { return Function{}, false }
