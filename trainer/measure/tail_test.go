package measure

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

func TestBlockLength(t *testing.T) {
	for _, test := range []struct{ n, want int }{{1, 1}, {100, 10}, {50_000, 200}, {1_000_000, 1000}, {97, 1}, {12, 3}, {0, 1}} {
		if got := BlockLength(test.n); got != test.want {
			t.Errorf("n = %d: got %d, want %d", test.n, got, test.want)
		}
	}
}

// I.i.d. values from gonum's generator of stable laws.
func TestStableIndexOfStableLaws(t *testing.T) {
	if testing.Short() {
		t.Skip("millions of draws")
	}
	const n = 1_000_000
	for _, alpha := range []float64{2, 1.8, 1.5, 1.2, 1} {
		law := distuv.AlphaStable{Alpha: alpha, C: 1, Src: rand.NewPCG(1, uint64(10*alpha))}
		values := make([]float64, n)
		for i := range values {
			values[i] = law.Rand()
		}
		if got := StableIndex(values, BlockLength(n)); math.Abs(got-alpha) > 0.05 {
			t.Errorf("α = %g: got %g", alpha, got)
		}
	}
}

// The scale of a mean of b α-stable values falls as b^{−(α−1)/α}. The scale is the median of |mean|.
func TestBatchesOfStableNoiseScale(t *testing.T) {
	if testing.Short() {
		t.Skip("millions of draws")
	}
	const draws = 10_000 // the median errs by 1.3 %, more for α = 1, and five of them make a slope over log 64 = 4.2
	for _, alpha := range []float64{2, 1.8, 1.5, 1.2, 1} {
		law := distuv.AlphaStable{Alpha: alpha, C: 1, Src: rand.NewPCG(2, uint64(10*alpha))}
		var x, y []float64
		for b := 1; b <= 64; b *= 4 {
			means := make([]float64, draws)
			for i := range means {
				for range b {
					means[i] += law.Rand() / float64(b)
				}
				means[i] = math.Abs(means[i])
			}
			_, median, _ := quartiles(means)
			x, y = append(x, math.Log(float64(b))), append(y, math.Log(median))
		}
		_, slope := stat.LinearRegression(x, y, nil, false)
		if want := -(alpha - 1) / alpha; math.Abs(slope-want) > 0.02 {
			t.Errorf("α = %g: slope %g, want %g", alpha, slope, want)
		}
		// The slope of δ_p in b is the same, with p = α.
		if alpha > 1 {
			law := math.Log(NoiseLevelHeavy(1, 1, alpha, 64)/NoiseLevelHeavy(1, 1, alpha, 1)) / math.Log(64)
			if math.Abs(law-slope) > 0.02 {
				t.Errorf("p = %g: δ_p has slope %g, the noise %g", alpha, law, slope)
			}
		}
	}
}

// Exactly Gaussian noise with log-normal standard deviations of log-sd s looks heavy-tailed when pooled, and not by coordinate.
func TestPoolingMakesGaussianNoiseLookHeavy(t *testing.T) {
	for _, test := range []struct{ s, pooled float64 }{{0, 2.01}, {0.5, 1.87}, {1, 1.54}, {1.5, 1.25}, {2, 1.00}} {
		rng := newRand(7)
		const batches, coordinates = 100, 5000
		sample := NoiseSample{Lengths: make([]float64, batches), Values: make([][]float64, coordinates)}
		for c := range sample.Values {
			stdDev := math.Exp(test.s * rng.NormFloat64())
			values := make([]float64, batches)
			mean := 0.0
			for i := range values {
				values[i] = stdDev * rng.NormFloat64()
				mean += values[i] / batches
			}
			for i := range values {
				values[i] -= mean // as Simsekli et al., who have no full gradient
			}
			sample.Values[c] = values
		}
		tails := sample.Tails()
		if math.Abs(tails.PooledStable-test.pooled) > 0.05 {
			t.Errorf("s = %g: pooled index %g, want %g", test.s, tails.PooledStable, test.pooled)
		}
		// One index from 100 values scatters by about 0.4 and its reciprocal is what is unbiased; the median is near 2.08.
		if math.Abs(tails.Stable.Median-2.08) > 0.06 {
			t.Errorf("s = %g: per-coordinate index %g, want 2.08", test.s, tails.Stable.Median)
		}
		if tails.Warning != TailWarning || tails.Block != 10 {
			t.Errorf("s = %g: %+v", test.s, tails)
		}
		// What pooling hides: in units of their own, coordinates have the shape of a Gaussian, 0.399 at 0.
		if peak := tails.StandardizedBars.Density[30]; math.Abs(peak-0.399) > 0.01 {
			t.Errorf("s = %g: standardized density %g at 0", test.s, peak)
		}
		if peak := tails.PooledBars.Density[30]; test.s >= 1 && peak < 0.8 {
			t.Errorf("s = %g: pooled density %g at 0 is not peaked", test.s, peak)
		}
	}
}

// A Pareto law has an exact power tail: the estimator is unbiased in 1/α at every k.
func TestHillIndexOfPareto(t *testing.T) {
	for _, alpha := range []float64{0.8, 1.5, 3} {
		law := distuv.Pareto{Xm: 1, Alpha: alpha, Src: rand.NewPCG(3, uint64(10*alpha))}
		values := make([]float64, 100_000)
		for i := range values {
			values[i] = law.Rand()
			if i%2 == 1 {
				values[i] = -values[i]
			}
		}
		for _, k := range []int{100, 1000, 10_000} {
			got := HillIndex(values, k)
			if math.Abs(got.Value-alpha) > 4*got.StdErr || math.Abs(got.StdErr-alpha/math.Sqrt(float64(k))) > 0.5*got.StdErr {
				t.Errorf("α = %g, k = %d: got %v", alpha, k, got)
			}
		}
	}
	// Light tails: a large number.
	rng := newRand(8)
	values := make([]float64, 100_000)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	if got := HillIndex(values, HillCount(len(values))); got.Value < 6 {
		t.Errorf("Gaussian values: %v", got)
	}
}

func TestTailEstimatorsOfTooLittle(t *testing.T) {
	for name, got := range map[string]float64{
		"no values":        StableIndex(nil, 10),
		"no block":         StableIndex([]float64{1, 2}, 10),
		"blocks of one":    StableIndex([]float64{1, 2}, 1),
		"only zeros":       StableIndex(make([]float64, 100), 10),
		"Hill of nothing":  HillIndex(nil, 1).Value,
		"Hill of all":      HillIndex([]float64{1, 2}, 2).Value,
		"Hill above zeros": HillIndex([]float64{0, 0, 1}, 1).Value,
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s: got %g", name, got)
		}
	}
	if k := HillCount(0); k != 0 {
		t.Errorf("HillCount(0) = %d", k)
	}
}
