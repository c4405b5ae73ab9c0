package landscape

import (
	"cmp"
	"math"
	"slices"
)

// Limits of the search for minima, in units of one cell.
const (
	reach        = 3    // the local polynomial takes the nodes −3 … 3 around its center, in each axis
	isolated     = 1e-3 // least ratio of the two curvatures: less is a valley, not a minimum
	noiseOfPeak  = 1e-9 // least curvature, as a part of max|z|: less may be rounding
	newtonSteps  = 12
	newtonSettle = 1e-9
)

// Point is a place on a surface.
type Point struct{ X, Y, Z float64 }

// Minima returns the strict local minima of f̂_δ in the closed domain, lowest first. See the function Minima.
func (s Smoothed) Minima() []Point { return Minima(s.wide) }

// Minima returns the strict local minima in the closed domain of the function that the field samples, lowest first.
// The field needs a halo of at least four cells, else there are none; values that are not finite hide the minima
// around them. A minimum and the saddle where it is about to vanish are told apart down to about a cell: that moves
// the δ at which a count changes by less than a hundredth of its value. The rule, which the browser shares:
//
//  1. A candidate is a node of the inner grid, or of the first ring around it, that is lower than the four of its
//     eight neighbors that come before it in row-major order and not higher than the four that come after it. (So of
//     equal neighbors, as around a minimum in the middle of a cell, exactly one is taken.)
//  2. From the candidate, Newton's method runs on the polynomial of degree 6 per axis through the 7×7 nodes around it,
//     up to 12 steps, each cut to one cell. It must settle no farther than one cell from the candidate in either axis.
//  3. There the curvatures λ₁ ≤ λ₂ (eigenvalues of the Hessian, per cell²) must satisfy λ₁ ≥ 10⁻³·λ₂, else it is a
//     valley without a lowest point, such as the rings of Drop-Wave, and λ₁ ≥ 10⁻⁹·max|z|, else it may be rounding.
//  4. The place must lie in the closed domain (to 10⁻⁹ of its width) and more than half a cell from every minimum
//     found before, in one axis at least.
func Minima(f Field) []Point {
	if f.Cells < minimaRing || f.N < MinNodes {
		return nil
	}
	m, h := f.M(), f.Step()
	lo, hi, _ := finiteRange(f.Z)
	peak := max(math.Abs(lo), math.Abs(hi))
	slack := 1e-9 * f.Domain.Width()
	var found []Point
	for row := f.Cells - 1; row <= f.Cells+f.N; row++ {
		for col := f.Cells - 1; col <= f.Cells+f.N; col++ {
			if !lowest(f.Z, m, row*m+col) {
				continue
			}
			s, t, z, ok := settle(f.Z, m, row*m+col, noiseOfPeak*peak)
			if !ok {
				continue
			}
			x, y := f.place(col-f.Cells, row-f.Cells)
			p := Point{x + s*h, y + t*h, z}
			twin := slices.ContainsFunc(found, func(q Point) bool { return math.Abs(p.X-q.X) <= h/2 && math.Abs(p.Y-q.Y) <= h/2 })
			d := f.Domain
			if !twin && (Rect{d.XMin - slack, d.XMax + slack, d.YMin - slack, d.YMax + slack}).Contains(p.X, p.Y) {
				found = append(found, p)
			}
		}
	}
	slices.SortFunc(found, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Z, b.Z), cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X))
	})
	return found
}

// lowest is rule 1 for the node at index i of lines of m nodes.
func lowest(z []float64, m, i int) bool {
	v := z[i]
	return v < z[i-m-1] && v < z[i-m] && v < z[i-m+1] && v < z[i-1] &&
		v <= z[i+1] && v <= z[i+m-1] && v <= z[i+m] && v <= z[i+m+1]
}

// settle is the rules 2 and 3: the place (s, t) in cells from the node at index i, and the value there.
func settle(z []float64, m, i int, noise float64) (s, t, value float64, ok bool) {
	for range newtonSteps {
		q := polynomial(z, m, i, s, t)
		det := q.xx*q.yy - q.xy*q.xy
		if !(det > 0 && q.xx > 0) {
			return 0, 0, 0, false
		}
		ds, dt := (q.xy*q.y-q.yy*q.x)/det, (q.xy*q.x-q.xx*q.y)/det
		if long := max(math.Abs(ds), math.Abs(dt)); long > 1 {
			ds, dt = ds/long, dt/long
		} else if long < newtonSettle {
			// λ₁ from λ₂, since the difference of nearly equal numbers would lose its digits.
			large := (q.xx+q.yy)/2 + math.Hypot((q.xx-q.yy)/2, q.xy)
			small := det / large
			return s, t, q.value, small >= isolated*large && small >= noise
		}
		s, t = s+ds, t+dt
		if max(math.Abs(s), math.Abs(t)) > 1 {
			return 0, 0, 0, false
		}
	}
	return 0, 0, 0, false
}

// jet is a value with its first and second derivatives.
type jet struct{ value, x, y, xx, xy, yy float64 }

// polynomial evaluates the local polynomial around the node at index i, (s, t) cells from it.
func polynomial(z []float64, m, i int, s, t float64) jet {
	ws, wt := lagrange(s), lagrange(t)
	var q jet
	for row := range wt {
		var v, d, dd float64 // of this line, along it
		line := z[i+(row-reach)*m-reach:]
		for col, w := range ws {
			v += w[0] * line[col]
			d += w[1] * line[col]
			dd += w[2] * line[col]
		}
		w := wt[row]
		q.value += w[0] * v
		q.x += w[0] * d
		q.xx += w[0] * dd
		q.y += w[1] * v
		q.xy += w[1] * d
		q.yy += w[2] * v
	}
	return q
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
