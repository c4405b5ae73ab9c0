package landscape

import (
	"math"
	"sync"
)

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

// fade returns by what the imaginary part of a transfer function is multiplied at the frequencies 0 … P/2: 1 up to three quarters
// of the Nyquist frequency, from there 1 − t⁴(35 − 84t + 70t² − 20t³), which is 0 at P/2. That frequency is its own negative, so
// its factor must be real; an imaginary part that breaks off there makes a kernel with tails of 1/n.
func fade(p int) []float64 {
	all := make([]float64, p/2+1)
	for j := range all {
		t := max(0, (float64(j)-0.375*float64(p))/(0.125*float64(p)))
		all[j] = 1 - t*t*t*t*(35-t*(84-t*(70-20*t)))
	}
	return all
}

// spectrum is the transform of a field that is mirrored out to P×P, the half that determines the rest: P/2+1 columns kx of P
// values, in the order of ky. The rows are transformed when it is made, each column when it is first asked for: a kernel that
// has died out at high wavenumbers needs but the first of them.
type spectrum struct {
	p, m   int
	re, im []float64 // [kx*p+ky]

	lock    sync.Mutex // held while columns are transformed
	columns int        // how many are done
	line    *plan
}

// lanes is how many complex lines are transformed before the results are written across: 2·lanes numbers side by side fill a
// line of the cache, which single ones would fetch again and again.
const lanes = 4

// transformer is the scratch space of transforms of one length; it serves one goroutine at a time.
type transformer struct {
	*plan
	re, im [lanes][]float64
}

func newTransformer(p int) *transformer {
	w := &transformer{plan: newPlan(p)}
	for j := range lanes {
		w.re[j], w.im[j] = make([]float64, p), make([]float64, p)
	}
	return w
}

// transform returns the spectrum of the field.
func transform(f Field) *spectrum {
	m := f.M()
	p := PaddedLength(m)
	left, h := (p-m)>>1, p/2+1
	w := newTransformer(p)
	s := &spectrum{p: p, m: m, re: make([]float64, h*p), im: make([]float64, h*p), line: w.plan}
	for row := 0; row < m; row += 2 * lanes {
		here := min(2*lanes, m-row)
		for j := 0; j < here; j += 2 {
			// Two real rows a and b make one complex row a + ib.
			w.load(j/2, f.Z[(row+j)*m:][:m], f.Z[(row+min(j+1, here-1))*m:][:m])
			w.forward(w.re[j/2], w.im[j/2])
		}
		for kx := range h {
			o := (p - kx) % p
			at := kx*p + left + row
			for j := range (here + 1) / 2 { // the row after an odd number of them is mirrored over by need
				re, im := w.re[j], w.im[j]
				a, b, c, d := re[kx], re[o], im[kx], im[o]
				s.re[at+2*j], s.im[at+2*j] = (a+b)/2, (c-d)/2
				s.re[at+2*j+1], s.im[at+2*j+1] = (c+d)/2, (b-a)/2
			}
		}
	}
	return s
}

// load mirrors two lines out to the length of the transform, as the real and the imaginary part of one lane.
func (w *transformer) load(lane int, a, b []float64) {
	extend(w.re[lane], a)
	extend(w.im[lane], b)
}

// extend writes z into the middle of line and its mirror image on both sides. z may be that part of line.
func extend(line, z []float64) {
	left := (len(line) - len(z)) >> 1
	copy(line[left:], z)
	for i := range left {
		line[i] = line[left+mirror(i-left, len(z))]
	}
	for i := left + len(z); i < len(line); i++ {
		line[i] = line[left+mirror(i-left, len(z))]
	}
}

// need makes sure that the first count columns are transformed.
func (s *spectrum) need(count int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	left := (s.p - s.m) >> 1
	for ; s.columns < count; s.columns++ {
		re, im := s.re[s.columns*s.p:][:s.p], s.im[s.columns*s.p:][:s.p]
		extend(re, re[left:][:s.m])
		extend(im, im[left:][:s.m])
		s.line.forward(re, im)
	}
}

// factors are what one column kx of a spectrum is multiplied by, for ky = 0 … band−1 and, beside them, for −ky.
type factors struct {
	re, im       []float64
	negRe, negIm []float64
	even         bool // real and the same for −ky: re alone counts
}

func newFactors(h int) *factors {
	return &factors{re: make([]float64, h), im: make([]float64, h), negRe: make([]float64, h), negIm: make([]float64, h)}
}

// inverse is the scratch space of one inverse transform; it serves one goroutine at a time.
type inverse struct {
	*transformer
	rowRe, rowIm []float64 // [row*h+kx], the wanted rows after the columns are done
	factors      *factors
}

func newInverse(p, rows int) *inverse {
	h := p/2 + 1
	return &inverse{transformer: newTransformer(p), rowRe: make([]float64, rows*h), rowIm: make([]float64, rows*h), factors: newFactors(h)}
}

// apply multiplies the spectrum by the factors that fill gives for each kx, and by 0 where |kx| or |ky| is ≥ band ≤ P/2+1. It
// writes count×count values of the result, from node (first, first) of the padded array on.
func (w *inverse) apply(s *spectrum, fill func(kx int, t *factors), band, first, count int, dst []float64) {
	p, h := s.p, s.p/2+1
	s.need(band)
	for block := 0; block < band; block += lanes {
		here := min(lanes, band-block)
		for j := range here {
			kx := block + j
			fill(kx, w.factors)
			w.factors.multiply(s.re[kx*p:(kx+1)*p], s.im[kx*p:(kx+1)*p], w.re[j], w.im[j], band)
			w.inverse(w.re[j], w.im[j])
		}
		for row := range count {
			at := row*h + block
			for j := range here {
				w.rowRe[at+j], w.rowIm[at+j] = w.re[j][first+row], w.im[j][first+row]
			}
		}
	}
	re, im := w.re[0], w.im[0]
	for row := 0; row < count; row += 2 {
		next := min(row+1, count-1)
		ar, ai := w.rowRe[row*h:row*h+band], w.rowIm[row*h:row*h+band]
		br, bi := w.rowRe[next*h:next*h+band], w.rowIm[next*h:next*h+band]
		clear(re)
		clear(im)
		// The spectrum of a + ib; that of a real row at −k is the conjugate of that at k. At 0 and P/2 both are real.
		for k := range band {
			re[k], im[k] = ar[k]-bi[k], ai[k]+br[k]
			if k > 0 && k < p/2 {
				re[p-k], im[p-k] = ar[k]+bi[k], br[k]-ai[k]
			}
		}
		w.inverse(re, im)
		copy(dst[next*count:(next+1)*count], im[first:])
		copy(dst[row*count:(row+1)*count], re[first:])
	}
}

// multiply writes the product of one column of a spectrum and the factors, over P², into toRe and toIm.
func (t *factors) multiply(re, im, toRe, toIm []float64, band int) {
	p := len(re)
	norm := 1 / (float64(p) * float64(p))
	clear(toRe)
	clear(toIm)
	for ky := range band {
		o := (p - ky) % p
		if t.even {
			v := t.re[ky] * norm
			toRe[o], toIm[o] = re[o]*v, im[o]*v
			toRe[ky], toIm[ky] = re[ky]*v, im[ky]*v
			continue
		}
		a, b := t.negRe[ky]*norm, t.negIm[ky]*norm
		toRe[o], toIm[o] = re[o]*a-im[o]*b, re[o]*b+im[o]*a
		a, b = t.re[ky]*norm, t.im[ky]*norm
		toRe[ky], toIm[ky] = re[ky]*a-im[ky]*b, re[ky]*b+im[ky]*a
	}
}
