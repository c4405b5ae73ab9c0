package measure

import (
	"context"
	"errors"
	"math"
	"testing"
)

// Over all ways to choose m of n images the estimates have the true values as their mean, and all images give them exactly.
func TestPerSampleIsUnbiased(t *testing.T) {
	s := randomSum(6, 3, 0.7, newRand(1))
	c2, gradient := s.truth()
	for _, m := range []int{2, 3, 5, 6} {
		var meanC2, meanGradient, ways float64
		for code := range 1 << 6 {
			var chosen []int
			for i := range 6 {
				if code>>i&1 == 1 {
					chosen = append(chosen, i)
				}
			}
			if len(chosen) != m {
				continue
			}
			got, err := PerSample(t.Context(), s, make([]float32, 3), chosen, 6, nil)
			if err != nil {
				t.Fatal(err)
			}
			meanC2 += got.C2.Value
			meanGradient += got.SquaredGradient.Value
			ways++
		}
		// Gradients are rounded to float32, 6e-8 relative; squares and differences of a few of them keep 1e-6.
		if math.Abs(meanC2/ways-c2) > 1e-6*c2 || math.Abs(meanGradient/ways-gradient) > 1e-6*(gradient+c2) {
			t.Errorf("m = %d: C² %g, ‖∇f‖² %g in the mean of %g ways, want %g and %g", m, meanC2/ways, meanGradient/ways, ways, c2, gradient)
		}
	}
}

