package device

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/crosscheck"
	"smoothscape/trainer/engine/webgpu"
)

// Local are the devices of this machine, their drivers loaded into this process.
type Local struct{}

// Adapters implements System.
func (Local) Adapters(context.Context) ([]Adapter, error) {
	found, err := webgpu.Adapters()
	if err != nil {
		return nil, fmt.Errorf("%w: %w. %s", ErrNone, err, installAdvice(runtime.GOOS))
	}
	all := make([]Adapter, len(found))
	for i, a := range found {
		kind := a.Kind.String()
		if a.Kind == webgpu.CPU {
			kind = "software driver"
		}
		all[i] = Adapter{
			Place: i + 1, Name: a.Name, Driver: a.Driver, Backend: a.Backend, Kind: kind, Software: a.Kind == webgpu.CPU, Path: a.Path(),
			Limits: []Limit{
				{"one array", a.Limits.MaxBinding, true}, {"one allocation", a.Limits.MaxBuffer, true},
				{"arrays of a kernel", int64(a.Limits.StorageBuffers), false}, {"groups of threads along an axis", int64(a.Limits.Workgroups), false},
			},
		}
	}
	return all, nil
}

// Check implements System.
func (l Local) Check(ctx context.Context, a Adapter) (report crosscheck.Report, err error) {
	opened, err := l.Open(a)
	if err != nil {
		return report, err
	}
	report, err = crosscheck.Run(ctx, opened)
	return report, errors.Join(err, opened.Close())
}

// Open implements System.
func (Local) Open(a Adapter) (Device, error) {
	found, err := webgpu.Adapters()
	if err != nil {
		return nil, err
	}
	if a.Place < 1 || a.Place > len(found) || found[a.Place-1].Path() != a.Path {
		return nil, fmt.Errorf("opening the device %d, %s: expected it where it was, found that this machine's devices have changed; try again", a.Place, a.Name)
	}
	opened, err := webgpu.New(found[a.Place-1], cache())
	if err != nil {
		return nil, err
	}
	return local{opened}, nil
}

// cache is the folder of what was measured about devices, "" where the system has no place for it.
func cache() string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "smoothscape")
}

// local makes a webgpu.Engine a Device.
type local struct{ *webgpu.Engine }

func (l local) Memory(spec engine.Spec, batch int) (int64, error) {
	planned, err := l.Engine.Memory(spec, batch)
	return planned.Total, err
}

// installAdvice says what a machine without devices lacks.
func installAdvice(system string) string {
	switch system {
	case "windows":
		return "Install the driver of the graphics card from its maker's page; it brings Direct3D 12 and Vulkan."
	case "darwin":
		return "Metal is part of macOS: this machine has no GPU that it knows; use --engine cpu."
	}
	return "Debian, Ubuntu: apt install libvulkan1 mesa-vulkan-drivers; Fedora: dnf install vulkan-loader mesa-vulkan-drivers (AMD, Intel, or without a GPU a slow software driver); " +
		"for NVIDIA its own driver: nvidia-driver, akmod-nvidia. Or use --engine cpu."
}
