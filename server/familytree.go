package main

import (
	"context"
	"errors"
	"fmt"

	"smoothscape/landscape"
	"smoothscape/landscape/nice"
	"smoothscape/landscape/scale"
)

// convexSteps is at how many δ the curvature is looked at.
const convexSteps = 48

// familyTree is the JSON of minima.
type familyTree struct {
	Subject string           `json:"subject"` // name of the function, or of the slice
	Source  string           `json:"source"`  // "closed form", "quadrature" or "grid"
	Nodes   int              `json:"nodes"`   // a side
	Kernel  landscape.Kernel `json:"kernel"`
	Tree    scale.Tree       `json:"tree"`
	// Convex is the δ from which on f̂ is convex on the domain; nil where it is not up to the greatest δ, or was not asked for.
	Convex *float64 `json:"convex,omitempty"`
}

// treeSource is what a family tree can be grown from.
type treeSource struct {
	of    scale.Source
	limit float64    // the greatest δ that the domain, or the halo, allows
	seed  familyTree // without its tree
}

// treeOfObjective takes the closed form of f̂ where one is known and the grid is not asked for, else a grid of so many nodes a side.
func treeOfObjective(objective landscape.Objective, kernel landscape.Kernel, nodes int, onGrid bool) (treeSource, error) {
	if err := kernelFault(kernel.Exists(objective.Growth)); err != nil {
		return treeSource{}, err
	}
	t := treeSource{limit: objective.DeltaMax, seed: familyTree{Subject: objective.Name, Source: "closed form", Nodes: nodes, Kernel: kernel}}
	closed := false
	if objective.Smoothed != nil && !onGrid {
		_, closed = objective.Smoothed(kernel, objective.DeltaMax)
	}
	if !closed && objective.Dim == 1 && (kernel.Law == landscape.Gaussian || kernel.Law == landscape.Uniform) {
		objective.Smoothed = byQuadrature(objective)
		t.seed.Source, closed = "quadrature", true
	}
	var err error
	if closed {
		t.of, err = scale.FromObjective(objective, nodes)
		return t, scaleFault(err)
	}
	if objective.Dim != 2 {
		return t, &fault{Field: "dim", Doing: "following the minima of " + objective.Name, Expected: "a closed form of f̂, or two variables for a grid",
			Found: fmt.Sprintf("%d and no closed form under this kernel", objective.Dim), Advice: "Take two variables, or a Gaussian kernel."}
	}
	field, err := landscape.Sample(objective, nodes)
	if err != nil {
		return t, scaleFault(err)
	}
	return t.onGrid(field)
}

// byQuadrature is f̂ of a function of one variable where no formula is known, from some hundred values of f a wavelength.
func byQuadrature(objective landscape.Objective) func(landscape.Kernel, float64) (landscape.Function, bool) {
	return func(k landscape.Kernel, delta float64) (landscape.Function, bool) {
		if delta == 0 {
			return objective.Function, true
		}
		smoothed, err := nice.Quadrature(objective.Function, k, delta, (objective.Hi-objective.Lo)/200, objective.Lo, objective.Hi)
		return smoothed, err == nil
	}
}

// treeOfSlice takes the loss of a network around a checkpoint. δ is in units of the plane, so the tree is that of the picture: slice smoothing.
func treeOfSlice(slice *Slice, kernel landscape.Kernel, nodes int) (treeSource, error) {
	if err := kernelFault(kernel.Exists(networkGrowth)); err != nil {
		return treeSource{}, err
	}
	field, holes, err := fieldOfSlice(slice, nodes, slice.ViewHalfWidth)
	if err != nil {
		return treeSource{}, scaleFault(err)
	}
	if holes > 0 {
		return treeSource{}, &fault{Field: "slice", Doing: "following the minima of the slice", Expected: "finite losses", Found: fmt.Sprintf("%d of %d that are not", holes, len(slice.Z)),
			Advice: "Compute the slice at another checkpoint."}
	}
	t := treeSource{limit: field.Halo() / (5 * kernel.StdDev(1)), seed: familyTree{Subject: slice.Run, Kernel: kernel}}
	return t.onGrid(field)
}

func (t treeSource) onGrid(field landscape.Field) (treeSource, error) {
	t.seed.Source, t.seed.Nodes = "grid", field.N
	smoother, err := landscape.NewSmoother(field)
	if err == nil {
		t.of, err = scale.FromSmoother(smoother)
	}
	return t, scaleFault(err)
}

// grow follows the minima, and finds where f̂ becomes convex if that is asked for.
func (t treeSource) grow(ctx context.Context, options scale.Options, convex bool) (familyTree, error) {
	grown := t.seed
	var err error
	if grown.Tree, err = scale.Track(ctx, t.of, grown.Kernel, options); err != nil {
		return grown, scaleFault(err)
	}
	if convex {
		delta, ok, err := scale.Convex(ctx, t.of, grown.Kernel, options.DeltaMax, convexSteps)
		if err != nil {
			return grown, scaleFault(err)
		}
		if ok {
			grown.Convex = &delta
		}
	}
	return grown, nil
}

// scaleFault tells what is wrong with what was asked for.
func scaleFault(err error) error {
	var option *scale.OptionError
	if errors.As(err, &option) {
		return &fault{Field: option.Option, Doing: "reading " + option.Option, Expected: option.Expected, Found: option.Found}
	}
	return kernelFault(gridFault("nodes", err))
}
