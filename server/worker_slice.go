package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"

	"smoothscape/landscape"
	planes "smoothscape/landscape/slice"
	"smoothscape/server/store"
	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// Uses of chance in a slice, each with a PCG stream of its own.
const (
	streamPlane  uint64 = 0x3c6ef372fe94f82b // directions: seeded by the run, so that all slices of a run lie the same way
	streamLift   uint64 = 0xa54ff53a5f1d36f1 // directions of the lift
	streamImages uint64 = 0x510e527fade682d1 // choice of the images: the same for all runs on a data set, so that their losses compare
)

// evalImages is how many images go through a network at once: a bound of its memory.
const evalImages = 128

// sliceTaskRun computes the picture around a checkpoint, level by level. The end of ctx ends it without an error.
func sliceTaskRun(ctx context.Context, task sliceTask, tell io.Writer, emit func(sliceLine) error) error {
	err := task.sample(ctx, tell, emit)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return errors.Join(err, emit(sliceLine{Error: err.Error()}))
}

func (task sliceTask) sample(ctx context.Context, tell io.Writer, emit func(sliceLine) error) error {
	checkpoint, err := readCheckpoint(store.Blobs{Folder: task.Blobs}, task.Checkpoint)
	if err != nil {
		return err
	}
	set, err := openDataset(task.Folder)
	if err != nil {
		return err
	}
	plan := planSlice(checkpoint.Spec)
	work := sliceWork{
		checkpoint: checkpoint, set: set, images: plan.Images, seed: checkpoint.Config.Seed, levels: plan.Levels, of: plan.Levels, delta: task.Delta,
		evaluators: task.Evaluators, throttle: newThrottle(task.Share), tell: tell,
	}
	if task.Past {
		work.levels = levelsOfPast(plan, checkpoint.Spec)
	}
	if plan.coarse() {
		work.evaluators = 1 // a large network keeps all cores busy by itself, and its memory is not to be had many times
	}
	if task.Cores > 0 {
		runtime.GOMAXPROCS(task.Cores) // an engine spreads one evaluation over as many
	}
	work.throttle.on.Store(!task.Hurry)
	return work.sample(ctx, emit)
}

// sliceWork is the computing of a picture around a checkpoint, by a worker or on the command line.
type sliceWork struct {
	checkpoint *trainer.Checkpoint
	engine     string // who computes; "" is who computed the checkpoint
	set        *dataset.Set
	images     int // chosen from the training set, all if there are fewer
	plane      planeChoice
	grids      *planes.Levels // nil: those of every run
	refining   refining
	seed       uint64   // of the two directions and of the lift
	levels     int      // to compute, 1 … of
	of         int      // levels that the picture could have, 1 … sliceLevels().Count
	delta      *float64 // δ of the lift; nil: no lift
	evaluators int      // goroutines that evaluate losses, each with its own model; 0 means 1; on a device always 1
	throttle   *throttle
	tell       io.Writer   // for words about the engine
	recomputed bool        // batch normalization goes by the statistics of the images at each place, not by the stored ones
	onLosses   func(n int) // called after each n losses, by several goroutines at once; may be nil
}

