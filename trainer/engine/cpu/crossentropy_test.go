package cpu

import (
	"fmt"
	"math"
	"testing"
)

func TestCrossEntropy(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct {
		name    string
		logits  []float64
		label   int
		loss    float64
		correct bool
	}{
		{"two equal logits, the first counts", []float64{0, 0}, 0, math.Ln2, true},
		{"two equal logits, the second does not", []float64{0, 0}, 1, math.Ln2, false},
		{"logits beyond exp", []float64{1000, 0}, 1, 1000, false},
		{"very negative logits", []float64{-1e4, -1e4}, 0, math.Ln2, true},
		{"one class", []float64{3}, 0, 0, true},
		{"a NaN is not correct", []float64{nan, 0}, 0, nan, false},
		{"an infinity is not a number", []float64{inf, 0}, 0, nan, false},
	}
	for _, c := range cases {
		softmax := make([]float64, len(c.logits))
		loss, correct := crossEntropy(c.logits, c.label, softmax)
		if fmt.Sprint(loss) != fmt.Sprint(c.loss) && math.Abs(loss-c.loss) > 1e-15 || correct != c.correct {
			t.Errorf("%s: got %v, %v, want %v, %v", c.name, loss, correct, c.loss, c.correct)
		}
	}
}
