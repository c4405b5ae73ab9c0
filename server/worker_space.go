package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"smoothscape/landscape/fullspace"
	"smoothscape/server/store"
	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
)

// drawsOfRun is the seed of the draws and batches of a run's pictures in full space: the same view gives the same pictures.
const drawsOfRun = 1

// fullspaceTaskRun computes the pictures in full space around a checkpoint. The end of ctx ends it without an error; news changes its pace.
func fullspaceTaskRun(ctx context.Context, task fullspaceTask, news <-chan workerNews, tell io.Writer, emit func(any) error) error {
	err := task.compute(ctx, news, tell, emit)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return errors.Join(err, emit(spaceEnd{Type: "end", Failed: err.Error()}))
}

func (task fullspaceTask) compute(ctx context.Context, news <-chan workerNews, tell io.Writer, emit func(any) error) error {
	checkpoint, err := readCheckpoint(store.Blobs{Folder: task.Blobs}, task.Checkpoint)
	if err != nil {
		return err
	}
	set, err := openDataset(task.Folder)
	if err != nil {
		return err
	}
	work := task.space(checkpoint, set)
	work.tell = tell
	work.throttle.on.Store(true)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go work.throttle.follow(ctx, news)
	return work.compute(ctx, emit)
}

// space is what is to be computed.
func (task fullspaceTask) space(checkpoint *trainer.Checkpoint, set *dataset.Set) networkSpace {
	plan := planSpace(checkpoint.Spec, len(checkpoint.Params))
	update := measureDefaults(checkpoint.Config, checkpoint.Spec, checkpoint.Epoch, set.Train.Len())
	w := networkSpace{
		sliceWork: sliceWork{
			checkpoint: checkpoint, set: set, images: plan.Images, seed: checkpoint.Config.Seed, evaluators: task.Evaluators, throttle: newThrottle(task.Share),
		},
		run: task.Run, nodes: plan.Nodes, law: task.Law, noiseLevel: task.Delta, learningRate: update.LearningRate, times: []float64{1},
		batchSize: min(update.BatchSize, set.Train.Len()), vectors: plan.Vectors, stop: fullspace.Stop{Relative: spaceAccuracy, Samples: plan.Samples}, draws: drawsOfRun,
	}
	w.population = spacePopulation(checkpoint.Spec, w.batchSize, set.Train.Len())
	if planSlice(checkpoint.Spec).coarse() {
		w.evaluators = 1 // as of a slice
	}
	switch {
	case task.Own == nil || !(*task.Own > 0):
		w.unmeasured = fmt.Sprintf("The run's noise at update %d is not known: C had not been measured by then.", checkpoint.Step)
	case w.population <= w.batchSize:
		w.unmeasured = fmt.Sprintf("Batches of all %d training images have no noise.", w.population)
	default:
		w.noiseLevel, w.times = *task.Own, []float64{task.Delta / *task.Own}
	}
	return w
}