// The jackknife computed by shortcuts is the one by definition: everything again without each image.
func TestPerSampleJackknifeIsTheNaiveOne(t *testing.T) {
	const n, m = 40, 12
	s := randomSum(n, 5, 0.5, newRand(2))
	images := FirstImages(m)
	got, err := PerSample(t.Context(), s, make([]float32, 5), images, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	var c2, c, gradient, ratio []float64
	for out := range m {
		rest := append(append([]int{}, images[:out]...), images[out+1:]...)
		one, err := PerSample(t.Context(), s, make([]float32, 5), rest, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		c2, c = append(c2, one.C2.Value), append(c, one.C.Value)
		gradient, ratio = append(gradient, one.SquaredGradient.Value), append(ratio, one.SimpleScale.Value)
	}
	shrink := math.Sqrt(1 - float64(m)/n)
	for _, test := range []struct {
		name    string
		got     float64
		without []float64
	}{{"C²", got.C2.StdErr, c2}, {"C", got.C.StdErr, c}, {"‖∇f‖²", got.SquaredGradient.StdErr, gradient}, {"B_simple", got.SimpleScale.StdErr, ratio}} {
		mean, squares := 0.0, 0.0
		for _, v := range test.without {
			mean += v / m
		}
		for _, v := range test.without {
			squares += (v - mean) * (v - mean)
		}
		if want := shrink * math.Sqrt(squares*(m-1)/m); math.Abs(test.got-want) > 1e-4*want {
			t.Errorf("%s: error %g, want %g", test.name, test.got, want)
		}
	}
}

// Errors mean what they say: over many samples the true value lies within two of them about 95 % of the time.
func TestErrorsOfSpreadCover(t *testing.T) {
	const n, d, trials = 400, 10, 300
	rng := newRand(3)
	s := randomSum(n, d, 0.4, rng)
	c2, _ := s.truth()
	zero := make([]float32, d)
	inside := map[string]int{}
	for range trials {
		single, err := PerSample(t.Context(), s, zero, ChooseImages(n, 40, rng), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		two, err := TwoBatch(t.Context(), s, zero, FirstImages(n), Draws{4, 40}, Draws{32, 40}, rng, nil)
		if err != nil {
			t.Fatal(err)
		}
		half, err := HalfBatch(t.Context(), s, zero, FirstImages(n), Draws{9, 40}, rng, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, e := range map[string]Estimate{"per sample": single.C2, "two batches": two.C2, "half batches": half.C2} {
			if math.Abs(e.Value-c2) < 2*e.StdErr {
				inside[name]++
			}
		}
	}
	for name, count := range inside {
		// 95 % of 300 is 285; binomial standard deviation 3.8, and errors estimated from 40 values make it a little less than 95 %.
		if count < 265 {
			t.Errorf("%s: the true C² lies within two errors in %d of %d trials", name, count, trials)
		}
	}
}

// The two-batch estimator recovers tr Σ and ‖G‖² within 2 %.
func TestTwoBatchRecoversTraceAndGradient(t *testing.T) {
	if testing.Short() {
		t.Skip("24,000 batches")
	}
	rng := newRand(4)
	s := randomSum(5000, 40, 0.15, rng)
	c2, gradient := s.truth()
	got, err := TwoBatch(t.Context(), s, make([]float32, 40), FirstImages(5000), Draws{16, 20_000}, Draws{256, 4_000}, rng, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.C2.Value/c2-1) > 0.02 || math.Abs(got.SquaredGradient.Value/gradient-1) > 0.02 {
		t.Errorf("got C² %v, ‖G‖² %v, want %g and %g", got.C2, got.SquaredGradient, c2, gradient)
	}
	if want := c2 / gradient; math.Abs(got.SimpleScale.Value-want) > 4*got.SimpleScale.StdErr || got.SimpleScale.StdErr > 0.05*want {
		t.Errorf("B_simple: got %v, want %g", got.SimpleScale, want)
	}
}

// Large batches of few images are where a formula for draws with replacement would fail: 1/B₂ − 1/n is then far from 1/B₂.
func TestTwoBatchKnowsThePopulation(t *testing.T) {
	rng := newRand(5)
	s := randomSum(10, 4, 0.5, rng)
	c2, gradient := s.truth()
	got, err := TwoBatch(t.Context(), s, make([]float32, 4), FirstImages(10), Draws{2, 20_000}, Draws{10, 2}, rng, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]float64{"C²": {got.C2.Value - c2, got.C2.StdErr}, "‖∇f‖²": {got.SquaredGradient.Value - gradient, got.SquaredGradient.StdErr}} {
		// The batch of all 10 has no scatter; 2 of 10 in 20,000 draws give the error. The absolute part is float32.
		if math.Abs(pair[0]) > 4*pair[1]+1e-5 {
			t.Errorf("%s is off by %g ± %g", name, pair[0], pair[1])
		}
	}
}

func TestMomentSpread(t *testing.T) {
	distances := []float64{1, 2, 2, 3}
	for _, test := range []struct{ p, want float64 }{{2, math.Sqrt(4.5)}, {1.5, math.Pow((1+2*math.Pow(2, 1.5)+math.Pow(3, 1.5))/4, 1/1.5)}} {
		got, err := MomentSpread(distances, test.p)
		if err != nil || math.Abs(got.Value-test.want) > 1e-12 {
			t.Errorf("p = %g: got %v (%v), want %g", test.p, got, err, test.want)
		}
	}
	// C_p is below C for p < 2 (power means grow with their order).
	low, _ := MomentSpread(distances, 1.2)
	if high, _ := MomentSpread(distances, 2); low.Value >= high.Value {
		t.Errorf("C_1.2 = %g is not below C_2 = %g", low.Value, high.Value)
	}
}

func TestSpreadRefusesWhatItCannotMeasure(t *testing.T) {
	s := randomSum(5, 2, 1, newRand(6))
	zero, rng := make([]float32, 2), newRand(7)
	ctx := t.Context()
	for name, measure := range map[string]func() error{
		"one image":            func() error { _, err := PerSample(ctx, s, zero, []int{1}, 5, nil); return err },
		"more images than are": func() error { _, err := PerSample(ctx, s, zero, FirstImages(6), 5, nil); return err },
		"equal sizes": func() error {
			_, err := TwoBatch(ctx, s, zero, FirstImages(5), Draws{2, 3}, Draws{2, 3}, rng, nil)
			return err
		},
		"one draw": func() error {
			_, err := TwoBatch(ctx, s, zero, FirstImages(5), Draws{1, 1}, Draws{2, 3}, rng, nil)
			return err
		},
		"a batch beyond the data": func() error {
			_, err := TwoBatch(ctx, s, zero, FirstImages(5), Draws{1, 2}, Draws{6, 3}, rng, nil)
			return err
		},
		"half of one image": func() error { _, err := HalfBatch(ctx, s, zero, FirstImages(5), Draws{1, 3}, rng, nil); return err },
		"moment of order 1": func() error { _, err := MomentSpread([]float64{1, 2}, 1); return err },
	} {
		if err := measure(); !errors.Is(err, ErrArgument) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := PerSample(stopped, s, zero, FirstImages(5), 5, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped context: got %v", err)
	}
}
