package measure

import (
	"errors"
	"math"
	"testing"
)

// E‖ω‖²·b = C² with replacement, and (n−b)/(n−1) of it without; none at all for b = n.
func TestNoiseHasTheLengthOfItsBatch(t *testing.T) {
	rng := newRand(1)
	const n, d = 60, 8
	s := randomSum(n, d, 0.5, rng)
	c2, _ := s.truth()
	zero := make([]float32, d)
	for _, test := range []struct {
		b       int
		replace bool
	}{{1, false}, {6, false}, {30, false}, {6, true}, {60, true}, {90, true}} {
		sample, err := DrawNoise(t.Context(), s, zero, FirstImages(n), NoiseDraws{Batches: 4000, Size: test.b, Coordinates: 2, Replace: test.replace}, rng, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := sample.C2(test.replace); math.Abs(got.Value-c2) > 4*got.StdErr || got.StdErr > 0.02*c2 {
			t.Errorf("b = %d, replacement %v: C² %v, want %g", test.b, test.replace, got, c2)
		}
		// E‖ω‖ ≤ C/√b (Jensen).
		mean := 0.0
		for _, v := range sample.Lengths {
			mean += v / 4000
		}
		if mean > math.Sqrt(c2/float64(test.b)) {
			t.Errorf("b = %d: mean length %g above C/√b", test.b, mean)
		}
	}
	whole, err := DrawNoise(t.Context(), s, zero, FirstImages(n), NoiseDraws{Batches: 3, Size: n, Coordinates: 2}, rng, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range whole.Lengths {
		if v > 1e-6 { // float32 gradients of length 1
			t.Errorf("the batch of all images has noise %g", v)
		}
	}
}

// What DrawNoise streams is what a direct computation over all coordinates gives.
func TestNoiseMomentsAreOverAllCoordinates(t *testing.T) {
	rng := newRand(2)
	const n, d = 30, 7
	s := randomSum(n, d, 0.5, rng)
	for i := range s.a {
		s.a[i][3] = 0 // a silent coordinate
	}
	sample, err := DrawNoise(t.Context(), s, make([]float32, d), FirstImages(n), NoiseDraws{Batches: 50, Size: 4, Coordinates: d}, rng, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sample.Silent != 1 || len(sample.Coordinates) != d {
		t.Fatalf("%d silent coordinates, %d kept", sample.Silent, len(sample.Coordinates))
	}
	var all []float64
	lengths := make([]float64, 50)
	for c, values := range sample.Values {
		for k, v := range values {
			lengths[k] += v * v
		}
		if c != 3 {
			all = append(all, values...)
		}
	}
	if want := MomentsOf(all); want.Count != sample.Pooled.Count || math.Abs(want.StdDev-sample.Pooled.StdDev) > 1e-12 || math.Abs(want.Excess-sample.Pooled.Excess) > 1e-9 {
		t.Errorf("pooled moments %+v, want %+v", sample.Pooled, want)
	}
	for k, v := range lengths {
		if math.Abs(math.Sqrt(v)-sample.Lengths[k]) > 1e-12 {
			t.Errorf("batch %d: length %g, want %g", k, sample.Lengths[k], math.Sqrt(v))
		}
	}
	if tails := sample.Tails(); tails.Heard != d-1 {
		t.Errorf("%d coordinates heard", tails.Heard)
	}
}

func TestMomentsOfKnownLaws(t *testing.T) {
	rng := newRand(3)
	const n = 200_000
	for name, law := range map[string]struct {
		draw           func() float64
		stdDev, excess float64
		tolerance      float64
	}{
		// Errors of the excess at n values: √(24/n) = 0.011 for Gaussian values, about 0.12 for Laplace, 0.005 for uniform.
		"normal":  {rng.NormFloat64, 1, 0, 0.05},
		"uniform": {func() float64 { return 2*rng.Float64() - 1 }, 1 / math.Sqrt(3), -1.2, 0.02},
		"Laplace": {func() float64 { return rng.ExpFloat64() * (1 - 2*float64(rng.IntN(2))) }, math.Sqrt2, 3, 0.5},
	} {
		values := make([]float64, n)
		for i := range values {
			values[i] = law.draw()
		}
		if m := MomentsOf(values); math.Abs(m.StdDev/law.stdDev-1) > 0.01 || math.Abs(m.Excess-law.excess) > law.tolerance {
			t.Errorf("%s: %+v, want %g and %g", name, m, law.stdDev, law.excess)
		}
	}
}

func TestBarsCountEveryValue(t *testing.T) {
	b := NewBars([]float64{-1, -0.999, 0, 1, 1.0001, math.NaN(), math.Inf(1)}, -1, 1)
	width := b.Edges[1] - b.Edges[0]
	inside := 0.0
	for _, v := range b.Density {
		inside += v * width
	}
	if math.Abs(inside-4.0/7) > 1e-12 || math.Abs(b.Outside-3.0/7) > 1e-12 {
		t.Errorf("inside %g, outside %g", inside, b.Outside)
	}
	if math.Abs(b.Density[0]*width-2.0/7) > 1e-12 || b.Density[30] == 0 || b.Density[60] == 0 || math.Abs(b.Edges[61]-1) > 1e-12 {
		t.Errorf("bars %v", b)
	}
}

func TestNoiseRefusesWhatItCannotDraw(t *testing.T) {
	s := randomSum(5, 2, 1, newRand(6))
	for name, draws := range map[string]NoiseDraws{
		"one batch":               {Batches: 1, Size: 2, Coordinates: 1},
		"a batch beyond the data": {Batches: 20, Size: 6, Coordinates: 1},
		"no coordinate":           {Batches: 20, Size: 2},
		"too much to keep":        {Batches: maxKept, Size: 2, Coordinates: 2},
	} {
		if _, err := DrawNoise(t.Context(), s, make([]float32, 2), FirstImages(5), draws, newRand(1), nil); !errors.Is(err, ErrArgument) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
