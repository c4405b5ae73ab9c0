package main

import (
	"testing"

	"smoothscape/trainer/device"
)

func TestDevicesInTheForm(t *testing.T) {
	var list deviceList
	values := func() (all string) {
		for _, c := range list.choices() {
			all += c.Value + "|" + c.Label + "\n"
		}
		return all
	}
	if got := values(); got != "webgpu|webgpu: the best graphics device\n" {
		t.Errorf("unknown: got %s", got)
	}
	list.found.Store(&[]device.Adapter{
		{Name: "RTX 4090", Backend: "DX12", Kind: "discrete GPU"}, {Name: "RTX 4090", Backend: "Vulkan", Kind: "discrete GPU"}, {Name: "llvmpipe", Kind: "software driver"}, {Name: " "},
	})
	if got := values(); got != "webgpu|webgpu: RTX 4090 (discrete GPU)\nwebgpu:llvmpipe|webgpu: llvmpipe (software driver)\n" {
		t.Errorf("got %s", got)
	}
	form := runForm(typedForm{"engine": "webgpu:RTX 3060", "model": "mlp"}, nil, list.choices(), nil)
	if last := form.Engine.Choices[len(form.Engine.Choices)-1]; last.Value != "webgpu:RTX 3060" || form.Engine.Value != last.Value {
		t.Errorf("a device of a link: %+v", form.Engine)
	}
}

// Each card is a place of its own, to which every name of it leads; software drivers and all else share the processors.
func TestPlaceOfAnEngine(t *testing.T) {
	var list deviceList
	if got := list.place("webgpu"); got != processors {
		t.Errorf("while no device is known: %q", got)
	}
	list.found.Store(&[]device.Adapter{
		{Name: "RTX 4090", Backend: "DX12"}, {Name: "RTX 4090", Backend: "DX12"}, {Name: "RTX 4090", Backend: "Vulkan"}, {Name: "RTX 4090", Backend: "Vulkan"},
		{Name: "Radeon", Backend: "Vulkan"}, {Name: "llvmpipe", Backend: "Vulkan", Software: true},
	})
	for engine, want := range map[string]workplace{
		"cpu": processors, "gorgonia": processors, "webgpu:llvmpipe": processors, "webgpu:nothing like it": processors, "": processors,
		"auto": "RTX 4090 1", "webgpu": "RTX 4090 1", "webgpu:1": "RTX 4090 1", "webgpu:2": "RTX 4090 2", "webgpu:3": "RTX 4090 1", "webgpu:4": "RTX 4090 2", "webgpu:radeon": "Radeon 1",
	} {
		if got := list.place(engine); got != want {
			t.Errorf("%s computes at %q, want %q", engine, got, want)
		}
	}
	list.found.Store(&[]device.Adapter{{Name: "llvmpipe", Software: true}})
	if got := list.place("auto"); got != processors {
		t.Errorf("auto beside a software driver alone computes at %q", got)
	}
}

// Runs on different devices train beside each other and beside one on the processors; two on one device do not.
func TestEachDeviceHasAWorker(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=100000 delay=5ms")
	s.runs.devices.found.Store(&[]device.Adapter{{Name: "RTX 4090", Backend: "Vulkan"}, {Name: "Radeon", Backend: "Vulkan"}})
	on := func(engine string) string {
		config := testConfig()
		config.Engine = engine
		return mustCreate(t, s.runs, config)
	}
	first, cpu := on("webgpu:RTX 4090"), on("cpu")
	behind, radeon, waits := on("webgpu:1"), on("webgpu:Radeon"), on("cpu")
	for _, id := range []string{first, cpu, radeon} {
		awaitStatus(t, s.runs, id, StatusRunning)
	}
	for _, id := range []string{behind, waits} {
		awaitStatus(t, s.runs, id, StatusQueued)
	}
	if _, err := s.runs.Do(t.Context(), first, MoveStop); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s.runs, behind, StatusRunning)
	awaitStatus(t, s.runs, waits, StatusQueued)
}
