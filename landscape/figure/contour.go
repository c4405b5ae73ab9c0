package figure

import "smoothscape/landscape"

// point is a place in the coordinates of the grid.
type point struct{ x, y float64 }

// tracer follows the lines on which a grid has a value: marching squares, the crossings on the edges of a cell placed by linear
// interpolation. Cells with a corner that is not finite have no lines. gonum/plot has contours too, but in an
// order that changes from run to run, and they stop at NaN.
type tracer struct {
	g       landscape.Grid
	links   [][2]int32 // for each edge up to two neighbours on the line, +1; 0 is none
	touched []int32
}

// Edges are numbered by the node at their lower or left end: 2·node for the one to the right, 2·node + 1 for the one upwards.
func newTracer(g landscape.Grid) *tracer {
	return &tracer{g: g, links: make([][2]int32, 2*len(g.X)*len(g.Y))}
}

// lines gives the contour of a value as polylines, in an order that depends on nothing but the grid. A closed
// line ends with its first point.
func (t *tracer) lines(value float64) [][]point {
	t.march(value)
	var all [][]point
	for _, open := range []bool{true, false} { // lines that end at a border first, then loops
		for _, edge := range t.touched {
			if l := t.links[edge]; l[0] == 0 && l[1] == 0 || open && l[0] != 0 && l[1] != 0 {
				continue
			}
			all = append(all, t.follow(edge, value))
		}
	}
	for _, edge := range t.touched {
		t.links[edge] = [2]int32{}
	}
	t.touched = t.touched[:0]
	return all
}

// march links the edges of each cell that the line crosses.
func (t *tracer) march(value float64) {
	nx, ny := len(t.g.X), len(t.g.Y)
	z := t.g.Z
	for r := range ny - 1 {
		for c := range nx - 1 {
			n := r*nx + c
			a, b, d, e := z[n], z[n+1], z[n+nx], z[n+nx+1]
			kind := 0
			if a >= value {
				kind |= 1
			}
			if b >= value {
				kind |= 2
			}
			if e >= value {
				kind |= 4
			}
			if d >= value {
				kind |= 8
			}
			if kind == 0 || kind == 15 || !finite(a) || !finite(b) || !finite(d) || !finite(e) {
				continue
			}
			bottom, right, top, left := 2*n, 2*(n+1)+1, 2*(n+nx), 2*n+1
			if kind == 5 || kind == 10 { // a saddle: the mean of the corners decides which of them hang together
				if ((a+b+d+e)/4 >= value) == (kind == 5) {
					t.link(left, top)
					t.link(bottom, right)
				} else {
					t.link(left, bottom)
					t.link(top, right)
				}
				continue
			}
			var ends [2]int
			k := 0
			for i, edge := range [4]int{bottom, right, top, left} { // edge i lies between corners i and i+1
				if kind>>i&1 != kind>>((i+1)%4)&1 {
					ends[k] = edge
					k++
				}
			}
			t.link(ends[0], ends[1])
		}
	}
}

func (t *tracer) link(a, b int) {
	for _, pair := range [2][2]int{{a, b}, {b, a}} {
		l := &t.links[pair[0]]
		if l[0] == 0 {
			l[0] = int32(pair[1] + 1)
			t.touched = append(t.touched, int32(pair[0]))
		} else {
			l[1] = int32(pair[1] + 1)
		}
	}
}

// follow walks a line from one of its edges to its end, and takes the links away behind it.
func (t *tracer) follow(edge int32, value float64) []point {
	line := []point{t.crossing(edge, value)}
	for {
		l := &t.links[edge]
		next := l[0]
		if next == 0 {
			next = l[1]
		}
		if next == 0 {
			return line
		}
		next--
		for k := range l {
			if l[k] == next+1 {
				l[k] = 0
				break
			}
		}
		back := &t.links[next]
		for k := range back {
			if back[k] == edge+1 {
				back[k] = 0
				break
			}
		}
		edge = next
		line = append(line, t.crossing(edge, value))
	}
}

// crossing is where the value lies on an edge.
func (t *tracer) crossing(edge int32, value float64) point {
	nx := len(t.g.X)
	n := int(edge / 2)
	c, r := n%nx, n/nx
	if edge%2 == 0 {
		f := fraction(t.g.Z[n], t.g.Z[n+1], value)
		return point{t.g.X[c] + f*(t.g.X[c+1]-t.g.X[c]), t.g.Y[r]}
	}
	f := fraction(t.g.Z[n], t.g.Z[n+nx], value)
	return point{t.g.X[c], t.g.Y[r] + f*(t.g.Y[r+1]-t.g.Y[r])}
}

// fraction is halved first, so that the difference of two huge values stays finite.
func fraction(a, b, value float64) float64 {
	return min(1, max(0, (value/2-a/2)/(b/2-a/2)))
}
