package cpu

import (
	"runtime"

	"smoothscape/trainer/engine"
)

// New gives the engine "cpu": plain Go in float32.
func New() engine.Engine { return plain{} }

type plain struct{}

func (plain) Name() string { return "cpu" }

func (plain) Path() string { return "go-float32/" + runtime.GOARCH }

func (plain) Build(spec engine.Spec) (engine.Model, error) {
	net, err := NewNet[float32](spec)
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
