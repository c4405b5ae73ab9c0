package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothscape/trainer"
	"smoothscape/trainer/measure"
)

// writeCIFAR100 writes images in the format of CIFAR-100: noise, brighter in one corner or another depending on the fine label.
func writeCIFAR100(t *testing.T, folder string, train, test int) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for name, n := range map[string]int{"train.bin": train, "test.bin": test} {
		var content []byte
		for i := range n {
			label := i % 4
			content = append(content, byte(label), byte(label))
			for p := range 3 * 32 * 32 {
				row, col := p/32%32, p%32
				light := rng.IntN(100)
				if row/16 == label/2 && col/16 == label%2 {
					light += 120
				}
				content = append(content, byte(light))
			}
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// residualConfig is a residual network with everything on: momentum, weight decay, augmentation, a path of δ on η and b.
func residualConfig() trainer.Config {
	cfg := trainer.Default("resnet8")
	cfg.Dataset, cfg.BatchSize, cfg.LearningRate, cfg.Epochs = "tiny", 8, 0.02, 6
	cfg.Schedule, cfg.Carrier, cfg.Power, cfg.WarmupEpochs = trainer.Polynomial, trainer.CarryBoth, 0.5, 1
	cfg.Momentum, cfg.Nesterov, cfg.WeightDecay, cfg.Augment = 0.9, true, 5e-4, trainer.PaperAugmentation
	return cfg
}

// A residual network on files in the format of CIFAR-100 is trained, paused, killed and resumed to the numbers of one that nobody disturbed;
// its slice comes, and what is measured of it from the API and from the command line is the same.
func TestAResidualNetworkFromStartToFinish(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	data := t.TempDir()
	images := filepath.Join(data, "images")
	writeCIFAR100(t, images, 64, 20)
	rs := realRuns(t, data)
	if err := rs.AddDataset(t.Context(), "tiny", images); err != nil {
		t.Fatal(err)
	}
	cfg := residualConfig()
	id := mustCreate(t, rs, cfg)
	for _, end := range []struct {
		step   int
		by     func()
		status Status
	}{
		{3, func() { mustDo(t, rs, id, MovePause) }, StatusPaused},
		{14, func() { killChildren(t) }, StatusInterrupted},
	} {
		awaitStep(t, rs, id, end.step)
		end.by()
		run := await(t, rs, id, "the break", func(r RunView) bool { return r.Status == end.status || r.Status == StatusDone })
		t.Logf("%s at step %d of %d", run.Status, run.Step, run.TotalSteps)
		if run.Status != StatusDone {
			mustDo(t, rs, id, MoveResume)
		}
	}
	// Measured while it trains, or right after.
	early := mustMeasure(t, rs, id, `{"what":["spread"],"images":16,"samples":4,"pairs":2}`)
	done := awaitStatus(t, rs, id, StatusDone)
	if done.Step != done.TotalSteps {
		t.Errorf("done at step %d of %d", done.Step, done.TotalSteps)
	}
	awaitMeasurement(t, rs, id, early.Number, is(MeasureDone))
	whole := mustCreate(t, rs, cfg)
	awaitStatus(t, rs, whole, StatusDone)
	sameNumbers(t, logOf(t, rs, id), logOf(t, rs, whole))
	got, row := newestParameters(t, rs, id)
	want, _ := newestParameters(t, rs, whole)
	if !slices.Equal(got.Params, want.Params) || !slices.Equal(got.State, want.State) || !slices.Equal(got.Velocity, want.Velocity) || len(got.State) == 0 {
		t.Error("the vectors of the broken run differ from those of the whole one")
	}

	slice := awaitSlice(t, rs, id, func(s *Slice) bool { return s.Step == row.Step })
	if plan := planSlice(got.Spec); slice.Images != min(plan.Images, 64) || slice.Levels != plan.Levels || slice.Loss == nil {
		t.Errorf("a slice of %d images and %d levels, planned was %+v", slice.Images, slice.Levels, plan)
	}
	const request = `{"what":["spread","hessian"],"images":12,"samples":6,"pairs":2,"batchSize":8,"lanczosSteps":2,"eigenvalues":1,"traceVectors":2,"seed":4}`
	fromAPI := awaitMeasurement(t, rs, id, mustMeasure(t, rs, id, request).Number, func(m MeasurementView) bool { return m.Status != MeasureRunning && m.Status != MeasureWaiting })
	var report measure.Report
	if err := json.Unmarshal(fromAPI.Report, &report); err != nil {
		t.Fatalf("%v: %+v", err, fromAPI)
	}
	file := filepath.Join(rs.store.Blobs.Folder, row.SHA256[:2], row.SHA256)
	fromShell := measured(t, file, "--dataset", images, "--what", "spread,hessian", "--images", "12", "--samples", "6", "--pairs", "2", "--batch-size", "8", "--lanczos-steps", "2",
		"--eigenvalues", "1", "--trace-vectors", "2", "--seed", "4")
	if a, b := fmt.Sprintf("%+v", report.Quantities), fmt.Sprintf("%+v", fromShell.Quantities); len(report.Quantities) == 0 || !sameQuantities(report, fromShell) {
		t.Errorf("measured from the API %s\nand from the command line %s", a, b)
	}
	if r := report.Request; r.Momentum != 0.9 || r.BatchSize != 8 {
		t.Errorf("δ was asked at b = %d, μ = %v", r.BatchSize, r.Momentum)
	}
}

// sameQuantities compares the values and errors of two reports.
func sameQuantities(a, b measure.Report) bool {
	if len(a.Quantities) != len(b.Quantities) {
		return false
	}
	for i, q := range a.Quantities {
		other := b.Quantities[i]
		if q.Name != other.Name || fmt.Sprint(q.Value) != fmt.Sprint(other.Value) || (q.StdErr == nil) != (other.StdErr == nil) || q.StdErr != nil && fmt.Sprint(*q.StdErr) != fmt.Sprint(*other.StdErr) {
			return false
		}
	}
	return true
}

// The same in a terminal: Ctrl-C in the middle, --resume, and the checkpoint is, byte for byte, that of a training that nobody disturbed.
func TestAResidualNetworkInATerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	folder := t.TempDir()
	images := filepath.Join(folder, "images")
	writeCIFAR100(t, images, 96, 20)
	train := func(out string) []string {
		return []string{
			"train", "--model", "resnet8", "--dataset", images, "--epochs", "2", "--batch-size", "8", "--learning-rate", "0.02", "--schedule", "cosine", "--momentum", "0.9",
			"--augment", "flip-crop", "--weight-decay", "5e-4", "--out", out, "--json",
		}
	}
	broken, whole := filepath.Join(folder, "broken.ckpt"), filepath.Join(folder, "whole.ckpt")
	ctx, cancel := context.WithCancel(t.Context())
	var log bytes.Buffer
	if code := shellTo(t, ctx, &cancelAfter{left: 9, cancel: cancel}, &log, train(broken)...); code != 1 {
		t.Fatalf("exit code %d after a stop: %s", code, log.String())
	}
	if _, log, code := shell(t, t.Context(), "train", "--resume", broken, "--dataset", images, "--json"); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	if _, log, code := shell(t, t.Context(), train(whole)...); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	a, errA := os.ReadFile(broken)
	b, errB := os.ReadFile(whole)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("the last checkpoints differ (%v, %v)", errA, errB)
	}
	s, _ := sliceOf(t, whole, "--dataset", images, "--level", "0", "--images", "8")
	if s.Loss == nil || len(s.Z) != 49 || !strings.Contains(s.Label, "8 fixed training images") {
		t.Errorf("the slice: %d losses, %q", len(s.Z), s.Label)
	}
}
