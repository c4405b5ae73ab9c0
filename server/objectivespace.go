package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"smoothscape/landscape"
	"smoothscape/landscape/descent"
	"smoothscape/landscape/fullspace"
	"smoothscape/landscape/slice"
)

const (
	// spaceNodes is the lattice of a closed form, spaceRing how many of its nodes lie beyond the view on each side: four cells of the
	// coarsest grid that the page draws, as the search for minima needs.
	spaceNodes = 65
	spaceRing  = 2
	// spaceAccuracy is the standard error that the sampling aims at, as a share of the range.
	spaceAccuracy = 0.01
	// spaceWork bounds the sampling of a picture: values of single coordinates that f is computed from. It is some ten seconds of a core,
	// and no clock, so that the same view gives the same picture.
	spaceWork = 1_000_000_000
	// leastSpaceSamples are taken whatever they cost: fewer tell nothing of their error.
	leastSpaceSamples, mostSpaceSamples = 16, 4096
	// spaceVectors is how many noise vectors of a simulated run are recorded.
	spaceVectors = 200
)

// spaceKey is all of a view that its pictures in full space depend on.
type spaceKey struct {
	function   string           // or the run
	checkpoint string           // of a run: the hash of its parameters
	kernel     landscape.Kernel // of all dimensions
	delta      float64          // in the units of the variables, of a run a length in parameter space
	seed       uint64
}

// spaceKeyOf reads it out of the view of a closed form. δ is what the page draws: no more than the function allows.
func spaceKeyOf(state viewState) (spaceKey, landscape.Objective, error) {
	objective, err := objectiveOf(state)
	if err != nil {
		return spaceKey{}, objective, err
	}
	key := spaceKey{function: state.Function, kernel: state.Kernel, delta: min(state.degree(), objective.DeltaMax), seed: uint64(state.Seed)}
	key.kernel.Dim = objective.Dim
	if key.kernel.Law == landscape.Stable {
		key.kernel.Convention = ""
	} else {
		key.kernel.Alpha = 0
	}
	return key, objective, nil
}

// objectiveOf is the closed form that a view shows, in its number of variables; a *fault where there is none.
func objectiveOf(state viewState) (landscape.Objective, error) {
	objective, ok := landscape.ObjectiveByID(state.Function, int(state.Dim))
	if !ok {
		return objective, &fault{
			Status: http.StatusNotFound, Field: "f", Doing: "looking for a function", Expected: "one that the page offers", Found: fmt.Sprintf("%s of %g variables", quoted(state.Function), state.Dim),
			Advice: "Choose another function, or two variables.",
		}
	}
	return objective, nil
}

// objectiveSpace computes the pictures of a closed form in full space.
type objectiveSpace struct {
	key       spaceKey
	objective landscape.Objective
	workers   int // goroutines
}

