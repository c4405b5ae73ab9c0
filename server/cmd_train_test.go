package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothscape/trainer"
)

// shell runs the program in this process, in a data folder of its own unless args name another.
func shell(t *testing.T, ctx context.Context, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, log bytes.Buffer
	code = shellTo(t, ctx, &out, &log, args...)
	return out.String(), log.String(), code
}

func shellTo(t *testing.T, ctx context.Context, stdout, stderr io.Writer, args ...string) int {
	t.Helper()
	if !slices.Contains(args, "--data") {
		args = append(args, "--data", t.TempDir())
	}
	err := run(ctx, args, strings.NewReader(""), stdout, stderr)
	reportFailure(stderr, err)
	return exitCode(err)
}

// quickTraining is one epoch of the smallest network, in 63 updates.
func quickTraining(out string, more ...string) []string {
	return append([]string{"train", "--model", "softmax", "--batch-size", "128", "--epochs", "1", "--out", out}, more...)
}

// trained is the checkpoint file of quickTraining.
func trained(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "quick.ckpt")
	if _, log, code := shell(t, t.Context(), quickTraining(file)...); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	return file
}

func TestTrainEndsWithAResultAndACheckpoint(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a b.ckpt")
	out, log, code := shell(t, t.Context(), quickTraining(file)...)
	if code != 0 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "test accuracy ") || !strings.Contains(out, "after 63 updates; checkpoint "+file) {
		t.Errorf("exit code %d, standard output %q", code, out)
	}
	if !strings.Contains(log, "7\u202f850 parameters, 8\u202f000 + 2\u202f000 images, 63 updates") || strings.Count(log, "\nepoch ") != 1 {
		t.Errorf("standard error %q", log)
	}
	c, err := loadCheckpoint(file)
	if err != nil || c.Step != 63 || c.Epoch != 1 || c.Config.LearningRate != trainer.Default("softmax").LearningRate || c.Config.BatchSize != 128 {
		t.Errorf("got %+v, %v", c, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if _, log, code := shell(t, t.Context(), quickTraining(file)...); code != 2 || !strings.Contains(log, "--resume '"+file+"'") {
		t.Errorf("overwriting it: exit code %d, %q", code, log)
	}
}

// cancelAfter ends a context after a number of writes.
type cancelAfter struct {
	bytes.Buffer
	left   int
	cancel context.CancelFunc
}

func (c *cancelAfter) Write(p []byte) (int, error) {
	if c.left--; c.left == 0 {
		c.cancel()
	}
	return c.Buffer.Write(p)
}

// Ctrl-C in the middle, --resume, and the events and the parameters are those of a training that nobody disturbed.
func TestTrainStopsAndGoesOn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	broken, whole := filepath.Join(folder, "broken.ckpt"), filepath.Join(folder, "whole.ckpt")
	ctx, cancel := context.WithCancel(t.Context())
	first := &cancelAfter{left: 20, cancel: cancel}
	var log bytes.Buffer
	if code := shellTo(t, ctx, first, &log, quickTraining(broken, "--json")...); code != 1 {
		t.Errorf("exit code %d after a stop", code)
	}
	if !strings.Contains(log.String(), "smoothscape train --resume "+broken) || strings.Contains(log.String(), "already told") {
		t.Errorf("standard error %q", log.String())
	}
	second, problem, code := shell(t, t.Context(), "train", "--resume", broken, "--json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, problem)
	}
	unbroken, _, _ := shell(t, t.Context(), quickTraining(whole, "--json")...)
	if got, want := updatesOf(t, first.String()+second), updatesOf(t, unbroken); !slices.Equal(got, want) || len(want) != 63 {
		t.Errorf("%d updates came, of %d; they differ", len(got), len(want))
	}
	a, errA := os.ReadFile(broken)
	b, errB := os.ReadFile(whole)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("the last checkpoints differ (%v, %v)", errA, errB)
	}
	again, _, code := shell(t, t.Context(), "train", "--resume", broken)
	if code != 0 || !strings.Contains(again, "after 63 updates") {
		t.Errorf("resuming what is done: exit code %d, %q", code, again)
	}
}

