package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"smoothscape/landscape"
	"smoothscape/landscape/gridfile"
)

// smoothSubject is what is smoothed: a function, or the grid of a file.
type smoothSubject struct {
	name, grid string
	dim        int // d
	growth     float64
	objective  *landscape.Objective // in d variables; nil for a file
	center     []float64            // the place of the plane in d variables
	plane      string
	units      string
	perUnit    float64          // what a unit of the axes is in parameter space: ‖d₁‖ of a slice, else 1
	surface    gridfile.Surface // of a file, with one grid
	field      *landscape.Field // of a slice, which has a halo of its own
	values     landscape.Grid   // f on the nodes
	warnings   []string
}

// subject reads the file, or the flags of a function.
func (o *smoothOptions) subject(file string) (*smoothSubject, error) {
	if file == "" {
		if o.given("grid") {
			return nil, &fault{Field: "grid", Doing: "reading --grid", Expected: "it together with a file", Found: "a function", Advice: "Leave it out."}
		}
		return o.functionSubject()
	}
	for _, flag := range []string{"function", "formula"} {
		if o.given(flag) {
			return nil, &fault{Field: flag, Doing: "choosing what to smooth", Expected: "a file or --" + flag, Found: "both", Advice: "Leave one out."}
		}
	}
	s, err := o.fileSubject(file)
	if err != nil {
		return nil, err
	}
	s.name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	s.dim, s.growth = o.objective.dim, networkGrowth
	if o.given("growth") {
		if !(o.objective.growth >= 0) || math.IsInf(o.objective.growth, 0) {
			return nil, &fault{Field: "growth", Doing: "reading --growth", Expected: "a finite number of at least 0", Found: fmt.Sprint(o.objective.growth), Advice: "0 for a bounded function, 2 for a parabola."}
		}
		s.growth = o.objective.growth
	}
	if o.picture == "" {
		o.picture = "slice"
	}
	switch {
	case o.picture == "exact" || o.picture == "full":
		return nil, &fault{Field: "picture", Doing: "choosing the picture of a file", Expected: "slice or projected", Found: o.picture, Advice: "A file tells nothing of the function beside its plane."}
	case o.picture == "projected" && !o.given("dim"):
		return nil, &fault{Field: "dim", Doing: "projecting the kernel onto the plane", Expected: "--dim, the number of parameters of the network", Found: "none", Advice: "For example --dim 11220132."}
	case s.dim < 2 || s.dim > math.MaxInt32:
		return nil, &fault{Field: "dim", Doing: "reading --dim", Expected: "a whole number from 2 on", Found: fmt.Sprint(s.dim)}
	}
	return s, nil
}

// functionSubject takes a function of the catalogue or a formula.
func (o *smoothOptions) functionSubject() (*smoothSubject, error) {
	objective, err := o.objective.read()
	if err != nil {
		return nil, err
	}
	if o.picture == "" {
		o.picture = "exact"
	}
	if o.nodes == 0 {
		o.nodes = 201
		if o.picture == "full" {
			o.nodes = 65
		}
	}
	s := &smoothSubject{name: objective.Name, dim: objective.Dim, growth: objective.Growth, objective: &objective, perUnit: 1, units: "of the variables"}
	s.center = make([]float64, objective.Dim)
	for i := range s.center {
		s.center[i] = (objective.Lo + objective.Hi) / 2
	}
	s.plane = "the others in the middle of the domain"
	for _, m := range objective.Minima {
		if m.Global {
			copy(s.center, m.X)
			s.plane = "the others at the global minimum"
			break
		}
	}
	s.plane = "plane of x₁ and x₂, " + s.plane
	if objective.Dim <= 2 {
		s.plane = ""
	}
	s.values = s.lattice(o.nodes, func(x []float64) float64 { return objective.Func(x) })
	return s, nil
}