// sample gives the levels to emit, coarse to fine, and the lift after level sliceEnough.
func (w sliceWork) sample(ctx context.Context, emit func(sliceLine) error) error {
	networks, err := openNetworks(ctx, w.checkpoint, w.engine, w.evaluators, w.tell)
	if err != nil {
		return err
	}
	defer func() { _ = networks.close() }() // the process ends right after
	plane, err := w.choosePlane(ctx, networks.models[0])
	if err != nil {
		return err
	}
	surfaces, err := w.surfaces(ctx, networks, plane.Plane)
	if err != nil {
		return err
	}
	words := plane.label
	if norm := w.batchNorm(); norm != "" {
		words += ", batch normalization by " + norm + " statistics"
	}
	if name := networks.deviceName(); name != "" {
		words += ", " + computedOn(name)
	}
	n1, n2 := plane.Norms()
	levels := sliceLevels()
	if w.grids != nil {
		levels = *w.grids
	}
	levels.Count = w.levels
	picture := func(level int, g landscape.Grid) *sliceLevel {
		center := g.Z[len(g.Z)/2] // the number of nodes is odd
		return &sliceLevel{
			Level: level, Levels: w.of, Alphas: g.X, Betas: g.Y, Z: g.Z, Norms: [2]float64{n1, n2}, Cosine: plane.Cosine(),
			Loss: finite(center), Images: min(w.images, w.set.Train.Len()), Parameters: len(w.checkpoint.Params), Plane: words, Path: plane.path, Explained: plane.explained,
			BatchNorm: w.batchNorm(), Device: networks.deviceName(),
		}
	}
	lift := func() error {
		if w.delta == nil {
			return nil
		}
		lift, err := planes.MonteCarloLift(ctx, surfaces[0], len(w.checkpoint.Params), *w.delta, slicePairs, rand.New(rand.NewPCG(w.seed, streamLift)))
		if err != nil || finite(lift.Mean) == nil || finite(lift.StdErr) == nil {
			return err
		}
		return emit(sliceLine{Lift: &Lift{Mean: lift.Mean, StdErr: lift.StdErr, Pairs: lift.Pairs, Delta: *w.delta}})
	}
	if w.refining.tolerance > 0 {
		err := w.refine(ctx, plane, surfaces, func(r planes.Refined) error {
			level := picture(w.levels-1, r.Grid)
			level.Evaluated, level.Expected = r.Evaluated, finite(max(r.Whole, r.Inner))
			return emit(sliceLine{Level: level})
		})
		if err != nil {
			return err
		}
		return lift()
	}
	_, err = planes.Sample(ctx, levels, surfaces, func(level int, g landscape.Grid) error {
		w.throttle.on.Store(true)
		if err := emit(sliceLine{Level: picture(level, g)}); err != nil || level != min(sliceEnough, w.levels-1) {
			return err
		}
		return lift()
	})
	return err
}

// blocksOf says to the landscape where the network's filters lie.
func blocksOf(spec engine.Spec) []planes.Block {
	filters, tensors := spec.Filters(), spec.Tensors()
	blocks := make([]planes.Block, len(filters))
	tensor := 0
	for i, f := range filters {
		for f.Start >= tensors[tensor].Offset+tensors[tensor].Len {
			tensor++
		}
		blocks[i] = planes.Block{Start: f.Start, Len: f.Len, Fixed: f.Bias, Tensor: tensor}
	}
	return blocks
}

// imageBatch is a set of images as a network takes them. Evaluators only read it.
type imageBatch struct {
	x    []float32
	y    []int
	each int // values of one image
}

// fixedImages chooses images of the training set, or all if there are fewer.
func fixedImages(set *dataset.Set, count int) imageBatch {
	chosen := chosenImages(set, count)
	batch := imageBatch{each: set.Shape.Len(), y: make([]int, len(chosen))}
	batch.x = make([]float32, len(chosen)*batch.each)
	set.Batch(set.Train, chosen, batch.x, batch.y)
	return batch
}

// chosenImages are the indices of images of the training set, rising: of all if there are fewer.
func chosenImages(set *dataset.Set, count int) []int {
	order := rand.New(rand.NewPCG(0, streamImages)).Perm(set.Train.Len())
	chosen := order[:min(count, len(order))]
	slices.Sort(chosen)
	return chosen
}

// evaluator gives the mean loss over the batch as a function of the parameters of model, which it takes for itself: by its running statistics, or by those of the
// batch.
func (b imageBatch) evaluator(model engine.Model, recompute bool) planes.Evaluator[float32] {
	if recompute {
		return func(params []float32) (float64, error) {
			copy(model.Params(), params)
			metrics, err := model.Grad(b.x, b.y, nil) // no other call goes by the statistics of the batch
			return metrics.Loss, err
		}
	}
	return func(params []float32) (float64, error) {
		copy(model.Params(), params)
		sum := 0.0
		for from := 0; from < len(b.y); from += evalImages {
			to := min(from+evalImages, len(b.y))
			metrics, err := model.Eval(b.x[from*b.each:to*b.each], b.y[from:to])
			if err != nil {
				return 0, err
			}
			sum += metrics.Loss * float64(to-from)
		}
		return sum / float64(len(b.y)), nil
	}
}
