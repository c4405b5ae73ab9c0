package figure

import (
	"image"
	"math"

	"smoothscape/landscape"
)

// huge bounds what counts as finite, so that sums and differences stay finite too.
const huge = math.MaxFloat64 / 64

func finite(v float64) bool { return math.Abs(v) <= huge }

// missing counts the nodes without a finite value.
func missing(g landscape.Grid) int {
	n := 0
	for _, v := range g.Z {
		if !finite(v) {
			n++
		}
	}
	return n
}

// noValue is the gray of a place without a finite value; no colour of a palette is near it.
func noValue() landscape.RGB { return landscape.RGB{0xd4, 0xd4, 0xd4} }

// heat is the grid in colours, w×h pixels, the highest y on top. The centre of the first pixel lies half a pixel inside the
// first node, so the picture ends at the outermost nodes and not half a cell beyond.
func heat(g landscape.Grid, w, h int, s scale) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	value := bilinear(g, w, h)
	if missing(g) == 0 {
		value = cubic(g, w, h)
	}
	row := make([]float64, w)
	for y := range h {
		value(h-1-y, row)
		out := img.Pix[y*img.Stride:]
		for x, v := range row {
			c := noValue()
			if finite(v) {
				c = s.color(v)
			}
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = c[0], c[1], c[2], 255
		}
	}
	return img
}

// tap is where a pixel lies between nodes: the four nodes around it and their weights.
type tap struct {
	node   [4]int
	weight [4]float64
}

// taps are those of cubic convolution with a = −½, for count places between n ≥ 2 nodes. Beyond the ends stands what Keys puts there,
// 3z₀ − 3z₁ + z₂ (2z₀ − z₁ for two nodes), so that contours may meet the border at any angle.
func taps(n, count int, place func(i int) float64) []tap {
	all := make([]tap, count)
	for i := range all {
		at := place(i)
		cell := min(n-2, max(0, int(at)))
		t := at - float64(cell)
		weight := [4]float64{
			t * (-0.5 + t*(1-0.5*t)),
			1 + t*t*(-2.5+1.5*t),
			t * (0.5 + t*(2-1.5*t)),
			t * t * (-0.5 + 0.5*t),
		}
		first := max(0, min(n-4, cell-1))
		add := func(node int, w float64) { all[i].weight[node-first] += w }
		for k := range all[i].node {
			all[i].node[k] = min(n-1, first+k)
		}
		for k, w := range weight {
			switch node := cell - 1 + k; {
			case node >= 0 && node < n:
				add(node, w)
			default:
				end, inward := 0, 1
				if node > 0 {
					end, inward = n-1, -1
				}
				if n == 2 {
					add(end, 2*w)
					add(end+inward, -w)
				} else {
					add(end, 3*w)
					add(end+inward, -3*w)
					add(end+2*inward, w)
				}
			}
		}
	}
	return all
}

// pixelPlace is where the centre of pixel i of count lies, in nodes.
func pixelPlace(n, count int) func(int) float64 {
	return func(i int) float64 { return (float64(i) + 0.5) / float64(count) * float64(n-1) }
}

// cubic gives pixel rows (row 0 is the lowest) of a grid whose values are all finite.
func cubic(g landscape.Grid, w, h int) func(row int, into []float64) {
	nx, ny := len(g.X), len(g.Y)
	wide := stretch(g.Z, nx, ny, taps(nx, w, pixelPlace(nx, w)))
	up := taps(ny, h, pixelPlace(ny, h))
	return func(row int, into []float64) { combine(wide, w, up[row], into) }
}

// stretch resamples each row of z.
func stretch(z []float64, nx, ny int, across []tap) []float64 {
	w := len(across)
	wide := make([]float64, w*ny)
	for r := range ny {
		line, out := z[r*nx:(r+1)*nx], wide[r*w:(r+1)*w]
		for i, t := range across {
			out[i] = t.weight[0]*line[t.node[0]] + t.weight[1]*line[t.node[1]] + t.weight[2]*line[t.node[2]] + t.weight[3]*line[t.node[3]]
		}
	}
	return wide
}

// combine is the weighted sum of four rows.
func combine(wide []float64, w int, t tap, into []float64) {
	a, b := wide[t.node[0]*w:][:w], wide[t.node[1]*w:][:w]
	c, d := wide[t.node[2]*w:][:w], wide[t.node[3]*w:][:w]
	for i := range into {
		into[i] = t.weight[0]*a[i] + t.weight[1]*b[i] + t.weight[2]*c[i] + t.weight[3]*d[i]
	}
}

// refine resamples a finite grid to at least so many nodes a side, its own nodes among them.
func refine(g landscape.Grid, nodes int) landscape.Grid {
	nx, ny := len(g.X), len(g.Y)
	k := 1
	for (min(nx, ny)-1)*k+1 < nodes {
		k++
	}
	if k == 1 {
		return g
	}
	fine := landscape.Grid{X: divide(g.X, k), Y: divide(g.Y, k)}
	w, h := len(fine.X), len(fine.Y)
	place := func(i int) float64 { return float64(i) / float64(k) }
	wide := stretch(g.Z, nx, ny, taps(nx, w, place))
	fine.Z = make([]float64, w*h)
	for r, t := range taps(ny, h, place) {
		combine(wide, w, t, fine.Z[r*w:(r+1)*w])
	}
	return fine
}

func divide(x []float64, k int) []float64 {
	fine := make([]float64, (len(x)-1)*k+1)
	for i := range fine {
		c := min(i/k, len(x)-2)
		t := float64(i-c*k) / float64(k)
		fine[i] = x[c]*(1-t) + x[c+1]*t
	}
	return fine
}

// bilinear gives pixel rows of a grid with gaps: NaN where the nearest node has no value, else the weighted mean of those of the
// four corners that have one.
func bilinear(g landscape.Grid, w, h int) func(row int, into []float64) {
	nx, ny := len(g.X), len(g.Y)
	across, up := pixelPlace(nx, w), pixelPlace(ny, h)
	return func(row int, into []float64) {
		y := up(row)
		r := min(ny-2, int(y))
		fy := y - float64(r)
		for i := range into {
			x := across(i)
			c := min(nx-2, int(x))
			fx := x - float64(c)
			if !finite(g.Z[int(y+0.5)*nx+int(x+0.5)]) {
				into[i] = math.NaN()
				continue
			}
			var sum, total float64
			for k, weight := range [4]float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
				if v := g.Z[(r+k/2)*nx+c+k%2]; finite(v) {
					sum += weight * v
					total += weight
				}
			}
			into[i] = sum / total
		}
	}
}
