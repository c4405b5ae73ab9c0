package descent

import "math"

// MomentumDegree returns the degree of smoothing of SGD with momentum β in [0, 1), learning rate η, batch size b, gradient spread C and a
// bound K on the length of the full gradient (Sato and Iiduka, arXiv 2402.02325, and their code):
//
//	heavy ball              δ = η√(C²/b + β̂(C²/b + K²)),    β̂ = β(β² − β + 1)/(1−β)²
//	normalized heavy ball   δ = η√(C²/b + 4β²(C²/b + K²))
//
// Without momentum both are ηC/√b. C is a length, where the authors' code calls its square C.
func MomentumDegree(normalized bool, eta, b, c, beta, k float64) float64 {
	variance := c * c / b
	factor := 4 * beta * beta
	if !normalized {
		factor = heavyBallFactor(beta)
	}
	return eta * math.Sqrt(variance+factor*(variance+k*k))
}

// heavyBallFactor is β̂; 81.9 for β = 0.9.
func heavyBallFactor(beta float64) float64 {
	return beta * (beta*beta - beta + 1) / ((1 - beta) * (1 - beta))
}
