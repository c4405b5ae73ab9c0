package figure

import (
	"fmt"
	"image"
	"image/color"
	imagedraw "image/draw"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"smoothscape/landscape"
)

const (
	margin = vg.Length(5)
	gap    = vg.Length(9) // between panels, and before the colour bar
)

func ink() color.Color { return color.NRGBA{0x16, 0x1a, 0x22, 0xff} }

// picture is a figure with everything measured, ready to draw.
type picture struct {
	spec    Spec
	scale   scale
	panels  []*plot.Plot
	bar     bar
	caption textBlock
	side    vg.Length // width of a data area
	tall    vg.Length // its height
	pad     vg.Rectangle
}

func newPicture(s Spec) (*picture, error) {
	p := &picture{spec: s, scale: newScale(s.Raw, s.Palette, s.LogHeights)}
	type pane struct {
		title string
		grid  landscape.Grid
		marks []Mark
	}
	var panes []pane
	switch s.Panels {
	case Raw:
		panes = []pane{{"", s.Raw, s.Minima}}
	case Smoothed:
		panes = []pane{{"", s.Smoothed, s.Minima}}
	default:
		panes = []pane{{"not smoothed", s.Raw, nil}, {"smoothed", s.Smoothed, s.Minima}}
	}
	below, above, gray, total := false, false, 0, 0
	for i, pane := range panes {
		lo, hi, ok := pane.grid.Range()
		below, above = below || ok && lo < p.scale.lo, above || ok && hi > p.scale.hi
		gray, total = gray+missing(pane.grid), total+len(pane.grid.Z)
		p.panels = append(p.panels, p.panel(pane.title, pane.grid, pane.marks, i == 0))
	}
	p.bar = newBar(p.scale, printable(s.ZLabel), below, above)

	var notes []string
	if _, _, ok := s.Raw.Range(); ok && p.scale.flat {
		notes = append(notes, "All values are equal within rounding.")
	} else if ok && p.scale.unit > 0 {
		notes = append(notes, "Heights as log(1 + 1000t), where t is the part of the range of the raw values; five contours to a decade, each fifth bold.")
	} else if ok {
		step := p.scale.step
		notes = append(notes, fmt.Sprintf("Contours every %s, bold every %s.", number(step.float()), number(decimal{5 * step.mantissa, step.exponent}.float())))
	}
	if n := len(s.Minima); n > 0 {
		notes = append(notes, fmt.Sprintf("Circles: %d local %s.", n, map[bool]string{true: "minimum", false: "minima"}[n == 1]))
	}
	if gray > 0 {
		notes = append(notes, fmt.Sprintf("Gray: no finite value (%d of %d points).", gray, total))
	}
	lines := append([]string{}, s.Caption...)
	if len(notes) > 0 {
		lines = append(lines, strings.Join(notes, " "))
	}
	width := cm(s.WidthCM)
	p.caption = newTextBlock(lines, width-2*margin)
	return p, p.layout(width)
}

// layout fits the data areas into the width, and into the height if one was asked for.
func (p *picture) layout(width vg.Length) error {
	// The room that axes need does not depend on the size of the canvas, as long as there is some.
	trial := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 1000, Y: 1000}}}
	for _, panel := range p.panels {
		data := panel.DataCanvas(trial)
		p.pad.Min.X = max(p.pad.Min.X, data.Min.X)
		p.pad.Min.Y = max(p.pad.Min.Y, data.Min.Y)
		p.pad.Max.X = max(p.pad.Max.X, 1000-data.Max.X)
		p.pad.Max.Y = max(p.pad.Max.Y, 1000-data.Max.Y)
	}
	n := vg.Length(len(p.panels))
	across := p.pad.Min.X + p.pad.Max.X
	p.side = (width-2*margin-gap-p.bar.width()-(n-1)*gap)/n - across
	raw := p.spec.Raw
	aspect := vg.Length((raw.Y[len(raw.Y)-1] - raw.Y[0]) / (raw.X[len(raw.X)-1] - raw.X[0]))
	aspect = min(4, max(0.25, aspect))
	p.tall = p.side * aspect
	if p.spec.HeightCM != 0 {
		if room := cm(p.spec.HeightCM) - p.fixedHeight(); room < p.tall {
			p.tall = room
			p.side = room / aspect
		}
	}
	if p.side < 40 || p.tall < 30 {
		return &SpecError{"size", "room for the picture beside its labels and caption", fmt.Sprintf("%.1f cm × %.1f cm left for it", p.side/vg.Centimeter, p.tall/vg.Centimeter),
			"choose a larger size or a shorter caption"}
	}
	return nil
}

// fixedHeight is all but the data area.
func (p *picture) fixedHeight() vg.Length {
	return 2*margin + p.pad.Min.Y + max(p.pad.Max.Y, p.bar.top()) + gap/2 + p.caption.height()
}

func (p *picture) size() (width, height vg.Length) {
	width, height = cm(p.spec.WidthCM), p.tall+p.fixedHeight()
	if p.spec.HeightCM != 0 {
		height = cm(p.spec.HeightCM)
	}
	return width, height
}

