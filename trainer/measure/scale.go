package measure

import (
	"context"
	"math"
	"math/rand/v2"
)

// CurvedScale is the gradient noise scale that knows the curvature (McCandlish et al. 2018).
type CurvedScale struct {
	NoiseScale   Estimate // B_noise = tr(HΣ)/(ḡᵀHḡ), images; its error is that of the numerator
	CurvedNoise  Estimate // tr(HΣ)
	CurvedLength float64  // ḡᵀHḡ; where it is not above 0 the gradient does not point uphill in curvature, and B_noise means nothing
	LargestStep  float64  // η_max = ‖ḡ‖²/(ḡᵀHḡ): the best learning rate without noise; η_opt(b) = η_max/(1 + B_noise/b)
}

// CurvedNoiseScale measures B_noise at params over the n images: h is the Hessian of their mean loss, ḡ its gradient, and
//
//	tr(HΣ) = (1/n) Σ (g_i − ḡ)ᵀ H (g_i − ḡ)
//
// is sampled on samples (2 or more) of them, drawn without replacement. It costs 2n(samples+1) + n + samples images; progress counts Hessian-vector products.
func CurvedNoiseScale(ctx context.Context, g Gradients, h Operator, params []float32, images []int, samples int, rng *rand.Rand, progress func(done, total int)) (CurvedScale, error) {
	n, d := len(images), g.Dim()
	if samples < 2 || samples > n {
		return CurvedScale{}, argument("measuring B_noise", "2 sampled images or more, and no more than there are", samples)
	}
	full, one, curved := make([]float64, d), make([]float64, d), make([]float64, d)
	m := newMean(g)
	if _, err := m.at(ctx, params, images, full); err != nil {
		return CurvedScale{}, err
	}
	if err := h.Apply(ctx, curved, full); err != nil {
		return CurvedScale{}, err
	}
	result := CurvedScale{CurvedLength: dot(full, curved)}
	result.LargestStep = dot(full, full) / result.CurvedLength
	report(progress, 1, samples+1)
	values := make([]float64, samples)
	for k, image := range newUrn(images).draw(samples, rng) {
		if _, err := m.at(ctx, params, []int{image}, one); err != nil {
			return CurvedScale{}, err
		}
		addScaled(one, -1, full)
		if err := h.Apply(ctx, curved, one); err != nil {
			return CurvedScale{}, err
		}
		values[k] = dot(one, curved)
		report(progress, k+2, samples+1)
	}
	noise := meanOf(values)
	noise.StdErr *= finite(samples, n)
	result.CurvedNoise = noise
	result.NoiseScale = Estimate{noise.Value / result.CurvedLength, math.Abs(noise.StdErr / result.CurvedLength)}
	return result, nil
}
