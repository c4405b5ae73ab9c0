package measure

import (
	"math"
	"slices"
)

// TailWarning must stand beside every tail index of pooled noise.
const TailWarning = "A pooled histogram cannot decide whether gradient noise is heavy-tailed: coordinates of different variance look heavy-tailed when they are " +
	"thrown together, even if each is exactly Gaussian (log-normal standard deviations with log-sd 1 give a pooled index of 1.54). " +
	"Judge by the per-coordinate index across mini-batches at frozen parameters; near 2 means light tails."

// BlockLength is K₁, the largest divisor of n not above √n, as StableIndex wants it; 1 for a prime.
func BlockLength(n int) int {
	best := 1
	for k := 1; k*k <= n; k++ {
		if n%k == 0 {
			best = k
		}
	}
	return best
}

// StableIndex estimates the index α of symmetric α-stable values X (Mohammadi, Mohammadpour & Ogata 2015, corollary 2.4, as Simsekli et al. 2019
// use it): with Y_i the sums of K₁ consecutive values,
//
//	1/α̂ = ( mean log|Y_i| − mean log|X_i| ) / log K₁.
//
// It is 2 for Gaussian values, and exceeds 2 by chance or where values are anti-correlated (subtracting the mean of 100 adds 0.08). Zeros are
// left out of both means. A remainder after the last whole block is left out. NaN for K₁ < 2 or without a whole block.
func StableIndex(values []float64, k1 int) float64 {
	if k1 < 2 || len(values) < k1 {
		return math.NaN()
	}
	values = values[:len(values)/k1*k1]
	single, block := logMean{}, logMean{}
	for start := 0; start < len(values); start += k1 {
		sum := 0.0
		for _, v := range values[start : start+k1] {
			single.add(v)
			sum += v
		}
		block.add(sum)
	}
	return math.Log(float64(k1)) / (block.mean() - single.mean())
}

// logMean is a mean of log|v| over the v that are not 0.
type logMean struct {
	sum   float64
	count int
}

func (l *logMean) add(v float64) {
	if v != 0 {
		l.sum += math.Log(math.Abs(v))
		l.count++
	}
}

func (l *logMean) mean() float64 { return l.sum / float64(l.count) }

// HillIndex estimates the exponent α of a power-law tail P(|X| > x) ∝ x^{−α} from the k largest |X| (B. Hill, 1975):
//
//	1/α̂ = (1/k) Σ_{i≤k} log( |X|_(i) / |X|_(k+1) ).
//
// Its error is α/√k. For light tails it means nothing but a large number, larger for smaller k. NaN for k < 1, for k ≥ the number of
// values, and where the (k+1)-th largest is 0.
func HillIndex(values []float64, k int) Estimate {
	if k < 1 || k >= len(values) {
		return Estimate{math.NaN(), math.NaN()}
	}
	sizes := make([]float64, len(values))
	for i, v := range values {
		sizes[i] = math.Abs(v)
	}
	slices.Sort(sizes)
	threshold := sizes[len(sizes)-k-1]
	sum := 0.0
	for _, v := range sizes[len(sizes)-k:] {
		sum += math.Log(v / threshold)
	}
	alpha := float64(k) / sum
	if threshold == 0 {
		alpha = math.NaN()
	}
	return Estimate{alpha, alpha / math.Sqrt(float64(k))}
}

// HillCount is k of HillIndex for n values: √n, at least 10 where there are as many.
func HillCount(n int) int { return min(max(int(math.Sqrt(float64(n))), 10), max(n-1, 0)) }

// Tails is what tail estimators and kurtosis say of a NoiseSample, pooled and by coordinate. Read them with Warning.
type Tails struct {
	Warning string // TailWarning

	PooledStable float64  // StableIndex of the kept values, batch after batch, as Simsekli et al. 2019
	PooledHill   Estimate // HillIndex of the same values
	PooledExcess float64  // excess kurtosis of the same values
	PooledBlock  int      // K₁ of PooledStable

	Heard            int     // kept coordinates with noise: those below are over these
	Stable           Summary // StableIndex of each coordinate across batches
	Hill             Summary // HillIndex of each coordinate across batches
	Excess           Summary // excess kurtosis of each coordinate across batches
	Block, HillCount int     // K₁ and k of a coordinate

	PooledBars       Bars // of all kept values, in units of their common standard deviation
	StandardizedBars Bars // of the same, each coordinate in units of its own: what pooling hides
}

// Summary is the median and the quartiles of values of many coordinates; values that are not finite are left out.
type Summary struct {
	Low, Median, High float64
}

// barReach is how many standard deviations the histograms show to either side.
const barReach = 6

// Tails measures the tails of the kept coordinates; those without any noise are left out.
func (s NoiseSample) Tails() Tails {
	batches := len(s.Lengths)
	tails := Tails{Warning: TailWarning, Block: BlockLength(batches), HillCount: HillCount(batches)}
	var stable, hill, excess, standardized []float64
	var heard [][]float64
	for _, values := range s.Values {
		m := MomentsOf(values)
		if m.StdDev == 0 {
			continue
		}
		heard = append(heard, values)
		stable = append(stable, StableIndex(values, tails.Block))
		hill = append(hill, HillIndex(values, tails.HillCount).Value)
		excess = append(excess, m.Excess)
		for _, v := range values {
			standardized = append(standardized, v/m.StdDev)
		}
	}
	summary := func(values []float64) Summary {
		low, middle, high := quartiles(values)
		return Summary{low, middle, high}
	}
	tails.Heard = len(heard)
	tails.Stable, tails.Hill, tails.Excess = summary(stable), summary(hill), summary(excess)
	pooled := make([]float64, 0, len(standardized))
	for t := range batches {
		for _, values := range heard {
			pooled = append(pooled, values[t])
		}
	}
	m := MomentsOf(pooled)
	tails.PooledBlock = BlockLength(len(pooled))
	tails.PooledStable, tails.PooledHill, tails.PooledExcess = StableIndex(pooled, tails.PooledBlock), HillIndex(pooled, HillCount(len(pooled))), m.Excess
	tails.StandardizedBars = NewBars(standardized, -barReach, barReach)
	for i := range pooled {
		pooled[i] /= m.StdDev
	}
	tails.PooledBars = NewBars(pooled, -barReach, barReach)
	return tails
}
