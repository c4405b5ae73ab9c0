package measure

import (
	"context"
	"math"
	"math/rand/v2"
)

// SharpnessBatch is m, the images of one batch of WorstSharpness and AverageSharpness (Andriushchenko et al. 2023).
const SharpnessBatch = 128

// SharpnessBatches cuts images into batches of 128, in order, and leaves out a rest; fewer than 128 images are one batch. The
// batches share the memory of images.
func SharpnessBatches(images []int) [][]int {
	if len(images) < SharpnessBatch {
		return [][]int{images}
	}
	var batches [][]int
	for ; len(images) >= SharpnessBatch; images = images[SharpnessBatch:] {
		batches = append(batches, images[:SharpnessBatch])
	}
	return batches
}

// Reach says how far sharpness looks around the parameters w: |ε_i| ≤ ρc_i in the worst case, ε_i ~ N(0, ρ²c_i²) in the average,
// with c_i = 1, or c_i = |w_i| if Adaptive.
type Reach struct {
	Radius   float64 // ρ > 0: a length per coordinate, or a share of |w_i| if Adaptive
	Adaptive bool
}

// at is c, one value a parameter.
func (r Reach) at(params []float32) []float32 {
	c := make([]float32, len(params))
	for i, w := range params {
		c[i] = 1
		if r.Adaptive {
			c[i] = float32(math.Abs(float64(w)))
		}
	}
	return c
}

// Rise is how much the loss of a batch rises, in nats.
type Rise struct {
	Estimate           // mean over batches; error of that mean, from the scatter between batches (NaN for one batch)
	Loss     float64   // mean loss of the batches at the parameters themselves
	Batches  []float64 // rise of each batch
}

// WorstSharpness is S_max = mean over batches S of max_{|ε_i| ≤ ρc_i} L_S(w+ε) − L_S(w) (Andriushchenko et al. 2023),
// by their algorithm "m_apgd_linf", a projected ascent by signs without random start:
//
//	z = clip(ε_k + s·c·sign ∇L_S(w+ε_k), ±ρc),   ε_{k+1} = 0.75 z + 0.25 ε_{k−1},   ε_0 = ε_{−1} = 0,
//
// for the given number of iterations (20 in the paper). s starts at 2ρ. At the iterations ⌈n·{.22, .41, .57, .70, .80, .87, .93, .99}⌉ it is halved,
// and the ascent goes on from the best ε so far, if fewer than 3/4 of the steps since the last of them found a new best, or if
// neither s nor the best loss has changed since. The greatest loss met counts; so the result is a lower bound of the maximum, never below 0.
//
// One thing differs from the authors' code, which on a restart puts the best weights back but not their ε: here both go back.
//
// It costs iterations+1 gradients of each batch; progress counts them.
func WorstSharpness(ctx context.Context, g Gradients, params []float32, batches [][]int, reach Reach, iterations int, progress func(done, total int)) (Rise, error) {
	if err := reach.check(batches); err != nil {
		return Rise{}, err
	}
	if iterations < 1 {
		return Rise{}, argument("measuring worst-case sharpness", "an iteration or more", iterations)
	}
	a := ascent{
		gradients: g, center: params, bound: reach.at(params), steps: iterations, checks: checkpoints(iterations),
		at: make([]float32, len(params)), grad: make([]float32, len(params)), bestGrad: make([]float32, len(params)),
		eps: make([]float32, len(params)), last: make([]float32, len(params)), best: make([]float32, len(params)),
		total: (iterations + 1) * len(batches), progress: progress,
	}
	for i := range a.bound {
		a.bound[i] *= float32(reach.Radius)
	}
	rise := Rise{Batches: make([]float64, len(batches))}
	for k, batch := range batches {
		loss, worst, err := a.climb(ctx, batch)
		if err != nil {
			return Rise{}, err
		}
		rise.Loss += loss / float64(len(batches))
		rise.Batches[k] = worst - loss
	}
	rise.Estimate = meanOf(rise.Batches)
	return rise, nil
}

func (r Reach) check(batches [][]int) error {
	if !(r.Radius > 0 && r.Radius <= math.MaxFloat32) {
		return argument("measuring sharpness", "a finite radius above 0", r.Radius)
	}
	if len(batches) == 0 {
		return argument("measuring sharpness", "a batch or more", 0)
	}
	return nil
}

// checkpoints are the iterations at which the step may be halved: ⌈n·p⌉ for p = 0.22 and p_{j+1} = p_j + max(p_j − p_{j−1} − 0.03, 0.06)
// (Croce & Hein 2020), in hundredths so that nothing is rounded.
func checkpoints(n int) map[int]bool {
	checks := map[int]bool{}
	for before, p := 0, 22; p < 100; before, p = p, p+max(p-before-3, 6) {
		checks[(n*p+99)/100] = true
	}
	return checks
}

