package measure

import (
	"context"
	"math"
	"math/rand/v2"
)

// SampleSpread is what the gradients g_i of m single images, drawn without replacement from n, say about C. All lengths are
// in parameter space, per nat of loss: 1/[θ].
type SampleSpread struct {
	Images int // m
	Of     int // n

	Loss   float64 // mean loss over the m images, nats
	Length float64 // ‖ḡ_m‖, the length of their mean gradient; its square is too large by C²/m in the mean

	C2              Estimate // C² = (1/n) Σ ‖g_i − ∇f‖² = tr Σ, unbiased; jackknife error
	C               Estimate // √C²
	SquaredGradient Estimate // ‖∇f‖², unbiased, so it may fall below 0; jackknife error
	SimpleScale     Estimate // B_simple = C²/‖∇f‖² (McCandlish et al. 2018), ratio of the two; jackknife error

	Distances []float64 // ‖g_i − ḡ_m‖, one an image
	Longest   float64   // max ‖g_i‖
}

// PerSample measures C at fixed parameters from the gradients of single images: with S² = Σ‖g_i − ḡ_m‖²/(m−1)
//
//	C² ≈ (n−1)/n · S²,   ‖∇f‖² ≈ ‖ḡ_m‖² − S²·(1/m − 1/n);
//
// both are unbiased, and exact for m = n. images are the m ≥ 3 (or all n ≥ 2) images, drawn from n. Squares are summed about ḡ_m itself,
// which one pass over the batch gives before (evaluation mode: the gradient of a mean is the mean of gradients), so nothing cancels.
// Errors are of the jackknife, times √(1 − m/n): 0 for m = n. It costs 2m images; progress counts the m single ones.
func PerSample(ctx context.Context, g Gradients, params []float32, images []int, n int, progress func(done, total int)) (SampleSpread, error) {
	m := len(images)
	if m < 2 || m > n {
		return SampleSpread{}, argument("measuring C by per-sample gradients", "2 images or more, and no more than there are", m)
	}
	d := g.Dim()
	result := SampleSpread{Images: m, Of: n, Distances: make([]float64, m)}
	center, one := make([]float32, d), make([]float32, d)
	loss, err := newMean(g).at32(ctx, params, images, center)
	if err != nil {
		return SampleSpread{}, err
	}
	result.Loss, result.Length = loss, norm32(center)
	squares, along := make([]float64, m), make([]float64, m) // r_i = ‖g_i − ḡ‖²; ḡ·(g_i − ḡ)
	total := 0.0
	for k := range images {
		if err := ctx.Err(); err != nil {
			return SampleSpread{}, err
		}
		if _, err := g.At(params, images[k:k+1], one); err != nil {
			return SampleSpread{}, err
		}
		length := 0.0
		for i, v := range one {
			c := float64(center[i])
			diff := float64(v) - c
			squares[k] += diff * diff
			along[k] += c * diff
			length += float64(v) * float64(v)
		}
		result.Longest = max(result.Longest, math.Sqrt(length))
		result.Distances[k] = math.Sqrt(squares[k])
		total += squares[k]
		report(progress, k+1, m)
	}
	spread := func(sum, squaredLength float64, m int) (c2, gradient float64) {
		s2 := sum / float64(m-1)
		return float64(n-1) / float64(n) * s2, squaredLength - s2*(1/float64(m)-1/float64(n))
	}
	c2, gradient := spread(total, result.Length*result.Length, m)
	result.C2.Value, result.C.Value, result.SquaredGradient.Value, result.SimpleScale.Value = c2, math.Sqrt(c2), gradient, c2/gradient
	errs := [4]float64{}
	if m == 2 {
		for i := range errs {
			errs[i] = math.NaN()
		}
	} else {
		var without [4][]float64
		rest := float64(m - 1)
		for i, r := range squares {
			// Without image i the mean moves by −(g_i − ḡ)/(m−1), and Σ‖g_j − mean‖² loses r_i·m/(m−1).
			c2, gradient := spread(total-r*float64(m)/rest, result.Length*result.Length-2*along[i]/rest+r/(rest*rest), m-1)
			for k, v := range [4]float64{c2, math.Sqrt(c2), gradient, c2 / gradient} {
				without[k] = append(without[k], v)
			}
		}
		for k := range errs {
			errs[k] = jackknife(without[k]) * finite(m, n)
		}
	}
	result.C2.StdErr, result.C.StdErr, result.SquaredGradient.StdErr, result.SimpleScale.StdErr = errs[0], errs[1], errs[2], errs[3]
	return result, nil
}

// Draws is a number of batches of one size.
type Draws struct {
	Size  int // images a batch
	Count int // batches
}

// BatchSpread is what the gradients of mini-batches say about C.
type BatchSpread struct {
	C2              Estimate // C² = tr Σ
	C               Estimate // √C²; NaN where the estimate of C² is below 0
	SquaredGradient Estimate // ‖∇f‖²; not measured (NaN) by half batches
	SimpleScale     Estimate // B_simple = C²/‖∇f‖²; not measured (NaN) by half batches
}

