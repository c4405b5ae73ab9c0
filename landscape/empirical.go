package landscape

import (
	"fmt"
	"math"
)

// MaxSamples is how many vectors an empirical kernel may hold.
const MaxSamples = 4096

// Empirical is the empirical kernel as a picture sees it: recorded noise vectors, each equally likely, projected onto the line or
// the plane of the picture and given in its coordinates. It is the *projected* kernel of a run; what the noise does outside
// of the plane is not in it, so a picture smoothed by it is not the *measured* one, which samples in all dimensions.
type Empirical struct {
	axes   int
	points [][2]float64 // the second number is 0 on a line
}

// NewEmpirical projects noise vectors ω of d numbers, each multiplied by the learning rate η, onto the span of one direction (a
// line) or two (a plane) of d numbers: the coordinates of the nearest point of the plane are G⁻¹(⟨d₁, ηω⟩, ⟨d₂, ηω⟩) with the
// plane's Gram matrix G, so the directions need be neither orthogonal nor of length 1. It keeps none of its arguments. It
// returns a *KernelError where there are no vectors or over MaxSamples, lengths differ, a number is not finite, or
// the directions span no plane.
func NewEmpirical[T ~float32 | ~float64](directions, noise [][]T, eta float64) (Empirical, error) {
	axes := len(directions)
	if axes != 1 && axes != 2 {
		return Empirical{}, &KernelError{"directions", "one or two", fmt.Sprint(axes)}
	}
	if len(noise) == 0 || len(noise) > MaxSamples {
		return Empirical{}, &KernelError{"noise vectors", fmt.Sprintf("1 to %d of them", MaxSamples), fmt.Sprint(len(noise))}
	}
	first, second := directions[0], directions[axes-1]
	for i, v := range append([][]T{second}, noise...) {
		if len(v) != len(first) || len(v) == 0 {
			return Empirical{}, &KernelError{"noise vectors", fmt.Sprintf("%d numbers, as the first direction has", len(first)), fmt.Sprintf("%d in vector %d", len(v), i)}
		}
	}
	g11, g12, g22 := dot(first, first), dot(first, second), dot(second, second)
	det := g11*g22 - g12*g12
	if axes == 1 {
		g12, g22, det = 0, 1, g11
	}
	if !(det > 1e-12*g11*g22) || math.IsInf(det, 0) {
		return Empirical{}, &KernelError{"directions", "two that span a plane", fmt.Sprintf("a Gram determinant of %.3g where %.3g is the product of their squared lengths", det, g11*g22)}
	}
	e := Empirical{axes: axes, points: make([][2]float64, len(noise))}
	for i, v := range noise {
		a, b := eta*dot(first, v), 0.0
		if axes == 2 {
			b = eta * dot(second, v)
		}
		e.points[i] = [2]float64{(g22*a - g12*b) / det, (g11*b - g12*a) / det}
		if !isFinite(e.points[i][0]) || !isFinite(e.points[i][1]) {
			return Empirical{}, &KernelError{"noise vectors", "finite numbers", fmt.Sprintf("vector %d, whose projection is (%g, %g)", i, e.points[i][0], e.points[i][1])}
		}
	}
	return e, nil
}

func dot[T ~float32 | ~float64](a, b []T) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// Len returns the number of vectors.
func (e Empirical) Len() int { return len(e.points) }

// Mean returns the mean of the vectors in the coordinates of the picture; on a line the second number is 0.
func (e Empirical) Mean() (mean [2]float64) {
	n := float64(len(e.points))
	for _, p := range e.points {
		mean[0] += p[0] / n
		mean[1] += p[1] / n
	}
	return mean
}

// SecondMoment returns E v vᵀ of the vectors, row by row: a quadratic picture with Hessian H is lifted by the half of the
// trace of H times it, if the mean is 0.
func (e Empirical) SecondMoment() (m [2][2]float64) {
	n := float64(len(e.points))
	for _, p := range e.points {
		for i := range 2 {
			for j := range 2 {
				m[i][j] += p[i] * p[j] / n
			}
		}
	}
	return m
}

// Covariance returns that of the law that draws each vector equally often (divided by their number n, not by n−1).
func (e Empirical) Covariance() [2][2]float64 { return e.Centered().SecondMoment() }

// Centered returns the kernel with the mean taken off, which does not shift a picture. Noise has mean 0; the mean of a few recorded
// vectors has not.
func (e Empirical) Centered() Empirical {
	mean := e.Mean()
	c := Empirical{axes: e.axes, points: make([][2]float64, len(e.points))}
	for i, p := range e.points {
		c.points[i] = [2]float64{p[0] - mean[0], p[1] - mean[1]}
	}
	return c
}

// smoothable returns a *KernelError where the vectors do not live on that many axes or the factor is not finite.
func (e Empirical) smoothable(axes int, factor float64) error {
	if e.axes != axes {
		return &KernelError{"noise vectors", fmt.Sprintf("vectors on %d axes, as the picture has", axes), fmt.Sprint(e.axes)}
	}
	if !isFinite(factor) {
		return &KernelError{"factor of the noise vectors", "a finite number", fmt.Sprint(factor)}
	}
	return nil
}

// massOutside returns which part of the vectors, times the factor, leaves the square (on a line, the interval) of half-width r.
func (e Empirical) massOutside(factor, r float64) float64 {
	out := 0
	for _, p := range e.points {
		if math.Abs(factor)*max(math.Abs(p[0]), math.Abs(p[1])) > r {
			out++
		}
	}
	return float64(out) / float64(len(e.points))
}

// columns is as Kernel.columns with waves up to the Nyquist frequency and the mean of exp(−ik·v) for the transfer function.
func (e Empirical) columns(factor float64, waves []float64) func(kx int, t *factors) {
	band := len(waves)
	w, faded := newProducts(len(e.points), band), fade(2*band-2)
	for i, p := range e.points {
		for j, wave := range waves {
			at := i*band + j
			w.xSin[at], w.xCos[at] = math.Sincos(factor * p[0] * wave)
			w.ySin[at], w.yCos[at] = math.Sincos(factor * p[1] * wave)
			w.xSin[at] *= faded[j]
			w.ySin[at] *= faded[j]
		}
	}
	return w.column
}

// products is a complex transfer function that is the mean of n products of its axes, (xCos − i·xSin)(yCos − i·ySin). Each
// part holds n rows of band values.
type products struct {
	n, band    int
	xCos, xSin []float64
	yCos, ySin []float64
}

func newProducts(n, band int) products {
	part := func() []float64 { return make([]float64, n*band) }
	return products{n, band, part(), part(), part(), part()}
}

// column writes the factors of one column. With ky the sine of y changes its sign, so both share their four products.
func (w products) column(kx int, t *factors) {
	band := w.band
	t.even = false
	re, im, negRe, negIm := t.re[:band], t.im[:band], t.negRe[:band], t.negIm[:band]
	clear(re)
	clear(im)
	clear(negRe)
	clear(negIm)
	for i := range w.n {
		c, s := w.xCos[i*band+kx]/float64(w.n), w.xSin[i*band+kx]/float64(w.n)
		cos, sin := w.yCos[i*band:][:band], w.ySin[i*band:][:band]
		for ky, v := range cos {
			u := sin[ky]
			cc, ss, sc, cs := c*v, s*u, s*v, c*u
			re[ky] += cc - ss
			im[ky] -= sc + cs
			negRe[ky] += cc + ss
			negIm[ky] -= sc - cs
		}
	}
}
