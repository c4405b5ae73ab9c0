package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	planes "smoothscape/landscape/slice"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/measure"
)

// The directions that a slice can have.
const (
	alongRandom      = "random"
	alongGradient    = "gradient"
	alongHessian     = "hessian"
	alongCheckpoints = "checkpoints"
	alongPath        = "path"
	alongGiven       = "given" // of the recordings, not of a flag
)

// streamHessian is the stream of the start of Lanczos' iteration.
const streamHessian uint64 = 0x1f83d9abfb41bd6b

// lanczosSteps finds the two largest eigenvalues of a network's Hessian well: they stand apart from the rest.
const lanczosSteps = 48

// preciseHessian is up to how many parameters the Hessian is taken in double precision, which is slow and right for ReLU.
const preciseHessian = 50_000

// planeChoice says which plane through a checkpoint's parameters a slice shows. The zero value is random and filter-normalized.
type planeChoice struct {
	along  string
	recipe planes.Recipe
	given  planes.Plane[float32] // of alongGiven: its directions; label says what they are
	label  string
	others []otherCheckpoint // of checkpoints (two) and path (two or more), in the order in which they were written
}

type otherCheckpoint struct {
	name   string
	step   int
	params []float32
}

// SlicePoint is a checkpoint in a slice: where it is projected, and how far it is from the plane.
type SlicePoint struct {
	Name     string  `json:"name,omitempty"`
	Step     int     `json:"step"`
	Alpha    float64 `json:"alpha"`
	Beta     float64 `json:"beta"`
	Distance float64 `json:"distance"` // from the plane, a length in parameter space
	Fraction float64 `json:"fraction"` // of the way from the center that leaves the plane
}

// chosenPlane is a plane with what a reader must know of it.
type chosenPlane struct {
	planes.Plane[float32]
	label     string       // "two random filter-normalized directions (seed 1)"
	path      []SlicePoint // of the other checkpoints
	explained []float64    // part of the variance of the path that each direction has; nil of other planes
}

// choosePlane makes the plane. Directions that are not between checkpoints get the length of all weights, as filter-normalized ones
// have, so that one unit means the same in every picture.
func (w sliceWork) choosePlane(ctx context.Context, model engine.Model) (chosenPlane, error) {
	blocks, rng := blocksOf(w.checkpoint.Spec), rand.New(rand.NewPCG(w.seed, streamPlane))
	params, choice := w.checkpoint.Params, w.plane
	if choice.recipe.Normalization == "" {
		choice.recipe.Normalization = planes.Filter
	}
	switch choice.along {
	case "", alongRandom:
		plane := planes.RandomPlane(rng, params, blocks, choice.recipe)
		_, err := plane.Metric()
		return chosenPlane{Plane: plane, label: fmt.Sprintf("two random %s directions (seed %d)", recipeWords(choice.recipe), w.seed)}, planeFault(err)
	case alongGiven:
		plane := choice.given
		plane.Center = slices.Clone(params)
		_, err := plane.Metric()
		return chosenPlane{Plane: plane, label: choice.label}, planeFault(err)
	case alongGradient:
		grad := make([]float32, len(params))
		if _, err := measure.OnModel(model, w.set, w.set.Train).At(params, chosenImages(w.set, w.images), grad); err != nil {
			return chosenPlane{}, err
		}
		length := weightNorm(params, blocks)
		planes.Scale(grad, length)
		second := planes.Draw(rng, params, blocks, choice.recipe)
		planes.Orthogonalize(second, grad)
		plane := planes.Plane[float32]{Center: slices.Clone(params), D1: grad, D2: second}
		_, err := plane.Metric()
		return chosenPlane{Plane: plane, label: fmt.Sprintf("α along the gradient, scaled to ‖θ‖ = %.4g, β along a random direction at right angles (seed %d)", length, w.seed)}, planeFault(err)
	case alongHessian:
		return w.hessianPlane(ctx, model)
	case alongCheckpoints:
		plane, err := planes.Through(params, choice.others[0].params, choice.others[1].params)
		if err != nil {
			return chosenPlane{}, planeFault(err)
		}
		return choice.withPath(plane, fmt.Sprintf("through %s at (1, 0) and %s at (0, 1)", choice.others[0].name, choice.others[1].name), nil)
	case alongPath:
		return w.pathPlane()
	}
	return chosenPlane{}, &fault{Field: "along", Doing: "reading --along", Expected: "random, gradient, hessian, checkpoints or path", Found: quoted(choice.along)}
}

