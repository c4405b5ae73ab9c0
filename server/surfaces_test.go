package main

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	planes "smoothscape/landscape/slice"
	"smoothscape/trainer"
	"smoothscape/trainer/engine"
)

// normed trains a small network with batch normalization, and gives its checkpoint and its images.
func normed(t *testing.T) (file, images string) {
	t.Helper()
	folder := t.TempDir()
	file, images = filepath.Join(folder, "normed.ckpt"), filepath.Join(folder, "images")
	writeIDX(t, images, 60, 10)
	if _, log, code := shell(t, t.Context(), "train", "--spec", ownNetwork(t, 2), "--dataset", images, "--epochs", "3", "--batch-size", "20", "--out", file); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	return file, images
}

// By the stored statistics and by those of the images: two pictures, each of which says which it is. In the center the second one is the loss of the training itself
// on a batch of these images.
func TestBatchNormOfASlice(t *testing.T) {
	slow(t)
	t.Parallel()
	file, images := normed(t)
	args := []string{file, "--dataset", images, "--level", "0", "--images", "40", "--lift=false"}
	stored, log := sliceOf(t, args...)
	recomputed, _ := sliceOf(t, append(args, "--batch-norm", "recomputed")...)
	if stored.BatchNorm != normStored || recomputed.BatchNorm != normRecomputed || stored.Device != "" || !strings.Contains(log, "computed on the processors") {
		t.Errorf("%q and %q on %q: %s", stored.BatchNorm, recomputed.BatchNorm, stored.Device, log)
	}
	for _, s := range []Slice{stored, recomputed} {
		if words := "batch normalization by " + s.BatchNorm + " statistics"; !strings.Contains(s.Plane, words) || !strings.Contains(s.Label, words) {
			t.Errorf("plane %q, label %q", s.Plane, s.Label)
		}
	}
	checkpoint, err := loadCheckpoint(file)
	if err != nil {
		t.Fatal(err)
	}
	set, err := openDataset(images)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := trainer.OpenEngine(t.Context(), "cpu", trainer.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := opened.Engine.Build(checkpoint.Spec)
	if err != nil {
		t.Fatal(err)
	}
	copy(model.Params(), checkpoint.Params)
	batch := fixedImages(set, 40)
	inTraining, err := model.Grad(batch.x, batch.y, make([]float32, len(checkpoint.Params)))
	if err != nil || float32(inTraining.Loss) != float32(*recomputed.Loss) || *stored.Loss == *recomputed.Loss {
		t.Errorf("in the center %v by the stored statistics, %v by recomputed ones, %v in training (%v)", *stored.Loss, *recomputed.Loss, inTraining.Loss, err)
	}
	plain := trained(t)
	if s, _ := sliceOf(t, plain, "--level", "0", "--images", "4", "--lift=false"); s.BatchNorm != "" || strings.Contains(s.Label, "batch norm") {
		t.Errorf("without batch normalization: %q", s.Label)
	}
	for _, wrong := range []struct {
		args []string
		says string
	}{
		{append(args, "--batch-norm", "none"), "stored or recomputed"},
		{[]string{plain, "--batch-norm", "recomputed"}, "a network with batch normalization"},
		{append(args, "--batch-norm", "recomputed", "--images", "5000"), "at most 2048"},
	} {
		if _, log, code := shell(t, t.Context(), append([]string{"slice"}, wrong.args...)...); code != 2 || !strings.Contains(log, wrong.says) {
			t.Errorf("%v: exit code %d, %q", wrong.args[1:], code, log)
		}
	}
}

// On a device the pictures are those of the CPU but for rounding, by whatever statistics: a slice with its lift, and full space from the same draws. Nothing is
// said by halves: each says where it was computed.
func TestPlanesOfADevice(t *testing.T) {
	slow(t)
	aDevice(t)
	t.Parallel()
	file, images := normed(t)
	near := func(what string, got, want numbers) {
		t.Helper()
		for i := range want {
			if !(math.Abs(got[i]-want[i]) <= 1e-4*want[i]) { // a loss of two engines at parameters rounded twice: 1e-6 and less was found
				t.Errorf("%s: loss %v at %d, on the CPU %v", what, got[i], i, want[i])
			}
		}
	}
	for _, norm := range []string{normStored, normRecomputed} {
		args := []string{file, "--dataset", images, "--level", "0", "--images", "20", "--batch-norm", norm, "--engine"}
		got, log := sliceOf(t, append(args, "webgpu")...)
		want, _ := sliceOf(t, append(args, "cpu")...)
		near(norm, got.Z, want.Z)
		if got.Device == "" || want.Device != "" || !strings.Contains(log, "computed on "+got.Device) || !strings.Contains(got.Plane, "computed on "+got.Device) {
			t.Errorf("computed on %q and %q: %s", got.Device, want.Device, log)
		}
		if got.Lift == nil || !(math.Abs(got.Lift.Mean-want.Lift.Mean) <= 1e-5**want.Loss) {
			t.Errorf("lift %+v, on the CPU %+v", got.Lift, want.Lift)
		}
	}
	spaces := map[string]spaceLines{}
	for _, name := range []string{"webgpu", "cpu"} {
		out, log, code := shell(t, t.Context(), "fullspace", file, "--dataset", images, "--nodes", "5", "--images", "10", "--vectors", "3", "--samples", "8", "--times", "2", "--engine", name)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, log)
		}
		spaces[name] = readSpace(t, strings.NewReader(out))
	}
	got, want := spaces["webgpu"], spaces["cpu"]
	if got.head.Device == "" || want.head.Device != "" {
		t.Errorf("computed on %q and %q", got.head.Device, want.head.Device)
	}
	near("raw", got.head.Base, want.head.Base)
	for _, picture := range []string{pictureFull, pictureMeasured} {
		if n := got.frames[picture].Samples; n != want.frames[picture].Samples || n < 3 {
			t.Errorf("%s: %d samples, on the CPU %d", picture, n, want.frames[picture].Samples)
		}
		near(picture, got.frames[picture].Z, want.frames[picture].Z)
	}
}