// run gives the head, then newer and newer frames of the two pictures; all have come when it returns nil.
func (o objectiveSpace) run(ctx context.Context, emit func(any) error) error {
	head, err := o.head()
	if err != nil {
		return err
	}
	if err := emit(head); err != nil {
		return err
	}
	drawn, err := fullspace.Drawn(o.key.kernel, o.key.delta, o.objective.Growth)
	if errors.Is(err, landscape.ErrNoSmoothing) {
		for _, picture := range []string{pictureFull, pictureMeasured} {
			if err := emit(SpaceFrame{Type: "frame", Picture: picture, Done: true, Refused: capital(err.Error()) + "."}); err != nil {
				return err
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	if err := o.sample(ctx, pictureFull, head.Nodes, drawn, emit); err != nil {
		return err
	}
	recorded, err := o.recorded()
	if err != nil {
		return err
	}
	return o.sample(ctx, pictureMeasured, head.Nodes, recorded, emit)
}

// head computes what no chance is needed for.
func (o objectiveSpace) head() (SpaceHead, error) {
	wide, plane := o.lattice()
	field, err := landscape.Sample(plane, 2*spaceNodes-1)
	if err != nil {
		return SpaceHead{}, err
	}
	smoother, err := landscape.NewSmoother(field)
	if err != nil {
		return SpaceHead{}, err
	}
	projected, err := smoother.Smooth(o.key.kernel, o.key.delta)
	if err != nil {
		return SpaceHead{}, err
	}
	head := SpaceHead{
		Type: "head", Subject: o.objective.Name, Dim: o.objective.Dim, Delta: o.key.delta, Kernel: o.key.kernel, Nodes: wide, BaseOf: baseProjected,
		Recorded: fmt.Sprintf("%d noise vectors of a simulated SGD run, seed %d", spaceVectors, o.key.seed),
	}
	for row := range wide {
		for col := range wide {
			z, _ := projected.At(2*col, 2*row)
			head.Base = append(head.Base, z)
		}
	}
	head.Exact = o.exact(wide)
	return head, nil
}

// lattice gives the nodes, and f on the plane over all of them as its domain.
func (o objectiveSpace) lattice() ([]float64, landscape.Objective) {
	plane := o.objective.Plane()
	step := (plane.Hi - plane.Lo) / (spaceNodes - 1 - 2*spaceRing)
	plane.Lo, plane.Hi = plane.Lo-spaceRing*step, plane.Hi+spaceRing*step
	return slice.Steps(plane.Lo, plane.Hi, spaceNodes), plane
}

// exact is f̂ on the lattice where it has a closed form, else nil.
func (o objectiveSpace) exact(nodes []float64) numbers {
	if o.objective.Smoothed == nil {
		return nil
	}
	smoothed, ok := o.objective.Smoothed(o.key.kernel, o.key.delta)
	if !ok {
		return nil
	}
	var z numbers
	x := o.objective.Center()
	for _, x[1] = range nodes {
		for _, x[0] = range nodes {
			z = append(z, smoothed.Func(x))
		}
	}
	return z
}

// recorded is the noise of a run of SGD that the view describes: its δ, its law, its seed.
func (o objectiveSpace) recorded() (fullspace.Noise, error) {
	// η = δ with b = C = 1: the step ηω depends on nothing but δ.
	method := descent.Method{
		Objective: o.objective, Gradient: descent.Noisy, Kernel: o.key.kernel, GradStdDev: 1,
		Stages: []descent.Stage{{LearningRate: o.key.delta, BatchSize: 1, NoiseLevel: o.key.delta, Steps: spaceVectors}},
	}
	vectors, err := descent.RecordNoise(method, o.key.seed, spaceVectors)
	if err != nil {
		return fullspace.Noise{}, err
	}
	return fullspace.Recorded(len(vectors), o.key.delta, func(i int, v []float64) error {
		copy(v, vectors[i])
		return nil
	})
}

// sample runs the Monte Carlo of one picture and gives a frame whenever the number of samples has grown by half, but not more than a few
// a second.
func (o objectiveSpace) sample(ctx context.Context, picture string, nodes []float64, noise fullspace.Noise, emit func(any) error) error {
	d, middle := o.objective.Dim, (o.objective.Lo+o.objective.Hi)/2
	plane := slice.Plane[float64]{Center: o.objective.Center(), D1: make([]float64, d), D2: make([]float64, d)}
	plane.Center[0], plane.Center[1], plane.D1[0], plane.D2[1] = middle, middle, 1, 1
	problem := fullspace.Problem[float64]{Plane: plane, X: shifted(nodes, middle), Y: shifted(nodes, middle), Noise: noise, Seed: o.key.seed}
	estimator, err := fullspace.New(problem)
	if err != nil {
		return err
	}
	stop := fullspace.Stop{Relative: spaceAccuracy, Samples: spaceSamples(problem.SampleCost(), d)}
	if picture == pictureMeasured {
		stop.Relative, stop.Samples = 0, spaceVectors
	}
	evaluators := slices.Repeat([]slice.Evaluator[float64]{func(x []float64) (float64, error) { return o.objective.Func(x), nil }}, max(1, o.workers))
	return sampleSpace(ctx, picture, estimator, slice.OnPlane(plane, evaluators), stop, emit)
}

// spaceSamples is how many samples the work allows, where one takes so many values of f.
func spaceSamples(cost, dim int) int {
	return min(max(leastSpaceSamples, spaceWork/(cost*dim)), mostSpaceSamples)
}

// frameEvery is the shortest time between two frames that are not the last.
const frameEvery = 250 * time.Millisecond

// sampleSpace runs an estimator to its end and gives frames on the way, and the last one.
func sampleSpace[T slice.Float](ctx context.Context, picture string, e *fullspace.Estimator[T], surfaces []slice.Surface, stop fullspace.Stop, emit func(any) error) error {
	told, last := 0, time.Now()
	reached, err := e.RunOn(ctx, surfaces, stop, func(now fullspace.Progress) error {
		if now.Samples < 4 || now.Samples < told+told/2 || time.Since(last) < frameEvery {
			return nil
		}
		told, last = now.Samples, time.Now()
		return emit(spaceFrameOf(picture, e.Estimate(), false, false))
	})
	if err != nil {
		return err
	}
	estimate := e.Estimate()
	return emit(spaceFrameOf(picture, estimate, true, reached || estimate.Complete))
}
