package figure

import (
	"strings"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes for print: nothing below 8 points.
const (
	labelSize   = vg.Length(9)
	tickSize    = vg.Length(8)
	captionSize = vg.Length(8)
	leading     = vg.Length(10.5) // from one line of the caption to the next
)

// style is plain text in the face of gonum/plot, Liberation Serif. Its LaTeX handler panics on what users type, and is not
// used.
func style(size vg.Length) draw.TextStyle {
	return draw.TextStyle{Color: ink(), Font: font.From(plot.DefaultFont, size), Handler: hatted{text.Plain{Fonts: font.DefaultCache}}}
}

// printable replaces what the face cannot show: control characters by a space, a few signs by words or their like, others by
// a question mark.
func printable(s string) string {
	face := font.DefaultCache.Lookup(plot.DefaultFont, labelSize).Face
	var buf sfnt.Buffer
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "?") {
		if r == combiningHat {
			b.WriteRune(r)
			continue
		}
		if r < ' ' || r == 0x7f {
			r = ' '
		}
		if g, err := face.GlyphIndex(&buf, r); err == nil && g != 0 {
			b.WriteRune(r)
			continue
		}
		switch r {
		case '∈':
			b.WriteString("in")
		case '∼':
			b.WriteRune('~')
		case '⋅':
			b.WriteRune('·')
		case '\u202f', '\u2009':
			b.WriteRune('\u00a0')
		case '⁻':
			b.WriteRune('−')
		default:
			b.WriteRune('?')
		}
	}
	return b.String()
}

// textBlock is text broken into lines of a width.
type textBlock struct {
	lines   []string // as given, for the file
	wrapped []string
}

func newTextBlock(lines []string, width vg.Length) textBlock {
	c := textBlock{lines: lines}
	sty := style(captionSize)
	for _, line := range lines {
		current := ""
		for _, word := range strings.Split(printable(line), " ") { // not at no-break spaces
			if word == "" {
				continue
			}
			longer := strings.TrimPrefix(current+" "+word, " ")
			if current != "" && sty.Width(longer) > width {
				c.wrapped = append(c.wrapped, current)
				longer = word
			}
			// A word that no line can hold is cut.
			for sty.Width(longer) > width {
				cut := []rune(longer)
				n := len(cut) - 1
				for n > 1 && sty.Width(string(cut[:n])) > width {
					n--
				}
				c.wrapped = append(c.wrapped, string(cut[:n]))
				longer = string(cut[n:])
			}
			current = longer
		}
		if current != "" {
			c.wrapped = append(c.wrapped, current)
		}
	}
	return c
}

func (c textBlock) height() vg.Length { return leading * vg.Length(len(c.wrapped)) }

func (c textBlock) draw(canvas draw.Canvas) {
	sty := style(captionSize)
	sty.YAlign = draw.YTop
	for i, line := range c.wrapped {
		canvas.FillText(sty, vg.Point{X: canvas.Min.X, Y: canvas.Max.Y - leading*vg.Length(i)}, line)
	}
}
