package measure

import "math"

// NoiseLevel is the degree of smoothing of plain SGD, δ = ηC/√b (arXiv 2311.08745): the root mean square length of
// η times the noise of a batch of b images drawn with replacement. η > 0, C ≥ 0, b ≥ 1; a length in parameter space.
func NoiseLevel(eta, c float64, b int) float64 { return eta * c / math.Sqrt(float64(b)) }

// HeavyBallFactor is β̂ = β(β²−β+1)/(1−β)² of NoiseLevelSHB, 0 ≤ β < 1.
func HeavyBallFactor(beta float64) float64 {
	return beta * (beta*beta - beta + 1) / ((1 - beta) * (1 - beta))
}

// NoiseLevelSHB is the degree of smoothing of the stochastic heavy ball (m ← βm + g, PyTorch's momentum),
//
//	δ = η √( C²/b + β̂ (C²/b + K²) ),   K ≥ ‖∇f‖
//
// (Sato & Iiduka, arXiv 2402.02325, by the authors' code). For β = 0 it is NoiseLevel. It is an upper bound: K
// bounds the gradients of the whole path, while a measured K is a length at one θ.
func NoiseLevelSHB(eta, c, k, beta float64, b int) float64 {
	variance := c * c / float64(b)
	return eta * math.Sqrt(variance+HeavyBallFactor(beta)*(variance+k*k))
}

// NoiseLevelNSHB is the degree of smoothing of the normalized heavy ball (m ← βm + (1−β)g),
//
//	δ = η √( C²/b + 4β² (C²/b + K²) )
//
// (as NoiseLevelSHB).
func NoiseLevelNSHB(eta, c, k, beta float64, b int) float64 {
	variance := c * c / float64(b)
	return eta * math.Sqrt(variance+4*beta*beta*(variance+k*k))
}

// MomentFactor is c_p = 2^{(2−p)/p} of NoiseLevelHeavy, 1 for p = 2.
func MomentFactor(p float64) float64 { return math.Exp2((2 - p) / p) }

// NoiseLevelHeavy is the degree of smoothing where only a moment of order 1 < p ≤ 2 is bounded, E‖g_i − ∇f‖^p ≤ C_p^p:
//
//	δ_p = c_p · η · C_p · b^{−(p−1)/p}
//
// by the inequality of von Bahr and Esseen (1965) for sums of independent vectors (derived here, not quoted from the paper).
// For p = 2 it is NoiseLevel.
func NoiseLevelHeavy(eta, cp, p float64, b int) float64 {
	if p == 2 {
		return NoiseLevel(eta, cp, b)
	}
	return MomentFactor(p) * eta * cp * math.Pow(float64(b), -(p-1)/p)
}

// BatchFactor is λ = γ^{−p/(p−1)}, by which b must grow to multiply δ_p by γ at constant η: 4 to halve it for p = 2, 8 for p = 1.5.
func BatchFactor(gamma, p float64) float64 { return math.Pow(gamma, -p/(p-1)) }

// FinitePopulation is (n−b)/(n−1), the factor that drawing b of n images without replacement puts on E‖ω‖² = C²/b: 0 for
// b ≥ n, where the mini-batch is the data.
func FinitePopulation(n, b int) float64 {
	if b >= n {
		return 0
	}
	return float64(n-b) / float64(n-1)
}

// Temperature is that of the Langevin equation which SGD discretizes, T = δ²/(2η) = ηC²/(2b).
func Temperature(eta, c float64, b int) float64 { return eta * c * c / (2 * float64(b)) }

// UpdateNoiseScale is g = η(n/b − 1)/(1−β) of Smith & Le 2018 (momentum β, 0 for plain SGD). Equal g means η ∝ b, equal δ means η ∝ √b.
func UpdateNoiseScale(eta, beta float64, n, b int) float64 {
	return eta * (float64(n)/float64(b) - 1) / (1 - beta)
}

// CriticalSpread is C² from a measured critical batch size b* (the b of the least b·T(b), T the updates until the mean gradient length is
// ≤ ε) of the heavy ball with 0 < β < 1:
//
//	C² = b*ε² · β(1−β)/(β²−β+1)
//
// (derived from the constants in the authors' code). This b* is not the critical batch of McCandlish et al.
func CriticalSpread(critical int, epsilon, beta float64) float64 {
	return float64(critical) * epsilon * epsilon * beta * (1 - beta) / (beta*beta - beta + 1)
}

// CriticalBatch is CriticalSpread solved for b*.
func CriticalBatch(c2, epsilon, beta float64) float64 {
	return c2 * (beta*beta - beta + 1) / (epsilon * epsilon * beta * (1 - beta))
}
