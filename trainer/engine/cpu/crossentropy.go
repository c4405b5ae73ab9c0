package cpu

import "math"

// crossEntropy gives −log softmax(logits)[label] in nats, and whether the largest logit (the first of equals) is that
// of the label; it writes softmax(logits) into softmax, in float64, since the sum of many small terms decides it.
func crossEntropy[T Float](logits []T, label int, softmax []float64) (loss float64, correct bool) {
	best := 0
	for u, z := range logits {
		if z > logits[best] {
			best = u
		}
	}
	top := float64(logits[best])
	sum := 0.0
	for u, z := range logits {
		e := math.Exp(float64(z) - top)
		softmax[u] = e
		sum += e
	}
	loss = math.Log(sum) - (float64(logits[label]) - top)
	correct = best == label && !math.IsNaN(loss)
	for u := range logits {
		softmax[u] /= sum
	}
	return loss, correct
}
