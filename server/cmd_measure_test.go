package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"smoothscape/trainer/measure"
)

// ownNetwork is a file with a network of one's own, for images of any size: a residual block with batch normalization.
func ownNetwork(t *testing.T, classes int) string {
	t.Helper()
	network := `{"name":"mine","layers":[
		{"kind":"maxpool","kernel":4,"stride":4},
		{"kind":"conv","name":"stem","channels":4,"kernel":3,"stride":1,"padding":1,"noBias":true}, {"kind":"batchnorm"}, {"kind":"relu","name":"in"},
		{"kind":"conv","channels":4,"kernel":3,"stride":1,"padding":1,"noBias":true}, {"kind":"batchnorm"}, {"kind":"add","with":"in"}, {"kind":"relu"},
		{"kind":"gap"}, {"kind":"flatten"}, {"kind":"linear","units":` + strconv.Itoa(classes) + `}]}`
	name := filepath.Join(t.TempDir(), "mine.json")
	if err := os.WriteFile(name, []byte(network), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTrainTakesEverySetting(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "own.ckpt")
	images := filepath.Join(t.TempDir(), "images")
	writeIDX(t, images, 200, 10) // of two classes
	args := []string{
		"train", "--spec", ownNetwork(t, 2), "--dataset", images, "--epochs", "4", "--batch-size", "20", "--learning-rate", "0.05", "--schedule", "polynomial", "--power", "0.5",
		"--carrier", "both", "--warmup-epochs", "2", "--late-batch", "--momentum", "0.9", "--nesterov", "--weight-decay", "1e-3", "--augment", "flip-crop", "--seed", "5", "--out", file,
	}
	if _, log, code := shell(t, t.Context(), args...); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	c, err := loadCheckpoint(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg := c.Config
	if cfg.Model != "custom" || cfg.Spec == nil || cfg.Spec.Name != "mine" || cfg.Power != 0.5 || cfg.Carrier != "both" || cfg.WarmupEpochs != 2 || !cfg.LateBatch ||
		cfg.Momentum != 0.9 || !cfg.Nesterov || cfg.WeightDecay != 1e-3 || cfg.Augment != "flip-crop" || cfg.Seed != 5 || cfg.Schedule != "polynomial" {
		t.Errorf("trained with %+v", cfg)
	}
	if len(c.State) != 16 || len(c.Velocity) != len(c.Params) {
		t.Errorf("%d running statistics, %d momentum values for %d parameters", len(c.State), len(c.Velocity), len(c.Params))
	}
	if _, log, code := shell(t, t.Context(), "train", "--resume", file, "--dataset", images, "--momentum", "0.8"); code != 2 || !strings.Contains(log, "--momentum=0.9") || !strings.Contains(log, "--momentum=0.8") {
		t.Errorf("another momentum than the checkpoint's: exit code %d, %q", code, log)
	}
	if out, log, code := shell(t, t.Context(), "train", "--resume", file, "--dataset", images); code != 0 || !strings.Contains(out, "nothing was left") {
		t.Errorf("resuming it: exit code %d, %q, %q", code, out, log)
	}
	// Slices and measurements take the running statistics of the checkpoint.
	slice, _ := sliceOf(t, file, "--dataset", images, "--level", "0", "--images", "200", "--lift=false")
	report := measured(t, file, "--dataset", images, "--what", "spread", "--images", "0", "--samples", "200")
	loss, ok := report.Quantity("sampleLoss")
	if !ok || slice.Loss == nil || float32(loss.Value) != float32(*slice.Loss) {
		t.Errorf("the loss is %v in the report and %v in the slice", loss.Value, slice.Loss)
	}
}

func TestTrainRefusesNetworksThatDoNotFit(t *testing.T) {
	slow(t)
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	free := filepath.Join(folder, "free.ckpt")
	for _, test := range []struct {
		name string
		args []string
		says []string
	}{
		{"no file", []string{"--spec", filepath.Join(folder, "none.json")}, []string{"a file of JSON"}},
		{"no JSON", []string{"--spec", write("a.json", "layers")}, []string{"--dump-spec"}},
		{"an unknown field", []string{"--spec", write("b.json", `{"name":"x","colour":1,"layers":[]}`)}, []string{"colour"}},
		{"other images", []string{"--spec", write("c.json", `{"name":"x","input":{"c":3,"h":32,"w":32},"classes":10,"layers":[{"kind":"flatten"},{"kind":"linear","units":10}]}`)}, []string{"3×32×32", "1×28×28"}},
		{"too few outputs", []string{"--spec", write("d.json", `{"name":"x","layers":[{"kind":"flatten"},{"kind":"linear","units":3}]}`)}, []string{"3×1×1", "10×1×1"}},
		{"shapes that cannot be added", []string{"--spec", write("e.json", `{"name":"x","layers":[{"kind":"relu","name":"a"},{"kind":"conv","channels":4,"kernel":3,"stride":1},{"kind":"add","with":"a"},{"kind":"flatten"},{"kind":"linear","units":10}]}`)}, []string{"layer 2", "4×26×26", "1×28×28"}},
		{"two networks", []string{"--spec", write("f.json", "{}"), "--model", "mlp"}, []string{"Leave one of them out"}},
		{"custom without a network", []string{"--model", "custom"}, []string{"its layers"}},
		{"Nesterov without momentum", []string{"--nesterov"}, []string{"a momentum above 0"}},
		{"settings out of range", []string{"--momentum", "1", "--weight-decay", "-1", "--warmup-epochs", "99", "--augment", "glitter", "--carrier", "pigeon"}, []string{"momentum", "weight decay", "warm-up", "glitter", "pigeon"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, log, code := shell(t, t.Context(), append([]string{"train", "--out", free}, test.args...)...)
			if code != 2 || out != "" {
				t.Errorf("exit code %d, %q", code, out)
			}
			for _, words := range test.says {
				if !strings.Contains(log, words) {
					t.Errorf("standard error does not say %q: %s", words, log)
				}
			}
		})
	}
}

// measured runs measure --json and reads its report.
func measured(t *testing.T, args ...string) measure.Report {
	t.Helper()
	out, log, code := shell(t, t.Context(), append([]string{"measure", "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	var file struct {
		Model  string
		Step   int
		Report measure.Report
	}
	if err := json.Unmarshal([]byte(out), &file); err != nil || file.Model == "" || file.Step < 1 {
		t.Fatalf("%v: %.300s", err, out)
	}
	return file.Report
}

func TestMeasureACheckpoint(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	report := measured(t, file, "--what", "c,trace,density,noise,noise-scale", "--images", "64", "--lanczos-steps", "8", "--trace-vectors", "4", "--density-runs", "2", "--noise-batches", "16", "--curved-images", "4", "--seed", "9")
	if report.Images != 64 || report.TrainSize != 8000 || report.Parameters != 7850 || report.Request.Seed != 9 {
		t.Errorf("measured %d of %d images, %d parameters, %+v", report.Images, report.TrainSize, report.Parameters, report.Request)
	}
	for _, name := range []string{"gradStdDev", "topEigenvalue", "hessianTrace", "simpleNoiseScale"} {
		if q, ok := report.Quantity(name); !ok || !(q.Value > 0) || q.Definition == "" {
			t.Errorf("%s: %+v", name, q)
		}
	}
	kinds := map[measure.SeriesKind]bool{}
	for _, s := range report.Series {
		kinds[s.Kind] = true
	}
	if !kinds[measure.Histogram] || !kinds[measure.Curve] {
		t.Errorf("pictures of kinds %v", kinds)
	}
	again := measured(t, file, "--what", "spread", "--images", "64", "--seed", "9")
	a, _ := report.Quantity("gradStdDev")
	if b, _ := again.Quantity("gradStdDev"); a.Value != b.Value {
		t.Errorf("the same seed gave C = %v and %v", a.Value, b.Value)
	}
	// η, b and momentum of δ are the run's own, unless given.
	if r := again.Request; r.BatchSize != 128 || r.LearningRate != 0.01 || r.Momentum != 0 {
		t.Errorf("δ was asked at η = %v, b = %d, μ = %v", r.LearningRate, r.BatchSize, r.Momentum)
	}
	out, log, code := shell(t, t.Context(), "measure", file, "--images", "64")
	for _, want := range []string{"softmax at update 63", "Spread of the gradients C\n", "nats/length", "C² = (1/n) Σ", "arXiv 2311.08745", "Sharpness\n", "! "} {
		if !strings.Contains(out, want) {
			t.Errorf("the table does not say %q:\n%s", want, out)
		}
	}
	if code != 0 || !strings.Contains(log, "7\u202f850 parameters, 64 of 8\u202f000 images") || !strings.Contains(log, "\nSharpness\n") {
		t.Errorf("exit code %d, standard error %q", code, log)
	}
}

func TestMeasureRefuses(t *testing.T) {
	t.Parallel()
	file := trained(t)
	for _, test := range []struct {
		name string
		args []string
		says []string
	}{
		{"no checkpoint", nil, []string{"one file with a checkpoint"}},
		{"a checkpoint that is not there", []string{"none.ckpt"}, []string{"no such file"}},
		{"no checkpoint at all", []string{"cmd_measure.go"}, []string{"not a Smoothscape checkpoint"}},
		{"an unknown group", []string{file, "--what", "beauty"}, []string{"--what", `"beauty"`}},
		{"several numbers out of range", []string{file, "--what", "sharpness,hessian", "--images", "9000", "--radius", "-1"}, []string{"--images"}},
		{"a radius", []string{file, "--radius", "-1", "--iterations", "0"}, []string{"--radius", "--iterations"}},
		{"no number", []string{file, "--radius", "NaN"}, []string{"finite"}},
		{"a batch that is larger than the images", []string{file, "--what", "noise", "--images", "10", "--batch-size", "20"}, []string{"--batch-size"}},
		{"an engine that is not there", []string{file, "--engine", "abacus"}, []string{"abacus"}},
		{"other images", []string{file, "--dataset", "cmd_measure.go"}, []string{"cmd_measure.go"}},
		{"a file in no folder", []string{file, "-o", filepath.Join(t.TempDir(), "no", "r.json")}, []string{"Make the folder"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, log, code := shell(t, t.Context(), append([]string{"measure"}, test.args...)...)
			if code != 2 || out != "" {
				t.Errorf("exit code %d, %q, %q", code, out, log)
			}
			for _, words := range test.says {
				if !strings.Contains(log, words) {
					t.Errorf("standard error does not say %q: %s", words, log)
				}
			}
		})
	}
}

func TestMeasureThatIsStoppedWritesNothing(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "r.json")
	ctx, cancel := context.WithCancel(t.Context())
	log := &cancelAfter{left: 2, cancel: cancel} // the heading, and the first group
	var out bytes.Buffer
	if code := shellTo(t, ctx, &out, log, "measure", trained(t), "--what", "all", "-o", name); code != 1 || out.Len() > 0 {
		t.Errorf("exit code %d, %q", code, out.String())
	}
	if _, err := os.Stat(name); err == nil || !strings.Contains(log.String(), "nothing was written") {
		t.Errorf("%v, %q", err, log.String())
	}
}
