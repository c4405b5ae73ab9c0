package measure

import (
	"fmt"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// PreciseGradients computes gradients as Gradients does, in float64. It belongs to one goroutine.
type PreciseGradients interface {
	// PreciseAt gives the mean loss over the named training images at params and writes its gradient into grad, in evaluation mode. It
	// keeps none of its arguments.
	PreciseAt(params []float64, images []int, grad []float64) (loss float64, err error)
}

// PreciseNetwork makes PreciseGradients of a network and the images of a split, by the float64 arithmetic of the cpu engine: the same function
// of the same parameters, an order of magnitude slower.
type PreciseNetwork struct {
	net   *cpu.Net[float64]
	set   *dataset.Set
	split dataset.Split
	x32   []float32
	x     []float64
	y     []int
}

// InDouble measures the network spec with running statistics state (nil without batch normalization) on the images of split.
func InDouble(spec engine.Spec, state []float32, set *dataset.Set, split dataset.Split) (*PreciseNetwork, error) {
	net, err := cpu.NewNet[float64](spec)
	if err != nil {
		return nil, fmt.Errorf("measuring in double precision: %w", err)
	}
	own := net.State()
	if len(own) != len(state) {
		return nil, fmt.Errorf("measuring in double precision: %w: expected %d running statistics, found %d", engine.ErrShape, len(own), len(state))
	}
	for i, v := range state {
		own[i] = float64(v)
	}
	return &PreciseNetwork{net: net, set: set, split: split}, nil
}

// PreciseAt implements PreciseGradients, for at most 128 images at a time.
func (n *PreciseNetwork) PreciseAt(params []float64, images []int, grad []float64) (float64, error) {
	if own := n.net.Params(); len(params) != len(own) {
		return 0, fmt.Errorf("measuring a gradient: %w: expected %d parameters, found %d", engine.ErrShape, len(own), len(params))
	}
	copy(n.net.Params(), params)
	size := len(images) * n.set.Shape.Len()
	if cap(n.y) < len(images) {
		n.x32, n.x, n.y = make([]float32, size), make([]float64, size), make([]int, len(images))
	}
	n.x32, n.x, n.y = n.x32[:size], n.x[:size], n.y[:len(images)]
	n.set.Batch(n.split, images, n.x32, n.y)
	for i, v := range n.x32 {
		n.x[i] = float64(v)
	}
	metrics, err := n.net.FrozenGrad(n.x, n.y, grad)
	if err != nil {
		return 0, fmt.Errorf("measuring on %d images in double precision: %w", len(images), err)
	}
	return metrics.Loss, nil
}
