package landscape

import (
	"slices"
	"sync"
)

// Center returns the place that pictures of an objective of more than two variables go through: its first global minimum, or the middle of
// the domain where none is listed. The caller owns the slice.
func (o Objective) Center() []float64 {
	for _, m := range o.Minima {
		if m.Global {
			return slices.Clone(m.X)
		}
	}
	return every(o.Dim, (o.Lo+o.Hi)/2)
}

// Plane returns f on the plane of the first two variables through Center, as an objective of two variables with the domain, the δ range
// and the growth of o. Its minima are those of o that lie on the plane. It has no derivatives and no smoothed form, for what becomes of f̂
// there depends on f outside of the plane. An objective of two variables is returned as it is; there must be two at least.
func (o Objective) Plane() Objective {
	if o.Dim == 2 {
		return o
	}
	if o.Dim < 2 {
		panic("landscape: Plane: fewer than two variables")
	}
	center, f := o.Center(), o.Func
	scratch := sync.Pool{New: func() any { x := slices.Clone(center); return &x }}
	plane := o
	plane.Dim, plane.Smoothed, plane.Minima = 2, nil, nil
	plane.Function = Function{Func: func(at []float64) float64 {
		x := scratch.Get().(*[]float64)
		copy(*x, at[:2])
		z := f(*x)
		scratch.Put(x)
		return z
	}}
	for _, m := range o.Minima {
		if slices.Equal(m.X[2:], center[2:]) {
			plane.Minima = append(plane.Minima, Minimum{X: slices.Clone(m.X[:2]), F: m.F, Global: m.Global})
		}
	}
	return plane
}
