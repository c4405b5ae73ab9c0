package figure

import (
	"image"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bar is the colour bar: the scale from bottom to top, ticks at contours and a line at each.
type bar struct {
	scale        scale
	levels       []level
	ticks        []level
	text         []string
	power        int
	label        string
	below, above bool // values leave the scale: the bar ends in an arrow
}

const (
	barWidth  = vg.Length(10)
	tickLen   = vg.Length(3)
	arrowSize = vg.Length(6)
)

func newBar(s scale, label string, below, above bool) bar {
	b := bar{scale: s, label: label, below: below, above: above}
	b.levels = s.levels(s.lo, s.hi)
	if s.unit > 0 {
		b.label += ", log scale"
		b.ticks = s.logTicks(6)
		for _, t := range b.ticks {
			b.text = append(b.text, number(t.value))
		}
		return b
	}
	// Each bold contour is a tick; where there are fewer than three, each second one of all contours is.
	for _, every := range []int64{5, 2} {
		if len(b.ticks) >= 3 {
			break
		}
		b.ticks = nil
		for _, l := range b.levels {
			if l.label.mantissa/s.step.mantissa%every == 0 {
				b.ticks = append(b.ticks, l)
			}
		}
	}
	var base string
	b.text, b.power, base = tickText(b.ticks)
	if base != "" {
		b.label += " − " + base
	}
	return b
}

func (b bar) tickWidth() vg.Length {
	sty, most := style(tickSize), vg.Length(0)
	for _, t := range b.text {
		most = max(most, sty.Width(t))
	}
	return most
}

// width is all of it, labels included.
func (b bar) width() vg.Length {
	w := barWidth + tickLen + 2 + b.tickWidth()
	if b.label != "" {
		w += 3 + labelSize*1.25
	}
	return max(w, barWidth+b.powerWidth())
}

// top is the room above the bar.
func (b bar) top() vg.Length {
	room := vg.Length(0)
	if b.power != 0 {
		room += tickSize * 1.6
	}
	if b.above {
		room += arrowSize
	}
	return room
}

// powerText is "×10" and its exponent, which stands higher and smaller: the face lacks some of the raised digits.
func (b bar) powerText() (ten, exponent string) {
	return "×10", strings.ReplaceAll(strconv.Itoa(b.power), "-", "−")
}

func (b bar) powerWidth() vg.Length {
	if b.power == 0 {
		return 0
	}
	ten, exponent := b.powerText()
	sty, small := style(tickSize), style(tickSize*0.75)
	return sty.Width(ten) + small.Width(exponent)
}

func (b bar) draw(c draw.Canvas, dpi float64) {
	body := c.Rectangle
	body.Max.X = body.Min.X + barWidth
	paint(c, body, dpi, func(w, h int) *image.RGBA {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			color := b.scale.color(b.scale.at((float64(h-y) - 0.5) / float64(h)))
			for x := range w {
				copy(img.Pix[img.PixOffset(x, y):], []uint8{color[0], color[1], color[2], 255})
			}
		}
		return img
	})
	height := func(v float64) vg.Length {
		return c.Min.Y + (c.Max.Y-c.Min.Y)*vg.Length(b.scale.part(v))
	}
	for _, l := range b.levels {
		width := vg.Length(0.4)
		if l.bold {
			width = 0.95
		}
		c.StrokeLine2(draw.LineStyle{Color: b.scale.lineColor(l.value), Width: width}, body.Min.X, height(l.value), body.Max.X, height(l.value))
	}
	b.arrows(c, body)
	frame(c, body)
	sty := style(tickSize)
	sty.YAlign = draw.YCenter
	for i, l := range b.ticks {
		y := height(l.value)
		c.StrokeLine2(draw.LineStyle{Color: ink(), Width: 0.5}, body.Max.X, y, body.Max.X+tickLen, y)
		c.FillText(sty, vg.Point{X: body.Max.X + tickLen + 2, Y: y + tickSize*0.1}, b.text[i]) // centred on the digits, which have nothing below the line
	}
	if b.power != 0 {
		ten, exponent := b.powerText()
		sty.YAlign = draw.YBottom
		at := vg.Point{X: body.Min.X, Y: c.Max.Y + 3}
		if b.above {
			at.Y += arrowSize
		}
		c.FillText(sty, at, ten)
		at.X += sty.Width(ten)
		at.Y += tickSize * 0.4
		small := style(tickSize * 0.75)
		small.YAlign = draw.YBottom
		c.FillText(small, at, exponent)
	}
	if b.label != "" {
		sty := style(labelSize)
		sty.Rotation = math.Pi / 2
		sty.XAlign, sty.YAlign = draw.XCenter, draw.YTop
		c.FillText(sty, vg.Point{X: body.Max.X + tickLen + 2 + b.tickWidth() + 3, Y: (c.Min.Y + c.Max.Y) / 2}, b.label)
	}
}

// arrows say that values go on beyond the ends.
func (b bar) arrows(c draw.Canvas, body vg.Rectangle) {
	triangle := func(y, tip vg.Length, v float64) {
		var p vg.Path
		p.Move(vg.Point{X: body.Min.X, Y: y})
		p.Line(vg.Point{X: (body.Min.X + body.Max.X) / 2, Y: tip})
		p.Line(vg.Point{X: body.Max.X, Y: y})
		p.Close()
		color := b.scale.color(v)
		c.SetColor(rgb(color))
		c.Fill(p)
		c.SetLineStyle(draw.LineStyle{Color: ink(), Width: 0.5})
		c.Stroke(p)
	}
	if b.above {
		triangle(body.Max.Y, body.Max.Y+arrowSize, b.scale.hi)
	}
	if b.below {
		triangle(body.Min.Y, body.Min.Y-arrowSize, b.scale.lo)
	}
}
