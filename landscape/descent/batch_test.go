package descent

import (
	"math"
	"slices"
	"testing"

	"smoothscape/landscape"
)

// The mean of b draws is b^−q of one draw in width, with q = (α−1)/α for α-stable laws: 0, 0.1667, 0.3333, 0.4444 and ½ for α = 1
// (Cauchy), 1.2, 1.5, 1.8 and 2 (normal). This is the law of nature that Degree, and so every schedule, takes for granted. The width is the
// median of |u₁|, which errs by about 1.3/√n of itself (1.6/√n for Cauchy), so that the slope over b = 1 … 64 errs by less than
// √2·1.6/√10000/ln 64 = 0.006.
func TestBatchesNarrowTheNoiseByTheirLaw(t *testing.T) {
	const n = 10_000
	for _, test := range []struct {
		name  string
		k     landscape.Kernel
		slope float64
	}{
		{"Cauchy", landscape.Kernel{Law: landscape.Cauchy, Dim: 2}, 0},
		{"α = 1.2", landscape.Kernel{Law: landscape.Stable, Alpha: 1.2, Dim: 2}, 1. / 6},
		{"α = 1.5", landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: 2}, 1. / 3},
		{"α = 1.8", landscape.Kernel{Law: landscape.Stable, Alpha: 1.8, Dim: 2}, 4. / 9},
		{"normal", vector(2), 0.5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if q := batchExponent(test.k); math.Abs(q-test.slope) > 1e-12 {
				t.Errorf("the exponent of Degree is %g, want %g", q, test.slope)
			}
			rng := newStream(1, streamNoise)
			u := make([]float64, 2)
			width := func(b int) float64 {
				sizes := make([]float64, n)
				for i := range sizes {
					for range b {
						test.k.Sample(rng, u)
						sizes[i] += u[0] / float64(b)
					}
					sizes[i] = math.Abs(sizes[i])
				}
				slices.Sort(sizes)
				return sizes[n/2]
			}
			if slope := math.Log(width(1)/width(64)) / math.Log(64); math.Abs(slope-test.slope) > 0.02 {
				t.Errorf("the width falls with b^−%g, want %g", slope, test.slope)
			}
		})
	}
}
