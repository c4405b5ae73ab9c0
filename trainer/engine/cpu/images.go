package cpu

import "smoothscape/trainer/engine"

// chunk is how many images a worker takes at a time; it fixes the order in which gradients are summed, and so belongs
// to the engine's Path.
const chunk = 16

// images are the activations of up to chunk images between two layers, and the gradient of the loss with respect to them.
// The value of image i, channel c, row h, column w lies at i·perImage + c·perChannel + h·W + w.
type images[T Float] struct {
	shape                engine.Shape
	perImage, perChannel int
	x                    []T
	d                    []T // nil where no layer below has parameters
}

// newRows lays the images one behind the other, each in CHW order.
func newRows[T Float](shape engine.Shape, gradient bool) *images[T] {
	return newImages[T](shape, shape.Len(), shape.H*shape.W, gradient)
}

// newPlanes lays the channels one behind the other, each with its plane of every image.
func newPlanes[T Float](shape engine.Shape, gradient bool) *images[T] {
	return newImages[T](shape, shape.H*shape.W, chunk*shape.H*shape.W, gradient)
}

func newImages[T Float](shape engine.Shape, perImage, perChannel int, gradient bool) *images[T] {
	m := &images[T]{shape: shape, perImage: perImage, perChannel: perChannel, x: newSlice[T](chunk * shape.Len())}
	if gradient {
		m.d = newSlice[T](chunk * shape.Len())
	}
	return m
}

// isRows reports whether each image is one contiguous run in CHW order.
func (m *images[T]) isRows() bool {
	return m.perImage == m.shape.Len() && (m.shape.C == 1 || m.perChannel == m.shape.H*m.shape.W)
}

// layer is one step of the network in the memory of one worker. Both methods work on the first n images.
type layer interface {
	forward(n int)
	// backward adds to the gradient of the layer's parameters, and sets that of its input where it is wanted.
	backward(n int)
}
