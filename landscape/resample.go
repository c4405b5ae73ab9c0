package landscape

import (
	"fmt"
	"math"
)

// Resample gives a grid of n×n nodes over the same rectangle, by cubic convolution (Keys 1981, a = −½). It passes through the
// given nodes, has a continuous gradient, and reproduces quadratics up to rounding in all but the outermost cells.
//
// The rule, which the TypeScript port follows operation by operation: along an axis of m old nodes, new node i lies at
// t = i·(m−1)/(n−1), cell k = min(⌊t⌋, m−2), s = t − k. If s = 0 the value is that of node k, if s = 1 that of node k+1;
// else it is ((w₋₁·z(k−1) + w₀·z(k)) + w₁·z(k+1)) + w₂·z(k+2) with
//
//	w₋₁ = ((−½s + 1)s − ½)s    w₀ = (3/2·s − 5/2)s·s + 1
//	w₁  = ((−3/2·s + 2)s + ½)s   w₂ = (½s − ½)s·s
//
// where nodes beyond an end are mirrored at the end node: z(−1) = z(1), z(m) = z(m−2). First every row is resampled to n
// columns, then every column to n rows. So a NaN reaches the new nodes less than two cells from it, and no others.
//
// A grid of fewer than 3 nodes a side, of another number of values, or n outside 2 … MaxNodes is a *GridError.
func Resample(g Grid, n int) (Grid, error) {
	cols, rows := len(g.X), len(g.Y)
	if cols < 3 || rows < 3 || len(g.Z) != cols*rows {
		return Grid{}, &GridError{Doing: "resampling a grid", Expected: "3 or more nodes a side and a value for each", Found: fmt.Sprintf("%d×%d nodes and %d values", cols, rows, len(g.Z)), Advice: "evaluate a finer slice"}
	}
	if n < 2 || n > MaxNodes {
		return Grid{}, &GridError{Doing: "resampling a grid", Expected: fmt.Sprintf("2 to %d nodes a side", MaxNodes), Found: fmt.Sprint(n), Advice: "choose a number in this range"}
	}
	return g.at(places(cols, n, 0, 1), places(rows, n, 0, 1), spread(g.X[0], g.X[cols-1], n), spread(g.Y[0], g.Y[rows-1], n)), nil
}

// ResampleWithin is Resample for a part of the grid: n×n nodes over a rectangle that lies within it, else a *GridError.
func ResampleWithin(g Grid, part Rect, n int) (Grid, error) {
	cols, rows := len(g.X), len(g.Y)
	if cols < 3 || rows < 3 || len(g.Z) != cols*rows || n < 2 || n > MaxNodes {
		return Resample(g, n) // which says what is wrong
	}
	fraction := func(x []float64, at float64) float64 { return (at - x[0]) / (x[len(x)-1] - x[0]) }
	left, right, low, high := fraction(g.X, part.XMin), fraction(g.X, part.XMax), fraction(g.Y, part.YMin), fraction(g.Y, part.YMax)
	const slack = 1e-9 // of rounding
	if !(left >= -slack && left < right && right <= 1+slack && low >= -slack && low < high && high <= 1+slack) {
		return Grid{}, &GridError{
			Doing: "resampling a part of a grid", Expected: fmt.Sprintf("a part of [%g, %g] × [%g, %g]", g.X[0], g.X[cols-1], g.Y[0], g.Y[rows-1]),
			Found: fmt.Sprintf("[%g, %g] × [%g, %g]", part.XMin, part.XMax, part.YMin, part.YMax), Advice: "choose a smaller one",
		}
	}
	clamp := func(v float64) float64 { return max(0, min(1, v)) }
	return g.at(places(cols, n, clamp(left), clamp(right)), places(rows, n, clamp(low), clamp(high)), spread(part.XMin, part.XMax, n), spread(part.YMin, part.YMax, n)), nil
}

// at resamples to the nodes that lie at these places, in cells; x and y are their coordinates.
func (g Grid) at(across, down, x, y []float64) Grid {
	cols, rows, n := len(g.X), len(g.Y), len(across)
	wide := make([]float64, rows*n)
	for row := range rows {
		convolve(wide[row*n:], 1, across, g.Z[row*cols:], 1, cols)
	}
	z := make([]float64, n*len(down))
	for col := range n {
		convolve(z[col:], n, down, wide[col:], n, rows)
	}
	return Grid{X: x, Y: y, Z: z}
}

// places are n equidistant places on an axis of m nodes, in cells, from one part of it to another; 0 … 1 is the whole.
func places(m, n int, from, to float64) []float64 {
	at := make([]float64, n)
	for i := range at {
		if from == 0 && to == 1 {
			at[i] = float64(i*(m-1)) / float64(n-1) // the rule of Resample, to the bit
		} else {
			at[i] = (from + (to-from)*float64(i)/float64(n-1)) * float64(m-1)
		}
	}
	return at
}

// spread gives n equidistant coordinates.
func spread(lo, hi float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return out
}

// convolve resamples a line of m values to those at the given places; node i of a line stands at i·stride.
func convolve(dst []float64, dstStride int, places []float64, src []float64, srcStride, m int) {
	at := func(k int) float64 {
		if k < 0 {
			k = -k
		}
		if k > m-1 {
			k = 2*(m-1) - k
		}
		return src[k*srcStride]
	}
	for i, t := range places {
		k := min(int(math.Floor(t)), m-2)
		s := t - float64(k)
		var z float64
		switch s {
		case 0:
			z = at(k)
		case 1:
			z = at(k + 1)
		default:
			// float64(…) rounds each product, so that no machine fuses it with the sum and all give the same bits.
			wl := (float64((float64(-0.5*s)+1)*s) - 0.5) * s
			w0 := float64(float64((float64(1.5*s)-2.5)*s)*s) + 1
			w1 := (float64((float64(-1.5*s)+2)*s) + 0.5) * s
			w2 := float64((float64(0.5*s)-0.5)*s) * s
			z = float64(wl*at(k-1)) + float64(w0*at(k))
			z += float64(w1 * at(k+1))
			z += float64(w2 * at(k+2))
		}
		dst[i*dstStride] = z
	}
}
