package main

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"smoothscape/landscape"
	"smoothscape/landscape/figure"
)

// Who computes a picture.
const (
	byClosedForm = "closed form"
	byTransform  = "transform"
	byMonteCarlo = "Monte Carlo"
)

// draw computes one f̂_δ.
func (o *smoothOptions) draw(ctx context.Context, tty *terminal, s *smoothSubject, delta float64) (smoothPicture, error) {
	p := smoothPicture{Delta: delta, KernelDim: s.dim}
	if o.picture == "slice" {
		p.KernelDim = min(2, s.dim)
	}
	if o.given("eta") && s.perUnit != 1 {
		noise := delta
		p.Noise, p.Delta = &noise, delta/s.perUnit
	}
	p.Name = "smoothed_" + strconv.FormatFloat(p.Delta, 'g', -1, 64)
	kernel, err := o.kernel.read(p.KernelDim)
	if err == nil {
		err = kernelFault(kernel.Exists(s.growth))
	}
	if err != nil {
		return p, err
	}
	p.describeKernel(kernel)
	switch {
	case o.picture == "full":
		err = o.drawFull(ctx, tty, s, kernel, &p)
	case s.objective == nil:
		p.Label, p.Source = figure.SliceSmoothing, byTransform
		if o.picture == "projected" {
			p.Label = figure.Projected
		}
		err = s.transformFile(kernel, &p)
	case o.picture == "exact" || s.dim <= 2: // in two variables slice, projected and full space are one
		p.Label = figure.Exact
		err = s.drawExact(kernel, &p)
	default:
		p.Label, p.Source = figure.SliceSmoothing, byTransform
		if o.picture == "projected" {
			p.Label = figure.Projected
		}
		err = s.transformFunction(kernel, &p, o.nodes)
	}
	if err != nil {
		return p, smoothFault(err)
	}
	p.Range[0], p.Range[1], _ = landscape.Grid{Z: p.z}.Range()
	return p, nil
}

// describeKernel says which kernel it was.
func (p *smoothPicture) describeKernel(k landscape.Kernel) {
	p.Kernel = string(k.Law)
	switch k.Law {
	case landscape.Gaussian, landscape.Uniform:
		p.Convention = string(k.Convention)
	case landscape.Stable:
		alpha := k.Alpha
		p.Alpha = &alpha
	}
	if shift := k.Mean() * p.Delta; shift != 0 && !math.IsInf(shift, 0) && !math.IsNaN(shift) {
		p.Shift = &shift
	}
	if std := k.StdDev(p.Delta); !math.IsInf(std, 0) && !math.IsNaN(std) {
		p.StdDev = &std
	}
}

// drawExact takes the closed form; without one it transforms a grid with a halo, which in one and two variables is the function itself.
func (s *smoothSubject) drawExact(kernel landscape.Kernel, p *smoothPicture) error {
	if s.objective.Smoothed != nil {
		if f, ok := s.objective.Smoothed(kernel, p.Delta); ok {
			p.Source = byClosedForm
			p.z = s.lattice(len(s.values.X), f.Func).Z
			if s.dim >= 2 {
				p.countMinima(s, f)
			} else {
				p.countOnLine()
			}
			return nil
		}
	}
	if s.dim == 1 {
		p.Source = byTransform
		return s.transformLine(kernel, p)
	}
	if s.dim != 2 {
		return &fault{Field: "picture", Doing: "smoothing " + s.name + " exactly", Expected: "a closed form of f̂, or at most two variables", Found: fmt.Sprintf("%d and no closed form under this kernel", s.dim),
			Advice: "Take --picture full, or another kernel."}
	}
	p.Source = byTransform
	return s.transformFunction(kernel, p, len(s.values.X))
}

// countMinima looks for the minima of a closed form on the nodes and the ring around them that this needs.
func (p *smoothPicture) countMinima(s *smoothSubject, f landscape.Function) {
	const ring = 4
	n := len(s.values.X)
	m := n + 2*ring
	z := make([]float64, 0, m*m)
	step := (s.objective.Hi - s.objective.Lo) / float64(n-1)
	x := append([]float64(nil), s.center...)
	for row := range m {
		for col := range m {
			x[0], x[1] = s.objective.Lo+step*float64(col-ring), s.objective.Lo+step*float64(row-ring)
			z = append(z, f.Func(x))
		}
	}
	field, err := landscape.NewField(s.objective.Square(), n, ring, z)
	if err != nil {
		return // fewer nodes than a search needs
	}
	count := len(landscape.Minima(field))
	p.Minima = &count
}