// lattice evaluates a function of d variables on the nodes of the plane, or of the line in one variable.
func (s *smoothSubject) lattice(n int, f func(x []float64) float64) landscape.Grid {
	g := landscape.Grid{X: make([]float64, n), Y: []float64{0}}
	for i := range g.X {
		g.X[i] = s.objective.Lo + (s.objective.Hi-s.objective.Lo)*float64(i)/float64(n-1)
	}
	if s.dim > 1 {
		g.Y = append([]float64(nil), g.X...)
	}
	x := append([]float64(nil), s.center...)
	for _, y := range g.Y {
		if s.dim > 1 {
			x[1] = y
		}
		for _, v := range g.X {
			x[0] = v
			g.Z = append(g.Z, f(x))
		}
	}
	return g
}

// inPlane is the function of the plane's two coordinates, with room in its halo for δ.
func (s *smoothSubject) inPlane(delta float64) landscape.Objective {
	o := *s.objective
	f := o.Func
	center := s.center
	o.Function = landscape.Function{Func: func(at []float64) float64 {
		if len(center) == 2 {
			return f(at)
		}
		x := append([]float64(nil), center...)
		x[0], x[1] = at[0], at[1]
		return f(x)
	}}
	o.Dim, o.Smoothed, o.DeltaMax = 2, nil, max(o.DeltaMax, delta)
	return o
}

// fileSubject reads a grid file or a slice.
func (o *smoothOptions) fileSubject(name string) (*smoothSubject, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &fault{Doing: "reading " + name, Expected: "a file with a grid", Found: osReason(err), Advice: "Check its name."}
	}
	defer file.Close()
	r := bufio.NewReader(file)
	if first, err := r.Peek(1); err == nil && first[0] == '{' {
		return o.sliceSubject(name)
	}
	contents, err := gridfile.Read(r, name)
	if err != nil {
		return nil, gridfileFault(err)
	}
	if contents.Surface == nil {
		return nil, &fault{Doing: "reading " + name, Expected: "a surface", Found: "a trajectory or directions", Advice: "Give the file of the surface."}
	}
	surface := *contents.Surface
	values, err := surface.Pick(o.grid)
	if err != nil {
		return nil, gridfileFault(err)
	}
	s := &smoothSubject{grid: values.Name, units: "of the axes", perUnit: 1}
	for _, skipped := range contents.Skipped {
		s.warnings = append(s.warnings, "Left out of the file: "+skipped+".")
	}
	if missing := values.Missing(); missing > 0 {
		return nil, &fault{Doing: "reading " + name, Expected: "a value in every cell", Found: fmt.Sprintf("%d of %d without one", missing, len(values.Z)), Advice: "Let the surface be computed to its end."}
	}
	if err := o.axes(&surface, s); err != nil {
		return nil, err
	}
	surface.Values, surface.Notes = []gridfile.Values{values}, nil
	if o.nodes != 0 && (len(surface.X) != o.nodes || len(surface.Y) != o.nodes) {
		grid, err := landscape.Resample(landscape.Grid{X: surface.X, Y: surface.Y, Z: values.Z}, o.nodes)
		if err != nil {
			return nil, gridFault("nodes", err)
		}
		s.warnings = append(s.warnings, fmt.Sprintf("Resampled from %d × %d to %d × %d nodes by cubic convolution.", len(surface.X), len(surface.Y), o.nodes, o.nodes))
		surface.X, surface.Y, surface.Values[0].Z = grid.X, grid.Y, grid.Z
	}
	s.surface = surface
	s.values = landscape.Grid{X: surface.X, Y: surface.Y, Z: surface.Values[0].Z}
	field, err := surface.Field("", 0)
	if err != nil {
		return nil, gridfileFault(gridFault("nodes", err))
	}
	field.Cells, field.Z = 0, s.values.Z // without the mirror image, whose edge is sharp
	if err := field.Resolved(); err != nil && !o.rough {
		var wrong *landscape.GridError
		if errors.As(err, &wrong) {
			return nil, &fault{Field: "rough", Doing: wrong.Doing, Expected: wrong.Expected, Found: wrong.Found, Advice: "Compute it on a finer grid, or give --rough: small δ then shows the waves of the grid."}
		}
		return nil, err
	} else if err != nil {
		s.warnings = append(s.warnings, fmt.Sprintf("The grid does not resolve its function (roughness %.2g, where 1/16 is six nodes to a wave): small δ shows the waves of the grid.", field.Roughness()))
	}
	return s, nil
}