// ascent is the work space of WorstSharpness.
type ascent struct {
	gradients      Gradients
	center, bound  []float32 // w; ρc
	steps          int
	checks         map[int]bool
	at, grad       []float32 // w+ε; gradient there
	eps, last      []float32 // ε_k, ε_{k−1}
	best, bestGrad []float32
	done, total    int
	progress       func(done, total int)
}

// pass computes loss and gradient at center + eps.
func (a *ascent) pass(ctx context.Context, batch []int) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	for i, w := range a.center {
		a.at[i] = w + a.eps[i]
	}
	loss, err := a.gradients.At(a.at, batch, a.grad)
	a.done++
	report(a.progress, a.done, a.total)
	return loss, err
}

// climb gives the loss of batch at the center and the greatest that was met.
func (a *ascent) climb(ctx context.Context, batch []int) (loss, worst float64, err error) {
	clear(a.eps)
	clear(a.last)
	clear(a.best)
	loss, err = a.pass(ctx, batch)
	if err != nil {
		return 0, 0, err
	}
	copy(a.bestGrad, a.grad)
	worst = loss
	step, stepBefore, worstBefore := 2.0, 2.0, loss // steps in units of the bound ρc
	found, since := 0, 0
	for k := range a.steps {
		for i, e := range a.eps {
			r := a.bound[i]
			z := e
			switch g := a.grad[i]; {
			case g > 0:
				z += float32(step) * r
			case g < 0:
				z -= float32(step) * r
			}
			z = max(min(z, r), -r)
			a.eps[i], a.last[i] = 0.75*z+0.25*a.last[i], e
		}
		now, err := a.pass(ctx, batch)
		if err != nil {
			return 0, 0, err
		}
		if now > worst {
			worst = now
			copy(a.best, a.eps)
			copy(a.bestGrad, a.grad)
			found++
		}
		if a.checks[k] {
			slow := float64(found) < 0.75*float64(k-since)
			stalled := step == stepBefore && worst == worstBefore
			stepBefore, worstBefore, since, found = step, worst, k, 0
			if slow || stalled {
				step /= 2
				copy(a.eps, a.best)
				copy(a.last, a.best)
				copy(a.grad, a.bestGrad)
			}
		}
	}
	return loss, worst, nil
}

// AverageSharpness is S_avg = mean over batches S of E L_S(w+ε) − L_S(w), ε_i ~ N(0, ρ²c_i²) (Andriushchenko et al. 2023),
// by Monte Carlo with the given number (2 or more) of antithetic pairs ±ε a batch: they have the same mean and no linear term. For
// small ρ it is (ρ²/2) Σ c_i² H_ii. Unlike the worst case it may be below 0. The error is the scatter between
// batches, which holds that of the draws; for one batch it is that of the pairs.
//
// It costs 2·pairs+1 losses of each batch; progress counts pairs.
func AverageSharpness(ctx context.Context, loss Loss, params []float32, batches [][]int, reach Reach, pairs int, rng *rand.Rand, progress func(done, total int)) (Rise, error) {
	if err := reach.check(batches); err != nil {
		return Rise{}, err
	}
	if pairs < 2 {
		return Rise{}, argument("measuring average sharpness", "2 pairs of perturbations or more", pairs)
	}
	width := reach.at(params)
	eps, at := make([]float32, len(params)), make([]float32, len(params))
	rise := Rise{Batches: make([]float64, len(batches))}
	var rises Estimate
	for k, batch := range batches {
		center, err := loss(params, batch)
		if err != nil {
			return Rise{}, err
		}
		rise.Loss += center / float64(len(batches))
		values := make([]float64, pairs)
		for t := range values {
			if err := ctx.Err(); err != nil {
				return Rise{}, err
			}
			for i, c := range width {
				eps[i] = c * float32(reach.Radius*rng.NormFloat64())
			}
			for _, sign := range [2]float32{1, -1} {
				for i, w := range params {
					at[i] = w + sign*eps[i]
				}
				there, err := loss(at, batch)
				if err != nil {
					return Rise{}, err
				}
				values[t] += there / 2
			}
			values[t] -= center
			report(progress, k*pairs+t+1, len(batches)*pairs)
		}
		rises = meanOf(values)
		rise.Batches[k] = rises.Value
	}
	if len(batches) > 1 {
		rises = meanOf(rise.Batches)
	}
	rise.Estimate = rises
	return rise, nil
}