// updatesOf are the updates in lines of events, without their times.
func updatesOf(t *testing.T, lines string) []string {
	t.Helper()
	var updates []string
	for line := range strings.Lines(lines) {
		var e trainer.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		if e.Update != nil {
			text, _ := json.Marshal(e.Update)
			updates = append(updates, string(text))
		}
	}
	return updates
}

func TestTrainThatDivergesKeepsTheLastGoodState(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "d.ckpt")
	out, log, code := shell(t, t.Context(), "train", "--model", "mlp", "--learning-rate", "1e5", "--epochs", "1", "--out", file)
	if code != 1 || out != "" || !strings.Contains(log, "diverged") || !strings.Contains(log, "the last good state is in "+file) {
		t.Errorf("exit code %d, %q, %q", code, out, log)
	}
	c, err := loadCheckpoint(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Params {
		if math.IsNaN(float64(p)) || math.IsInf(float64(p), 0) {
			t.Fatalf("a parameter is %v", p)
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, corrupt := trained(t), filepath.Join(folder, "corrupt.ckpt")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(corrupt, content, 0o600); err != nil {
		t.Fatal(err)
	}
	free := filepath.Join(folder, "free.ckpt")
	for _, test := range []struct {
		name string
		args []string
		says []string // one for each line
	}{
		{"every bad field at once", []string{"--learning-rate", "-1", "--epochs", "0", "--batch-size", "0", "--model", "gpt", "--out", free}, []string{"gpt", "found -1", "batch size b", "number of epochs"}},
		{"a learning rate that is no number", []string{"--learning-rate", "fast"}, []string{`"fast"`}},
		{"a batch larger than the data", []string{"--batch-size", "8001", "--out", free}, []string{"from 1 to 8000"}},
		{"an engine that is not there", []string{"--engine", "gpu", "--out", free}, []string{"auto, cpu, gorgonia"}},
		{"a data set that is not there", []string{"--dataset", "cifar-1000", "--out", free}, []string{"data fetch"}},
		{"a folder without images", []string{"--dataset", folder, "--out", free}, []string{"IDX"}},
		{"a file in no folder", []string{"--out", filepath.Join(folder, "no", "x.ckpt")}, []string{"Make the folder"}},
		{"a folder as file", []string{"--out", folder}, []string{"Name a file in it"}},
		{"a checkpoint that is not there", []string{"--resume", free}, []string{"opening the checkpoint"}},
		{"a damaged checkpoint", []string{"--resume", corrupt}, []string{"is damaged"}},
		{"no checkpoint", []string{"--resume", "cmd_train.go"}, []string{"not a Smoothscape checkpoint"}},
		{"other settings than the checkpoint's", []string{"--resume", file, "--epochs", "5"}, []string{"--epochs 5"}},
		{"a word too many", []string{"convnet"}, []string{"no more words"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, log, code := shell(t, t.Context(), append([]string{"train"}, test.args...)...)
			lines := strings.Split(strings.TrimSpace(log), "\n")
			if code != 2 || out != "" || len(lines) != len(test.says) {
				t.Fatalf("exit code %d, %q, %d lines: %s", code, out, len(lines), log)
			}
			for i, part := range test.says {
				if !strings.Contains(lines[i], part) {
					t.Errorf("line %d is %q, does not say %q", i, lines[i], part)
				}
			}
			if _, err := os.Stat(free); err == nil {
				t.Error("a checkpoint was written")
			}
		})
	}
}

func TestReplaceFileKeepsTheOldOnFailure(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	name := filepath.Join(folder, "file")
	put := func(text string, failure error) error {
		return replaceFile(name, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, failure)
		})
	}
	if err := put("old", nil); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	if err := put("ne", full); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	content, err := os.ReadFile(name)
	entries, _ := os.ReadDir(folder)
	if err != nil || string(content) != "old" || len(entries) != 1 {
		t.Errorf("%q, %v, %v", content, err, entries)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink("file", link); err != nil {
		t.Skip("no links here")
	}
	if err := replaceFile(link, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	content, _ = os.ReadFile(name)
	if info, err := os.Lstat(link); err != nil || info.Mode().IsRegular() || string(content) != "new" {
		t.Errorf("the link was replaced, or its file not: %q, %v", content, err)
	}
	if err := replaceFile(os.DevNull, func(w io.Writer) error { return nil }); err != nil {
		t.Errorf("%s: %v", os.DevNull, err)
	}
}
