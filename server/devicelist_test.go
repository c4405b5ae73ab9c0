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
