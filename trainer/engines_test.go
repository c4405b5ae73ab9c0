package trainer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/crosscheck"
	"smoothscape/trainer/engine/webgpu"
)

// machine is a fake machine with devices, each of which is the CPU engine under another name.
type machine struct {
	adapters []device.Adapter
	none     error // why there are none
	check    func(device.Adapter) (crosscheck.Report, error)
	memory   error
	grad     func(call int, m *engine.Metrics) error // what a device does at its gradients, after computing them
	checked  int
	closed   int
}

func (m *machine) Adapters(context.Context) ([]device.Adapter, error) { return m.adapters, m.none }

func (m *machine) Check(_ context.Context, a device.Adapter) (crosscheck.Report, error) {
	m.checked++
	return m.check(a)
}

func (m *machine) Open(device.Adapter) (device.Device, error) {
	return &fakeDevice{Engine: cpu.New(), machine: m}, nil
}

type fakeDevice struct {
	engine.Engine
	machine *machine
	calls   int
}

func (*fakeDevice) Name() string { return device.EngineName }

func (*fakeDevice) Path() string { return "webgpu/fake" }

func (d *fakeDevice) Memory(engine.Spec, int) (int64, error) { return 1234, d.machine.memory }

func (d *fakeDevice) Close() error { d.machine.closed++; return nil }

func (d *fakeDevice) Build(spec engine.Spec) (engine.Model, error) {
	m, err := d.Engine.Build(spec)
	return fakeDeviceModel{m, d}, err
}

type fakeDeviceModel struct {
	engine.Model
	device *fakeDevice
}

func (m fakeDeviceModel) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	metrics, err := m.Model.Grad(x, y, grad)
	m.device.calls++
	if err == nil && m.device.machine.grad != nil {
		err = m.device.machine.grad(m.device.calls, &metrics)
	}
	return metrics, err
}

func passes(device.Adapter) (crosscheck.Report, error) {
	return crosscheck.Report{Passed: true, Worst: crosscheck.Difference{L2: 5e-7}}, nil
}

func refused(device.Adapter) (crosscheck.Report, error) {
	return crosscheck.Report{Tolerance: 1e-4, Worst: crosscheck.Difference{What: "step 1, gradient of stem.weight", L2: 2}}, nil
}

var (
	radeon   = device.Adapter{Place: 1, Name: "Radeon", Driver: "amdgpu 6.1", Backend: "Vulkan", Kind: "discrete GPU", Path: "webgpu/fake"}
	llvmpipe = device.Adapter{Place: 2, Name: "llvmpipe", Backend: "Vulkan", Kind: "CPU", Software: true, Path: "webgpu/soft"}
)

