package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	planes "smoothscape/landscape/slice"
	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// updatePlanes names the planes to compute anew, separated by commas, or "all": some ten minutes on two cores.
var updatePlanes = flag.String("update-planes", "", "write these planes of ../landscape/slice/testdata/planes anew, or all")

const planesFolder = "../landscape/slice/testdata/planes"

// A referencePlane is how a plane of the sampler's tests was made: a network trained on the first Train of the embedded images, and
// its loss over Images of them on Nodes×Nodes points of [−HalfWidth, HalfWidth]².
type referencePlane struct {
	Name       string  `json:"name"`
	Title      string  `json:"title"`
	Model      string  `json:"model"`
	Directions string  `json:"directions"` // "filter" or "trajectory"
	HalfWidth  float64 `json:"halfWidth"`
	Nodes      int     `json:"nodes"`
	Budget     int     `json:"budget"` // evaluations that the goal allows
	Train      int     `json:"train"`
	Images     int     `json:"images"`
	Epochs     int     `json:"epochs"`
	BatchSize  int     `json:"batchSize"`
	Rate       float64 `json:"rate"`
	Momentum   float64 `json:"momentum"`
	Seed       uint64  `json:"seed"`
}

// An eighth of the 2601 nodes of a grid of 51², and a third.
const smoothBudget, roughBudget = 325, 867

func referencePlanes() []referencePlane {
	return []referencePlane{
		{Name: "convnet", Title: "convnet, filter-normalized", Model: "convnet", Directions: "filter", HalfWidth: 1, Nodes: 97, Budget: smoothBudget, Train: 1000, Images: 256, Epochs: 10, BatchSize: 16, Rate: 0.05, Seed: 1},
		{Name: "mlp", Title: "mlp of 128 units, filter-normalized", Model: "mlp", Directions: "filter", HalfWidth: 1, Nodes: 97, Budget: smoothBudget, Train: 1000, Images: 256, Epochs: 10, BatchSize: 16, Rate: 0.05, Seed: 2},
		{Name: "resnet8", Title: "resnet8 with batch norm, filter-normalized", Model: "resnet8", Directions: "filter", HalfWidth: 1, Nodes: 65, Budget: smoothBudget, Train: 512, Images: 48, Epochs: 3, BatchSize: 32, Rate: 0.1, Seed: 3},
		{Name: "plain", Title: "six convolutions without shortcuts or batch norm, filter-normalized", Model: trainer.CustomModel, Directions: "filter", HalfWidth: 1, Nodes: 97, Budget: roughBudget, Train: 1000, Images: 96, Epochs: 16, BatchSize: 16, Rate: 0.03, Momentum: 0.9, Seed: 4},
		{Name: "trajectory", Title: "convnet, through its start, middle and end", Model: "convnet", Directions: "trajectory", HalfWidth: 1.25, Nodes: 97, Budget: roughBudget, Train: 1000, Images: 256, Epochs: 10, BatchSize: 16, Rate: 0.05, Seed: 5},
		{Name: "plain-trajectory", Title: "six convolutions without shortcuts or batch norm, through their start, middle and end", Model: trainer.CustomModel, Directions: "trajectory", HalfWidth: 1.25, Nodes: 97, Budget: roughBudget, Train: 1000, Images: 96, Epochs: 16, BatchSize: 16, Rate: 0.03, Momentum: 0.9, Seed: 4},
		{Name: "wide", Title: "mlp far from its minimum, with steep walls, filter-normalized", Model: "mlp", Directions: "filter", HalfWidth: 10, Nodes: 97, Budget: smoothBudget, Train: 1000, Images: 256, Epochs: 10, BatchSize: 16, Rate: 0.05, Seed: 7},
	}
}

// plainStack is a residual network without what makes it one: 3×3 convolutions and ReLUs, no shortcuts, no batch norm.
func plainStack() *engine.Spec {
	spec := engine.Spec{Name: "plain"}
	layer := func(channels, stride int) {
		spec.Layers = append(spec.Layers, engine.Layer{Kind: engine.Conv, Channels: channels, Kernel: 3, Stride: stride, Padding: 1}, engine.Layer{Kind: engine.ReLU})
	}
	layer(16, 2)
	layer(16, 1)
	layer(16, 1)
	layer(32, 2)
	layer(32, 1)
	layer(32, 1)
	spec.Layers = append(spec.Layers, engine.Layer{Kind: engine.Flatten}, engine.Layer{Kind: engine.Linear})
	return &spec
}

