package measure

import (
	"fmt"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// Gradients computes gradients of a mean training loss in evaluation mode. It belongs to one goroutine.
type Gradients interface {
	// Dim is d, the length of the parameter vector.
	Dim() int
	// At gives the mean loss (nats) over the named training images at params (len Dim) and writes its gradient into grad
	// (len Dim). It keeps none of its arguments. Images may repeat; there is at least one.
	At(params []float32, images []int, grad []float32) (loss float64, err error)
}

// Loss is the mean training loss (nats) over the named images at params, in evaluation mode. It keeps none of its arguments.
type Loss func(params []float32, images []int) (float64, error)

// chunkImages is how many images a model sees at a time; more are the weighted mean of chunks. It bounds the memory of a model
// and the wait for a stop.
const chunkImages = 128

// Network makes Gradients and a Loss of a model and the images of a split. It uses the model's work space, and leaves its
// parameters as they were after every call; so a model in training can be measured between two updates.
type Network struct {
	model  engine.Model
	set    *dataset.Set
	split  dataset.Split
	x      []float32
	y      []int
	chunk  []float32 // gradient of a chunk
	sum    []float64 // weighted sum of chunks
	before []float32 // the model's own parameters while others are in it
}

// OnModel measures model on the images of split, which is one of set's or a part of it.
func OnModel(model engine.Model, set *dataset.Set, split dataset.Split) *Network {
	return &Network{model: model, set: set, split: split}
}

// Dim implements Gradients.
func (n *Network) Dim() int { return len(n.model.Params()) }

// Len is the number of images.
func (n *Network) Len() int { return n.split.Len() }

// Params is the model's parameter vector itself: measure at it to measure the model as it is.
func (n *Network) Params() []float32 { return n.model.Params() }

// At implements Gradients: Model.FrozenGrad over chunks of at most 128 images, weighted and summed in float64.
func (n *Network) At(params []float32, images []int, grad []float32) (float64, error) {
	if len(grad) != n.Dim() {
		return 0, fmt.Errorf("measuring a gradient: %w: expected a gradient of %d values, one a parameter, found %d", engine.ErrShape, n.Dim(), len(grad))
	}
	if len(images) <= chunkImages {
		metrics, err := n.visit(params, images, func() (engine.Metrics, error) { return n.model.FrozenGrad(n.x, n.y, grad) })
		return metrics, err
	}
	if n.sum == nil {
		n.sum, n.chunk = make([]float64, n.Dim()), make([]float32, n.Dim())
	}
	clear(n.sum)
	loss, err := n.visit(params, images, func() (engine.Metrics, error) {
		metrics, err := n.model.FrozenGrad(n.x, n.y, n.chunk)
		share := float64(len(n.y)) / float64(len(images))
		for i, v := range n.chunk {
			n.sum[i] += share * float64(v)
		}
		return metrics, err
	})
	for i, v := range n.sum {
		grad[i] = float32(v)
	}
	return loss, err
}

// Loss is a Loss: Model.Eval over chunks of at most 128 images, weighted and summed in float64.
func (n *Network) Loss(params []float32, images []int) (float64, error) {
	return n.visit(params, images, func() (engine.Metrics, error) { return n.model.Eval(n.x, n.y) })
}

// visit loads the images chunk by chunk into x and y, with params in the model, and gives the mean loss that pass reports.
func (n *Network) visit(params []float32, images []int, pass func() (engine.Metrics, error)) (float64, error) {
	own := n.model.Params()
	if len(params) != len(own) {
		return 0, fmt.Errorf("measuring a loss: %w: expected %d parameters, found %d", engine.ErrShape, len(own), len(params))
	}
	if len(images) == 0 {
		return 0, fmt.Errorf("measuring a loss: %w: expected at least one image, found none", engine.ErrShape)
	}
	for _, i := range images {
		if i < 0 || i >= n.split.Len() {
			return 0, fmt.Errorf("measuring a loss: %w: expected images from 0 to %d, found %d", engine.ErrShape, n.split.Len()-1, i)
		}
	}
	if len(own) > 0 && &own[0] != &params[0] {
		n.before = append(n.before[:0], own...)
		copy(own, params)
		defer copy(own, n.before)
	}
	loss := 0.0
	size := n.set.Shape.Len()
	for start := 0; start < len(images); start += chunkImages {
		chunk := images[start:min(start+chunkImages, len(images))]
		if cap(n.y) < len(chunk) {
			n.x, n.y = make([]float32, len(chunk)*size), make([]int, len(chunk))
		}
		n.x, n.y = n.x[:len(chunk)*size], n.y[:len(chunk)]
		n.set.Batch(n.split, chunk, n.x, n.y)
		metrics, err := pass()
		if err != nil {
			return 0, fmt.Errorf("measuring on images %d to %d of %d: %w", start, start+len(chunk)-1, len(images), err)
		}
		loss += metrics.Loss * float64(len(chunk)) / float64(len(images))
	}
	return loss, nil
}
