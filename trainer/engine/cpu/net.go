package cpu

import (
	"fmt"
	"runtime"

	"smoothscape/trainer/engine"
)

// Net is a network in the arithmetic T, with its parameters and work space. It belongs to one goroutine, but a call spreads its work over
// GOMAXPROCS goroutines of its own, which end before it returns. After the first call of a size a call allocates nothing.
type Net[T Float] struct {
	spec    engine.Spec
	shapes  []engine.Shape
	sources [][]int
	flops   int64
	kernels kernels[T]
	params  []T
	state   []T
	stats   []T
	crew    *crew[T]

	training   *pass[T] // made when first needed
	evaluation *pass[T]
}

// pass is a program with its ends.
type pass[T Float] struct {
	*program[T]
	loss  loss[T]
	steps []step[T] // forward, up to the loss
}

// NewNet makes a network of spec in plain Go, with all parameters zero; the error is that of spec.Validate.
func NewNet[T Float](spec engine.Spec) (*Net[T], error) { return newNet(spec, plainKernels[T]()) }

func newNet[T Float](spec engine.Spec, k kernels[T]) (*Net[T], error) {
	shapes, err := spec.Shapes()
	if err != nil {
		return nil, fmt.Errorf("cpu: building %s: %w", spec.Name, err)
	}
	sources, err := spec.Sources()
	if err != nil {
		return nil, fmt.Errorf("cpu: building %s: %w", spec.Name, err)
	}
	n := &Net[T]{spec: spec, shapes: shapes, sources: sources, flops: spec.Flops(), kernels: k}
	n.params = make([]T, spec.ParameterCount())
	n.state, n.stats = make([]T, spec.StateCount()), make([]T, spec.StateCount())
	for i, v := range engine.InitialState(spec) {
		n.state[i] = T(v)
	}
	n.crew = newCrew(&n.kernels)
	return n, nil
}

// Spec is the specification that the network was built from.
func (n *Net[T]) Spec() engine.Spec { return n.spec }

// Params is the parameter vector itself.
func (n *Net[T]) Params() []T { return n.params }

// State is the vector of running statistics itself.
func (n *Net[T]) State() []T { return n.state }

// BatchStats is engine.Model.BatchStats.
func (n *Net[T]) BatchStats() []T { return n.stats }

// Clone copies parameters and running statistics; work space is made anew when needed.
func (n *Net[T]) Clone() *Net[T] {
	clone := &Net[T]{spec: n.spec, shapes: n.shapes, sources: n.sources, flops: n.flops, kernels: n.kernels}
	clone.params = append([]T(nil), n.params...)
	clone.state, clone.stats = append([]T(nil), n.state...), make([]T, len(n.stats))
	clone.crew = newCrew(&clone.kernels)
	return clone
}

// Grad is engine.Model.Grad in the arithmetic T.
func (n *Net[T]) Grad(x []T, y []int, grad []T) (engine.Metrics, error) {
	return n.grad(x, y, grad, false)
}

// FrozenGrad is engine.Model.FrozenGrad in the arithmetic T.
func (n *Net[T]) FrozenGrad(x []T, y []int, grad []T) (engine.Metrics, error) {
	return n.grad(x, y, grad, true)
}

func (n *Net[T]) grad(x []T, y []int, grad []T, frozen bool) (engine.Metrics, error) {
	if err := engine.CheckGrad(n.spec, len(x), y, len(grad), len(n.params)); err != nil {
		return engine.Metrics{}, fmt.Errorf("cpu: gradient of %s: %w", n.spec.Name, err)
	}
	if n.training == nil {
		n.training = n.newPass((*builder[T]).training)
	}
	p := n.training
	workers := n.begin(p, x, y, len(y), grad, frozen)
	defer n.end(p)
	n.crew.hire(workers)
	n.crew.run(p.pack, len(y))
	n.crew.run(p.steps, len(y))
	if len(grad) > 0 {
		for _, s := range p.dead {
			clear(p.slope(s))
		}
		n.crew.run(p.backward, len(y))
	}
	n.crew.dismiss()
	var total engine.Metrics
	p.loss.addTo(&total, len(y))
	total.Loss /= float64(len(y))
	return total, nil
}

// Eval is engine.Model.Eval in the arithmetic T.
func (n *Net[T]) Eval(x []T, y []int) (engine.Metrics, error) {
	if err := engine.CheckBatch(n.spec, len(x), y); err != nil {
		return engine.Metrics{}, fmt.Errorf("cpu: loss of %s: %w", n.spec.Name, err)
	}
	if n.evaluation == nil {
		n.evaluation = n.newPass((*builder[T]).evaluation)
	}
	p := n.evaluation
	piece := n.piece()
	defer n.end(p)
	var total engine.Metrics
	size := n.spec.Input.Len()
	for from := 0; from < len(y); from += piece {
		to := min(from+piece, len(y))
		workers := n.begin(p, x[from*size:to*size], y[from:to], len(y), nil, true)
		n.crew.hire(workers)
		if from == 0 {
			n.crew.run(p.pack, to-from)
		}
		n.crew.run(p.steps, to-from)
		n.crew.dismiss()
		p.loss.addTo(&total, to-from)
	}
	total.Loss /= float64(len(y))
	return total, nil
}

// newPass lays out a program and puts its ends to it.
func (n *Net[T]) newPass(layout func(*builder[T]) *program[T]) *pass[T] {
	p := &pass[T]{program: layout(newBuilder(&n.kernels, n.spec, n.shapes, n.sources, n.params, n.state, n.stats))}
	p.loss.p = p.program
	p.reserves = append(p.reserves, p.input.reserve, p.loss.reserve)
	p.steps = append(p.steps, p.input.forwardSteps()...)
	p.steps = append(p.steps, p.forward...)
	p.steps = append(p.steps, p.loss.steps()...)
	return p
}

// begin readies a pass over images x with labels y, of a batch of the given size, and says how many workers it is worth.
func (n *Net[T]) begin(p *pass[T], x []T, y []int, batchSize int, grad []T, frozen bool) int {
	const least = 1e6 // flops to a worker: some 20 µs, which is what starting one costs
	workers := min(runtime.GOMAXPROCS(0), max(1, int(n.flops*int64(len(y))/least)))
	p.program.begin(batch{images: len(y), frozen: frozen, workers: workers})
	p.input.x, p.loss.y, p.loss.mean, p.grad = x, y, batchSize, grad
	if p.input.borrows() {
		p.input.to.data = x
	}
	return workers
}

// end keeps none of the caller's slices.
func (n *Net[T]) end(p *pass[T]) {
	p.input.x, p.loss.y, p.grad = nil, nil, nil
	if p.input.borrows() {
		p.input.to.data = nil
	}
}

// piece is how many images an evaluation takes at a time: as many as have their widest layers in the caches of all workers, but
// enough that their values outweigh the parameters, which are read once a piece.
func (n *Net[T]) piece() int {
	const cache = 1 << 18 // values
	widest := n.spec.Input.Len()
	for _, s := range n.shapes {
		widest = max(widest, s.Len())
	}
	return min(max(runtime.GOMAXPROCS(0)*cache/widest, len(n.params)/widest, 8), 128)
}
