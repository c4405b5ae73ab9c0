package landscape

import "math"

// plan is a discrete Fourier transform of length n = 2^k, 3·2^k or 5·2^k on split real and imaginary parts: Stockham's
// self-sorting form with passes of radix 4, then at most one each of radix 2 and of radix 3 or 5. Gonum's transform takes 2 to
// 3.5 times as long (BenchmarkTransform runs both side by side), which is the whole budget of a smoothed picture;
// TestPlanAgreesWithGonum holds this one to it. A plan serves one goroutine at a time.
type plan struct {
	n        int
	cos, sin []float64 // of −2πk/n
	re, im   []float64 // the other buffer
}

func newPlan(n int) *plan {
	p := &plan{n: n, cos: make([]float64, n), sin: make([]float64, n), re: make([]float64, n), im: make([]float64, n)}
	for k := range n {
		p.sin[k], p.cos[k] = math.Sincos(-2 * math.Pi * float64(k) / float64(n))
	}
	return p
}

// forward replaces z by Σⱼ zⱼ exp(−2πijk/n).
func (p *plan) forward(re, im []float64) {
	x := buffer{re[:p.n], im[:p.n]}
	y := buffer{p.re, p.im}
	left, stride := p.n, 1 // length of the transforms still to do, and how many of them interleave
	for left%4 == 0 {
		p.pass4(left/4, stride, x, y)
		x, y = y, x
		left, stride = left/4, stride*4
	}
	if left%2 == 0 {
		p.pass2(left/2, stride, x, y)
		x, y = y, x
		left, stride = left/2, stride*2
	}
	switch left {
	case 3:
		p.pass3(stride, x, y)
		x = y
	case 5:
		p.pass5(stride, x, y)
		x = y
	}
	if &x.re[0] != &re[0] {
		copy(re, x.re)
		copy(im, x.im)
	}
}

// inverse replaces z by Σⱼ zⱼ exp(+2πijk/n), without the factor 1/n.
func (p *plan) inverse(re, im []float64) { p.forward(im, re) }

type buffer struct{ re, im []float64 }

// part returns the n numbers of the buffer from offset on.
func (b buffer) part(offset, n int) (re, im []float64) {
	return b.re[offset : offset+n : offset+n], b.im[offset : offset+n : offset+n]
}

func (p *plan) pass4(m, s int, x, y buffer) {
	switch s {
	case 1:
		p.pass4First(m, x, y)
		return
	case 4:
		p.pass4Second(m, x, y)
		return
	}
	step := p.n / (4 * m)
	for j := range m {
		k := j * step
		c1, s1 := p.cos[k], p.sin[k]
		c2, s2 := p.cos[2*k], p.sin[2*k]
		c3, s3 := p.cos[3*k], p.sin[3*k]
		ar, ai := x.part(s*j, s)
		br, bi := x.part(s*(j+m), s)
		cr, ci := x.part(s*(j+2*m), s)
		dr, di := x.part(s*(j+3*m), s)
		er, ei := y.part(4*s*j, s)
		fr, fi := y.part(4*s*j+s, s)
		gr, gi := y.part(4*s*j+2*s, s)
		hr, hi := y.part(4*s*j+3*s, s)
		for q := range s {
			sumR, sumI := ar[q]+cr[q], ai[q]+ci[q]
			difR, difI := ar[q]-cr[q], ai[q]-ci[q]
			oddR, oddI := br[q]+dr[q], bi[q]+di[q]
			rotR, rotI := bi[q]-di[q], dr[q]-br[q] // −i·(b − d)
			er[q], ei[q] = sumR+oddR, sumI+oddI
			u, v := difR+rotR, difI+rotI
			fr[q], fi[q] = u*c1-v*s1, u*s1+v*c1
			u, v = sumR-oddR, sumI-oddI
			gr[q], gi[q] = u*c2-v*s2, u*s2+v*c2
			u, v = difR-rotR, difI-rotI
			hr[q], hi[q] = u*c3-v*s3, u*s3+v*c3
		}
	}
}

// pass4First is pass4 for s = 1, where slices of one number each would cost more than the arithmetic.
func (p *plan) pass4First(m int, x, y buffer) {
	ar, ai := x.part(0, m)
	br, bi := x.part(m, m)
	cr, ci := x.part(2*m, m)
	dr, di := x.part(3*m, m)
	yr, yi := y.part(0, 4*m)
	for j := range m {
		c1, s1 := p.cos[j], p.sin[j]
		c2, s2 := p.cos[2*j], p.sin[2*j]
		c3, s3 := p.cos[3*j], p.sin[3*j]
		sumR, sumI := ar[j]+cr[j], ai[j]+ci[j]
		difR, difI := ar[j]-cr[j], ai[j]-ci[j]
		oddR, oddI := br[j]+dr[j], bi[j]+di[j]
		rotR, rotI := bi[j]-di[j], dr[j]-br[j]
		er, ei := yr[4*j:4*j+4:4*j+4], yi[4*j:4*j+4:4*j+4]
		er[0], ei[0] = sumR+oddR, sumI+oddI
		u, v := difR+rotR, difI+rotI
		er[1], ei[1] = u*c1-v*s1, u*s1+v*c1
		u, v = sumR-oddR, sumI-oddI
		er[2], ei[2] = u*c2-v*s2, u*s2+v*c2
		u, v = difR-rotR, difI-rotI
		er[3], ei[3] = u*c3-v*s3, u*s3+v*c3
	}
}

