package gridfile

import (
	"fmt"
	"math"
	"slices"
)

// long reads a line for each node.
func (t *table) long(s *Surface, header []string) error {
	if len(header) < 3 || len(header) > MaxGrids+2 {
		return bad(t.at(0), fmt.Sprintf("3 to %d columns: x, y and values", MaxGrids+2), fmt.Sprint(len(header)))
	}
	// The axes are the columns named so, or the first two.
	xAt := slices.IndexFunc(header, func(h string) bool { return axis(plain(h)) == 'x' })
	yAt := slices.IndexFunc(header, func(h string) bool { return axis(plain(h)) == 'y' })
	if xAt < 0 || yAt < 0 {
		xAt, yAt = 0, 1
	}
	var columns []int
	for i, h := range header {
		if i != xAt && i != yAt {
			columns = append(columns, i)
			s.Values = append(s.Values, Values{Name: plain(h)})
		}
	}
	points := points{width: len(header)}
	row := make([]float64, len(header))
	for {
		cells, err := t.line()
		if err != nil {
			return err
		}
		if cells == nil {
			break
		}
		if err := t.numbers(cells, 0, row); err != nil {
			return err
		}
		for _, i := range []int{xAt, yAt} {
			if math.IsNaN(row[i]) || math.IsInf(row[i], 0) {
				return bad(t.at(i), "a finite coordinate", quoted(cells[i]))
			}
		}
		if len(points.flat) > maxTotal-len(header) || points.count() >= MaxValues {
			return bad(t.at(0), fmt.Sprintf("at most %d lines and %d values", MaxValues, maxTotal), "more")
		}
		points.flat = append(points.flat, row[xAt], row[yAt])
		for _, c := range columns {
			points.flat = append(points.flat, row[c])
		}
	}
	return s.gather(points)
}

// points are lines of x, y and values, one behind the other.
type points struct {
	width int
	flat  []float64
}

func (p points) count() int           { return len(p.flat) / p.width }
func (p points) line(i int) []float64 { return p.flat[i*p.width : (i+1)*p.width] }

// gather puts points in any order on the nodes of a grid.
func (s *Surface) gather(points points) error {
	count := points.count()
	if count == 0 {
		return bad("", "a line for each node below the header", "none")
	}
	s.X, s.Y = points.nodes(0, 0), points.nodes(1, 0)
	if len(s.X) > MaxValues/len(s.Y) || len(s.X)*len(s.Y) != count { // not a whole grid: perhaps coordinates were rounded differently
		s.X, s.Y = points.nodes(0, sameNode), points.nodes(1, sameNode)
	}
	nx, ny := len(s.X), len(s.Y)
	if nx > MaxValues/ny || nx*ny > sparsest*count+MaxGrids || nx*ny > maxTotal/len(s.Values) {
		return bad("", fmt.Sprintf("points on a grid, at least one node in %d of them, at most %d nodes", sparsest, MaxValues), fmt.Sprintf("%d points with %d different x and %d different y", count, nx, ny))
	}
	for i := range s.Values {
		s.Values[i].Z = make([]float64, nx*ny)
		for j := range s.Values[i].Z {
			s.Values[i].Z[j] = math.NaN()
		}
	}
	taken := make([]bool, nx*ny)
	for i := range count {
		p := points.line(i)
		at := nodeAt(s.Y, p[1])*nx + nodeAt(s.X, p[0])
		if taken[at] {
			return bad("", "each node once", fmt.Sprintf("x = %g, y = %g twice", p[0], p[1]))
		}
		taken[at] = true
		for i := range s.Values {
			s.Values[i].Z[at] = p[2+i]
		}
	}
	return nil
}

// sparsest is how many nodes a grid may have for each point of a long table.
const sparsest = 16

// sameNode is the part of the whole axis below which two coordinates are one that was rounded differently.
const sameNode = 1e-9

// nodes returns the different coordinates of the points, in order: x for 0, y for 1. Neighbors nearer than a part of the whole
// axis are one node.
func (p points) nodes(which int, part float64) []float64 {
	all := make([]float64, p.count())
	for i := range all {
		all[i] = p.line(i)[which]
	}
	slices.Sort(all)
	least := part * (all[len(all)-1] - all[0])
	return slices.Clip(slices.CompactFunc(all, func(a, b float64) bool { return math.Abs(b-a) <= least }))
}

// nodeAt finds the last node at or below a coordinate: those that were taken as one follow it.
func nodeAt(x []float64, v float64) int {
	i, found := slices.BinarySearch(x, v)
	if !found {
		i--
	}
	return max(i, 0)
}
