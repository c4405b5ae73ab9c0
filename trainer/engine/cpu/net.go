package cpu

import (
	"fmt"
	"runtime"
	"sync"

	"smoothscape/trainer/engine"
)

// Net is a network in the arithmetic T, with its parameters and work space. It belongs to one goroutine, but a call
// spreads its work over GOMAXPROCS goroutines of its own, which end before it returns. After the first call of a size
// a call allocates nothing.
type Net[T Float] struct {
	spec    engine.Spec
	shapes  []engine.Shape
	kernels kernels[T]
	params  []T
	workers []*worker[T]
	running sync.WaitGroup
	batch   batch[T]
}

// batch is what the workers of one call share: read only, but for grad, loss and correct, which belong to the holder of
// the token.
type batch[T Float] struct {
	x       []T
	y       []int
	grad    []T // nil: evaluate only
	chunks  int
	workers int
	loss    float64 // sum over the images
	correct int
}

// NewNet makes a network of spec with all parameters zero; the error is that of spec.Validate.
func NewNet[T Float](spec engine.Spec) (*Net[T], error) {
	shapes, err := spec.Shapes()
	if err != nil {
		return nil, fmt.Errorf("cpu: building %s: %w", spec.Name, err)
	}
	return &Net[T]{spec: spec, shapes: shapes, kernels: kernelsOf[T](), params: newSlice[T](spec.ParameterCount())}, nil
}

// Spec is the specification that the network was built from.
func (n *Net[T]) Spec() engine.Spec { return n.spec }

// Params is the parameter vector itself.
func (n *Net[T]) Params() []T { return n.params }

// Clone copies the parameters; work space is made anew when needed.
func (n *Net[T]) Clone() *Net[T] {
	clone := &Net[T]{spec: n.spec, shapes: n.shapes, kernels: n.kernels, params: newSlice[T](len(n.params))}
	copy(clone.params, n.params)
	return clone
}

// Grad is engine.Model.Grad in the arithmetic T.
func (n *Net[T]) Grad(x []T, y []int, grad []T) (engine.Metrics, error) {
	if err := engine.CheckGrad(n.spec, len(x), y, len(grad), len(n.params)); err != nil {
		return engine.Metrics{}, fmt.Errorf("cpu: gradient of %s: %w", n.spec.Name, err)
	}
	clear(grad)
	return n.run(x, y, grad), nil
}

// Eval is engine.Model.Eval in the arithmetic T.
func (n *Net[T]) Eval(x []T, y []int) (engine.Metrics, error) {
	if err := engine.CheckBatch(n.spec, len(x), y); err != nil {
		return engine.Metrics{}, fmt.Errorf("cpu: loss of %s: %w", n.spec.Name, err)
	}
	return n.run(x, y, nil), nil
}

func (n *Net[T]) run(x []T, y []int, grad []T) engine.Metrics {
	chunks := (len(y) + chunk - 1) / chunk
	workers := min(runtime.GOMAXPROCS(0), chunks)
	for len(n.workers) < workers {
		n.workers = append(n.workers, newWorker(n, len(n.workers)))
	}
	n.batch = batch[T]{x: x, y: y, grad: grad, chunks: chunks, workers: workers}
	n.workers[0].turn <- struct{}{}
	if workers == 1 {
		n.workers[0].work()
	} else {
		n.running.Add(workers)
		for _, w := range n.workers[:workers] {
			go w.start()
		}
		n.running.Wait()
	}
	<-n.workers[chunks%workers].turn // the token, as passed on after the last chunk
	result := engine.Metrics{Loss: n.batch.loss / float64(len(y)), Correct: n.batch.correct}
	n.batch = batch[T]{} // keep none of the caller's slices
	return result
}