// axes gives a file without axes those of --lo and --hi.
func (o *smoothOptions) axes(surface *gridfile.Surface, s *smoothSubject) error {
	if !o.given("lo") && !o.given("hi") {
		if surface.Indexed {
			s.units = "of a cell: the file has no axes"
		}
		return nil
	}
	if !surface.Indexed {
		return &fault{Field: "lo", Doing: "reading --lo and --hi", Expected: "a file without axes", Found: "one that has them", Advice: "Leave them out."}
	}
	lo, hi := o.objective.lo, o.objective.hi
	if !(lo < hi) || math.IsInf(hi-lo, 0) {
		return &fault{Field: "lo", Doing: "reading --lo and --hi", Expected: "two finite numbers, the lower first", Found: fmt.Sprintf("%g and %g", lo, hi)}
	}
	for _, axis := range [][]float64{surface.X, surface.Y} {
		for i := range axis {
			axis[i] = lo + (hi-lo)*float64(i)/float64(max(1, len(axis)-1))
		}
	}
	surface.Indexed = false
	return nil
}

// sliceSubject reads the loss of a network around a checkpoint, which has a halo of its own.
func (o *smoothOptions) sliceSubject(name string) (*smoothSubject, error) {
	state := defaultView()
	slice, err := sliceForFigure(&state, name)
	if err != nil {
		return nil, err
	}
	nodes := o.nodes
	if nodes == 0 {
		nodes = 129
	}
	field, holes, err := fieldOfSlice(slice, nodes, slice.ViewHalfWidth)
	if err != nil {
		return nil, gridFault("nodes", err)
	}
	if holes > 0 {
		return nil, &fault{Doing: "reading the slice " + name, Expected: "finite losses", Found: fmt.Sprintf("%d of %d that are not", holes, len(slice.Z)), Advice: "Compute the slice at another checkpoint."}
	}
	s := &smoothSubject{units: "of the plane: a length in parameter space divided by ‖d₁‖", perUnit: slice.Norms[0], field: &field, values: field.Inner()}
	s.warnings = append(s.warnings, fmt.Sprintf("Resampled from %d × %d losses with the halo by cubic convolution.", len(slice.Alphas), len(slice.Betas)))
	return s, nil
}

// describe begins the result.
func (s *smoothSubject) describe() smoothed {
	r := smoothed{Subject: s.name, Grid: s.grid, Dim: s.dim, Plane: s.plane, Units: s.units, Warnings: s.warnings, Nodes: [2]int{len(s.values.X), len(s.values.Y)}}
	r.X = [2]float64{s.values.X[0], s.values.X[len(s.values.X)-1]}
	r.Y = [2]float64{s.values.Y[0], s.values.Y[len(s.values.Y)-1]}
	r.Range[0], r.Range[1], _ = s.values.Range()
	return r
}

// gridfileFault tells what is wrong with a file.
func gridfileFault(err error) error {
	var wrong *gridfile.FileError
	if !errors.As(err, &wrong) {
		return err
	}
	doing := strings.TrimSpace(wrong.Doing + " " + wrong.File)
	if wrong.Place != "" {
		doing += ", " + wrong.Place
	}
	advice := wrong.Advice
	if advice != "" {
		advice = capital(advice) + "."
	}
	return &fault{Doing: doing, Expected: wrong.Expected, Found: wrong.Found, Advice: advice}
}
