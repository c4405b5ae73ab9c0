package nice

import (
	"cmp"
	"math"
	"slices"
)

// Minimizer is a global minimizer of f̂_δ on the domain.
type Minimizer struct {
	X        []float64 `json:"x"`
	F        float64   `json:"f"`        // f̂_δ there
	OnBorder bool      `json:"onBorder"` // on the border of the domain, where it need not be a minimum of f̂_δ beyond
}

const (
	sameValue     = 1e-9 // of the range of f̂_δ: minima this close in value are equally deep
	samePlace     = 1e-6 // of the width of the domain: minimizers this close are one
	mostStarts    = 2000 // nodes that Newton iterations start from, the lowest first
	mostMinimizer = 32   // minimizers that are kept, the lowest first
)

// minimizers returns the global minimizers, in the order of their coordinates.
func (s *surface) minimizers(nodes int) []Minimizer {
	step := (s.hi - s.lo) / float64(nodes-1)
	rows := 1
	if s.d == 2 {
		rows = nodes
	}
	z := make([]float64, nodes*rows)
	x := make([]float64, s.d)
	place := func(k int) {
		x[0] = s.lo + (s.hi-s.lo)*float64(k%nodes)/float64(nodes-1)
		if s.d == 2 {
			x[1] = s.lo + (s.hi-s.lo)*float64(k/nodes)/float64(nodes-1)
		}
	}
	least, most := math.Inf(1), math.Inf(-1)
	for k := range z {
		place(k)
		z[k] = s.f.Func(x)
		least, most = min(least, z[k]), max(most, z[k])
	}
	tolerance := sameValue * (most - least)
	var starts []int
	for k := range z {
		if lowest(z, k, nodes, rows) {
			starts = append(starts, k)
		}
	}
	slices.SortStableFunc(starts, func(a, b int) int { return cmp.Compare(z[a], z[b]) })
	starts = starts[:min(len(starts), mostStarts)]
	var found []Minimizer
	for _, k := range starts {
		place(k)
		if z[k]-s.reach(x, step) > least+tolerance {
			continue
		}
		p := slices.Clone(x)
		f := s.descend(p, step)
		least = min(least, f)
		found = append(found, Minimizer{X: p, F: f, OnBorder: slices.Contains(p, s.lo) || slices.Contains(p, s.hi)})
	}
	slices.SortStableFunc(found, func(a, b Minimizer) int { return cmp.Compare(a.F, b.F) })
	var kept []Minimizer
	for _, m := range found {
		if m.F > least+tolerance || len(kept) == mostMinimizer {
			break
		}
		if !slices.ContainsFunc(kept, func(k Minimizer) bool { return distance(k.X, m.X) <= samePlace*(s.hi-s.lo) }) {
			kept = append(kept, m)
		}
	}
	slices.SortFunc(kept, func(a, b Minimizer) int { return slices.Compare(a.X, b.X) })
	return kept
}

// lowest reports whether node k is no higher than its neighbors.
func lowest(z []float64, k, nodes, rows int) bool {
	col, row := k%nodes, k/nodes
	for r := max(row-1, 0); r <= min(row+1, rows-1); r++ {
		for c := max(col-1, 0); c <= min(col+1, nodes-1); c++ {
			if z[r*nodes+c] < z[k] {
				return false
			}
		}
	}
	return true
}

// reach bounds how far f̂ may fall from x within a cell: by its slope and its curvature there, twice over.
func (s *surface) reach(x []float64, step float64) float64 {
	var g [2]float64
	var h [4]float64
	s.grad(x, g[:s.d])
	s.hess(x, h[:s.d*s.d], step)
	radius := step * math.Sqrt(float64(s.d))
	return 2 * (norm(g[:s.d])*radius + norm(h[:s.d*s.d])*radius*radius/2)
}

// descend moves x to a minimum of f̂ within the domain and returns the value there.
func (s *surface) descend(x []float64, step float64) float64 {
	f := s.f.Func(x)
	g, h, next, gNext := make([]float64, s.d), make([]float64, s.d*s.d), make([]float64, s.d), make([]float64, s.d)
	s.grad(x, g)
	converged := false
	for range 60 {
		s.hess(x, h, step)
		move, ok := s.newton(x, g, h)
		if !ok {
			break
		}
		if norm(move) <= 1e-13*(s.hi-s.lo) {
			converged = true
			break
		}
		accepted := false
		for scale := 1.0; scale > 1e-6; scale /= 4 {
			for i := range x {
				next[i] = min(s.hi, max(s.lo, x[i]+scale*move[i]))
			}
			value := s.f.Func(next)
			s.grad(next, gNext)
			// Beside the minimum values no longer differ; then the gradient decides.
			if value < f || value-f <= 1e-14*math.Abs(f) && s.pull(next, gNext) < s.pull(x, g) {
				copy(x, next)
				copy(g, gNext)
				f, accepted = value, true
				break
			}
		}
		if !accepted {
			converged = norm(move) <= 1e-8*(s.hi-s.lo)
			break
		}
	}
	if converged {
		return f
	}
	inside := func(p []float64) bool { return slices.Min(p) >= s.lo && slices.Max(p) <= s.hi }
	return compass(x, s.f.Func, inside, step/2, 1e-10*(s.hi-s.lo))
}

// newton returns the Newton step of the coordinates that the border does not hold; ok is false where the curvature is not
// positive.
func (s *surface) newton(x, g, h []float64) (move []float64, ok bool) {
	move = make([]float64, s.d)
	var free []int
	for i := range x {
		if !s.held(x, g, i) {
			free = append(free, i)
		}
	}
	switch len(free) {
	case 1:
		i := free[0]
		c := h[i*s.d+i]
		move[i] = -g[i] / c
		return move, c > 0
	case 2:
		det := h[0]*h[3] - h[1]*h[2]
		move[0], move[1] = -(h[3]*g[0]-h[1]*g[1])/det, -(h[0]*g[1]-h[2]*g[0])/det
		return move, det > 0 && h[0] > 0
	}
	return move, true
}

// held reports whether the border holds coordinate i: f̂ falls towards outside.
func (s *surface) held(x, g []float64, i int) bool {
	return x[i] == s.lo && g[i] > 0 || x[i] == s.hi && g[i] < 0
}

// pull is the length of the gradient in the coordinates that the border does not hold.
func (s *surface) pull(x, g []float64) float64 {
	sum := 0.0
	for i := range g {
		if !s.held(x, g, i) {
			sum += g[i] * g[i]
		}
	}
	return math.Sqrt(sum)
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, c := range v {
		sum += c * c
	}
	return math.Sqrt(sum)
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}
