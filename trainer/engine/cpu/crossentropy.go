package cpu

import "math"

// crossEntropy gives −log softmax(logits)[label] in nats, and whether the largest logit (the first of equals) is that
// of the label; it turns logits into softmax(logits), in float64 between, since the sum of many small terms decides it.
func crossEntropy[T Float](logits []T, label int) (loss float64, correct bool) {
	best := 0
	for u, z := range logits {
		if z > logits[best] {
			best = u
		}
	}
	top := float64(logits[best])
	sum := 0.0
	for _, z := range logits {
		sum += math.Exp(float64(z) - top)
	}
	loss = math.Log(sum) - (float64(logits[label]) - top)
	correct = best == label && !math.IsNaN(loss)
	for u, z := range logits {
		logits[u] = T(math.Exp(float64(z)-top) / sum)
	}
	return loss, correct
}