// TwoBatch measures C² and ‖∇f‖² from the mean squared lengths s and l of mini-batch gradients of a small and a large size B₁ < B₂
// (McCandlish et al. 2018, appendix A). Batches are drawn without replacement from the n images, and since then
// E‖g_B‖² = ‖∇f‖² + S²·(1/B − 1/n), S² = n/(n−1)·C²,
//
//	C² ≈ (n−1)/n · (s − l)/(1/B₁ − 1/B₂),   ‖∇f‖² ≈ (B₂l − B₁s)/(B₂ − B₁) + S²/n,
//
// both unbiased; numerator and denominator of B_simple are averaged over all draws before they are divided. Errors come from the scatter
// of the squared lengths (that of the ratio by its derivatives). It takes 2 draws or more of each size. It costs small.Size·small.Count +
// large.Size·large.Count images; progress counts draws.
func TwoBatch(ctx context.Context, g Gradients, params []float32, images []int, small, large Draws, rng *rand.Rand, progress func(done, total int)) (BatchSpread, error) {
	const doing = "measuring C by two batch sizes"
	n := len(images)
	switch {
	case small.Size < 1 || large.Size <= small.Size || large.Size > n:
		return BatchSpread{}, argument(doing, "1 ≤ small size < large size ≤ the images", []int{small.Size, large.Size, n})
	case small.Count < 2 || large.Count < 2:
		return BatchSpread{}, argument(doing, "2 draws or more of each size", []int{small.Count, large.Count})
	}
	u, m, grad := newUrn(images), newMean(g), make([]float32, g.Dim())
	squares := func(draws Draws, before int) (Estimate, error) {
		values := make([]float64, draws.Count)
		for t := range values {
			if _, err := m.at32(ctx, params, u.draw(draws.Size, rng), grad); err != nil {
				return Estimate{}, err
			}
			length := norm32(grad)
			values[t] = length * length
			report(progress, before+t+1, small.Count+large.Count)
		}
		return meanOf(values), nil
	}
	s, err := squares(small, 0)
	if err != nil {
		return BatchSpread{}, err
	}
	l, err := squares(large, small.Count)
	if err != nil {
		return BatchSpread{}, err
	}
	b1, b2, population := float64(small.Size), float64(large.Size), float64(n)
	// Both estimates are linear in s and l: their coefficients.
	inverse := 1 / (1/b1 - 1/b2)
	cs, cl := (population-1)/population*inverse, -(population-1)/population*inverse
	gs, gl := -b1/(b2-b1)+inverse/population, b2/(b2-b1)-inverse/population
	both := func(ws, wl float64) Estimate {
		return Estimate{ws*s.Value + wl*l.Value, math.Hypot(ws*s.StdErr, wl*l.StdErr)}
	}
	result := BatchSpread{C2: both(cs, cl), SquaredGradient: both(gs, gl)}
	result.C = result.C2.root()
	ratio, gradient := result.C2.Value/result.SquaredGradient.Value, result.SquaredGradient.Value
	result.SimpleScale = both((cs-ratio*gs)/gradient, (cl-ratio*gl)/gradient)
	result.SimpleScale.Value = ratio
	return result, nil
}

// HalfBatch measures C² from the two halves of mini-batches of b ≥ 2 images drawn without replacement from the n images:
// the mean over count draws of
//
//	(n−1)/n · ‖g₁ − g₂‖² / (1/b₁ + 1/b₂),   b₁ = ⌊b/2⌋, b₂ = b − b₁.
//
// It is unbiased for every split (each half has variance S²(1/b_k − 1/n), their covariance is −S²/n), and it is what a run measures
// from its own batches at no extra image. The error is that of the mean over draws. It costs b·count images; progress counts draws.
func HalfBatch(ctx context.Context, g Gradients, params []float32, images []int, draws Draws, rng *rand.Rand, progress func(done, total int)) (BatchSpread, error) {
	const doing = "measuring C by half batches"
	n := len(images)
	if draws.Size < 2 || draws.Size > n {
		return BatchSpread{}, argument(doing, "a batch of 2 images or more, and no more than there are", draws.Size)
	}
	if draws.Count < 1 {
		return BatchSpread{}, argument(doing, "a draw or more", draws.Count)
	}
	u, m := newUrn(images), newMean(g)
	first, second := make([]float32, g.Dim()), make([]float32, g.Dim())
	values := make([]float64, draws.Count)
	half := draws.Size / 2
	for t := range values {
		batch := u.draw(draws.Size, rng)
		if _, err := m.at32(ctx, params, batch[:half], first); err != nil {
			return BatchSpread{}, err
		}
		if _, err := m.at32(ctx, params, batch[half:], second); err != nil {
			return BatchSpread{}, err
		}
		values[t] = float64(n-1) / float64(n) * squaredDistance(first, second) / (1/float64(half) + 1/float64(draws.Size-half))
		report(progress, t+1, draws.Count)
	}
	unknown := Estimate{math.NaN(), math.NaN()}
	result := BatchSpread{C2: meanOf(values), SquaredGradient: unknown, SimpleScale: unknown}
	result.C = result.C2.root()
	return result, nil
}

// MomentSpread is C_p = (mean ‖g_i − ∇f‖^p)^{1/p} for 1 < p ≤ 2 from the distances of SampleSpread, with its jackknife error. C₂
// is the plain root mean square, so C up to (m−1)/m.
func MomentSpread(distances []float64, p float64) (Estimate, error) {
	if !(p > 1 && p <= 2) {
		return Estimate{}, argument("measuring C_p", "an order above 1 and at most 2", p)
	}
	m := len(distances)
	if m < 2 {
		return Estimate{}, argument("measuring C_p", "2 distances or more", m)
	}
	sum := 0.0
	powers := make([]float64, m)
	for i, v := range distances {
		powers[i] = math.Pow(v, p)
		sum += powers[i]
	}
	without := make([]float64, m)
	for i, v := range powers {
		without[i] = math.Pow(max(sum-v, 0)/float64(m-1), 1/p)
	}
	return Estimate{math.Pow(sum/float64(m), 1/p), jackknife(without)}, nil
}

// report calls progress, which may be nil.
func report(progress func(done, total int), done, total int) {
	if progress != nil {
		progress(done, total)
	}
}
