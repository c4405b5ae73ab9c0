package nice

import (
	"math"

	"smoothscape/landscape"
)

// surface is one smoothed function on a domain, with derivatives in any case: those it has, else differences over h. It
// has buffers, so one goroutine uses it.
type surface struct {
	f      landscape.Function
	d      int
	lo, hi float64
	h      float64
	p, m   []float64 // gradients, or the points of differences
	q      []float64
}

func newSurface(f landscape.Function, family Family, delta float64) *surface {
	d := family.Dim
	return &surface{f: f, d: d, lo: family.Lo, hi: family.Hi, h: 1e-3 * min(delta, (family.Hi-family.Lo)/100),
		p: make([]float64, d), m: make([]float64, d), q: make([]float64, d)}
}

// grad writes ∇f̂.
func (s *surface) grad(x, dst []float64) {
	if s.f.Grad != nil {
		s.f.Grad(x, dst)
		return
	}
	for i := range x {
		copy(s.q, x)
		s.q[i] = x[i] + s.h
		up := s.f.Func(s.q)
		s.q[i] = x[i] - s.h
		dst[i] = (up - s.f.Func(s.q)) / (2 * s.h)
	}
}

// hess writes ∇²f̂; where the function has none that is finite, that of second differences over the step.
func (s *surface) hess(x, dst []float64, step float64) {
	if s.f.Hess != nil && s.f.Hess(x, dst) {
		return
	}
	if s.f.Hess == nil {
		step = s.h
	}
	d := s.d
	at := func(i, j int, a, b float64) float64 {
		copy(s.q, x)
		s.q[i] += a
		s.q[j] += b
		return s.f.Func(s.q)
	}
	if s.f.Grad != nil {
		for i := range d {
			copy(s.q, x)
			s.q[i] = x[i] + step
			s.f.Grad(s.q, s.p)
			s.q[i] = x[i] - step
			s.f.Grad(s.q, s.m)
			for j := range d {
				dst[i*d+j] = (s.p[j] - s.m[j]) / (2 * step)
			}
		}
		if d == 2 {
			dst[1] = (dst[1] + dst[2]) / 2
			dst[2] = dst[1]
		}
		return
	}
	step *= 16 // the rounding of second differences of values grows as 1/h²
	f := s.f.Func(x)
	for i := range d {
		dst[i*d+i] = (at(i, i, step, 0) - 2*f + at(i, i, -step, 0)) / (step * step)
	}
	if d == 2 {
		dst[1] = (at(0, 1, step, step) - at(0, 1, step, -step) - at(0, 1, -step, step) + at(0, 1, -step, -step)) / (4 * step * step)
		dst[2] = dst[1]
	}
}

// least returns λ_min(∇²f̂(x)).
func (s *surface) least(x []float64, step float64) float64 {
	var h [4]float64
	s.hess(x, h[:s.d*s.d], step)
	if s.d == 1 {
		return h[0]
	}
	return (h[0]+h[3])/2 - math.Hypot((h[0]-h[3])/2, (h[1]+h[2])/2)
}

// golden returns the place of the least value of g on [a, b] that golden-section search finds, to tol.
func golden(g func(float64) float64, a, b, tol float64) (place, value float64) {
	ratio := (math.Sqrt(5) - 1) / 2
	c, d := b-ratio*(b-a), a+ratio*(b-a)
	gc, gd := g(c), g(d)
	for range 100 {
		if b-a < tol {
			break
		}
		if gc <= gd {
			b, d, gd = d, c, gc
			c = b - ratio*(b-a)
			gc = g(c)
		} else {
			a, c, gc = c, d, gd
			d = a + ratio*(b-a)
			gd = g(d)
		}
	}
	if gc <= gd {
		return c, gc
	}
	return d, gd
}

// compass moves x to lower values of g along the axes and diagonals by a step that halves until it is below tol; allowed
// says where it may go. It returns the value.
func compass(x []float64, g func([]float64) float64, allowed func([]float64) bool, step, tol float64) float64 {
	best, next := g(x), make([]float64, len(x))
	for range 4000 {
		if step < tol {
			break
		}
		moved := false
		for k := range 8 {
			if len(x) == 1 && k > 1 {
				break
			}
			copy(next, x)
			if len(x) == 1 {
				next[0] += step * float64(1-2*k)
			} else {
				next[0] += step * [8]float64{1, -1, 0, 0, 1, 1, -1, -1}[k]
				next[1] += step * [8]float64{0, 0, 1, -1, 1, -1, 1, -1}[k]
			}
			if !allowed(next) {
				continue
			}
			if v := g(next); v < best {
				best, moved = v, true
				copy(x, next)
				break
			}
		}
		if !moved {
			step /= 2
		}
	}
	return best
}
