package landscape

import "math"

// PaddedLength returns the smallest 2^k, 3·2^k or 5·2^k (k ≥ 1) that is at least m: the transform length P.
func PaddedLength(m int) int {
	best := 0
	for _, odd := range []int{1, 3, 5} {
		p := 2 * odd
		for p < m {
			p *= 2
		}
		if best == 0 || p < best {
			best = p
		}
	}
	return best
}

// mirror returns the node in [0, m) that stands at position i of the whole-sample symmetric extension.
func mirror(i, m int) int {
	if m == 1 {
		return 0
	}
	period := 2 * (m - 1)
	i = ((i % period) + period) % period
	return min(i, period-i)
}

// wavenumbers returns the wavenumber of the frequencies 0 … P/2 along one axis: 2πj/(P·step) up to three quarters of the
// Nyquist frequency P/2. From there it levels off, with t running from 0 to 1 and t − t³ + t⁴/2 in its place, to slope 0
// at P/2. A field that its grid resolves has nothing up there; but where the transfer function has not died out at
// P/2, its corner there would make a kernel with tails like 1/n², which carry the jump at the seam of the padded field
// far inside: 1.3·10⁻⁵ of the range for Styblinski–Tang at half a cell, against 3·10⁻⁹ so.
func wavenumbers(p int, step float64) []float64 {
	unit := 2 * math.Pi / (float64(p) * step)
	from, span := 0.375*float64(p), 0.125*float64(p)
	waves := make([]float64, p/2+1)
	for j := range waves {
		f := float64(j)
		if f > from {
			t := (f - from) / span
			f = from + span*t*(1-t*t*(1-t/2))
		}
		waves[j] = unit * f
	}
	return waves
}

// spectrum is the transform of a real P×P array, the half that determines the rest: P/2+1 columns kx of P values, in
// the order of ky.
type spectrum struct {
	p      int
	re, im []float64 // [kx*p+ky]
}

// transform returns the spectrum of the field, mirrored out to P×P.
func transform(f Field) spectrum {
	m := f.M()
	p := PaddedLength(m)
	left, h := (p-m)>>1, p/2+1
	s := spectrum{p: p, re: make([]float64, h*p), im: make([]float64, h*p)}
	line := newPlan(p)
	re, im := make([]float64, p), make([]float64, p)
	// Two real rows a and b make one complex row a + ib; p is even.
	for row := 0; row < p; row += 2 {
		a, b := f.Z[mirror(row-left, m)*m:], f.Z[mirror(row+1-left, m)*m:]
		for i := range p {
			col := mirror(i-left, m)
			re[i], im[i] = a[col], b[col]
		}
		line.forward(re, im)
		for kx := range h {
			o := (p - kx) % p
			s.re[kx*p+row], s.im[kx*p+row] = (re[kx]+re[o])/2, (im[kx]-im[o])/2
			s.re[kx*p+row+1], s.im[kx*p+row+1] = (im[kx]+im[o])/2, (re[o]-re[kx])/2
		}
	}
	for kx := range h {
		line.forward(s.re[kx*p:(kx+1)*p], s.im[kx*p:(kx+1)*p])
	}
	return s
}

// inverse is the scratch space of one inverse transform; it serves one goroutine at a time.
type inverse struct {
	line    *plan
	re, im  []float64 // one line
	rowRe   []float64 // [row*h+kx], the wanted rows after the columns are done
	rowIm   []float64
	factors []float64 // of one column
}

func newInverse(p, rows int) *inverse {
	h := p/2 + 1
	return &inverse{line: newPlan(p), re: make([]float64, p), im: make([]float64, p), rowRe: make([]float64, rows*h),
		rowIm: make([]float64, rows*h), factors: make([]float64, h)}
}

// apply multiplies the spectrum by factors(kx), given for ky = 0 … band−1 and the same for −ky, and by 0 where kx or ky
// is ≥ band ≤ P/2+1. It writes count×count values of the result, from node (first, first) of the padded array on.
func (w *inverse) apply(s spectrum, factors func(kx int, dst []float64), band, first, count int, dst []float64) {
	p, h := s.p, s.p/2+1
	norm := 1 / (float64(p) * float64(p))
	t := w.factors[:band]
	for kx := range band {
		factors(kx, t)
		re, im := s.re[kx*p:(kx+1)*p], s.im[kx*p:(kx+1)*p]
		clear(w.re)
		clear(w.im)
		w.re[0], w.im[0] = re[0]*t[0]*norm, im[0]*t[0]*norm
		for ky := 1; ky < band; ky++ {
			v := t[ky] * norm
			w.re[ky], w.im[ky] = re[ky]*v, im[ky]*v
			w.re[p-ky], w.im[p-ky] = re[p-ky]*v, im[p-ky]*v
		}
		w.line.inverse(w.re, w.im)
		for row := range count {
			w.rowRe[row*h+kx], w.rowIm[row*h+kx] = w.re[first+row], w.im[first+row]
		}
	}
	for row := 0; row < count; row += 2 {
		next := min(row+1, count-1)
		ar, ai := w.rowRe[row*h:row*h+band], w.rowIm[row*h:row*h+band]
		br, bi := w.rowRe[next*h:next*h+band], w.rowIm[next*h:next*h+band]
		clear(w.re)
		clear(w.im)
		// The spectrum of a + ib; that of a real row at −k is the conjugate of that at k. At 0 and P/2 both are real.
		for k := range band {
			w.re[k], w.im[k] = ar[k]-bi[k], ai[k]+br[k]
			if k > 0 && k < p/2 {
				w.re[p-k], w.im[p-k] = ar[k]+bi[k], br[k]-ai[k]
			}
		}
		w.line.inverse(w.re, w.im)
		copy(dst[row*count:(row+1)*count], w.re[first:])
		copy(dst[next*count:(next+1)*count], w.im[first:])
		if next == row {
			copy(dst[row*count:(row+1)*count], w.re[first:])
		}
	}
}
