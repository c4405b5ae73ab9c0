package device

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/crosscheck"
)

// Adapter is a device that this machine has.
type Adapter struct {
	Place    int     `json:"place"` // in the list of all, 1 for the best
	Name     string  `json:"name"`
	Driver   string  `json:"driver,omitempty"` // and its version, as far as it is known
	Backend  string  `json:"backend"`          // the interface that leads to it: "Vulkan", "Metal", "DX12"
	Kind     string  `json:"kind"`
	Software bool    `json:"software"` // a driver that computes on the processors
	Path     string  `json:"path"`     // names it and its driver: what engine.Engine.Path begins with
	Limits   []Limit `json:"limits"`
}

// Limit is one of a device's limits.
type Limit struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
	Bytes bool   `json:"bytes"` // Value counts bytes
}

// Device is an engine on a device.
type Device interface {
	engine.Engine
	// Memory is how many bytes a network needs there for batches of at most so many images, found without allocating any. The error says that
	// the device has less.
	Memory(spec engine.Spec, batch int) (int64, error)
	Close() error
}

// ErrNone: this machine has no device, or lacks the library that finds it.
var ErrNone = errors.New("no graphics device")

// System is where devices come from.
type System interface {
	// Adapters lists them, the best first. The error says why there is none, and what to install; it wraps ErrNone unless a driver is at fault.
	Adapters(ctx context.Context) ([]Adapter, error)
	// Check runs crosscheck on one of them. The error says that it could not be checked.
	Check(ctx context.Context, a Adapter) (crosscheck.Report, error)
	// Open makes one ready to compute, in this process.
	Open(a Adapter) (Device, error)
}

// Info tells people where a job computes. Its JSON is part of a run's log.
type Info struct {
	Name    string `json:"name"`
	Driver  string `json:"driver,omitempty"`
	Backend string `json:"backend"`
	Kind    string `json:"kind"`
	Memory  int64  `json:"memory,omitempty"` // bytes that were planned before anything was allocated; 0: nothing was
	// Resident says that images, parameters and updates stay there; otherwise they are the processors'.
	Resident bool `json:"resident,omitempty"`
	// Checked is the worst difference from the CPU that crosscheck found when the job began (relative L2); 0: it was not checked then.
	Checked float64 `json:"checked,omitempty"`
}

// String is the device and its driver in words.
func (i Info) String() string {
	var more []string
	for _, part := range []string{i.Kind, i.Driver, i.Backend} {
		if part != "" {
			more = append(more, part)
		}
	}
	return fmt.Sprintf("%s (%s)", i.Name, strings.Join(more, ", "))
}

// InfoOf describes an adapter.
func InfoOf(a Adapter) Info {
	return Info{Name: a.Name, Driver: a.Driver, Backend: a.Backend, Kind: a.Kind}
}
