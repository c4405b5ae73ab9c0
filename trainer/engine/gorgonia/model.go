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

// piece is how many images one graph takes at most where images are independent. A model keeps graphs for the sizes that it met last: at most
// programs of them, for at most kept images in all, since their memory grows with both. A batch needs two sizes (full pieces and the rest), each for
// training, for evaluation and for the gradient of that.
const (
	piece    = 64
	programs = 8
	kept     = 4 * piece
)

// New gives the engine "gorgonia".
func New() engine.Engine { return library{} }

type library struct{}

func (library) Name() string { return "gorgonia" }

func (library) Path() string { return "gorgonia-float32/" + runtime.GOARCH }

// Build makes a model of spec; it can express all that spec.Validate allows.
func (library) Build(spec engine.Spec) (engine.Model, error) {
	if err := spec.Validate(); err != nil {
		return nil, fmt.Errorf("gorgonia: building %s: %w", spec.Name, err)
	}
	return &model{
		spec: spec, params: make([]float32, spec.ParameterCount()), state: engine.InitialState(spec), stats: make([]float32, spec.StateCount()),
		pools: slices.ContainsFunc(spec.Layers, func(l engine.Layer) bool { return l.Kind == engine.MaxPool }),
	}, nil
}

type model struct {
	spec          engine.Spec
	params, state []float32
	stats         []float32  // of the batch
	pools         bool       // there are maxima
	recent        []*program // the most recently used last
}

func (m *model) Spec() engine.Spec { return m.spec }

func (m *model) Params() []float32 { return m.params }

func (m *model) State() []float32 { return m.state }

func (m *model) BatchStats() []float32 { return m.stats }

func (m *model) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	return m.slope(x, y, grad, m.spec.HasBatchNorm())
}

func (m *model) FrozenGrad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	return m.slope(x, y, grad, false)
}

func (m *model) slope(x []float32, y []int, grad []float32, training bool) (engine.Metrics, error) {
	if err := engine.CheckGrad(m.spec, len(x), y, len(grad), len(m.params)); err != nil {
		return engine.Metrics{}, fmt.Errorf("gorgonia: gradient of %s: %w", m.spec.Name, err)
	}
	finite, err := m.isFinite(x, y, training)
	if err != nil {
		return engine.Metrics{}, err
	}
	if !finite {
		fill(grad)
		if training {
			fill(m.stats)
		}
		return engine.Metrics{Loss: math.NaN()}, nil
	}
	clear(grad)
	if len(grad) == 0 {
		grad = nil
	}
	return m.run(x, y, grad, training)
}

// fill says that there is no number.
func fill(values []float32) {
	for i := range values {
		values[i] = float32(math.NaN())
	}
}

// isFinite guards the machine: a maximum whose window holds nothing above −3.4e38, as one of NaN does not, remembers the place −1, and its derivative
// then panics in a goroutine where nobody can catch it. Where a bound cannot exclude that, a pass without derivatives looks.
func (m *model) isFinite(x []float32, y []int, training bool) (bool, error) {
	if !isFinite(x) || !isFinite(m.params) || !isFinite(m.state) {
		return false, nil
	}
	if !m.pools || staysFinite(m.spec, m.params, m.state, len(y), training, largest(x)) {
		return true, nil
	}
	metrics, err := m.run(x, y, nil, training)
	return !math.IsNaN(metrics.Loss), err
}

func (m *model) Eval(x []float32, y []int) (engine.Metrics, error) {
	if err := engine.CheckBatch(m.spec, len(x), y); err != nil {
		return engine.Metrics{}, fmt.Errorf("gorgonia: loss of %s: %w", m.spec.Name, err)
	}
	if !isFinite(x) || !isFinite(m.params) || !isFinite(m.state) {
		return engine.Metrics{Loss: math.NaN()}, nil
	}
	return m.run(x, y, nil, false)
}

// run adds up the pieces of the batch, each weighted by its share of the images. In training with batch norm the batch is one piece.
func (m *model) run(x []float32, y []int, grad []float32, training bool) (engine.Metrics, error) {
	var total engine.Metrics
	size, most := m.spec.Input.Len(), piece
	if training {
		most = len(y)
	}
	for from := 0; from < len(y); from += most {
		to := min(from+most, len(y))
		p, err := m.program(kind{images: to - from, gradient: grad != nil, training: training})
		if err != nil {
			return engine.Metrics{}, err
		}
		share := float64(to-from) / float64(len(y))
		loss, correct, err := p.run(m, x[from*size:to*size], y[from:to], float32(share), grad)
		if err != nil {
			return engine.Metrics{}, fmt.Errorf("gorgonia: running %s: %w", m.spec.Name, err)
		}
		total.Loss += share * loss
		total.Correct += correct
	}
	return total, nil
}

// program gives the graph of a kind, from those at hand or made anew in place of the least recently used.
func (m *model) program(k kind) (*program, error) {
	i := slices.IndexFunc(m.recent, func(p *program) bool { return p.kind == k })
	if i >= 0 {
		p := m.recent[i]
		m.recent = append(slices.Delete(m.recent, i, i+1), p)
		return p, nil
	}
	p, err := newProgram(m.spec, k)
	if err != nil {
		return nil, fmt.Errorf("gorgonia: graph of %s for %d images: %w", m.spec.Name, k.images, err)
	}
	m.recent = append(m.recent, p)
	return p, m.forget(p)
}

// forget closes the least recently used graphs that are too many; never p.
func (m *model) forget(p *program) error {
	images := 0
	for _, r := range m.recent {
		images += r.images
	}
	for m.recent[0] != p && (len(m.recent) > programs || images > kept) {
		images -= m.recent[0].images
		if err := m.recent[0].machine.Close(); err != nil {
			return fmt.Errorf("gorgonia: closing the graph of %s for %d images: %w", m.spec.Name, m.recent[0].images, err)
		}
		m.recent = slices.Delete(m.recent, 0, 1)
	}
	return nil
}

func (m *model) Clone() (engine.Model, error) {
	return &model{spec: m.spec, params: slices.Clone(m.params), state: slices.Clone(m.state), stats: make([]float32, len(m.stats)), pools: m.pools}, nil
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