func TestOpenEngine(t *testing.T) {
	both := []device.Adapter{radeon, llvmpipe}
	soft := []device.Adapter{llvmpipe}
	crash := func(device.Adapter) (crosscheck.Report, error) {
		return crosscheck.Report{}, errors.New("the driver crashes: signal: segmentation fault")
	}
	noLoader := fmt.Errorf("%w: %w", device.ErrNone, webgpu.ErrNoLoader)
	short := fmt.Errorf("%w: 5 GB, the device allows 2 GB", webgpu.ErrMemory)
	const figures = "Radeon (discrete GPU, amdgpu 6.1, Vulkan): refused: step 1, gradient of stem.weight: off by 2 (relative L2) where 0.0001 is allowed"
	for _, test := range []struct {
		name    string
		engine  string
		machine machine
		opening Opening
		want    string // engine
		device  string // name of the device, "" for none
		words   string // in the warning, or in the error if want is empty
	}{
		{"cpu", "cpu", machine{}, Opening{}, "cpu", "", ""},
		{"gorgonia", "gorgonia", machine{}, Opening{}, "gorgonia", "", ""},
		{"unknown", "quantum", machine{}, Opening{}, "", "", "auto, cpu, gorgonia, webgpu, webgpu:NAME"},
		{"auto without a loader", "auto", machine{none: noLoader}, Opening{}, "cpu", "", ""},
		{"auto with a driver that crashes", "auto", machine{none: errors.New("the driver crashes")}, Opening{}, "cpu", "", "the driver crashes"},
		{"auto with a software driver", "auto", machine{adapters: soft, check: passes}, Opening{}, "cpu", "", ""},
		{"auto with a GPU", "auto", machine{adapters: both, check: passes}, Opening{}, "webgpu", "Radeon", ""},
		{"auto with a GPU that is wrong", "auto", machine{adapters: both, check: refused}, Opening{}, "cpu", "", figures},
		{"auto with a GPU that is too small", "auto", machine{adapters: both, check: passes, memory: short}, Opening{Batch: 128}, "cpu", "", "the device allows 2 GB"},
		{"the best device", "webgpu", machine{adapters: both, check: passes}, Opening{}, "webgpu", "Radeon", ""},
		{"a software driver that is named", "webgpu:llvm", machine{adapters: both, check: passes}, Opening{}, "webgpu", "llvmpipe", ""},
		{"a device that is wrong", "webgpu:rad", machine{adapters: both, check: refused}, Opening{}, "cpu", "", figures},
		{"a device whose driver crashes", "webgpu", machine{adapters: both, check: crash}, Opening{}, "cpu", "", "segmentation fault"},
		{"no loader", "webgpu", machine{none: noLoader}, Opening{}, "", "", "no graphics library"},
		{"no loader, but the job goes on", "webgpu", machine{none: noLoader}, Opening{Must: true}, "cpu", "", "no graphics library"},
		{"a device that is not there", "webgpu:arc", machine{adapters: both}, Opening{}, "", "", "found 1 Radeon, 2 llvmpipe"},
		{"a device that is not there any more", "webgpu:arc", machine{adapters: soft}, Opening{Must: true}, "cpu", "", `a device with "arc" in its name`},
		{"a device that is too small", "webgpu", machine{adapters: both, check: passes, memory: short}, Opening{Batch: 128}, "", "", "the device allows 2 GB"},
		{"a software driver where nobody insists", "webgpu:llvm", machine{adapters: both, check: passes}, Opening{Fast: true}, "cpu", "", ""},
		{"a device that has proved itself", "webgpu", machine{adapters: both, check: refused}, Opening{Trusted: "webgpu/fake"}, "webgpu", "Radeon", ""},
		{"one that has, with a shape of tiles", "webgpu", machine{adapters: both, check: refused}, Opening{Trusted: "webgpu/fake/64x64"}, "webgpu", "Radeon", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.opening.Devices = &test.machine
			opened, err := OpenEngine(t.Context(), test.engine, test.opening)
			if test.want == "" {
				if err == nil || !strings.Contains(err.Error(), test.words) {
					t.Errorf("got %+v, %v", opened, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			name := ""
			if opened.Device != nil {
				name = opened.Device.Name
			}
			if opened.Engine.Name() != test.want || name != test.device || (opened.Warning == "") != (test.words == "") || !strings.Contains(opened.Warning, test.words) {
				t.Errorf("got %s on %q: %s", opened.Engine.Name(), name, opened.Warning)
			}
			if err := opened.Close(); err != nil || name != "" && test.machine.closed != 1 {
				t.Errorf("closed %d devices, %v", test.machine.closed, err)
			}
		})
	}
}

// A device that fails in mid-run leaves the state from before the step, from which the run goes on, here on the CPU, to the numbers of an unbroken one.
func TestARunOutlivesItsDevice(t *testing.T) {
	for name, job := range map[string]Job{"mlp": blobJob(), "batch norm": variants()["batch norm"]} {
		for fault, grad := range map[string]func(call int, m *engine.Metrics) error{
			"lost": func(call int, _ *engine.Metrics) error {
				if call == 20 {
					return fmt.Errorf("%w: VK_ERROR_DEVICE_LOST", webgpu.ErrDeviceLost)
				}
				return nil
			},
			"not a number": func(call int, m *engine.Metrics) error {
				if call == 20 {
					m.Loss = math.NaN()
				}
				return nil
			},
		} {
			t.Run(name+", "+fault, func(t *testing.T) {
				whole := mustTrain(t, job, OutcomeDone)
				job := job
				job.Config.Engine = "webgpu"
				opened, err := job.Open(t.Context(), &machine{adapters: []device.Adapter{radeon}, check: passes, grad: grad}, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer opened.Close()
				part := &record{}
				var started *Started
				var ended *Ended
				outcome, err := Train(t.Context(), job, part.save, func(e Event) error {
					if e.Started != nil {
						started = e.Started
					}
					ended = e.Ended
					return part.emit(e)
				})
				var wrong *device.Fault
				if outcome != OutcomeFailed || !errors.As(err, &wrong) || ended == nil || !strings.Contains(ended.Reason, "Radeon (discrete GPU, amdgpu 6.1, Vulkan)") || !strings.Contains(ended.Reason, "resume the run") {
					t.Fatalf("got %s, %v, %+v", outcome, err, ended)
				}
				if started == nil || started.Device == nil || started.Device.Name != "Radeon" || started.Device.Memory != 1234 || started.Device.Checked != 5e-7 || started.Engine != "webgpu" {
					t.Errorf("started %+v", started)
				}
				if n := len(part.events); n == 0 || part.last().Step != part.events[n-1].Step {
					t.Fatalf("the checkpoint is of step %d", part.last().Step)
				}
				job.Resume = part.last()
				opened, err = job.Open(t.Context(), &machine{none: webgpu.ErrNoAdapter}, nil)
				if err != nil || opened.Engine.Name() != "cpu" || !strings.Contains(job.Notice, "no graphics adapter") {
					t.Fatalf("got %+v, %v", opened, err)
				}
				rest := mustTrain(t, job, OutcomeDone)
				if !sameEvents(slices.Concat(part.events, rest.events), whole.events) || !reflect.DeepEqual(rest.last().Params, whole.last().Params) {
					t.Error("the numbers differ from those of an unbroken run")
				}
			})
		}
	}
}