// hessianPlane lies along the eigenvectors of the two largest eigenvalues.
func (w sliceWork) hessianPlane(ctx context.Context, model engine.Model) (chosenPlane, error) {
	params, images := w.checkpoint.Params, chosenImages(w.set, w.images)
	var curvature *measure.Curvature
	how := "single"
	if len(params) <= preciseHessian {
		precise, err := measure.InDouble(w.checkpoint.Spec, w.checkpoint.State, w.set, w.set.Train)
		if err != nil {
			return chosenPlane{}, err
		}
		curvature, how = measure.PreciseHessianOf(precise, params, images), "double"
	} else {
		curvature = measure.HessianOf(measure.OnModel(model, w.set, w.set.Train), params, images)
	}
	ritz, err := measure.Lanczos(ctx, curvature, measure.RandomStart(len(params), rand.New(rand.NewPCG(w.seed, streamHessian))), lanczosSteps, nil)
	if err != nil {
		return chosenPlane{}, err
	}
	top := ritz.Top(2, true)
	if len(top) < 2 {
		return chosenPlane{}, &fault{Field: "along", Doing: "finding the Hessian's eigenvectors", Expected: "two", Found: fmt.Sprint(len(top)), Advice: "Take random directions."}
	}
	length := weightNorm(params, blocksOf(w.checkpoint.Spec))
	direction := func(v []float64) []float32 {
		d := make([]float32, len(v))
		for i, x := range v {
			d[i] = float32(x)
		}
		planes.Scale(d, length)
		return d
	}
	plane := planes.Plane[float32]{Center: slices.Clone(params), D1: direction(top[0].Vector), D2: direction(top[1].Vector)}
	_, err = plane.Metric()
	return chosenPlane{Plane: plane, label: fmt.Sprintf("along the Hessian's eigenvectors of λ₁ = %.4g ± %.1g and λ₂ = %.4g ± %.1g (%s precision), scaled to ‖θ‖ = %.4g",
		top[0].Value, top[0].Residual, top[1].Value, top[1].Residual, how, length)}, planeFault(err)
}

// pathPlane lies along the first two principal components of all checkpoints, which are scaled so that the path fills nine tenths of the
// picture's half-width.
func (w sliceWork) pathPlane() (chosenPlane, error) {
	var points [][]float32
	for _, o := range w.plane.others {
		points = append(points, o.params)
	}
	plane, components, err := planes.PathPlane(append(points, w.checkpoint.Params))
	if err != nil {
		return chosenPlane{}, planeFault(err)
	}
	path, err := plane.ProjectPath(points)
	if err != nil {
		return chosenPlane{}, planeFault(err)
	}
	reach := [2]float64{}
	for _, p := range path {
		reach[0], reach[1] = max(reach[0], math.Abs(p.Alpha)), max(reach[1], math.Abs(p.Beta))
	}
	for i, d := range [][]float32{plane.D1, plane.D2} {
		planes.Scale(d, max(reach[i], 1e-3*max(reach[0], reach[1]))/0.9)
	}
	return w.plane.withPath(plane, fmt.Sprintf("along the first two principal components of %d checkpoints (%.1f %% and %.1f %% of the variance), each scaled to the path",
		len(points)+1, 100*components.Ratio[0], 100*components.Ratio[1]), components.Ratio)
}

// withPath adds where the other checkpoints are.
func (c planeChoice) withPath(plane planes.Plane[float32], label string, explained []float64) (chosenPlane, error) {
	chosen := chosenPlane{Plane: plane, label: label, explained: explained}
	for _, o := range c.others {
		p, err := plane.Project(o.params)
		if err != nil {
			return chosen, planeFault(err)
		}
		chosen.path = append(chosen.path, SlicePoint{Name: o.name, Step: o.step, Alpha: p.Alpha, Beta: p.Beta, Distance: p.Distance, Fraction: p.Fraction})
	}
	return chosen, nil
}

// recipeWords are the adjectives of random directions.
func recipeWords(r planes.Recipe) string {
	words := map[planes.Normalization]string{
		planes.Filter: "filter-normalized", planes.Layer: "layer-normalized", planes.Weight: "weight-scaled", planes.None: "unscaled",
		planes.UnitFilter: "unit-filter", planes.UnitLayer: "unit-layer",
	}[r.Normalization]
	if r.Biases {
		words += ", biases included,"
	}
	if r.Orthogonal {
		words += " orthogonal"
	}
	return words
}

// weightNorm is the norm of all weights that are not biases.
func weightNorm(params []float32, blocks []planes.Block) float64 {
	sum := 0.0
	for _, b := range blocks {
		if b.Fixed {
			continue
		}
		for _, v := range params[b.Start : b.Start+b.Len] {
			sum += float64(v) * float64(v)
		}
	}
	return math.Sqrt(sum)
}

// planeFault tells what is wrong with a plane that was asked for.
func planeFault(err error) error {
	var wrong *planes.PlaneError
	if !errors.As(err, &wrong) {
		return err
	}
	return &fault{Field: "along", Doing: wrong.Doing, Expected: wrong.Expected, Found: wrong.Found, Advice: capital(wrong.Advice) + "."}
}

// normalizationNames are the words of --normalize.
func normalizationNames() string {
	var names []string
	for _, n := range planes.Normalizations() {
		names = append(names, string(n))
	}
	return strings.Join(names, ", ")
}
