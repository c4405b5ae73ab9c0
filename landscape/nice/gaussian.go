package nice

import (
	"math"

	"smoothscape/landscape"
)

const (
	gaussianReach = 8.5     // standard deviations; 2·10⁻¹⁷ of the mass lies beyond
	mostTabulated = 4 << 20 // nodes of a table
)

// gaussianRule is the trapezoid rule for f̂ under a Gaussian of standard deviation s per axis.
type gaussianRule struct {
	f     landscape.Function
	d     int
	s     float64
	step  float64 // of the nodes, in units of the domain
	half  int     // nodes within reach on either side
	first float64 // place of node 0 on either axis
	n     int     // nodes a side of the table; 0 where it would be too large, and f is evaluated at each call
	z     []float64
}

func newGaussianRule(f landscape.Function, d int, s, wave, lo, hi float64) *gaussianRule {
	g := &gaussianRule{f: f, d: d, s: s, step: 2 * math.Pi * s / (2*math.Pi*s/wave + 8)}
	g.half = int(math.Ceil(gaussianReach * s / g.step))
	g.first = lo - float64(g.half+1)*g.step
	n := (hi-lo)/g.step + float64(2*g.half+4)
	if math.Pow(n, float64(d)) > mostTabulated {
		return g
	}
	g.n = int(n)
	rows := 1
	if d == 2 {
		rows = g.n
	}
	g.z = make([]float64, g.n*rows)
	y := make([]float64, d)
	for k := range g.z {
		g.place(k%g.n, k/g.n, y)
		g.z[k] = f.Func(y)
	}
	return g
}

func (g *gaussianRule) place(col, row int, y []float64) {
	y[0] = g.first + float64(col)*g.step
	if g.d == 2 {
		y[1] = g.first + float64(row)*g.step
	}
}

// moments are the means of f, and of f times the weights that make its derivatives.
type moments struct{ mean, x, y, xx, xy, yy float64 }

// at sums over the nodes within reach of x. From every value that of the node nearest to x is taken away first: the
// weights of a derivative sum to 0, so that costs nothing and keeps digits.
func (g *gaussianRule) at(x []float64) (m moments) {
	size := 2*g.half + 1
	var col, row int
	col = int(math.Round((x[0]-g.first)/g.step)) - g.half
	cols := g.weights(x[0], col)
	rows, values := []weight{{0, 1}}, g.z
	inside := g.n > 0 && col >= 0 && col+size <= g.n
	if g.d == 2 {
		row = int(math.Round((x[1]-g.first)/g.step)) - g.half
		rows = g.weights(x[1], row)
		inside = inside && row >= 0 && row+size <= g.n
	}
	y := make([]float64, g.d)
	line := make([]float64, size)
	g.place(col+g.half, row+g.half, y)
	center := g.f.Func(y)
	for r, b := range rows {
		if inside {
			start := (row+r)*g.n + col
			line = values[start : start+size]
		} else {
			for c := range line {
				g.place(col+c, row+r, y)
				line[c] = g.f.Func(y)
			}
		}
		var sum, first, second float64
		for c, a := range cols {
			v := a.w * (line[c] - center)
			sum += v
			first += v * a.t
			second += v * (a.t*a.t - 1)
		}
		m.mean += b.w * sum
		m.x += b.w * first
		m.xx += b.w * second
		m.y += b.w * b.t * sum
		m.xy += b.w * b.t * first
		m.yy += b.w * (b.t*b.t - 1) * sum
	}
	m.mean += center
	// ∂φ(t)/∂x = −t·φ/s with t = (x − y)/s, and so on.
	m.x, m.y = -m.x/g.s, -m.y/g.s
	m.xx, m.xy, m.yy = m.xx/(g.s*g.s), m.xy/(g.s*g.s), m.yy/(g.s*g.s)
	return m
}

// weight is that of a node at the distance t from x, in standard deviations.
type weight struct{ t, w float64 }

// weights returns those of the nodes from first on.
func (g *gaussianRule) weights(x float64, first int) []weight {
	all := make([]weight, 2*g.half+1)
	for i := range all {
		t := (x - (g.first + float64(first+i)*g.step)) / g.s
		all[i] = weight{t, g.step / g.s * math.Exp(-t*t/2) / math.Sqrt(2*math.Pi)}
	}
	return all
}

func (g *gaussianRule) function() landscape.Function {
	return landscape.Function{
		Func: func(x []float64) float64 { return g.at(x).mean },
		Grad: func(x, dst []float64) {
			m := g.at(x)
			dst[0] = m.x
			if g.d == 2 {
				dst[1] = m.y
			}
		},
		Hess: func(x, dst []float64) bool {
			m := g.at(x)
			dst[0] = m.xx
			if g.d == 2 {
				dst[1], dst[2], dst[3] = m.xy, m.xy, m.yy
			}
			return finite(dst)
		},
	}
}
