package landscape

import "math"

// Closed forms of what is made of waves: smoothing multiplies each by the characteristic function of the law.

func smoothRastrigin(n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	factor, shift := turn(n.wave(2 * math.Pi))
	return rippledBowl{mean: m[1], lift: 10 + m[2] - m[1]*m[1], amplitude: 10 * factor, shift: -shift / (2 * math.Pi)}.function(), true
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
	if n.kernel.isotropic() {
		b.amplitude = real(n.planeWave(b.wave))
		return b.function(), true
	}
	for i, k := range b.wave {
		factor, shift := turn(n.wave(k))
		b.amplitude *= factor
		b.phase[i] = shift
	}
	return b.function(), true
}

func (w planeWave) smooth(n noise) (Function, bool) {
	factor, shift := turn(n.planeWave(w.k))
	return planeWave{k: w.k, amplitude: w.amplitude * factor, phase: w.phase + shift}.function(), true
}
