package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"smoothscape/trainer"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine/crosscheck"
)

// fakeSystem has two devices, of which the first fails its check in some way, or none.
type fakeSystem struct {
	device.System
	none   error
	report crosscheck.Report
	err    error
}

func (f fakeSystem) Adapters(context.Context) ([]device.Adapter, error) {
	return []device.Adapter{
		{Place: 1, Name: "Radeon", Driver: "amdgpu 6.1", Backend: "Vulkan", Kind: "discrete GPU", Limits: []device.Limit{{Name: "one array", Value: 128 << 20, Bytes: true}, {Name: "arrays of a kernel", Value: 32}}},
		{Place: 2, Name: "llvmpipe", Backend: "Vulkan", Kind: "CPU", Software: true},
	}, f.none
}

func (f fakeSystem) Check(_ context.Context, a device.Adapter) (crosscheck.Report, error) {
	if a.Software {
		return crosscheck.Report{Passed: true, Tolerance: 1e-4, Worst: crosscheck.Difference{What: "step 1, loss", L2: 1e-6}}, nil
	}
	return f.report, f.err
}

// A driver that crashes takes the process of the check alone, and a job then computes on the CPU.
func TestADriverThatCrashesWhileItIsChecked(t *testing.T) {
	t.Setenv(fakeVariable, "devices crash")
	const want = "the driver crashes: exit status 2: SIGSEGV: segmentation violation"
	if _, err := (devices{}).Adapters(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if _, err := (devices{}).Check(t.Context(), device.Adapter{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (devices{}).Adapters(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	opened, err := trainer.OpenEngine(t.Context(), "auto", trainer.Opening{Devices: devices{}})
	if err != nil || opened.Engine.Name() != "cpu" || !strings.Contains(opened.Warning, want) {
		t.Errorf("auto: got %+v, %v", opened, err)
	}
}

func TestDevices(t *testing.T) {
	wrong := crosscheck.Report{Tolerance: 1e-4, Worst: crosscheck.Difference{What: "step 1, gradient of stem.weight", L2: 2}}
	for _, test := range []struct {
		name   string
		system fakeSystem
		want   []string
		auto   string
	}{
		{"right", fakeSystem{report: crosscheck.Report{Passed: true}}, []string{"1  Radeon\n", "discrete GPU, Vulkan, driver amdgpu 6.1; --engine webgpu:1", "one array 128 MiB, arrays of a kernel 32", "check: passed"}, "webgpu:1"},
		{"wrong", fakeSystem{report: wrong}, []string{"check: refused: step 1, gradient of stem.weight: off by 2 (relative L2) where 0.0001 is allowed", "2  llvmpipe"}, "cpu"},
		{"crashing", fakeSystem{err: errors.New("the driver crashes: signal: segmentation fault")}, []string{"check: the driver crashes: signal: segmentation fault."}, "cpu"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out, log bytes.Buffer
			if err := listDevices(t.Context(), &terminal{out: &out, err: &log}, test.system, false); err != nil {
				t.Fatal(err)
			}
			for _, want := range append(test.want, "--engine auto takes "+test.auto+" here.") {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not in\n%s", want, out.String())
				}
			}
			out.Reset()
			if err := listDevices(t.Context(), &terminal{out: &out, err: &log}, test.system, true); err != nil {
				t.Fatal(err)
			}
			var listed struct {
				Devices []listedDevice
				Auto    string
			}
			if err := json.Unmarshal(out.Bytes(), &listed); err != nil || len(listed.Devices) != 2 || listed.Auto != test.auto || listed.Devices[1].Report == nil {
				t.Errorf("%v: %s", err, out.String())
			}
		})
	}
	err := listDevices(t.Context(), &terminal{}, fakeSystem{none: errors.New("webgpu: no graphics library")}, false)
	if err == nil || exitCode(err) != 1 {
		t.Errorf("got %v", err)
	}
}
