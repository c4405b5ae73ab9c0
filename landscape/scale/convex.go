package scale

import (
	"context"
	"fmt"
	"math"
	"slices"

	"smoothscape/landscape"
)

// Limits of the search for the least curvature.
const (
	hollows    = 8    // so many of the lowest nodes, each lower than its neighbors, are refined …
	refineTo   = 1e-5 // … to this part of a cell, by a pattern search: of a smooth minimum the value is then right to 10⁻¹⁰
	goldenCuts = 60
	exactTo    = 1e-9 // relative width of the last bracket of δ, for closed forms …
	gridTo     = 1e-6 // … and for grids
)

// Convex returns the δ from which on f̂_δ is convex on the closed domain: the least δ such that it is at every degree in
// [δ, deltaMax]. It reports false where f̂ is not convex at deltaMax itself ("never", as far as it was smoothed). Where the
// kernel is no monotone filter f̂ may be convex at lower degrees, too, and lose it again.
//
// At steps + 1 equidistant degrees (steps 4 to 100000) it takes the least eigenvalue of the Hessian over the domain, and
// between them at every dip that three of them show; a dip narrower than a step may be missed. A Hessian that is not
// finite, as on a kink, is passed over.
func Convex(ctx context.Context, src Source, k landscape.Kernel, deltaMax float64, steps int) (delta float64, ok bool, err error) {
	switch {
	case !(deltaMax > 0) || math.IsInf(deltaMax, 0):
		return 0, false, &OptionError{"deltaMax", "a finite number above 0", fmt.Sprint(deltaMax)}
	case steps < 4 || steps > 100000:
		return 0, false, &OptionError{"steps", "4 to 100000", fmt.Sprint(steps)}
	}
	if err := src.validate(k); err != nil {
		return 0, false, err
	}
	least := func(delta float64) (float64, error) {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("looking for convexity at δ = %g: %w", delta, err)
		}
		s, err := src.at(k, delta)
		if err != nil {
			return 0, fmt.Errorf("looking for convexity at δ = %g: %w", delta, err)
		}
		return s.leastCurvature(src), nil
	}
	at := func(i int) float64 { return deltaMax * float64(i) / float64(steps) }
	within := gridTo
	if src.exact {
		within = exactTo
	}
	// Curvature at the degrees i, i + 1 and i + 2, going down.
	high, here := math.NaN(), math.NaN()
	for i := steps; i >= 0; i-- {
		low, err := least(at(i))
		if err != nil {
			return 0, false, err
		}
		if i == steps && low < 0 {
			return 0, false, nil
		}
		if here <= high && here < low { // a dip at i + 1
			hollow, err := dip(least, at(i), at(i+2))
			if err != nil {
				return 0, false, err
			}
			if hollow > 0 {
				return bisect(least, hollow, at(i+2), within)
			}
		}
		if low < 0 {
			return bisect(least, at(i), at(i+1), within)
		}
		high, here = here, low
	}
	return 0, true, nil
}

// dip looks for a negative value of f in [a, b] by golden section and returns where it found one, or NaN.
func dip(f func(float64) (float64, error), a, b float64) (float64, error) {
	ratio := (math.Sqrt(5) - 1) / 2
	x, y := b-ratio*(b-a), a+ratio*(b-a)
	fx, err := f(x)
	if err != nil {
		return 0, err
	}
	fy, err := f(y)
	for range goldenCuts {
		switch {
		case err != nil:
			return 0, err
		case fx < 0:
			return x, nil
		case fy < 0:
			return y, nil
		case b-a < 1e-7*b:
			return math.NaN(), nil
		}
		if fx < fy {
			b, y, fy = y, x, fx
			x = b - ratio*(b-a)
			fx, err = f(x)
		} else {
			a, x, fx = x, y, fy
			y = a + ratio*(b-a)
			fy, err = f(y)
		}
	}
	return math.NaN(), err
}

