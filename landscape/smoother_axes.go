package landscape

import "math"

// A Gaussian is a product of its axes, so the rows may be smoothed first and the columns after them, each line transformed,
// multiplied and transformed back while it lies in the nearest cache. Only the part of the halo that the kernel reaches takes
// part, and after the first axis only the wanted columns: for a kernel that is narrow against its halo this is several times
// less work than the spectrum of the whole field.

const (
	// axesReach is how many standard deviations of a Gaussian take part: 6·10⁻¹⁴ of its mass lies beyond on an axis.
	axesReach = 7.5
	// longTail is how many cells take part below two cells, where the transfer function has not died out at the Nyquist
	// wavenumber: what levels off there (see wavenumbers) has tails of 1/n⁴, 2·10⁻⁸ at that distance.
	longTail = 100
)

// axesPlan is what smoothing axis by axis takes part in: reach cells of halo, and lines of that transform length.
type axesPlan struct{ reach, p int }

// byAxes returns how a Gaussian with that standard deviation in cells is smoothed axis by axis; ok is false where the spectrum,
// once it is made, is over twice as fast. The figures are counts of transforms times their length and its logarithm.
func (f Field) byAxes(cells float64) (a axesPlan, ok bool) {
	reach := math.Ceil(axesReach*cells) + minimaRing
	if cells < 2 {
		reach = longTail
	}
	a.reach = int(min(float64(f.Cells), reach))
	m, count := f.N+2*a.reach, f.N+2*minimaRing
	a.p = PaddedLength(m)
	cost := func(lines float64, p int) float64 { return lines * float64(p) * math.Log2(float64(p)) }
	p := PaddedLength(f.M())
	band := min(float64(p/2), float64(p)*math.Sqrt(-2*math.Log(negligible))/(2*math.Pi*cells))
	return a, cost(float64(m+count), a.p) <= 2*cost(band+float64(count)/2, p)
}

// axesScratch serves one goroutine at a time.
type axesScratch struct {
	*transformer
	factors []float64 // of all frequencies of a line, over its length
	middle  []float64 // the field with one axis smoothed, transposed
}

// smoothAxes writes the field, smoothed by a Gaussian, on the inner grid and count−N rings around it into dst.
func (w *axesScratch) smooth(f Field, k Kernel, delta float64, a axesPlan, dst []float64) {
	if w.transformer == nil || w.n != a.p {
		w.transformer, w.factors = newTransformer(a.p), make([]float64, a.p)
	}
	for j, wave := range wavenumbers(a.p, f.Step()) {
		t := k.Transfer(delta, wave) / float64(a.p)
		w.factors[j], w.factors[(a.p-j)%a.p] = t, t
	}
	m, whole, count, skip := f.N+2*a.reach, f.M(), f.N+2*minimaRing, f.Cells-a.reach
	if len(w.middle) < m*count {
		w.middle = make([]float64, m*count)
	}
	w.axis(f.Z[skip*whole+skip:], whole, m, m, a.reach-minimaRing, count, w.middle)
	w.axis(w.middle, m, count, m, a.reach-minimaRing, count, dst)
}

// axis smooths lines of m values, which begin every stride values of src. It keeps count values of each from first on and writes
// them transposed: value i of a line at dst[i·lines+line].
func (w *axesScratch) axis(src []float64, stride, lines, m, first, count int, dst []float64) {
	first += (w.n - m) >> 1
	for start := 0; start < lines; start += 2 * lanes {
		here := min(2*lanes, lines-start)
		for j := 0; j < here; j += 2 {
			// Two real lines a and b make one complex line a + ib, and a real and even factor keeps them apart.
			a := src[(start+j)*stride:][:m]
			b := src[(start+min(j+1, here-1))*stride:][:m]
			re, im := w.re[j/2], w.im[j/2]
			w.load(j/2, a, b)
			w.forward(re, im)
			for i, t := range w.factors {
				re[i] *= t
				im[i] *= t
			}
			w.inverse(re, im)
		}
		for i := range count {
			to := dst[i*lines+start:][:here]
			for j := range here / 2 {
				to[2*j], to[2*j+1] = w.re[j][first+i], w.im[j][first+i]
			}
			if here%2 == 1 {
				to[here-1] = w.re[here/2][first+i]
			}
		}
	}
}
