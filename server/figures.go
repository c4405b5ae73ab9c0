package main

import (
	"cmp"
	"fmt"
	"math"
	"net/http"

	"smoothscape/landscape"
	"smoothscape/landscape/figure"
)

// figureOfView draws the figure of an Explore view. slice is that of the state, nil for a closed form.
func figureOfView(state viewState, slice *Slice) (figure.Spec, error) {
	if slice != nil {
		return figureOfSlice(sliceViewOf(state, slice))
	}
	objective, err := objectiveOf(state)
	if err != nil {
		return figure.Spec{}, err
	}
	field, err := landscape.Sample(objective.Plane(), state.Nodes)
	if err != nil {
		return figure.Spec{}, err
	}
	delta := state.degree()
	drawn := min(delta, objective.DeltaMax)
	spec, smoothed, err := smoothedFigure(field, state.Kernel, drawn, panels(state.Raw, state.Split), state.Palette)
	if err != nil {
		return figure.Spec{}, err
	}
	spec.LogHeights = state.Log
	d, plane, picture := objective.Square(), "", figure.Exact
	if objective.Dim > 2 { // the plane does not know the noise outside of it
		plane, picture = fmt.Sprintf("plane of the first two of %d variables, the others at the minimum, ", objective.Dim), figure.SliceSmoothing
	}
	spec.Caption = figure.Caption{
		Subject: objective.Name, Plane: plane + fmt.Sprintf("x₁, x₂ ∈ [%g, %g], %d × %d points", d.XMin, d.XMax, field.N, field.N), Picture: picture,
		Raw: state.Raw, Kernel: state.Kernel, NoiseLevel: delta, LearningRate: state.LearningRate, GradStdDev: state.GradStdDev, BatchSize: state.BatchSize,
		Magnification: 1, InPlane: math.NaN(),
	}.Lines()
	if !state.Raw {
		spec.Caption = append(spec.Caption, limitLine(delta, drawn), mirrorLine(smoothed.MirrorMass))
	}
	spec.Caption = withoutEmpty(spec.Caption)
	return spec, nil
}

// sliceViewOf is the view of a slice that a state asks for.
func sliceViewOf(state viewState, slice *Slice) sliceView {
	return sliceView{
		subject: "Network " + state.Function[len(slicePrefix):], slice: slice, kernel: state.Kernel, raw: state.Raw, split: state.Split, nodes: state.Nodes,
		magnification: state.Magnification, delta: state.degree(), eta: state.LearningRate, b: state.BatchSize, c: state.GradStdDev, palette: state.Palette, log: state.Log,
	}
}

// sliceView is what a figure of a network's slice needs.
type sliceView struct {
	subject       string
	slice         *Slice
	kernel        landscape.Kernel
	raw, split    bool
	projected     bool // with what the kernel leaves of itself in the plane, instead of the kernel of the plane
	parameters    int  // d, for projected
	nodes         int
	magnification float64 // 0: the slice's own
	delta         float64 // NaN while it is not known: then only the raw slice can be drawn
	eta, b, c     float64 // NaN where not known
	palette       landscape.Palette
	close         bool // of the view only what ±8δ needs
	log           bool // heights on a logarithmic scale
}

// halfWidth is that of what is drawn: ±8δ of the vector Gaussian that is as wide as a kernel with this standard deviation, never more than the
// view and never less than a hundredth of it, as zoomHalfWidth of static/src/run/plane.ts.
func (v *sliceView) halfWidth(stdDev float64) float64 {
	whole := v.slice.ViewHalfWidth
	if !v.close || !(stdDev >= 0) {
		return whole
	}
	return min(whole, max(8*math.Sqrt2*stdDev, whole/100))
}

// figureOfSlice draws a slice, smoothed at m·δ/‖d₁‖ in the units of the plane.
func figureOfSlice(v sliceView) (figure.Spec, error) {
	m := v.magnification
	if m == 0 {
		m = 1
		if v.slice.Magnification != nil {
			m = *v.slice.Magnification
		}
	}
	if !v.raw && !(v.delta >= 0) {
		return figure.Spec{}, &fault{Status: http.StatusConflict, Doing: "smoothing the slice", Expected: "a known δ", Found: "that C has not been measured yet", Advice: "Wait for some updates, or ask for the raw slice."}
	}
	inPlane := m * v.delta / v.slice.Norms[0]
	kernel, picture := v.kernel, figure.SliceSmoothing
	if v.projected {
		if v.parameters < 1 {
			return figure.Spec{}, &fault{Status: http.StatusConflict, Field: "picture", Doing: "projecting the kernel", Expected: "a network of known size", Found: "that its training has not begun", Advice: "Wait for the first update."}
		}
		picture = figure.Projected
		kernel.Dim = v.parameters // its marginal smooths the plane
	}
	drawn := inPlane
	if unit := kernel.StdDev(1); !math.IsInf(unit, 0) { // five standard deviations stay inside what was evaluated
		drawn = min(drawn, v.slice.Halo/(5*unit))
	}
	half := v.halfWidth(kernel.StdDev(inPlane))
	field, holes, err := fieldOfSlice(v.slice, v.nodes, half)
	if err != nil {
		return figure.Spec{}, err
	}
	caption := figure.Caption{
		Subject: v.subject, Picture: picture, Raw: v.raw, Kernel: v.kernel, NoiseLevel: v.delta, LearningRate: v.eta, GradStdDev: v.c, BatchSize: v.b, Magnification: m, InPlane: inPlane,
		Plane: fmt.Sprintf("%[5]s, α, β ∈ [−%.4[1]g, %.4[1]g], %[2]d × %[2]d points with the halo, %[3]s training images, step %[4]s",
			half, len(v.slice.Alphas), grouped(v.slice.Images), grouped(v.slice.Step), cmp.Or(v.slice.Plane, "two filter-normalized directions")),
	}
	spec, smoothed, err := smoothedFigure(field, kernel, drawn, panels(v.raw, v.split), v.palette)
	if err != nil {
		return figure.Spec{}, err
	}
	spec.XLabel, spec.YLabel, spec.ZLabel = "α", "β", "L(θ + αd₁ + βd₂)"
	spec.LogHeights = v.log
	spec.Caption = caption.Lines()
	if v.projected && !v.raw {
		spec.Caption = append(spec.Caption, fmt.Sprintf("Of the kernel a standard deviation of %.4g on each axis falls into the plane.", kernel.StdDev(inPlane)))
	}
	if !v.raw {
		spec.Caption = append(spec.Caption, limitLine(inPlane, drawn), mirrorLine(smoothed.MirrorMass))
	}
	if holes > 0 {
		spec.Caption = append(spec.Caption, fmt.Sprintf("%s values that are not finite are drawn as the greatest finite one.", grouped(holes)))
	}
	spec.Caption = withoutEmpty(spec.Caption)
	return spec, nil
}

