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
	wide := make([]float64, rows*n)
	for row := range rows {
		convolve(wide[row*n:], 1, n, g.Z[row*cols:], 1, cols)
	}
	z := make([]float64, n*n)
	for col := range n {
		convolve(z[col:], n, n, wide[col:], n, rows)
	}
	return Grid{X: spread(g.X, n), Y: spread(g.Y, n), Z: z}, nil
}

// spread gives n equidistant coordinates from the first to the last of x.
func spread(x []float64, n int) []float64 {
	lo, hi := x[0], x[len(x)-1]
	out := make([]float64, n)
	for i := range out {
		out[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return out
}

// convolve resamples a line of m values to n; node i of a line stands at i·stride.
func convolve(dst []float64, dstStride, n int, src []float64, srcStride, m int) {
	at := func(k int) float64 {
		if k < 0 {
			k = -k
		}
		if k > m-1 {
			k = 2*(m-1) - k
		}
		return src[k*srcStride]
	}
	for i := range n {
		t := float64(i*(m-1)) / float64(n-1)
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