// transformFunction samples the function on the plane with a halo, and smooths that.
func (s *smoothSubject) transformFunction(kernel landscape.Kernel, p *smoothPicture, nodes int) error {
	field, err := landscape.Sample(s.inPlane(p.Delta), nodes)
	if err != nil {
		return err
	}
	return p.transform(field, kernel)
}

// transformLine does so in one variable.
func (s *smoothSubject) transformLine(kernel landscape.Kernel, p *smoothPicture) error {
	objective := *s.objective
	objective.DeltaMax = max(objective.DeltaMax, p.Delta)
	line, err := landscape.SampleLine(objective, len(s.values.X))
	if err != nil {
		return err
	}
	result, err := line.Smooth(kernel, p.Delta)
	if err != nil {
		return err
	}
	p.z = result.Z
	p.countOnLine()
	p.beyondHalo(result.MirrorMass, line.Halo())
	return nil
}

// countOnLine counts the nodes of a line that lie below both neighbors.
func (p *smoothPicture) countOnLine() {
	count := 0
	for i := 1; i < len(p.z)-1; i++ {
		if p.z[i] < p.z[i-1] && p.z[i] < p.z[i+1] {
			count++
		}
	}
	p.Minima = &count
}

// transformFile smooths the grid of a file, mirrored, or that of a slice with its own halo.
func (s *smoothSubject) transformFile(kernel landscape.Kernel, p *smoothPicture) error {
	if s.field != nil {
		return p.transform(*s.field, kernel)
	}
	width := s.values.X[len(s.values.X)-1] - s.values.X[0]
	halo := 5 * kernel.StdDev(p.Delta)
	if math.IsInf(halo, 0) || halo > 2*width { // what is farther away is mirrored by the transform itself
		halo = 2 * width
	}
	field, err := s.surface.Field("", halo)
	if err != nil {
		return err
	}
	if err := p.transform(field, kernel); err != nil {
		return err
	}
	p.Mirror = reportMirror(kernel, p.Delta, width)
	return nil
}

// transform smooths a field.
func (p *smoothPicture) transform(field landscape.Field, kernel landscape.Kernel) error {
	smoother, err := landscape.NewSmoother(field)
	if err != nil {
		return err
	}
	result, err := smoother.Smooth(kernel, p.Delta)
	if err != nil {
		return err
	}
	p.z = result.Z
	count := len(result.Minima())
	p.Minima = &count
	p.beyondHalo(result.MirrorMass, field.Halo())
	return nil
}

// beyondHalo says how much of the kernel reached beyond the halo, from any node at most.
func (p *smoothPicture) beyondHalo(mass, halo float64) {
	if mass <= 0 {
		return
	}
	p.Mirror = &mirrorReport{Beyond: halo, Center: mass, Edge: mass}
	if mass > mirrorNoticed {
		p.Mirror.Share = 1
	}
}

// mirrorReport says how much of the kernel reached values that are only mirrored.
type mirrorReport struct {
	Beyond float64 `json:"beyond"` // how far beyond the border of the picture the mirror stands
	Center float64 `json:"center"` // part of the kernel's mass that reached it from the center, at most
	Edge   float64 `json:"edge"`   // and from the border, at most
	Reach  float64 `json:"reach"`  // within this distance of the border it was more than a thousandth
	Share  float64 `json:"share"`  // part of the picture that lies within it
}

// mirrorNoticed is the mass from which on the mirror is warned of.
const mirrorNoticed = 1e-3

// reportMirror is for a grid that is mirrored at its own border.
func reportMirror(kernel landscape.Kernel, delta, width float64) *mirrorReport {
	m := &mirrorReport{Center: kernel.MassOutside(delta, width/2), Edge: kernel.MassOutside(delta, 0)}
	if m.Edge <= mirrorNoticed {
		return m
	}
	near, far := 0.0, width/2
	if m.Center > mirrorNoticed {
		m.Reach, m.Share = far, 1
		return m
	}
	for range 50 { // the mass falls with the distance
		if r := (near + far) / 2; kernel.MassOutside(delta, r) > mirrorNoticed {
			near = r
		} else {
			far = r
		}
	}
	inner := 1 - 2*far/width
	m.Reach, m.Share = far, 1-inner*inner
	return m
}

// sentence tells it to people.
func (m mirrorReport) sentence(delta float64) string {
	if m.Beyond > 0 {
		return fmt.Sprintf("δ = %.6g: up to %.2g of the kernel reached the mirror, which stands %.4g beyond the border.", delta, m.Edge, m.Beyond)
	}
	return fmt.Sprintf("δ = %.6g: there is nothing beyond the border of the file, it is mirrored. Nearer to it than %.4g (%.0f %% of the picture) more than %g of the kernel may reach the mirror; from the center %.2g.",
		delta, m.Reach, 100*m.Share, mirrorNoticed, m.Center)
}