// fieldOfSlice resamples a slice to about `nodes` points a side of [−half, half]², such that its border is a row of nodes; half is that of
// the view, or smaller. Values that are not finite become the greatest finite one; holes counts them.
func fieldOfSlice(s *Slice, nodes int, half float64) (field landscape.Field, holes int, err error) {
	z := append([]float64(nil), s.Z...)
	top := math.Inf(-1)
	for _, v := range z {
		if math.Abs(v) <= math.MaxFloat32 && v > top { // losses are float32: what lies beyond has overflowed
			top = v
		}
	}
	if math.IsInf(top, -1) {
		return field, 0, &fault{Status: http.StatusConflict, Doing: "drawing the slice", Expected: "finite losses", Found: "none", Advice: "Take an earlier checkpoint."}
	}
	for i, v := range z {
		if !(math.Abs(v) <= math.MaxFloat32) {
			z[i] = top
			holes++
		}
	}
	whole := landscape.Grid{X: s.Alphas, Y: s.Betas, Z: z}
	if half < s.ViewHalfWidth { // with as much around it as the kernel can need
		cells := min(nodes, int((s.ViewHalfWidth+s.Halo-half)/(2*half)*float64(nodes-1)))
		reach := half * (1 + 2*float64(cells)/float64(nodes-1))
		g, err := landscape.ResampleWithin(whole, landscape.Square(-reach, reach), nodes+2*cells)
		if err != nil {
			return field, 0, err
		}
		field, err = landscape.NewField(landscape.Square(-half, half), nodes, cells, g.Z)
		return field, holes, err
	}
	steps := float64(nodes-1) / 2
	ring := math.Round(steps * s.Halo / s.ViewHalfWidth)
	if !(ring >= 4) || ring > 4096 || math.Abs(ring/steps-s.Halo/s.ViewHalfWidth) > 1e-9 {
		return field, 0, &fault{Doing: "drawing the slice", Expected: fmt.Sprintf("a halo that is a multiple of 1/%g of the view's half-width", steps), Found: fmt.Sprintf("%g", s.Halo/s.ViewHalfWidth), Advice: "Compute the slice with this version."}
	}
	cells := int(ring)
	g, err := landscape.Resample(whole, nodes+2*cells)
	if err != nil {
		return field, 0, err
	}
	field, err = landscape.NewField(landscape.Square(-s.ViewHalfWidth, s.ViewHalfWidth), nodes, cells, g.Z)
	return field, holes, err
}

// smoothedFigure makes the panels, with the minima marked.
func smoothedFigure(field landscape.Field, kernel landscape.Kernel, delta float64, show figure.Panels, palette landscape.Palette) (figure.Spec, landscape.Smoothed, error) {
	smoother, err := landscape.NewSmoother(field)
	if err != nil {
		return figure.Spec{}, landscape.Smoothed{}, err
	}
	if show == figure.Raw {
		delta = 0
	}
	smoothed, err := smoother.Smooth(kernel, delta)
	if err != nil {
		return figure.Spec{}, landscape.Smoothed{}, err
	}
	spec := figure.Default()
	spec.Raw, spec.Smoothed, spec.Panels, spec.Palette = field.Inner(), smoothed.Grid, show, palette
	for _, p := range smoothed.Minima() {
		spec.Minima = append(spec.Minima, figure.Mark{X: p.X, Y: p.Y})
	}
	if show == figure.Both {
		spec.WidthCM = 18
	}
	return spec, smoothed, nil
}

func panels(raw, split bool) figure.Panels {
	switch {
	case raw:
		return figure.Raw
	case split:
		return figure.Both
	}
	return figure.Smoothed
}

// limitLine says that a picture stops short of its δ; "" where it does not.
func limitLine(wanted, drawn float64) string {
	if wanted <= drawn*(1+1e-9) {
		return ""
	}
	return fmt.Sprintf("Drawn at %.4g, the most that the sampled area allows, instead of %.4g.", drawn, wanted)
}

// mirrorLine says how much of the kernel left the sampled area; "" where it is next to nothing.
func mirrorLine(mass float64) string {
	if mass <= 1e-4 {
		return ""
	}
	return fmt.Sprintf("Up to %.2g %% of the kernel reaches beyond the sampled area, where the function is mirrored.", 100*mass)
}

func withoutEmpty(lines []string) []string {
	kept := lines[:0]
	for _, line := range lines {
		if line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}