// pass4Second is pass4 for s = 4, for the same reason on arrays of four.
func (p *plan) pass4Second(m int, x, y buffer) {
	step := p.n / (4 * m)
	for j := range m {
		k := j * step
		c1, s1 := p.cos[k], p.sin[k]
		c2, s2 := p.cos[2*k], p.sin[2*k]
		c3, s3 := p.cos[3*k], p.sin[3*k]
		ar, ai := (*[4]float64)(x.re[4*j:]), (*[4]float64)(x.im[4*j:])
		br, bi := (*[4]float64)(x.re[4*(j+m):]), (*[4]float64)(x.im[4*(j+m):])
		cr, ci := (*[4]float64)(x.re[4*(j+2*m):]), (*[4]float64)(x.im[4*(j+2*m):])
		dr, di := (*[4]float64)(x.re[4*(j+3*m):]), (*[4]float64)(x.im[4*(j+3*m):])
		yr, yi := (*[16]float64)(y.re[16*j:]), (*[16]float64)(y.im[16*j:])
		for q := range 4 {
			sumR, sumI := ar[q]+cr[q], ai[q]+ci[q]
			difR, difI := ar[q]-cr[q], ai[q]-ci[q]
			oddR, oddI := br[q]+dr[q], bi[q]+di[q]
			rotR, rotI := bi[q]-di[q], dr[q]-br[q] // −i·(b − d)
			yr[q], yi[q] = sumR+oddR, sumI+oddI
			u, v := difR+rotR, difI+rotI
			yr[q+4], yi[q+4] = u*c1-v*s1, u*s1+v*c1
			u, v = sumR-oddR, sumI-oddI
			yr[q+8], yi[q+8] = u*c2-v*s2, u*s2+v*c2
			u, v = difR-rotR, difI-rotI
			yr[q+12], yi[q+12] = u*c3-v*s3, u*s3+v*c3
		}
	}
}

func (p *plan) pass2(m, s int, x, y buffer) {
	step := p.n / (2 * m)
	for j := range m {
		c, d := p.cos[j*step], p.sin[j*step]
		ar, ai := x.part(s*j, s)
		br, bi := x.part(s*(j+m), s)
		er, ei := y.part(2*s*j, s)
		fr, fi := y.part(2*s*j+s, s)
		for q := range s {
			u, v := ar[q]-br[q], ai[q]-bi[q]
			er[q], ei[q] = ar[q]+br[q], ai[q]+bi[q]
			fr[q], fi[q] = u*c-v*d, u*d+v*c
		}
	}
}

// pass3 is the last pass, three parts without twiddle factors.
func (p *plan) pass3(s int, x, y buffer) {
	const sin60 = 0.86602540378443864676
	ar, ai := x.part(0, s)
	br, bi := x.part(s, s)
	cr, ci := x.part(2*s, s)
	er, ei := y.part(0, s)
	fr, fi := y.part(s, s)
	gr, gi := y.part(2*s, s)
	for q := range s {
		sumR, sumI := br[q]+cr[q], bi[q]+ci[q]
		rotR, rotI := sin60*(bi[q]-ci[q]), sin60*(cr[q]-br[q]) // −i·sin60·(b − c)
		midR, midI := ar[q]-sumR/2, ai[q]-sumI/2
		er[q], ei[q] = ar[q]+sumR, ai[q]+sumI
		fr[q], fi[q] = midR+rotR, midI+rotI
		gr[q], gi[q] = midR-rotR, midI-rotI
	}
}

// pass5 is the last pass, five parts without twiddle factors.
func (p *plan) pass5(s int, x, y buffer) {
	const (
		cos72, sin72   = 0.30901699437494742410, 0.95105651629515357212
		cos144, sin144 = -0.80901699437494742410, 0.58778525229247312917
	)
	ar, ai := x.part(0, s)
	br, bi := x.part(s, s)
	cr, ci := x.part(2*s, s)
	dr, di := x.part(3*s, s)
	er, ei := x.part(4*s, s)
	r0, i0 := y.part(0, s)
	r1, i1 := y.part(s, s)
	r2, i2 := y.part(2*s, s)
	r3, i3 := y.part(3*s, s)
	r4, i4 := y.part(4*s, s)
	for q := range s {
		beR, beI, cdR, cdI := br[q]+er[q], bi[q]+ei[q], cr[q]+dr[q], ci[q]+di[q]
		oneR, oneI, twoR, twoI := br[q]-er[q], bi[q]-ei[q], cr[q]-dr[q], ci[q]-di[q]
		r0[q], i0[q] = ar[q]+beR+cdR, ai[q]+beI+cdI
		evenR, evenI := ar[q]+cos72*beR+cos144*cdR, ai[q]+cos72*beI+cos144*cdI
		oddR, oddI := sin72*oneI+sin144*twoI, -sin72*oneR-sin144*twoR // −i·(…)
		r1[q], i1[q] = evenR+oddR, evenI+oddI
		r4[q], i4[q] = evenR-oddR, evenI-oddI
		evenR, evenI = ar[q]+cos144*beR+cos72*cdR, ai[q]+cos144*beI+cos72*cdI
		oddR, oddI = sin144*oneI-sin72*twoI, sin72*twoR-sin144*oneR
		r2[q], i2[q] = evenR+oddR, evenI+oddI
		r3[q], i3[q] = evenR-oddR, evenI-oddI
	}
}
