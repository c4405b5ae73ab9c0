package trainer

import (
	"math"
	"testing"
)

// The estimator is unbiased: over all ways to draw two disjoint samples its mean is C² itself, up to rounding.
func TestSquaredSpreadIsExactInTheMean(t *testing.T) {
	gradients := [][2]float64{{1, 0}, {-2, 3}, {0.5, 0.25}, {4, -1}, {0, 2}, {-3, -3}}
	n := len(gradients)
	var mean [2]float64
	for _, g := range gradients {
		mean[0] += g[0] / float64(n)
		mean[1] += g[1] / float64(n)
	}
	want := 0.0
	for _, g := range gradients {
		want += ((g[0]-mean[0])*(g[0]-mean[0]) + (g[1]-mean[1])*(g[1]-mean[1])) / float64(n)
	}
	for _, test := range []struct{ b1, b2 int }{{1, 1}, {1, 2}, {2, 2}, {2, 3}, {3, 3}} {
		sum, ways := 0.0, 0
		for code := range 729 { // base 3: 0 unused, 1 first sample, 2 second
			var g [2][]float32
			var size [2]int
			g[0], g[1] = make([]float32, 2), make([]float32, 2)
			rest := code
			var member [6]int
			for i := range n {
				if member[i] = rest % 3; member[i] > 0 {
					size[member[i]-1]++
				}
				rest /= 3
			}
			if size != [2]int{test.b1, test.b2} {
				continue
			}
			for i, which := range member {
				if which > 0 {
					g[which-1][0] += float32(gradients[i][0] / float64(size[which-1]))
					g[which-1][1] += float32(gradients[i][1] / float64(size[which-1]))
				}
			}
			sum += squaredSpread(g[0], g[1], test.b1, test.b2, n)
			ways++
		}
		// Tolerance: float32 sums of six numbers of size 4, 2⁻²⁴ relative each, squared and averaged.
		if got := sum / float64(ways); math.Abs(got-want) > 1e-5*want {
			t.Errorf("halves of %d and %d: got %g over %d ways, want %g", test.b1, test.b2, got, ways, want)
		}
	}
}

func TestWindowForgetsAndSkipsWhatIsNotFinite(t *testing.T) {
	var w window
	if _, _, ok := w.average(); ok {
		t.Error("an empty window knows C")
	}
	w = w.add(math.NaN()).add(math.Inf(1)).add(4)
	if c, spread, ok := w.average(); c != 2 || spread != 0 || !ok {
		t.Errorf("one measurement: got %g ± %g, %v", c, spread, ok)
	}
	for range noiseWindow / 2 {
		w = w.add(1).add(9)
	}
	c, spread, _ := w.average()
	// 32 of C = 1 and 32 of C = 3: mean square 5, standard deviation √(64/63).
	if len(w) != noiseWindow || math.Abs(c-math.Sqrt(5)) > 1e-12 || math.Abs(spread-math.Sqrt(64.0/63)) > 1e-12 {
		t.Errorf("got %d, %g ± %g", len(w), c, spread)
	}
}