// full is a device that has no room for a plane.
type full struct{ engine.Model }

func (full) Lay(engine.AffineSet, []float32, []int, bool) error {
	return errors.New("no room for a plane")
}
func (full) Turn(int, []float32) error { return engine.ErrShape }
func (full) EvalAt([]engine.Place, []engine.Metrics) (int, error) {
	return 0, engine.ErrShape
}

// A device that has no room for the plane gets each of its places; if the statistics of all images at once do not fit either, that is said.
func TestAPlaneThatDoesNotFit(t *testing.T) {
	t.Parallel()
	file, images := normed(t)
	checkpoint, err := loadCheckpoint(file)
	if err != nil {
		t.Fatal(err)
	}
	set, err := openDataset(images)
	if err != nil {
		t.Fatal(err)
	}
	built, err := openNetworks(t.Context(), checkpoint, "cpu", 1, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	losses := 0
	w := sliceWork{checkpoint: checkpoint, set: set, images: 7, tell: &said, throttle: &throttle{}, onLosses: func(n int) { losses += n }}
	plane := planes.RandomPlane(rand.New(rand.NewPCG(1, 2)), checkpoint.Params, blocksOf(checkpoint.Spec), planes.Recipe{Normalization: planes.Filter})
	places := []planes.Place{{}, {Alpha: 0.5}, {Beta: -1}}
	found := map[string][]float64{}
	for name, model := range map[string]engine.Model{"full": full{built.models[0]}, "cpu": built.models[0]} {
		surfaces, err := w.surfaces(t.Context(), networks{models: []engine.Model{model}}, plane)
		if err != nil {
			t.Fatal(err)
		}
		if found[name], err = planes.Losses(t.Context(), places, surfaces); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(found["full"], found["cpu"]) || losses != 6 || strings.Count(said.String(), "no room for a plane") != 1 {
		t.Errorf("%v and %v, %d losses told; said %q", found["full"], found["cpu"], losses, said.String())
	}
	w.recomputed = true
	if _, err := w.surfaces(t.Context(), networks{models: []engine.Model{full{built.models[0]}}}, plane); err == nil {
		t.Error("recomputed: no error")
	}
}

// What is measured by gradients is the same on a device, but for rounding.
func TestMeasuringOnADevice(t *testing.T) {
	slow(t)
	aDevice(t)
	t.Parallel()
	file, images := normed(t)
	values := map[string]map[string]float64{}
	for _, name := range []string{"webgpu", "cpu"} {
		out, log, code := shell(t, t.Context(), "measure", file, "--dataset", images, "--what", "spread,sharpness,trace", "--images", "20", "--samples", "8", "--pairs", "4",
			"--iterations", "2", "--perturbations", "2", "--trace-vectors", "4", "--double=false", "--engine", name, "--json")
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, log)
		}
		var report any
		if err := json.Unmarshal([]byte(out), &report); err != nil {
			t.Fatal(err)
		}
		values[name] = map[string]float64{}
		collect("", report, values[name])
	}
	if len(values["cpu"]) < 20 {
		t.Errorf("%d numbers", len(values["cpu"]))
	}
	for name, want := range values["cpu"] {
		if got := values["webgpu"][name]; !(math.Abs(got-want) <= 1e-3*math.Abs(want)+1e-7) { // 1e-7: differences of losses near 1 keep their rounding
			t.Errorf("%s: %v, on the CPU %v", name, got, want)
		}
	}
}

// collect gives all numbers of a JSON value by their paths.
func collect(path string, value any, to map[string]float64) {
	switch v := value.(type) {
	case float64:
		to[path] = v
	case []any:
		for i, item := range v {
			collect(path+"/"+string(rune('0'+i%10)), item, to)
		}
	case map[string]any:
		for k, item := range v {
			collect(path+"/"+k, item, to)
		}
	}
}
