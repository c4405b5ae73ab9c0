package figure

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"smoothscape/landscape"
)

// field is the plotter of one data area: colours, contours, marks, frame.
type field struct {
	grid  landscape.Grid
	scale scale
	marks []Mark
	dpi   float64
}

// contourNodes is the least number of nodes a side that contours are traced on: with fewer, their corners show.
const contourNodes = 160

// Plot implements plot.Plotter.
func (f *field) Plot(c draw.Canvas, plt *plot.Plot) {
	paint(c, c.Rectangle, f.dpi, func(w, h int) *image.RGBA { return heat(f.grid, w, h, f.scale) })
	trX, trY := plt.Transforms(&c)
	f.contours(c, trX, trY)
	for _, m := range f.marks {
		at := vg.Point{X: trX(m.X), Y: trY(m.Y)}
		if c.Contains(at) {
			f.mark(c, at)
		}
	}
	frame(c, c.Rectangle)
	if lo, hi, ok := f.grid.Range(); !ok || math.IsNaN(lo+hi) {
		sty := style(labelSize)
		sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
		c.FillText(sty, vg.Point{X: (c.Min.X + c.Max.X) / 2, Y: (c.Min.Y + c.Max.Y) / 2}, "no finite value")
	}
}

func (f *field) contours(c draw.Canvas, trX, trY func(float64) vg.Length) {
	lo, hi, ok := f.grid.Range()
	if !ok || f.scale.flat {
		return
	}
	g := f.grid
	if missing(g) == 0 {
		g = refine(g, contourNodes)
	}
	t := newTracer(g)
	for _, l := range f.scale.levels(lo, hi) {
		var path vg.Path
		for _, line := range t.lines(l.value) {
			for i, p := range line {
				at := vg.Point{X: trX(p.x), Y: trY(p.y)}
				switch {
				case i == 0:
					path.Move(at)
				case i == len(line)-1 && p == line[0]:
					path.Close()
				default:
					path.Line(at)
				}
			}
		}
		width := vg.Length(0.4)
		if l.bold {
			width = 0.95
		}
		c.SetLineStyle(draw.LineStyle{Color: f.scale.lineColor(l.value), Width: width})
		c.Stroke(path)
	}
}

// lineColor is the colour under the line, moved half-way to black or white, whichever is farther: opaque, so that nothing depends
// on the order in which lines cross.
func (s scale) lineColor(v float64) color.Color {
	c := s.color(v)
	target := 255.0
	if luma := 0.2126*float64(c[0]) + 0.7152*float64(c[1]) + 0.0722*float64(c[2]); luma > 110 {
		target = 0
	}
	mix := func(v uint8) uint8 { return uint8(math.Round(0.45*float64(v) + 0.55*target)) }
	return color.NRGBA{mix(c[0]), mix(c[1]), mix(c[2]), 255}
}

func rgb(c landscape.RGB) color.Color { return color.NRGBA{c[0], c[1], c[2], 255} }

// mark is a white disc with a dark rim, to be seen on every colour.
func (f *field) mark(c draw.Canvas, at vg.Point) {
	radius := vg.Length(1.9)
	if len(f.marks) > 60 {
		radius = 1.4
	}
	disc := func(r vg.Length) vg.Path {
		var p vg.Path
		p.Move(vg.Point{X: at.X + r, Y: at.Y})
		p.Arc(at, r, 0, 2*math.Pi)
		p.Close()
		return p
	}
	c.SetColor(ink())
	c.Fill(disc(radius + 0.6))
	c.SetColor(color.White)
	c.Fill(disc(radius))
}

// frame is a thin line around a rectangle.
func frame(c draw.Canvas, r vg.Rectangle) {
	c.SetLineStyle(draw.LineStyle{Color: ink(), Width: 0.5})
	path := vg.Path{}
	path.Move(r.Min)
	path.Line(vg.Point{X: r.Max.X, Y: r.Min.Y})
	path.Line(r.Max)
	path.Line(vg.Point{X: r.Min.X, Y: r.Max.Y})
	path.Close()
	c.Stroke(path)
}
