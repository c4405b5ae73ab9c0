package main

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sliceOf runs slice and reads what it wrote.
func sliceOf(t *testing.T, args ...string) (s Slice, log string) {
	t.Helper()
	out, log, code := shell(t, t.Context(), append([]string{"slice"}, args...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v: %.200q", err, out)
	}
	return s, log
}

func TestSliceFromACheckpoint(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	s, log := sliceOf(t, file, "--level", "1", "--images", "16")
	if s.Run != "quick" || s.Step != 63 || s.Level != 1 || s.Levels != 4 || len(s.Alphas) != 13 || len(s.Z) != 169 || s.Images != 16 {
		t.Errorf("got run %q, step %d, level %d of %d, %d points, %d images", s.Run, s.Step, s.Level, s.Levels, len(s.Z), s.Images)
	}
	if s.ViewHalfWidth != sliceHalfWidth || s.Halo != sliceHalo || s.Alphas[0] != -(sliceHalfWidth+sliceHalo) {
		t.Errorf("the view is %g with halo %g, from %g on", s.ViewHalfWidth, s.Halo, s.Alphas[0])
	}
	// z has the digits of a float32.
	if s.Loss == nil || math.Abs(s.Z[84]-*s.Loss) > 1e-6*math.Abs(*s.Loss) {
		t.Errorf("the loss at the center is %v, in the grid %g", s.Loss, s.Z[84])
	}
	if s.Delta == nil || s.Lift == nil || s.Lift.Delta != *s.Delta || s.Magnification == nil {
		t.Fatalf("δ %v, lift %v, magnification %v", s.Delta, s.Lift, s.Magnification)
	}
	if shown := *s.Magnification * *s.Delta / s.Norms[0]; math.Abs(shown-0.1*sliceHalfWidth) > 1e-12 {
		t.Errorf("δ appears as %g of the half-width, not a tenth", shown)
	}
	if strings.Count(log, "level ") != 2 || !strings.Contains(log, "lift") {
		t.Errorf("standard error %q", log)
	}
	coarse, _ := sliceOf(t, file, "--level", "0", "--images", "16", "--lift=false")
	if coarse.Lift != nil || coarse.Delta == nil || coarse.Z[24] != s.Z[84] || coarse.Z[0] != s.Z[0] {
		t.Errorf("level 0: lift %v, δ %v, %g and %g; level 1 has %g and %g", coarse.Lift, coarse.Delta, coarse.Z[24], coarse.Z[0], s.Z[84], s.Z[0])
	}
	other, _ := sliceOf(t, file, "--level", "0", "--images", "16", "--lift=false", "--seed", "5")
	if other.Z[0] == coarse.Z[0] || other.Z[24] != coarse.Z[24] || !strings.Contains(other.Label, "seed 5") {
		t.Errorf("with another seed %g and %g came instead of %g and %g", other.Z[0], other.Z[24], coarse.Z[0], coarse.Z[24])
	}
}

// The command and the dashboard's worker compute the same picture.
func TestSliceIsTheDashboardsSlice(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	blobs := storeBlobs(t)
	sha, err := blobs.Put(content)
	if err != nil {
		t.Fatal(err)
	}
	mine, _ := sliceOf(t, file, "--level", "0")
	var theirs *sliceLevel
	task := sliceTask{Blobs: blobs.Folder, Checkpoint: sha}
	stop := errDone
	if err := task.sample(t.Context(), io.Discard, func(line sliceLine) error { theirs = line.Level; return stop }); err != stop {
		t.Fatal(err)
	}
	for i, z := range theirs.Z {
		if float32(z) != float32(mine.Z[i]) {
			t.Fatalf("point %d: %g, and %g from the worker", i, mine.Z[i], z)
		}
	}
}

func TestSliceOnAFolderOfImages(t *testing.T) {
	slow(t)
	t.Parallel()
	folder := t.TempDir()
	images := filepath.Join(folder, "my images")
	writeIDX(t, images, 40, 3)
	file := filepath.Join(folder, "own.ckpt")
	if _, log, code := shell(t, t.Context(), "train", "--model", "softmax", "--dataset", images, "--epochs", "1", "--out", file); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	c, err := loadCheckpoint(file)
	if err != nil || c.Config.Dataset != "my images" {
		t.Fatalf("the checkpoint names its images %q (%v)", c.Config.Dataset, err)
	}
	if _, log, code := shell(t, t.Context(), "slice", file, "--level", "0"); code != 2 || !strings.Contains(log, `"my images"`) || !strings.Contains(log, "--dataset") {
		t.Errorf("without --dataset: exit code %d, %q", code, log)
	}
	if _, log, code := shell(t, t.Context(), "slice", file, "--level", "0", "--dataset", "fashion-mnist-8k"); code != 2 || !strings.Contains(log, "the 40 images on which it was trained") {
		t.Errorf("with other images: exit code %d, %q", code, log)
	}
	if s, _ := sliceOf(t, file, "--level", "0", "--dataset", images); s.Images != 40 {
		t.Errorf("%d images behind each loss, of 40", s.Images)
	}
	if out, log, code := shell(t, t.Context(), "train", "--resume", file, "--dataset", images); code != 0 || !strings.Contains(out, "after") {
		t.Errorf("resuming: exit code %d, %q, %q", code, out, log)
	}
}

func TestSliceRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, cut := trained(t), filepath.Join(folder, "cut.ckpt")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, content[:len(content)-1000], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		says string
	}{
		{"no checkpoint", nil, "one file with a checkpoint"},
		{"two checkpoints", []string{file, cut}, "one file with a checkpoint"},
		{"a checkpoint cut short", []string{cut}, "cut short"},
		{"a checkpoint that is not there", []string{filepath.Join(folder, "no.ckpt")}, "no such file"},
		{"a level too fine", []string{file, "--level", "4"}, "0 to 3"},
		{"no images", []string{file, "--images", "0"}, "from 1 on"},
		{"a file in no folder", []string{file, "-o", filepath.Join(folder, "no", "s.json")}, "Make the folder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, log, code := shell(t, t.Context(), append([]string{"slice"}, test.args...)...)
			if code != 2 || out != "" || strings.Count(log, "\n") != 1 || !strings.Contains(log, test.says) {
				t.Errorf("exit code %d, %q, %q", code, out, log)
			}
		})
	}
}

