package landscape

import "math"

// ballDies is the dimension above which Λ falls without a zero to below 10⁻¹⁷ and stays there: at w = d/2, the first zero still
// ahead, it is about (2/e)^(d/2).
const ballDies = 260

// ballTransfer returns E cos(w·u₁) for u uniform on the unit ball of d dimensions, Λ_ν(w) = Γ(ν+1)(2/w)^ν J_ν(w) with ν = d/2, to
// about 10⁻¹⁵ for every d ≥ 1 and w ≥ 0. Neither the factorial nor the power is ever formed: for d = 10⁷ both overflow, although
// Λ is by then exp(−w²/(2d)).
func ballTransfer(d int, w float64) float64 {
	nu, n := float64(d)/2, float64(d)
	q := w * w / (4 * (nu + 1))
	switch {
	case q <= 2: // the sum of the moduli is at most e^q, so at most one digit is lost
		sum, term := 1.0, 1.0
		for i := 1.0; math.Abs(term) > 1e-17; i++ {
			term *= -w * w / (4 * i * (nu + i))
			sum += term
		}
		return sum
	case w <= nu && w*w > 80*n, w > nu && d > ballDies: // about exp(−w²/(2d)) up to w = ν
		return 0
	case w <= nu:
		return ballQuadrature(n, w)
	case math.IsInf(w, 1):
		return 0
	}
	// Λ_(ν+1) = 4ν(ν+1)/w²·(Λ_ν − Λ_(ν−1)), stable upward while the order is below w.
	var below, at, order float64
	if d%2 == 0 {
		below, at, order = math.J0(w), 2*math.J1(w)/w, 1
		if d == 2 {
			return at
		}
	} else {
		sin, cos := math.Sincos(w)
		below, at, order = cos, sin/w, 0.5
	}
	for ; order < nu; order++ {
		below, at = at, 4*(order/w)*((order+1)/w)*(at-below)
	}
	return at
}

// ballQuadrature is Poisson's integral ∫cos(w·sinφ)·cosᵈφ dφ over [−π/2, π/2] with the weight normalized, by the trapezoidal rule,
// for w ≤ d/2 and d ≥ 17. Beyond 8.5/√d the weight is below 10⁻¹⁵; within, its transform has died out 8.5√d beyond w, so
// that spacing makes the rule exact to rounding.
func ballQuadrature(d, w float64) float64 {
	root := math.Sqrt(d)
	h := 2 * math.Pi / (w + 10*root)
	end := min(8.7/root, math.Pi/2)
	sum, total := 0.5, 0.5
	for phi := h; phi < end; phi += h {
		sin := math.Sin(phi)
		weight := math.Exp(d / 2 * math.Log1p(-sin*sin)) // cosᵈφ without the rounding of cosφ to 1
		sum += weight * math.Cos(w*sin)
		total += weight
	}
	return sum / total
}
