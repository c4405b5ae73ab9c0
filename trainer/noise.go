package trainer

import "math"

// noiseWindow is how many measurements of C are averaged.
const noiseWindow = 64

// squaredSpread estimates C² = (1/n) Σ‖∇f_i − ∇f‖² from the mean gradients g1 and g2 over two disjoint samples of b1 and b2
// of n images, drawn without replacement:
//
//	C² ≈ (n−1)/n · ‖g₁−g₂‖² / (1/b₁ + 1/b₂).
//
// It is unbiased for every split: with S² = Σ‖∇f_i − ∇f‖²/(n−1), a sample mean has variance S²(1/b − 1/n) and two disjoint
// ones have covariance −S²/n, so E‖g₁−g₂‖² = S²(1/b₁ + 1/b₂) and the 1/n cancel. For b₁ = b₂ = b/2 and n → ∞ it is
// b·‖g₁−g₂‖²/4.
func squaredSpread(g1, g2 []float32, b1, b2, n int) float64 {
	sum := 0.0
	for i, v := range g1 {
		diff := float64(v) - float64(g2[i])
		sum += diff * diff
	}
	return spreadOf(sum, b1, b2, n)
}

// spreadOf is squaredSpread of two gradients whose squared distance is known.
func spreadOf(distance2 float64, b1, b2, n int) float64 {
	return float64(n-1) / float64(n) * distance2 / (1/float64(b1) + 1/float64(b2))
}

// measureEvery is the number of updates from one measurement of C to the next at batch size b: 64/b, between 1 and 16. The
// halves of a batch are the images of the batch, so a measurement costs no image; but it costs passes over the d parameters, which
// weigh against few images. Measured (BenchmarkGradientAndItsHalves, two cores) at every update, halves took 1.0 to 1.1 times
// the whole batch at b = 128, 1.5 times at b = 16 and 5 times at b = 2 for the MLP (d = 101,770), and 1.0 to 1.1 times for the
// convnet at every b. Spaced like this the MLP pays about 2, 12 and 27 %, and the window spans about 4,000 images for 4 ≤ b ≤ 64.
func measureEvery(b int) int { return min(max(64/b, 1), 16) }

// measureWholeEvery is measureEvery for a network with batch normalization. The halves of its batch, each normalized by itself, say
// nothing of the gradient of the whole, so a measurement costs the images of the batch once more: 6 % of the time.
const measureWholeEvery = 16

// norm is the length of a vector.
func norm(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// window keeps the last noiseWindow estimates of C², oldest first.
type window []float64

// add appends an estimate that is finite and drops the oldest of a full window.
func (w window) add(c2 float64) window {
	if math.IsNaN(c2) || math.IsInf(c2, 0) {
		return w
	}
	if len(w) == noiseWindow {
		copy(w, w[1:])
		w = w[:noiseWindow-1]
	}
	return append(w, c2)
}

// average gives C, the root of the mean of the estimates (their mean is unbiased, the mean of their roots is not), and the
// standard deviation of the single measurements √(C²), 0 for one; ok is false for an empty window.
func (w window) average() (c, spread float64, ok bool) {
	if len(w) == 0 {
		return 0, 0, false
	}
	n := float64(len(w))
	mean, rootMean := 0.0, 0.0
	for _, c2 := range w {
		mean += c2 / n
		rootMean += math.Sqrt(c2) / n
	}
	if len(w) > 1 {
		squares := 0.0
		for _, c2 := range w {
			d := math.Sqrt(c2) - rootMean
			squares += d * d
		}
		spread = math.Sqrt(squares / (n - 1))
	}
	return math.Sqrt(mean), spread, true
}
