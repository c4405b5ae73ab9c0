package gorgonia

import (
	"fmt"
	"math"
	"runtime"
	"slices"

	// Gorgonia refuses to start on a Go release that this package does not vouch for; importing it here pins its version
	// in go.mod as a direct dependency.
	_ "go4.org/unsafe/assume-no-moving-gc"

	"smoothscape/trainer/engine"
)

// piece is how many images one graph takes at most, and programs how many graphs a model keeps: a batch needs two sizes
// (full pieces and the rest), for training and for evaluation, and the batch before it another rest or two.
const (
	piece    = 64
	programs = 6
)

// New gives the engine "gorgonia".
func New() engine.Engine { return library{} }

type library struct{}

func (library) Name() string { return "gorgonia" }

func (library) Path() string { return "gorgonia-float32/" + runtime.GOARCH }

// Build makes a model of spec. Besides specifications that do not fit it refuses, with ErrUnsupported, those without
// parameters, for which there is no graph to differentiate.
func (library) Build(spec engine.Spec) (engine.Model, error) {
	if err := spec.Validate(); err != nil {
		return nil, fmt.Errorf("gorgonia: building %s: %w", spec.Name, err)
	}
	n := spec.ParameterCount()
	if n == 0 {
		return nil, fmt.Errorf("gorgonia: building %s: %w: expected a layer with parameters, found none", spec.Name, engine.ErrUnsupported)
	}
	sources, err := spec.Sources()
	if err != nil {
		return nil, err
	}
	for i, l := range spec.Layers {
		switch l.Kind {
		case engine.BatchNorm, engine.Add, engine.GlobalAvgPool:
			return nil, fmt.Errorf("gorgonia: building %s: %w: layer %d (%s)", spec.Name, engine.ErrUnsupported, i, l.Kind)
		}
		if sources[i][0] != i-1 || l.NoBias {
			return nil, fmt.Errorf("gorgonia: building %s: %w: layer %d (%s) is not one of a plain chain with biases", spec.Name, engine.ErrUnsupported, i, l.Kind)
		}
	}
	return &model{spec: spec, params: make([]float32, n)}, nil
}

type model struct {
	spec   engine.Spec
	params []float32
	recent []*program // the most recently used last
}

func (m *model) Spec() engine.Spec { return m.spec }

func (m *model) Params() []float32 { return m.params }

func (m *model) State() []float32 { return nil }

func (m *model) BatchStats() []float32 { return nil }

func (m *model) FrozenGrad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	return m.Grad(x, y, grad)
}

func (m *model) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	if err := engine.CheckGrad(m.spec, len(x), y, len(grad), len(m.params)); err != nil {
		return engine.Metrics{}, fmt.Errorf("gorgonia: gradient of %s: %w", m.spec.Name, err)
	}
	clear(grad)
	return m.run(x, y, grad)
}

func (m *model) Eval(x []float32, y []int) (engine.Metrics, error) {
	if err := engine.CheckBatch(m.spec, len(x), y); err != nil {
		return engine.Metrics{}, fmt.Errorf("gorgonia: loss of %s: %w", m.spec.Name, err)
	}
	return m.run(x, y, nil)
}

// run adds up the pieces of the batch, each weighted by its share of the images.
func (m *model) run(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	var total engine.Metrics
	size := m.spec.Input.Len()
	if !staysFinite(m.spec, m.params, x) {
		for i := range grad {
			grad[i] = float32(math.NaN())
		}
		return engine.Metrics{Loss: math.NaN()}, nil
	}
	for from := 0; from < len(y); from += piece {
		to := min(from+piece, len(y))
		p, err := m.program(to-from, grad != nil)
		if err != nil {
			return engine.Metrics{}, err
		}
		share := float64(to-from) / float64(len(y))
		loss, correct, err := p.run(m.params, x[from*size:to*size], y[from:to], float32(share), grad)
		if err != nil {
			return engine.Metrics{}, fmt.Errorf("gorgonia: running %s: %w", m.spec.Name, err)
		}
		total.Loss += share * loss
		total.Correct += correct
	}
	return total, nil
}

// program gives the graph for n images, from those at hand or made anew in place of the least recently used.
func (m *model) program(n int, gradient bool) (*program, error) {
	i := slices.IndexFunc(m.recent, func(p *program) bool { return p.images == n && p.gradient == gradient })
	if i >= 0 {
		p := m.recent[i]
		m.recent = append(slices.Delete(m.recent, i, i+1), p)
		return p, nil
	}
	p, err := newProgram(m.spec, n, gradient)
	if err != nil {
		return nil, fmt.Errorf("gorgonia: graph of %s for %d images: %w", m.spec.Name, n, err)
	}
	if len(m.recent) == programs {
		if err := m.recent[0].machine.Close(); err != nil {
			return nil, fmt.Errorf("gorgonia: closing the graph of %s for %d images: %w", m.spec.Name, m.recent[0].images, err)
		}
		m.recent = slices.Delete(m.recent, 0, 1)
	}
	m.recent = append(m.recent, p)
	return p, nil
}

func (m *model) Clone() (engine.Model, error) {
	return &model{spec: m.spec, params: slices.Clone(m.params)}, nil
}

func (m *model) Close() error {
	for _, p := range m.recent {
		if err := p.machine.Close(); err != nil {
			return fmt.Errorf("gorgonia: closing the graph of %s for %d images: %w", m.spec.Name, p.images, err)
		}
	}
	m.recent = nil
	return nil
}
