package measure

import (
	"context"
	"math"
)

// KeskarIterations is how many steps the ascent of KeskarSharpness takes, as Keskar et al. gave L-BFGS-B.
const KeskarIterations = 10

// KeskarRise is the sharpness of Keskar et al. 2017.
type KeskarRise struct {
	Phi        float64 // φ in percent
	Loss       float64 // f(x), nats
	Highest    float64 // greatest f met in the box
	Iterations int     // steps taken
	Gradients  int     // gradients computed
	Converged  bool    // the projected gradient vanished: a stationary point of the box
}

// KeskarSharpness is the ε-sharpness of Keskar et al. 2017 in the full space (their A = I),
//
//	φ = 100 · ( max_{|y_i| ≤ ε(|x_i|+1)} f(x+y) − f(x) ) / (1 + f(x)),
//
// over the mean loss of the images. They maximize by 10 iterations of L-BFGS-B. gonum has no optimizer with bounds, and a memory of curvature
// pairs costs 2·10 vectors of length d for ten steps; so this takes 10 iterations of the spectral projected gradient method (Birgin, Martínez & Raydan
// 2000): steps of Barzilai and Borwein, which is a quasi-Newton method of one pair, projected on the box, with their
// non-monotone line search. Coordinates are measured in half-widths of the box, so that it is [−1,1]^d. Both methods give a lower bound of the maximum.
//
// progress counts iterations.
func KeskarSharpness(ctx context.Context, g Gradients, params []float32, images []int, epsilon float64, progress func(done, total int)) (KeskarRise, error) {
	if !(epsilon > 0 && epsilon <= math.MaxFloat32) {
		return KeskarRise{}, argument("measuring Keskar's sharpness", "a finite ε above 0", epsilon)
	}
	if len(images) == 0 {
		return KeskarRise{}, argument("measuring Keskar's sharpness", "an image or more", 0)
	}
	b := box{gradients: newMean(g), images: images, center: params, width: make([]float64, len(params)), at: make([]float32, len(params))}
	for i, x := range params {
		b.width[i] = epsilon * (math.Abs(float64(x)) + 1)
	}
	return b.climb(ctx, progress)
}

// box is the work space of KeskarSharpness. Places z lie in [−1, 1]^d.
type box struct {
	gradients *mean
	images    []int
	center    []float32
	width     []float64
	at        []float32
	passes    int
}

// pass gives f at place z, and writes its gradient by z into grad.
func (b *box) pass(ctx context.Context, z, grad []float64) (float64, error) {
	for i, x := range b.center {
		b.at[i] = float32(float64(x) + b.width[i]*z[i])
	}
	loss, err := b.gradients.at(ctx, b.at, b.images, grad)
	for i, w := range b.width {
		grad[i] *= w
	}
	b.passes++
	return loss, err
}

// Constants of the method (Birgin, Martínez & Raydan 2000): how much of the slope a step must gain, the shortest step tried, and how many
// values the line search looks back.
const (
	slopeShare   = 1e-4
	shortestStep = 1.0 / 1024
	lookBack     = 10
)

func (b *box) climb(ctx context.Context, progress func(done, total int)) (KeskarRise, error) {
	d := len(b.center)
	z, next, grad, nextGrad, way := make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d)
	value, err := b.pass(ctx, z, grad)
	if err != nil {
		return KeskarRise{}, err
	}
	rise := KeskarRise{Loss: value, Highest: value}
	values := []float64{value}
	// The first step moves a coordinate by the half-width in the root mean square.
	length := math.Sqrt(float64(d)) / norm(grad)
	for ; rise.Iterations < KeskarIterations; rise.Iterations++ {
		slope, furthest := 0.0, 0.0
		for i, v := range z {
			way[i] = max(min(v+bounded(length*grad[i]), 1), -1) - v
			slope += way[i] * grad[i]
			furthest = max(furthest, math.Abs(way[i]))
		}
		if !(furthest > 1e-9) { // below what float32 parameters can tell; also NaN
			rise.Converged = furthest == furthest && !math.IsNaN(slope)
			break
		}
		least := values[max(0, len(values)-lookBack)]
		for _, v := range values[max(0, len(values)-lookBack):] {
			least = min(least, v)
		}
		share := 1.0
		for {
			for i, v := range z {
				next[i] = v + share*way[i]
			}
			if value, err = b.pass(ctx, next, nextGrad); err != nil {
				return KeskarRise{}, err
			}
			if value >= least+slopeShare*share*slope || share <= shortestStep {
				break
			}
			share /= 2
		}
		ss, sy := 0.0, 0.0
		for i, v := range next {
			s := v - z[i]
			ss += s * s
			sy -= s * (nextGrad[i] - grad[i])
		}
		if length = math.Inf(1); sy > 0 { // else convex along the step: the corner that the gradient points to
			length = ss / sy
		}
		z, next, grad, nextGrad = next, z, nextGrad, grad
		values = append(values, value)
		rise.Highest = max(rise.Highest, value)
		report(progress, rise.Iterations+1, KeskarIterations)
	}
	rise.Gradients = b.passes
	rise.Phi = 100 * (rise.Highest - rise.Loss) / (1 + rise.Loss)
	return rise, nil
}

// bounded is a step in a box of side 2: ±∞ becomes ±2, and ∞·0, no gradient, becomes 0.
func bounded(step float64) float64 {
	if math.IsNaN(step) {
		return 0
	}
	return max(min(step, 2), -2)
}
