package landscape

import (
	"math"
	"testing"
)

// lightness is CIE 1976 L* of an sRGB color (D65), channels in [0, 1].
func lightness(c [3]float64) float64 {
	weight := [3]float64{0.2126, 0.7152, 0.0722}
	var y float64
	for i, u := range c {
		if u <= 0.04045 {
			u /= 12.92
		} else {
			u = math.Pow((u+0.055)/1.055, 2.4)
		}
		y += weight[i] * u
	}
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

func TestPalettesGrowLighter(t *testing.T) {
	for _, p := range Palettes() {
		colors, ok := p.Colors()
		if !ok {
			t.Fatalf("%s has no colors", p)
		}
		curves, _ := p.curves()
		exact, rounded := make([]float64, 256), make([]float64, 256)
		for i := range exact {
			var e, r [3]float64
			for channel, curve := range curves {
				e[channel], r[channel] = curve.at(float64(i)), float64(colors[i][channel])/255
			}
			exact[i], rounded[i] = lightness(e), lightness(r)
		}
		for i := 1; i < 256; i++ {
			if exact[i] <= exact[i-1] {
				t.Errorf("%s: entry %d, L* = %.3f, is not lighter than the one before, %.3f", p, i, exact[i], exact[i-1])
			}
			// 8 bits move L* by up to 0.2 (half a step of green), as much as an entry adds; two entries add more.
			if i > 1 && rounded[i] <= rounded[i-2] {
				t.Errorf("%s: entry %d with 8 bits, L* = %.3f, is not lighter than %.3f two before", p, i, rounded[i], rounded[i-2])
			}
			// Equal steps of lightness: the published maps stay within 3 of the straight line.
			if line := exact[0] + (exact[255]-exact[0])*float64(i)/255; math.Abs(exact[i]-line) > 3 {
				t.Errorf("%s: entry %d: L* = %.2f, far from the straight line's %.2f", p, i, exact[i], line)
			}
		}
		if exact[0] > 20 || exact[255] < 85 {
			t.Errorf("%s: L* from %.1f to %.1f", p, exact[0], exact[255])
		}
	}
	if _, ok := Palette("jet").Colors(); ok {
		t.Error("jet is no palette of ours")
	}
}

// Published entries that are no knots.
func TestPalettesMeetThePublishedColors(t *testing.T) {
	for _, c := range []struct {
		palette Palette
		at      int
		rgb     [3]float64
	}{
		{Viridis, 3, [3]float64{.271305, .019942, .347269}}, {Viridis, 11, [3]float64{.279566, .067836, .391917}},
		{Viridis, 25, [3]float64{.282623, .140926, .457517}}, {Viridis, 37, [3]float64{.274128, .199721, .498911}},
		{Viridis, 52, [3]float64{.252194, .269783, .531579}}, {Viridis, 67, [3]float64{.223925, .334994, .548053}},
		{Viridis, 82, [3]float64{.195860, .395433, .555276}}, {Viridis, 97, [3]float64{.171176, .452530, .557965}},
		{Viridis, 111, [3]float64{.150476, .504369, .557430}}, {Viridis, 125, [3]float64{.131172, .555899, .552459}},
		{Viridis, 135, [3]float64{.121148, .592739, .544641}}, {Viridis, 145, [3]float64{.121380, .629492, .531973}},
		{Viridis, 157, [3]float64{.146616, .673050, .508936}}, {Viridis, 172, [3]float64{.220124, .725509, .466226}},
		{Viridis, 187, [3]float64{.327796, .773980, .406640}}, {Viridis, 202, [3]float64{.458674, .816363, .329727}},
		{Viridis, 217, [3]float64{.606045, .850733, .236712}}, {Viridis, 229, [3]float64{.730889, .871916, .156029}},
		{Viridis, 237, [3]float64{.814576, .883393, .110347}}, {Viridis, 246, [3]float64{.906311, .894855, .098125}},
		{Viridis, 252, [3]float64{.964894, .902323, .123941}},
		{Cividis, 3, [3]float64{0, .143951, .323982}}, {Cividis, 10, [3]float64{0, .163058, .371608}},
		{Cividis, 21, [3]float64{0, .190950, .441085}}, {Cividis, 28, [3]float64{.068968, .209372, .438863}},
		{Cividis, 40, [3]float64{.154261, .242475, .430120}}, {Cividis, 57, [3]float64{.235120, .288848, .423304}},
		{Cividis, 77, [3]float64{.313287, .343120, .425120}}, {Cividis, 93, [3]float64{.370430, .386890, .433428}},
		{Cividis, 110, [3]float64{.428462, .434140, .448864}}, {Cividis, 126, [3]float64{.481622, .479573, .469767}},
		{Cividis, 144, [3]float64{.547840, .531895, .471704}}, {Cividis, 162, [3]float64{.616852, .585913, .462237}},
		{Cividis, 191, [3]float64{.732422, .677364, .425717}}, {Cividis, 212, [3]float64{.819499, .747659, .379785}},
	} {
		colors, _ := c.palette.Colors()
		for channel, v := range c.rgb {
			// One step of 255 for the cubic, half a step for rounding.
			if d := math.Abs(float64(colors[c.at][channel]) - 255*v); d > 1.5 {
				t.Errorf("%s, entry %d, channel %d: %d, published %.2f", c.palette, c.at, channel, colors[c.at][channel], 255*v)
			}
		}
	}
}