// bisect returns where f, negative at a and not at b, changes its sign.
func bisect(f func(float64) (float64, error), a, b, within float64) (float64, bool, error) {
	for b-a > within*b {
		mid := (a + b) / 2
		v, err := f(mid)
		if err != nil {
			return 0, false, err
		}
		if v < 0 {
			a = mid
		} else {
			b = mid
		}
	}
	return (a + b) / 2, true, nil
}

// leastCurvature returns the least eigenvalue of the Hessian over the closed domain, and 0 for what rounding may have made
// negative.
func (s *surface) leastCurvature(src Source) float64 {
	sh := s.sheet()
	n, rows := sh.n, 1
	if s.dim == 2 {
		rows = sh.n
	}
	centered := lagrange(0)
	curvature := make([]float64, rows*n)
	for i := range curvature {
		var j jet
		var ok bool
		if src.exact {
			j, ok = s.jet(sh.node(i%n, i/n), nil)
		} else {
			j, ok = sh.nodeHessian(&centered, i%n, i/n), true
		}
		curvature[i], _, _ = j.spectrum(s.dim)
		if !ok || math.IsNaN(curvature[i]) {
			curvature[i] = math.Inf(1)
		}
	}
	var low []int
	for i, c := range curvature {
		if math.IsInf(c, 1) {
			continue
		}
		col, row, lowest := i%n, i/n, true
		for y := max(0, row-1); lowest && y <= min(rows-1, row+1); y++ {
			for x := max(0, col-1); x <= min(n-1, col+1); x++ {
				lowest = lowest && curvature[y*n+x] >= c
			}
		}
		if lowest {
			low = append(low, i)
		}
	}
	slices.SortStableFunc(low, func(a, b int) int {
		switch {
		case curvature[a] < curvature[b]:
			return -1
		case curvature[a] > curvature[b]:
			return 1
		}
		return 0
	})
	least := math.Inf(1)
	for _, i := range low[:min(len(low), hollows)] {
		least = min(least, s.hollow(src, sh.node(i%n, i/n), curvature[i]))
	}
	slack := 1e-9 * sh.peak() / (s.cell * s.cell)
	if src.exact {
		slack *= 1e-5
	}
	if least < 0 && least > -slack {
		return 0
	}
	return least
}

// hollow lowers the least eigenvalue c at p by a pattern search within the domain.
func (s *surface) hollow(src Source, p place, c float64) float64 {
	var l lens
	for step := s.cell / 2; step > refineTo*s.cell; {
		moved := false
		for _, way := range [4]place{{step, 0}, {-step, 0}, {0, step}, {0, -step}} {
			q := p.plus(1, way)
			if s.dim == 1 && way[0] == 0 || !src.contains(q) {
				continue
			}
			j, ok := s.jet(q, &l)
			if small, _, _ := j.spectrum(s.dim); ok && small < c {
				p, c, moved = q, small, true
			}
		}
		if !moved {
			step /= 2
		}
	}
	return c
}

// nodeHessian is the Hessian of jet on an inner node, without the rest; centered is lagrange(0).
func (s *sheet) nodeHessian(centered *[2*reach + 1][3]float64, col, row int) jet {
	var j jet
	m, hh := s.m(), 1/(s.step*s.step)
	if s.dim == 1 {
		for i, w := range centered {
			j.xx += w[2] * s.z[col+s.cells-reach+i]
		}
		return jet{xx: j.xx * hh}
	}
	at := (row+s.cells)*m + col + s.cells
	for y, v := range centered {
		line := s.z[at+(y-reach)*m-reach:]
		slope := 0.0
		for x, w := range centered {
			slope += w[1] * line[x]
		}
		j.xy += v[1] * slope
		j.yy += v[2] * line[reach]
	}
	for x, w := range centered {
		j.xx += w[2] * s.z[at+x-reach]
	}
	return jet{xx: j.xx * hh, xy: j.xy * hh, yy: j.yy * hh}
}
