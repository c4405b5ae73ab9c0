package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
)

// checkpointFile is a file that holds a run's newest checkpoint.
type checkpointFile struct {
	name  string
	newer int // checkpoints written
}

// save is the trainer's save: it replaces the file.
func (f *checkpointFile) save(c *trainer.Checkpoint) (trainer.CheckpointRef, error) {
	sum, count := sha256.New(), byteCounter(0)
	err := replaceFile(f.name, func(w io.Writer) error {
		out := bufio.NewWriter(io.MultiWriter(w, sum, &count))
		return errors.Join(c.Encode(out), out.Flush())
	})
	if err != nil {
		return trainer.CheckpointRef{}, err
	}
	f.newer++
	return trainer.CheckpointRef{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: int64(count)}, nil
}

type byteCounter int64

func (n *byteCounter) Write(p []byte) (int, error) {
	*n += byteCounter(len(p))
	return len(p), nil
}

// loadCheckpoint reads a checkpoint from a file; a *fault says what is wrong with it.
func loadCheckpoint(name string) (*trainer.Checkpoint, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &fault{
			Field: "checkpoint", Doing: "opening the checkpoint " + quoted(name), Expected: "a file", Found: osReason(err),
			Advice: "Name a file that `smoothscape train` wrote.",
		}
	}
	defer file.Close()
	checkpoint, err := trainer.DecodeCheckpoint(bufio.NewReader(file))
	var broken *trainer.CheckpointError
	if errors.As(err, &broken) {
		return nil, &fault{
			Field: "checkpoint", Doing: fmt.Sprintf("%s: %v: %s at byte %d", name, broken.Err, broken.Doing, broken.Offset),
			Expected: broken.Expected, Found: broken.Found, Advice: "Use another checkpoint, or train anew.",
		}
	}
	return checkpoint, err
}

// checkpointAndImages reads a checkpoint from a file, and the images on which it was trained: those that its configuration names, or those of
// name, a data set or a folder, where it is given.
func checkpointAndImages(ctx context.Context, data, file, name string, given bool) (*trainer.Checkpoint, *dataset.Set, error) {
	checkpoint, err := loadCheckpoint(file)
	if err != nil {
		return nil, nil, err
	}
	if !given {
		name = checkpoint.Config.Dataset
	}
	set, _, err := findDataset(ctx, data, name)
	if err != nil {
		return nil, nil, err
	}
	if !checkpoint.TrainedOn(set.Train) {
		return nil, nil, &fault{
			Field: "dataset", Doing: "comparing the images of " + quoted(name) + " with those of the checkpoint",
			Expected: fmt.Sprintf("the %d images on which it was trained", checkpoint.TrainSize), Found: fmt.Sprintf("%d others", set.Train.Len()),
			Advice: "Name the right ones with --dataset.",
		}
	}
	return checkpoint, set, nil
}
