package cpu

import (
	"runtime"

	"smoothscape/trainer/engine"
)

// New gives the engine "cpu" in float32, on the fastest path that this machine has.
func New() engine.Engine { return path{bestKernels()} }

// Paths gives the engine on each path that this machine has, the fastest first; the last is plain Go.
func Paths() []engine.Engine {
	var all []engine.Engine
	for _, k := range kernelPaths() {
		all = append(all, path{k})
	}
	return all
}

type path struct{ kernels kernels[float32] }

func (path) Name() string { return "cpu" }

func (p path) Path() string { return "cpu-" + p.kernels.path + "-float32/" + runtime.GOARCH }

func (p path) Build(spec engine.Spec) (engine.Model, error) {
	net, err := newNet(spec, p.kernels)
	if err != nil {
		return nil, err
	}
	return model{net}, nil
}

// model makes the float32 Net an engine.Model.
type model struct{ *Net[float32] }

func (m model) Clone() (engine.Model, error) { return model{m.Net.Clone()}, nil }

// Close does nothing: all memory is Go's.
func (m model) Close() error { return nil }