// panel is a plot with axes; the data area is left to a field.
func (p *picture) panel(title string, g landscape.Grid, marks []Mark, first bool) *plot.Plot {
	panel := plot.New()
	panel.Title.Text = title
	panel.Title.Padding = 3
	panel.Title.TextStyle.Font = font.From(plot.DefaultFont, labelSize)
	panel.BackgroundColor = nil
	for _, axis := range []struct {
		axis  *plot.Axis
		label string
		nodes []float64
	}{{&panel.X, p.spec.XLabel, g.X}, {&panel.Y, p.spec.YLabel, g.Y}} {
		a := axis.axis
		a.Min, a.Max = axis.nodes[0], axis.nodes[len(axis.nodes)-1]
		a.AutoRescale = false
		a.Padding = 0
		a.LineStyle.Width = 0 // the frame is drawn last, over the picture
		a.Tick.LineStyle = draw.LineStyle{Color: ink(), Width: 0.5}
		a.Tick.Length = 3
		a.Tick.Label.Font = font.From(plot.DefaultFont, tickSize)
		a.Tick.Label.Color = ink()
		a.Label.TextStyle.Font = font.From(plot.DefaultFont, labelSize)
		a.Label.TextStyle.Color = ink()
		a.Label.TextStyle.Handler = style(labelSize).Handler
		a.Label.Padding = 2
		at := ticks(a.Min, a.Max, 6)
		text, power, base := tickText(at)
		a.Label.Text = printable(axis.label)
		if base != "" {
			a.Label.Text += " − " + base
		}
		if power != 0 {
			a.Label.Text += " (unit " + number(decimal{1, power}.float()) + ")"
		}
		var marks plot.ConstantTicks
		for i, l := range at {
			// A multiple of the step may lie a rounding error beyond the last node.
			marks = append(marks, plot.Tick{Value: min(a.Max, max(a.Min, l.value)), Label: text[i]})
		}
		a.Tick.Marker = marks
	}
	if !first {
		panel.Y.Label.Text = ""
	}
	panel.Add(&field{grid: g, scale: p.scale, marks: marks, dpi: float64(p.spec.DPI)})
	return panel
}

// draw draws everything onto a canvas of size().
func (p *picture) draw(canvas draw.Canvas) {
	top := canvas.Max.Y - margin - max(p.pad.Max.Y, p.bar.top())
	used := vg.Length(len(p.panels))*(p.side+p.pad.Min.X+p.pad.Max.X) + vg.Length(len(p.panels)-1)*gap + gap + p.bar.width()
	left := canvas.Min.X + max(margin, (canvas.Max.X-canvas.Min.X-used)/2)
	for _, panel := range p.panels {
		area := canvas
		area.Min = vg.Point{X: left, Y: top - p.tall - p.pad.Min.Y}
		area.Max = vg.Point{X: left + p.pad.Min.X + p.side + p.pad.Max.X, Y: top + p.pad.Max.Y}
		// Panels may need less room than the widest: keep the data areas alike.
		data := panel.DataCanvas(area)
		area.Min.X += left + p.pad.Min.X - data.Min.X
		area.Max.X += left + p.pad.Min.X + p.side - data.Max.X
		area.Min.Y += top - p.tall - data.Min.Y
		area.Max.Y += top - data.Max.Y
		panel.Draw(area)
		left = left + p.pad.Min.X + p.side + p.pad.Max.X + gap
	}
	area := canvas
	area.Min = vg.Point{X: left, Y: top - p.tall}
	area.Max = vg.Point{X: left + p.bar.width(), Y: top}
	p.bar.draw(area, float64(p.spec.DPI))
	area.Min = vg.Point{X: canvas.Min.X + margin, Y: canvas.Min.Y}
	area.Max = vg.Point{X: canvas.Max.X - margin, Y: top - p.tall - p.pad.Min.Y - gap/2}
	p.caption.draw(area)
}

// paint copies an image onto a rectangle. It is made for the rectangle in whole pixels, so that nothing is resampled: a raster canvas takes
// the pixels as they are (a tenth of the time of its general DrawImage), any other one gets an image.
func paint(c draw.Canvas, r vg.Rectangle, dpi float64, make func(w, h int) *image.RGBA) {
	snap := func(l vg.Length) int { return int(math.Round(l.Dots(dpi))) }
	x0, y0, x1, y1 := snap(r.Min.X), snap(r.Min.Y), snap(r.Max.X), snap(r.Max.Y)
	img := make(max(1, x1-x0), max(1, y1-y0))
	inside := c.Canvas
	for { // a cropped canvas wraps the one that it was cut from
		outer, ok := inside.(draw.Canvas)
		if !ok {
			break
		}
		inside = outer.Canvas
	}
	if raster, ok := inside.(*vgimg.Canvas); ok {
		on := raster.Image()
		top := on.Bounds().Dy() - y1 // rows count from the top
		imagedraw.Draw(on, img.Bounds().Add(image.Pt(x0, top)), img, image.Point{}, imagedraw.Src)
		return
	}
	c.DrawImage(r, img)
}
