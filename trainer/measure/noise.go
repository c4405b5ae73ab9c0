package measure

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// maxKept bounds the noise values that are kept at once (float64 each).
const maxKept = 10_000_000

// NoiseDraws says which noise DrawNoise draws.
type NoiseDraws struct {
	Batches     int  // P ≥ 2
	Size        int  // b, images a batch
	Coordinates int  // M, how many coordinates to keep, drawn without replacement; all for M ≥ d
	Replace     bool // draw images with replacement instead of without
}

// NoiseSample is the noise ω_t = g_{S_t} − ∇f of P mini-batches at frozen parameters, in 1/[θ].
type NoiseSample struct {
	Size       int // b
	Population int // n

	Lengths     []float64   // ‖ω_t‖ over all d coordinates, one a batch
	Coordinates []int       // the M kept coordinates, ascending
	Values      [][]float64 // Values[c][t] is coordinate Coordinates[c] of ω_t
	Silent      int         // coordinates of all d that are 0 in every batch
	Pooled      Moments     // over all other coordinates and all batches
}

// Moments are of values pooled about 0, which is the mean of noise.
type Moments struct {
	Count  int     // values
	StdDev float64 // root mean square
	Excess float64 // excess kurtosis, mean ω⁴/(mean ω²)² − 3: 0 for one Gaussian
}

// DrawNoise freezes params, takes the full gradient over the n images, and draws P mini-batches of them. It keeps M coordinates drawn
// from rng and streams the rest into moments. Full gradient and mini-batch gradients are taken at the same point and in evaluation
// mode, so the noise has mean 0. It costs n + P·b images, and (2M·P + 3d)·8 bytes or less; progress counts batches.
func DrawNoise(ctx context.Context, g Gradients, params []float32, images []int, draws NoiseDraws, rng *rand.Rand, progress func(done, total int)) (NoiseSample, error) {
	const doing = "drawing gradient noise"
	n, d := len(images), g.Dim()
	kept := min(draws.Coordinates, d)
	switch {
	case draws.Batches < 2:
		return NoiseSample{}, argument(doing, "2 batches or more", draws.Batches)
	case draws.Size < 1 || draws.Size > n && !draws.Replace:
		return NoiseSample{}, argument(doing, "a batch of an image or more, and no more than there are", draws.Size)
	case kept < 1 || kept > maxKept/draws.Batches:
		return NoiseSample{}, argument(doing, "a coordinate or more, and no more values than memory allows", draws.Coordinates)
	}
	sample := NoiseSample{
		Size: draws.Size, Population: n,
		Coordinates: ChooseImages(d, kept, rng), // a choice of M of d, in order
		Lengths:     make([]float64, draws.Batches), Values: make([][]float64, kept),
	}
	for c := range sample.Values {
		sample.Values[c] = make([]float64, draws.Batches)
	}
	m := newMean(g)
	full, grad, heard := make([]float64, d), make([]float64, d), make([]bool, d)
	if _, err := m.at(ctx, params, images, full); err != nil {
		return NoiseSample{}, err
	}
	u := newUrn(images)
	var batch []int
	second, fourth := 0.0, 0.0
	for t := range draws.Batches {
		if draws.Replace {
			batch = u.drawAgain(batch, draws.Size, rng)
		} else {
			batch = u.draw(draws.Size, rng)
		}
		if _, err := m.at(ctx, params, batch, grad); err != nil {
			return NoiseSample{}, err
		}
		squares, quartic := 0.0, 0.0
		for i, v := range grad {
			if v != 0 || full[i] != 0 {
				heard[i] = true
			}
			w := v - full[i]
			grad[i] = w
			w *= w
			squares += w
			quartic += w * w
		}
		sample.Lengths[t] = math.Sqrt(squares)
		second += squares
		fourth += quartic
		for c, i := range sample.Coordinates {
			sample.Values[c][t] = grad[i]
		}
		report(progress, t+1, draws.Batches)
	}
	for _, h := range heard {
		if !h {
			sample.Silent++
		}
	}
	sample.Pooled = moments((d-sample.Silent)*draws.Batches, second, fourth)
	return sample, nil
}

// moments makes Moments of n values with the given sums of squares and fourth powers.
func moments(n int, second, fourth float64) Moments {
	count := float64(n)
	variance := second / count
	return Moments{Count: n, StdDev: math.Sqrt(variance), Excess: fourth/count/(variance*variance) - 3}
}

// MomentsOf are the moments of values about 0; those that are NaN or infinite make them so.
func MomentsOf(values []float64) Moments {
	second, fourth := 0.0, 0.0
	for _, v := range values {
		second += v * v
		fourth += v * v * v * v
	}
	return moments(len(values), second, fourth)
}

// C2 is the spread that the lengths imply, C² = b·mean‖ω‖²/((n−b)/(n−1)) for batches without replacement, with the error of the
// mean; with replacement the divisor is 1. NaN for b = n.
func (s NoiseSample) C2(replace bool) Estimate {
	squares := make([]float64, len(s.Lengths))
	factor := float64(s.Size)
	if !replace {
		factor /= FinitePopulation(s.Population, s.Size)
	}
	for t, v := range s.Lengths {
		squares[t] = factor * v * v
	}
	return meanOf(squares)
}

// barCount is the number of bars of NewBars: odd, so that the middle of the range lies inside one.
const barCount = 61

// Bars is a histogram.
type Bars struct {
	Edges   []float64 // ascending, len(Density)+1
	Density []float64 // share of all values in a bar, divided by its width
	Outside float64   // share of the values beyond the edges
}

// NewBars counts values into 61 bars of equal width over [from, to], from < to. NaN counts as outside.
func NewBars(values []float64, from, to float64) Bars {
	b := Bars{Edges: make([]float64, barCount+1), Density: make([]float64, barCount)}
	width := (to - from) / barCount
	for i := range b.Edges {
		b.Edges[i] = from + float64(i)*width
	}
	share := 1 / float64(len(values))
	for _, v := range values {
		at := math.Floor((v - from) / width)
		if v == to {
			at = barCount - 1
		}
		if at >= 0 && at < barCount {
			b.Density[int(at)] += share / width
		} else {
			b.Outside += share
		}
	}
	return b
}

// quartiles are the median and the quartiles of the values that are finite; NaN for none.
func quartiles(values []float64) (low, middle, high float64) {
	finite := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			finite = append(finite, v)
		}
	}
	slices.Sort(finite)
	at := func(q float64) float64 {
		if len(finite) == 0 {
			return math.NaN()
		}
		place := q * float64(len(finite)-1)
		i := int(place)
		if i+1 >= len(finite) {
			return finite[i]
		}
		return finite[i] + (place-float64(i))*(finite[i+1]-finite[i])
	}
	return at(0.25), at(0.5), at(0.75)
}
