package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"

	planes "smoothscape/landscape/slice"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

// trajectoryTaskRun projects a run's parameters onto the plane of one of its slices. The end of ctx ends it without an error.
func trajectoryTaskRun(ctx context.Context, task trajectoryTask, emit func(trajectoryLine) error) error {
	found, err := task.project(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return errors.Join(err, emit(trajectoryLine{Error: err.Error()}))
	}
	return emit(trajectoryLine{Trajectory: &found})
}

// project holds the plane and one place in memory at a time, so that it takes four times the parameters of the network, however long the
// history is. Batch normalization's running statistics are no part of it.
func (task trajectoryTask) project(ctx context.Context) (Trajectory, error) {
	blobs := store.Blobs{Folder: task.Blobs}
	center, err := readCheckpoint(blobs, task.Center)
	if err != nil {
		return Trajectory{}, err
	}
	plane, err := planeOfRun(ctx, center)
	if err != nil {
		return Trajectory{}, err
	}
	out := Trajectory{Step: task.Step, Points: []TrajectoryPoint{}}
	for _, place := range task.Places {
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		there, err := readCheckpoint(blobs, place.Checkpoint)
		if err != nil {
			continue // it was thinned out in this very moment
		}
		if !reflect.DeepEqual(there.Spec, center.Spec) {
			return out, fmt.Errorf("update %d: expected the network of update %d, found another", place.Step, task.Step)
		}
		point, err := pointIn(plane, place.Step, there.Params)
		if err != nil {
			return out, err
		}
		if !math.IsNaN(point.Radius) && !math.IsInf(point.Radius, 0) {
			out.Points = append(out.Points, point)
		}
	}
	return out, nil
}

// planeOfRun is the plane of the slices of a run around a checkpoint: along the same random directions for all of them, scaled to the filters
// of this one.
func planeOfRun(ctx context.Context, center *trainer.Checkpoint) (planes.Plane[float32], error) {
	chosen, err := sliceWork{checkpoint: center, seed: center.Config.Seed}.choosePlane(ctx, nil)
	return chosen.Plane, err
}

// pointIn is where parameters lie in a plane.
func pointIn(plane planes.Plane[float32], step int, params []float32) (TrajectoryPoint, error) {
	p, err := plane.Project(params)
	return TrajectoryPoint{Step: step, Alpha: p.Alpha, Beta: p.Beta, Distance: p.Distance, Radius: p.Radius}, err
}
