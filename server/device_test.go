package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"smoothscape/trainer"
	"smoothscape/trainer/device"
)

// aDevice skips a test on a machine without one; a software driver is one, too.
func aDevice(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("works on a device")
	}
	adapters, err := (devices{}).Adapters(t.Context())
	if err != nil {
		t.Skipf("no device here: %v", err)
	}
	t.Logf("on %v", device.InfoOf(adapters[0]))
}

// The same commands on a device and on the CPU: the losses of a training and of a picture are the same but for rounding.
func TestADeviceTrainsAndDraws(t *testing.T) {
	aDevice(t)
	losses := map[string][]float64{}
	file := ""
	for _, name := range []string{"cpu", "webgpu"} {
		file = filepath.Join(t.TempDir(), name+".ckpt")
		out, log, code := shell(t, t.Context(), "train", "--model", "softmax", "--batch", "128", "--epochs", "1", "--engine", name, "--json", "--out", file)
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", name, code, log)
		}
		for line := range strings.Lines(out) {
			var e trainer.Event
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			if s := e.Started; s != nil && (s.Engine != name || s.Warning != "" || (s.Device != nil) != (name == "webgpu")) {
				t.Errorf("%s: started %+v", name, s)
			}
			if e.Update != nil {
				losses[name] = append(losses[name], float64(e.Update.TrainLoss))
			}
		}
	}
	mine, theirs := losses["webgpu"], losses["cpu"]
	if len(mine) != 63 || len(theirs) != 63 || !(mine[62] < 0.7*mine[0]) {
		t.Fatalf("%d and %d losses, the first %v, the last %v", len(mine), len(theirs), mine[0], mine[len(mine)-1])
	}
	for i := range mine {
		if !(math.Abs(mine[i]-theirs[i]) <= 0.01*theirs[i]) { // 63 steps in another order of sums; the differences found are of 1e-6
			t.Errorf("update %d: loss %v, on the CPU %v", i+1, mine[i], theirs[i])
		}
	}
	picture, log := sliceOf(t, file, "--level", "0", "--images", "16", "--lift=false", "--engine", "webgpu")
	same, _ := sliceOf(t, file, "--level", "0", "--images", "16", "--lift=false", "--engine", "cpu")
	if strings.Contains(log, "smoothscape:") {
		t.Errorf("standard error %q", log)
	}
	for i, z := range same.Z {
		if !(math.Abs(picture.Z[i]-z) <= 1e-4*z) {
			t.Errorf("point %d: loss %v, on the CPU %v", i, picture.Z[i], z)
		}
	}
}

// A driver that faults takes the worker, by a signal that no Go program can catch, and leaves the dashboard: the run is interrupted, says what happened,
// and goes on when it is asked to. The device here is any that this machine has.
func TestAFaultOfTheDriverLeavesTheDashboard(t *testing.T) {
	aDevice(t)
	rs := realRuns(t, t.TempDir())
	cfg := testConfig()
	cfg.Engine, cfg.Epochs, cfg.BatchSize, cfg.Schedule = "webgpu", 1, 160, trainer.Constant
	id := mustCreate(t, rs, cfg)
	awaitStep(t, rs, id, 3)
	for _, pid := range children(t) {
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Signal(syscall.SIGSEGV)
		}
	}
	run := await(t, rs, id, "the fault", func(r RunView) bool { return r.Status != StatusRunning })
	if run.Status != StatusInterrupted || !strings.Contains(run.Reason, "SIGSEGV: segmentation violation") || run.Started == nil || run.Started.Device == nil || !strings.Contains(run.Reason, "It computed on "+run.Started.Device.Name) {
		t.Fatalf("got %s: %s", run.Status, run.Reason)
	}
	if s := run.Started; s.Engine != "webgpu" || s.Device.Name == "" || s.Device.Memory <= 0 {
		t.Errorf("started on %+v", s)
	}
	mustDo(t, rs, id, MoveResume)
	awaitStep(t, rs, id, run.Step+2)
}
