package scale

import (
	"math"

	"smoothscape/landscape"
)

// place is a point; a function of one variable ignores the second coordinate, which stays 0.
type place [2]float64

func (p place) plus(s float64, d place) place { return place{p[0] + s*d[0], p[1] + s*d[1]} }

// to returns q − p and its greatest coordinate.
func (p place) to(q place) (d place, long float64) {
	d = place{q[0] - p[0], q[1] - p[1]}
	return d, max(math.Abs(d[0]), math.Abs(d[1]))
}

// jet is a value with its gradient and the Hessian (xx, xy, yy); of one variable, y, xy and yy stay 0.
type jet struct{ f, x, y, xx, xy, yy float64 }

// spectrum returns the eigenvalues of the Hessian in d = 1 or 2 variables, small ≤ large, and the unit eigenvector of
// the small one. Of one variable they are the same.
func (j jet) spectrum(dim int) (small, large float64, slow place) {
	if dim == 1 {
		return j.xx, j.xx, place{1, 0}
	}
	mean, half := (j.xx+j.yy)/2, (j.xx-j.yy)/2
	r := math.Hypot(half, j.xy)
	// The eigenvalue of greater modulus without cancellation, the other from the determinant.
	big := mean + math.Copysign(r, mean)
	other := mean - math.Copysign(r, mean)
	if big != 0 {
		other = (j.xx*j.yy - j.xy*j.xy) / big
	}
	small, large = min(big, other), max(big, other)
	// Of the two rows of H − large·I the longer one is parallel to the eigenvector of small.
	a, b := place{j.xx - large, j.xy}, place{j.xy, j.yy - large}
	if math.Hypot(b[0], b[1]) > math.Hypot(a[0], a[1]) {
		a = b
	}
	long := math.Hypot(a[0], a[1])
	if long == 0 {
		return small, large, place{1, 0}
	}
	return small, large, place{a[0] / long, a[1] / long}
}

// newton returns the step −H⁻¹g.
func (j jet) newton(dim int) place {
	if dim == 1 {
		return place{-j.x / j.xx, 0}
	}
	det := j.xx*j.yy - j.xy*j.xy
	return place{(j.xy*j.y - j.yy*j.x) / det, (j.xy*j.x - j.xx*j.y) / det}
}

// finite reports whether every number of the jet is.
func (j jet) finite() bool {
	s := j.f + j.x + j.y + j.xx + j.xy + j.yy
	return !math.IsNaN(s - s)
}

// lens remembers the node around which the local polynomial of a sheet was taken last. It stays until the place is more
// than ¾ of a cell away, so that an iteration does not hop between two polynomials.
type lens struct {
	col, row int
	held     bool
}

const (
	reach = 3    // the local polynomial takes the nodes −3 … 3 around its center, in each axis
	hold  = 0.75 // of a cell
)

// sheet is a function sampled on a line or a square: n inner nodes an axis on the closed domain, cells more beyond each
// border, so that m = n + 2·cells, and the values z, m or m×m row-major.
type sheet struct {
	dim, n, cells int
	origin        place // of the first inner node
	step          float64
	z             []float64
}

func (s *sheet) m() int { return s.n + 2*s.cells }

// node returns the place of a node; negative indices and those from n on lie in the halo.
func (s *sheet) node(col, row int) place {
	p := place{s.origin[0] + float64(col)*s.step, 0}
	if s.dim == 2 {
		p[1] = s.origin[1] + float64(row)*s.step
	}
	return p
}

// field is the sheet as a landscape.Field on that domain; it shares z.
func (s *sheet) field(domain landscape.Rect) landscape.Field {
	return landscape.Field{Domain: domain, N: s.n, Cells: s.cells, Z: s.z}
}

// bounds returns the least and the greatest finite value, 0 and 0 where there is none.
func (s *sheet) bounds() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range s.z {
		if !math.IsNaN(v - v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		return 0, 0
	}
	return lo, hi
}

// peak returns max|z|.
func (s *sheet) peak() float64 {
	lo, hi := s.bounds()
	return max(math.Abs(lo), math.Abs(hi))
}

// jet evaluates the polynomial of degree 6 per axis through the nodes around p. It reports false where p is so near the
// rim of the sheet that nodes are missing.
func (s *sheet) jet(p place, l *lens) (jet, bool) {
	u, v := (p[0]-s.origin[0])/s.step+float64(s.cells), 0.0
	if s.dim == 2 {
		v = (p[1]-s.origin[1])/s.step + float64(s.cells)
	}
	last := float64(s.m() - 1)
	if !(u >= 0 && u <= last && v >= 0 && v <= last) {
		return jet{}, false
	}
	if !l.held || math.Abs(u-float64(l.col)) > hold || math.Abs(v-float64(l.row)) > hold {
		l.col, l.row, l.held = int(math.Round(u)), int(math.Round(v)), true
	}
	m := s.m()
	if l.col < reach || l.col >= m-reach || s.dim == 2 && (l.row < reach || l.row >= m-reach) {
		return jet{}, false
	}
	ws := lagrange(u - float64(l.col))
	h, hh := 1/s.step, 1/(s.step*s.step)
	var q jet
	if s.dim == 1 {
		for i, w := range ws {
			z := s.z[l.col-reach+i]
			q.f += w[0] * z
			q.x += w[1] * z
			q.xx += w[2] * z
		}
		return jet{f: q.f, x: q.x * h, xx: q.xx * hh}, q.finite()
	}
	for row, w := range lagrange(v - float64(l.row)) {
		var f, d, dd float64 // of this line, along it
		line := s.z[(l.row-reach+row)*m+l.col-reach:]
		for i := range ws {
			z := line[i]
			f += ws[i][0] * z
			d += ws[i][1] * z
			dd += ws[i][2] * z
		}
		q.f += w[0] * f
		q.x += w[0] * d
		q.xx += w[0] * dd
		q.y += w[1] * f
		q.xy += w[1] * d
		q.yy += w[2] * f
	}
	return jet{q.f, q.x * h, q.y * h, q.xx * hh, q.xy * hh, q.yy * hh}, q.finite()
}

// lagrange returns, for each node −3 … 3, its basis polynomial at s with its first and second derivative.
func lagrange(s float64) (weights [2*reach + 1][3]float64) {
	for i := -reach; i <= reach; i++ {
		w := [3]float64{1, 0, 0}
		for j := -reach; j <= reach; j++ {
			if j == i {
				continue
			}
			slope := 1 / float64(i-j)
			a := (s - float64(j)) * slope
			w = [3]float64{w[0] * a, w[1]*a + w[0]*slope, w[2]*a + 2*w[1]*slope}
		}
		weights[i+reach] = w
	}
	return weights
}
