package scale

import "slices"

// measure sets the depth of the tracks at the δ of the surface: the persistence of each minimum in the merge tree of the
// sublevel sets of the inner grid, nodes joined to their eight (on a line two) neighbors, with the height of the pass taken
// from the saddle beside the joining node, where Newton's method finds one.
func (w *walker) measure(s *surface, tracks []*track) {
	tracks = w.order(slices.Clone(tracks), s.delta)
	sh := s.sheet()
	n := sh.n
	rows := 1
	if sh.dim == 2 {
		rows = n
	}
	z := make([]float64, rows*n)
	for row := range rows {
		from := sh.cells
		if sh.dim == 2 {
			from += (row + sh.cells) * sh.m()
		}
		copy(z[row*n:(row+1)*n], sh.z[from:])
	}
	// Each track owns the node next to it; of two on one node the first by the rule of ties does.
	best := make([]int32, rows*n) // of a root: the rank of the lowest track in its basin, −1: none
	for i := range best {
		best[i] = -1
	}
	for rank, t := range tracks {
		i, ok := t.at(s.delta)
		if !ok {
			continue
		}
		t.path[i].depth, t.path[i].deeper = 0, false
		node := sh.nearest(t.path[i].at)
		if best[node] >= 0 {
			t.path[i].deeper = true
			continue
		}
		best[node] = int32(rank)
	}
	parent := make([]int32, rows*n) // union-find; −1: not yet under water
	for i := range parent {
		parent[i] = -1
	}
	find := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	// meet lets two tracks meet at a node: the lower one, which comes first, goes on.
	meet := func(a, b int32, node int) int32 {
		if a < 0 || b < 0 {
			return max(a, b)
		}
		a, b = min(a, b), max(a, b)
		t := tracks[b]
		i, _ := t.at(s.delta)
		t.path[i].depth, t.path[i].deeper = max(0, s.pass(sh.node(node%n, node/n), z[node])-t.path[i].f), true
		return a
	}
	for _, i := range ascending(z) {
		parent[i] = i
		col, row := int(i)%n, int(i)/n
		for y := max(0, row-1); y <= min(rows-1, row+1); y++ {
			for x := max(0, col-1); x <= min(n-1, col+1); x++ {
				j := int32(y*n + x)
				if j == i || parent[j] < 0 {
					continue
				}
				if p, q := find(j), find(i); p != q {
					parent[q], best[p] = p, meet(best[p], best[q], int(i))
				}
			}
		}
	}
}

// nearest returns the index of the inner node nearest to p.
func (s *sheet) nearest(p place) int {
	clamp := func(u float64) int { return min(max(int(u+0.5), 0), s.n-1) }
	node := clamp((p[0] - s.origin[0]) / s.step)
	if s.dim == 2 {
		node += s.n * clamp((p[1]-s.origin[1])/s.step)
	}
	return node
}

// pass returns the height of the saddle (on a line, of the summit) within two cells of p, or z where there is none.
func (s *surface) pass(p place, z float64) float64 {
	var l lens
	q := p
	for range newtonSteps {
		j, ok := s.jet(q, &l)
		if !ok {
			return z
		}
		small, large, _ := j.spectrum(s.dim)
		d := j.newton(s.dim)
		_, long := (place{}).to(d)
		if long <= newtonSettle*s.cell {
			if small < 0 && (s.dim == 1 || large > 0) {
				return j.f
			}
			return z
		}
		q = q.plus(min(1, s.cell/long), d)
		if _, far := p.to(q); !(far <= 2*s.cell) {
			return z
		}
	}
	return z
}

// ascending returns the indices of z by increasing value, to 2⁻³² of the range, equals in their order: a radix sort.
func ascending(z []float64) []int32 {
	lo, hi := slices.Min(z), slices.Max(z)
	unit := 0.0
	if hi > lo {
		unit = (1<<32 - 1) / (hi - lo)
	}
	digits := make([]uint32, len(z))
	order, next := make([]int32, len(z)), make([]int32, len(z))
	for i, v := range z {
		digits[i], order[i] = uint32((v-lo)*unit), int32(i)
	}
	for shift := 0; shift < 32; shift += 16 {
		var start [1<<16 + 1]int32
		for _, d := range digits {
			start[d>>shift&0xffff+1]++
		}
		for i := 1; i < len(start); i++ {
			start[i] += start[i-1]
		}
		for _, i := range order {
			d := digits[i] >> shift & 0xffff
			next[start[d]] = i
			start[d]++
		}
		order, next = next, order
	}
	return order
}
