package webgpu

import "smoothscape/trainer/engine"

// A plan is one pass of a network over so many images, as data: what to run, on which arrays. Nothing in it belongs to a device.
type plan struct {
	mode   mode
	images int
	steps  []step
	arrays []array
	slots  []int64 // bytes of each piece of memory that arrays share
	end    int     // number of steps

	batch, labels, rows int // arrays: the images, what they show, and loss and success of each
}

// mode is what a pass computes.
type mode int

const (
	training mode = iota // loss and gradient, batch norm by the statistics of the batch
	frozen               // loss and gradient, batch norm by the running statistics
	evaluation
	renormed // loss, batch norm by the statistics of the batch
)

// learns says whether a pass goes back to the parameters.
func (m mode) learns() bool { return m == training || m == frozen }

// forward is the mode without the way back.
func (m mode) forward() mode {
	if m.fresh() {
		return renormed
	}
	return evaluation
}

// fresh says whether batch norm goes by the statistics of the batch.
func (m mode) fresh() bool { return m == training || m == renormed }

// step is a dispatch.
type step struct {
	kernel  string
	arrays  []int // in the order of the kernel's bindings, the sizes left out
	sizes   sizes
	threads int
	flops   int64 // of a forward or backward convolution; elsewhere the threads
}

// sizes is the struct of kernels/header.wgsl, which says what the fields mean.
type sizes struct {
	Images, Channels, Height, Width uint32
	Filters, Rows, Columns          uint32
	Kernel, Stride, Padding         uint32
	Count, Parts                    uint32
	Accumulate, Relu, Option, First uint32
}

// place says where an array lies.
type place int

const (
	slotted    place = iota // in a slot, which others use before and after it
	parameters              // in memory of the model, at an offset: parameters,
	gradients               // their gradient,
	running                 // running statistics,
	moments                 // and what norm_stats gives
)

// array is a run of float32 (labels: uint32).
type array struct {
	place       place
	values      int
	offset      int64 // bytes, in memory of the model
	slot        int
	first, last int // steps that use it
}

func (a array) bytes() int64 { return 4 * int64(a.values) }

// layout lays tensors one behind the other, each at a multiple of alignment, since a kernel sees each as an array of its own.
type layout struct {
	tensors []engine.TensorInfo
	offsets []int64
	bytes   int64
}

func layTensors(tensors []engine.TensorInfo, alignment int64) layout {
	l := layout{tensors: tensors}
	for _, t := range tensors {
		l.offsets = append(l.offsets, l.bytes)
		l.bytes += roundUp(4*int64(t.Len), alignment)
	}
	l.bytes = max(l.bytes, alignment) // a device gives no memory of no bytes
	return l
}

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }
