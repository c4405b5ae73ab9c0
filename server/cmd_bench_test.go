package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"smoothscape/trainer/bench"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
)

// These tests change GOMAXPROCS, which belongs to the process, so they do not run beside others.

func TestBenchPrintsATable(t *testing.T) {
	slow(t)
	procs := runtime.GOMAXPROCS(0)
	out, log, code := shell(t, t.Context(), "train", "--bench", "--model", "softmax", "--input", "1x4x4", "--classes", "3", "--batch", "5", "--steps", "2", "--workers", "1")
	if code != 0 || log != "" {
		t.Fatalf("exit code %d, standard error %q", code, log)
	}
	for _, want := range []string{"softmax, 51 parameters: training step of 5 images of 1×4×4, 1 worker on cpu-", "images/s", "least of 2", "GFLOP/s"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if runtime.GOMAXPROCS(0) != procs {
		t.Errorf("GOMAXPROCS is %d after the measurement, was %d", runtime.GOMAXPROCS(0), procs)
	}
}

// A device stands beside the CPU and, where there is one, PyTorch.
func TestBenchOfADevice(t *testing.T) {
	report := benchReport{
		Result: bench.Result{Engine: "webgpu", Path: "webgpu/vulkan/radeon", ImagesPerSecond: 600, GFlops: 300, PeakGFlops: 1200, PeakShare: 0.25,
			Kernels: []bench.Kernel{{Name: "conv_input", Calls: 9, MS: 3, GFlops: 812.5}, {Name: "add", Calls: 3, MS: 1}}},
		Device: &device.Info{Name: "Radeon", Driver: "amdgpu 6.1", Backend: "Vulkan", Kind: "discrete GPU", Memory: 99_300_000},
		CPU:    &bench.Result{Path: "cpu-avx2-float32/amd64", ImagesPerSecond: 200},
	}
	for _, torch := range []*bench.TorchResult{nil, {Version: "2.4", Device: "Radeon", Layout: "NCHW", ImagesPerSecond: 1200}} {
		report.Torch = torch
		var out strings.Builder
		if err := writeBench(&out, report); err != nil {
			t.Fatal(err)
		}
		last := "python3 has none here"
		if torch != nil {
			last = "1200 images/s, version 2.4 on Radeon, NCHW: the device is 0.5 times as fast"
		}
		for _, want := range []string{
			"Radeon (discrete GPU, amdgpu 6.1, Vulkan), 99.3 MB planned", "300, 25 % of what it reaches with large matrices (1200)",
			"kernels   conv_input             9 a step,        3 ms,  75 %, 812.5 GFLOP/s\n            add                    3 a step,        1 ms,  25 %\n", "together 4 ms",
			"200 images/s on cpu-avx2-float32/amd64: the device is 3 times as fast", last,
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is not in\n%s", want, out.String())
			}
		}
	}
}

// What --dump-spec prints is what --spec takes, and machines get JSON.
func TestBenchOfADumpedSpec(t *testing.T) {
	slow(t)
	text, _, code := shell(t, t.Context(), "train", "--dump-spec", "--model", "resnet8", "--input", "2x8x6", "--classes", "4")
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	want, err := engine.SpecFor("resnet8", engine.Shape{C: 2, H: 8, W: 6}, 4)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "resnet8.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, log, code := shell(t, t.Context(), "train", "--bench", "--json", "--forward", "--spec", file, "--batch", "2", "--steps", "1", "--workers", "2")
	var got bench.Result
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s%s", code, err, out, log)
	}
	if got.Model != "resnet8" || got.Parameters != want.ParameterCount() || got.Mode != bench.Forward || got.Workers != 2 || got.Steps != 1 || got.FlopsPerImage != want.Flops() || got.MedianMS <= 0 {
		t.Errorf("%+v", got)
	}
}

func TestBenchRefuses(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.json")
	if err := os.WriteFile(empty, []byte(`{"layers":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		flags string
		want  []string
	}{
		{"no batch, no worker, negative steps", "--bench --batch 0 --workers 0 --steps -1", []string{"--batch", "--workers", "--steps"}},
		{"a negative duration", "--bench --duration -1s", []string{"--duration"}},
		{"an input of two numbers", "--bench --input 3x32", []string{"channels, height and width", "3x32"}},
		{"an input with something behind it", "--bench --input 3x32x32x1", []string{"channels, height and width"}},
		{"a model that there is not", "--bench --model resnet9", []string{"resnet8", "resnet9"}},
		{"an image too small for the model", "--bench --model convnet --input 1x2x2", []string{"fitting model convnet", "--input"}},
		{"an unknown engine", "--bench --engine abacus", []string{"abacus", "gorgonia"}},
		{"a file that there is not", "--bench --spec /nowhere/net.json", []string{"/nowhere/net.json"}},
		{"a network without layers", "--bench --spec " + empty, []string{"empty.json", "layers"}},
		{"two networks", "--bench --model mlp --spec " + empty, []string{"one network"}},
		{"a flag of a run beside --bench", "--bench --epochs 3", []string{"--epochs", "train nothing"}},
		{"a flag of --bench in a run", "--forward", []string{"--forward", "Add --bench"}},
		{"two words for the batch", "--batch 3 --batch-size 3", []string{"--batch", "--batch-size", "one of them"}},
	}
	for _, c := range cases {
		out, log, code := shell(t, t.Context(), append([]string{"train"}, strings.Fields(c.flags)...)...)
		if code != 2 || out != "" {
			t.Errorf("%s: exit code %d, standard output %q; expected 2 and nothing", c.name, code, out)
		}
		for _, want := range c.want {
			if !strings.Contains(log, want) {
				t.Errorf("%s: %q is not in %q", c.name, want, log)
			}
		}
	}
}
