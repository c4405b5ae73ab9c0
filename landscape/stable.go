package landscape

import "math"

// stableMassOutside returns P(‖u‖ > ρ) for the isotropic α-stable law of the line or of the plane (axes = 1 or 2) with
// E exp(−ik·u) = exp(−‖k‖^α), 1 ≤ α ≤ 2.
//
// Up to ρ = 40 it is 1 − (2/π)∫sin(ρt)/t·exp(−t^α)dt or 1 − ρ∫J₁(ρt)exp(−t^α)dt; beyond, the first terms of the asymptotic
// series Σ (−1)^(n+1)/n! · c(αn/2) · ρ^(−αn) with c(z) = (2/π)Γ(2z)sin(πz) or 4^z Γ(1+z)/Γ(1−z), whose sixth is below
// 10⁻⁸ there.
func stableMassOutside(axes int, alpha, rho float64) float64 {
	if rho <= 0 {
		return 1
	}
	line := axes == 1
	if rho > 40 {
		sum, factor := 0.0, -1.0
		for n := 1.0; n <= 5; n++ {
			factor *= -1 / n
			z := alpha * n / 2
			term := 2 / math.Pi * math.Gamma(2*z) * math.Sin(math.Pi*z)
			if !line { // 1/Γ(1−z) = Γ(z)·sin(πz)/π stays finite at the poles of Γ(1−z)
				term = math.Pow(4, z) * math.Gamma(1+z) * math.Gamma(z) * math.Sin(math.Pi*z) / math.Pi
			}
			sum += factor * term * math.Pow(rho, -2*z)
		}
		return min(1, max(0, sum))
	}
	integrand := func(t float64) float64 { return rho * math.J1(rho*t) * math.Exp(-math.Pow(t, alpha)) }
	if line {
		integrand = func(t float64) float64 { return 2 / math.Pi * math.Sin(rho*t) / t * math.Exp(-math.Pow(t, alpha)) }
	}
	// exp(−t^α) < 10⁻¹⁶ from t = 37^(1/α) on. Panels hold at most a sixth of a wave; the first are graded because t^α has no
	// second derivative at 0.
	end := math.Pow(37, 1/alpha)
	width := min(1.0/4, 1/rho)
	sum := 0.0
	for left := 1e-12; left < end; {
		right := min(end, left*2, left+width)
		sum += gaussPanel(left, right, integrand)
		left = right
	}
	return min(1, max(0, 1-sum))
}

// gaussPanel integrates f over [a, b] with the Gauss–Legendre rule of five points.
func gaussPanel(a, b float64, f func(float64) float64) float64 {
	const (
		x1, w1 = 0.5384693101056831, 0.4786286704993665
		x2, w2 = 0.9061798459386640, 0.2369268850561891
		w0     = 0.5688888888888889
	)
	c, r := (a+b)/2, (b-a)/2
	return r * (w0*f(c) + w1*(f(c-r*x1)+f(c+r*x1)) + w2*(f(c-r*x2)+f(c+r*x2)))
}
