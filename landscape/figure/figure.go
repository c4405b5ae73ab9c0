// Package figure draws a smoothed landscape for a paper: a PNG of a true physical size with axes, contours, colour bar and a
// caption that says what is shown.
//
// Colours and contour levels belong to the function that is not smoothed: they stay where they are while δ changes, so that
// figures of one landscape can be laid side by side. Levels are the multiples of a step of 1, 2 or 5 times a power of ten;
// each fifth is bold and is a tick of the colour bar. Between the nodes of the grid the colour is the cubic convolution of
// R. Keys (1981, a = −½), so cells do not show. The same Spec gives the same bytes.
package figure

import (
	"fmt"
	"io"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"smoothscape/landscape"
)

// Panels says which pictures stand in a figure.
type Panels string

// The choices.
const (
	Smoothed Panels = "smoothed"
	Raw      Panels = "raw"
	Both     Panels = "both" // raw on the left, smoothed on the right, on one scale
)

// Spec is a figure. Start from Default.
type Spec struct {
	Raw      landscape.Grid // decides colours and levels; its nodes are equally spaced
	Smoothed landscape.Grid // on the same nodes; not needed for Panels Raw
	Panels   Panels

	XLabel, YLabel, ZLabel string // axis names; ZLabel stands at the colour bar
	Caption                []string
	Minima                 []Mark // drawn on the smoothed panel, or on the raw one if it stands alone

	LogHeights bool // colors and contours by the logarithm of the height above the least raw value
	Palette    landscape.Palette
	WidthCM    float64 // 4 … 40
	HeightCM   float64 // 0: as high as the picture needs
	DPI        int     // 72 … 600
}

// Mark is a place in the coordinates of the grid.
type Mark struct{ X, Y float64 }

// Default is a figure for one column of text, without data.
func Default() Spec {
	return Spec{Panels: Smoothed, XLabel: "x₁", YLabel: "x₂", ZLabel: "f(x₁, x₂)", Palette: landscape.Viridis, WidthCM: 12, DPI: 300}
}

// PNG draws the figure and writes it, with its resolution (pHYs) and its caption (iTXt). Values that are not finite are drawn
// gray and counted in the caption. It returns a *SpecError for what cannot be drawn, and what w returns.
func PNG(w io.Writer, s Spec) error {
	if err := s.validate(); err != nil {
		return err
	}
	p, err := newPicture(s)
	if err != nil {
		return err
	}
	width, height := p.size()
	if pixels := width.Dots(float64(s.DPI)) * height.Dots(float64(s.DPI)); !(pixels <= maxPixels) {
		return &SpecError{"size", fmt.Sprintf("at most %d pixels", maxPixels), fmt.Sprintf("%.0f", pixels), "choose a smaller size or resolution"}
	}
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(s.DPI))
	p.draw(draw.New(canvas))
	return writePNG(w, canvas.Image(), s.DPI, p.caption.lines)
}

// Limits, checked before memory is taken.
const (
	maxPixels = 40_000_000
	maxSide   = 2049 // nodes a side
	maxMarks  = 10_000
	maxText   = 4000 // bytes of caption and labels
)

// SpecError says what of a Spec cannot be drawn.
type SpecError struct{ Field, Expected, Found, Advice string }

func (e *SpecError) Error() string {
	return fmt.Sprintf("drawing a figure: %s: expected %s, found %s; %s", e.Field, e.Expected, e.Found, e.Advice)
}

func (s Spec) validate() error {
	within := func(field string, v, lo, hi float64, unit string) error {
		if v >= lo && v <= hi {
			return nil
		}
		return &SpecError{field, fmt.Sprintf("%g to %g %s", lo, hi, unit), fmt.Sprint(v), "choose another value"}
	}
	if err := within("width", s.WidthCM, 4, 40, "cm"); err != nil {
		return err
	}
	if s.HeightCM != 0 {
		if err := within("height", s.HeightCM, 4, 60, "cm"); err != nil {
			return err
		}
	}
	if err := within("resolution", float64(s.DPI), 72, 600, "dpi"); err != nil {
		return err
	}
	if _, ok := s.Palette.Colors(); !ok {
		return &SpecError{"palette", "viridis or cividis", fmt.Sprintf("%q", s.Palette), "choose one of them"}
	}
	if err := checkGrid("raw grid", s.Raw); err != nil {
		return err
	}
	switch s.Panels {
	case Raw:
	case Smoothed, Both:
		if err := checkGrid("smoothed grid", s.Smoothed); err != nil {
			return err
		}
	default:
		return &SpecError{"panels", "smoothed, raw or both", fmt.Sprintf("%q", s.Panels), "choose one of them"}
	}
	text := len(s.XLabel) + len(s.YLabel) + len(s.ZLabel)
	for _, line := range s.Caption {
		text += len(line) + 1
	}
	if text > maxText {
		return &SpecError{"caption", fmt.Sprintf("at most %d bytes", maxText), fmt.Sprint(text), "shorten it"}
	}
	if len(s.Minima) > maxMarks {
		return &SpecError{"minima", fmt.Sprintf("at most %d", maxMarks), fmt.Sprint(len(s.Minima)), "leave them out"}
	}
	return nil
}

func checkGrid(name string, g landscape.Grid) error {
	fail := func(expected, found string) error {
		return &SpecError{name, expected, found, "sample the function on a regular grid"}
	}
	for _, axis := range [][]float64{g.X, g.Y} {
		n := len(axis)
		if n < 2 || n > maxSide {
			return fail(fmt.Sprintf("2 to %d nodes a side", maxSide), fmt.Sprint(n))
		}
		step := (axis[n-1] - axis[0]) / float64(n-1)
		for i, v := range axis {
			// A thousandth of a step is far below a pixel.
			if !(math.Abs(v-(axis[0]+step*float64(i))) <= 1e-3*step) || !(step > 0) || math.IsInf(step, 0) {
				return fail("equally spaced, increasing, finite coordinates", fmt.Sprintf("%g at node %d", v, i))
			}
		}
	}
	if len(g.Z) != len(g.X)*len(g.Y) {
		return fail(fmt.Sprintf("%d×%d values", len(g.X), len(g.Y)), fmt.Sprint(len(g.Z)))
	}
	return nil
}

// cm is a length in the units of the canvas.
func cm(v float64) vg.Length { return vg.Length(v) * vg.Centimeter }