// TestReferencePlanes writes the planes that -update-planes names, and else checks that those on disk are of the networks above: the
// list beside them says the same.
func TestReferencePlanes(t *testing.T) {
	list := filepath.Join(planesFolder, "planes.json")
	want, err := json.MarshalIndent(referencePlanes(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *updatePlanes == "" {
		got, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not of these networks: run the test with -update-planes all", list)
		}
		return
	}
	for _, p := range referencePlanes() {
		if *updatePlanes != "all" && !strings.Contains(","+*updatePlanes+",", ","+p.Name+",") {
			continue
		}
		if err := p.write(t); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	if err := os.WriteFile(list, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

// write trains the network and computes the plane.
func (p referencePlane) write(t *testing.T) error {
	set, err := dataset.Embedded()
	if err != nil {
		return err
	}
	set.Train, set.Test = set.Train.Head(p.Train), set.Test.Head(200)
	cfg := trainer.Default(p.Model)
	cfg.Engine, cfg.Schedule = "cpu", trainer.Constant
	cfg.Epochs, cfg.BatchSize, cfg.LearningRate, cfg.Momentum, cfg.Seed = p.Epochs, p.BatchSize, p.Rate, p.Momentum, p.Seed
	if p.Model == trainer.CustomModel {
		cfg.Spec = plainStack()
		cfg.Spec.Layers[len(cfg.Spec.Layers)-1].Units = set.Classes
	}
	checkpoints, err := trainedPath(t, cfg, set)
	if err != nil {
		return err
	}
	last := checkpoints[len(checkpoints)-1]
	var plane planes.Plane[float32]
	if p.Directions == "trajectory" {
		plane = planeOfTrajectory(checkpoints[0].Params, checkpoints[len(checkpoints)/2].Params, last.Params)
	} else {
		plane = planes.NewPlane(rand.New(rand.NewPCG(p.Seed, streamPlane)), last.Params, blocksOf(last.Spec))
	}
	built, err := openNetworks(t.Context(), last, "cpu", 2, io.Discard)
	if err != nil {
		return err
	}
	models := built.models
	images := fixedImages(set, p.Images)
	evaluators := make([]planes.Evaluator[float32], len(models))
	for i, model := range models {
		evaluators[i] = images.evaluator(model, false)
	}
	levels := planes.Levels{HalfWidth: p.HalfWidth, First: p.Nodes, Count: 1}
	grid, err := planes.Sample(context.Background(), levels, planes.OnPlane(plane, evaluators), nil)
	if err != nil {
		return err
	}
	lo, hi, _ := grid.Range()
	t.Logf("%s: loss at the center %.4g, range %.4g … %.4g", p.Name, grid.Z[len(grid.Z)/2], lo, hi)
	values := make([]float32, len(grid.Z))
	for i, z := range grid.Z {
		values[i] = float32(z)
	}
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := binary.Write(zip, binary.LittleEndian, values); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(planesFolder, p.Name+".f32.gz"), packed.Bytes(), 0o644)
}

// trainedPath trains and returns the checkpoints: the start, and one after each epoch.
func trainedPath(t *testing.T, cfg trainer.Config, set *dataset.Set) ([]*trainer.Checkpoint, error) {
	var path []*trainer.Checkpoint
	job := trainer.Job{Config: cfg, Set: set, Engine: cpu.New()}
	save := func(c *trainer.Checkpoint) (trainer.CheckpointRef, error) {
		path = append(path, c)
		return trainer.CheckpointRef{}, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// Stopped before its first update, a run leaves its start.
	if _, err := trainer.Train(ctx, job, save, func(trainer.Event) error { cancel(); return nil }); err != nil {
		return nil, err
	}
	outcome, err := trainer.Train(context.Background(), job, save, func(e trainer.Event) error {
		if e.Epoch != nil {
			t.Logf("%+v", *e.Epoch)
		}
		return nil
	})
	if err != nil || outcome != trainer.OutcomeDone {
		return nil, fmt.Errorf("training: %s, %w", outcome, err)
	}
	if path[0].Step != 0 {
		return nil, fmt.Errorf("the first checkpoint is of update %d, not of the start", path[0].Step)
	}
	return path, nil
}

// planeOfTrajectory is the plane through three checkpoints: its center is the last, D1 leads to the first, and D2 is the part of the
// way to the middle one that is orthogonal to D1, as long as D1.
func planeOfTrajectory(first, middle, last []float32) planes.Plane[float32] {
	d1, d2 := make([]float32, len(last)), make([]float32, len(last))
	along, squares := 0.0, 0.0
	for i, c := range last {
		a, b := float64(first[i])-float64(c), float64(middle[i])-float64(c)
		along += a * b
		squares += a * a
	}
	rest := 0.0
	for i, c := range last {
		a, b := float64(first[i])-float64(c), float64(middle[i])-float64(c)
		b -= along / squares * a
		rest += b * b
		d1[i], d2[i] = float32(a), float32(b)
	}
	scale := math.Sqrt(squares / rest)
	for i := range d2 {
		d2[i] = float32(float64(d2[i]) * scale)
	}
	return planes.Plane[float32]{Center: last, D1: d1, D2: d2}
}