func TestSliceIntoAFile(t *testing.T) {
	slow(t)
	t.Parallel()
	name := filepath.Join(t.TempDir(), "s.json")
	out, log, code := shell(t, t.Context(), "slice", trained(t), "--level", "0", "--images", "4", "--lift=false", "-o", name)
	content, err := os.ReadFile(name)
	if code != 0 || out != "" || err != nil || !json.Valid(content) {
		t.Errorf("exit code %d, %q, %q, %v", code, out, log, err)
	}
}

func TestSliceThatIsStoppedWritesNothing(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "s.json")
	ctx, cancel := context.WithCancel(t.Context())
	log := &cancelAfter{left: 1, cancel: cancel} // the line of level 0
	var out strings.Builder
	if code := shellTo(t, ctx, &out, log, "slice", trained(t), "--images", "4", "-o", name); code != 1 || out.Len() > 0 {
		t.Errorf("exit code %d, %q", code, out.String())
	}
	if _, err := os.Stat(name); err == nil || !strings.Contains(log.String(), "nothing was written") {
		t.Errorf("%v, %q", err, log.String())
	}
}

// With --json each level comes as a line as soon as it is there; another engine gives the same picture up to its rounding.
func TestSliceAsLines(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	out, log, code := shell(t, t.Context(), "slice", file, "--level", "1", "--images", "8", "--lift=false", "--json", "--engine", "gorgonia")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 2 {
		t.Fatalf("exit code %d, %d lines: %s", code, len(lines), log)
	}
	want, _ := sliceOf(t, file, "--level", "1", "--images", "8", "--lift=false")
	for level, line := range lines {
		var s Slice
		if err := json.Unmarshal([]byte(line), &s); err != nil || s.Level != level {
			t.Fatalf("line %d: level %d, %v", level, s.Level, err)
		}
		if level == 1 && math.Abs(s.Z[84]-want.Z[84]) > 1e-5*want.Z[84] {
			t.Errorf("the loss at the center is %g, and %g on the other engine", s.Z[84], want.Z[84])
		}
	}
	if _, log, code := shell(t, t.Context(), "slice", file, "--engine", "abacus"); code != 2 || !strings.Contains(log, "abacus") {
		t.Errorf("an engine that is not there: exit code %d, %q", code, log)
	}
}
