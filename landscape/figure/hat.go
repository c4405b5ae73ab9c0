package figure

import (
	"math"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// combiningHat follows the letter that wears it, as in "f̂".
const combiningHat = '\u0302'

// hatted is plain text whose combining hats stand above their letters. The plain handler draws them where the font puts them for
// small letters: through the top of an f.
type hatted struct{ text.Plain }

// Box implements text.Handler.
func (h hatted) Box(txt string, f font.Font) (width, height, depth vg.Length) {
	return h.Plain.Box(bare(txt), f)
}

// Draw implements text.Handler for a single line.
func (h hatted) Draw(c vg.Canvas, txt string, sty text.Style, at vg.Point) {
	h.Plain.Draw(c, bare(txt), sty, at)
	face := h.Fonts.Lookup(sty.Font, sty.Font.Size)
	total := face.Width(bare(txt))
	sin, cos := math.Sincos(sty.Rotation)
	runes := []rune(txt)
	for i, r := range runes {
		if r != combiningHat || i == 0 {
			continue
		}
		base := string(runes[i-1])
		left := face.Width(bare(string(runes[:i-1])))
		// From the anchor of the text to the left end of the hat, along the line and across it.
		along := total*vg.Length(sty.XAlign) + left + (face.Width(base)-face.Width("ˆ"))/2
		across := vg.Length(0)
		if strings.ContainsAny(base, "bdfhklt") || base == strings.ToUpper(base) {
			across = 0.21 * sty.Font.Size // tall letters: the hat is made for small ones
		}
		if base == "f" {
			along += 0.06 * sty.Font.Size // its top leans to the right
		}
		one := sty
		one.XAlign = text.XLeft
		h.Plain.Draw(c, "ˆ", one, vg.Point{X: at.X + along*vg.Length(cos) - across*vg.Length(sin), Y: at.Y + along*vg.Length(sin) + across*vg.Length(cos)})
	}
}

func bare(txt string) string { return strings.ReplaceAll(txt, string(combiningHat), "") }
