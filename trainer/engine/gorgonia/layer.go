package gorgonia

import (
	"fmt"
	"math"

	g "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"smoothscape/trainer/engine"
)

// acrossImages are the axes over which a value of a channel is repeated.
var acrossImages = []byte{0, 2, 3}

// layers puts the layers of a network into the graph, one after the other.
type layers struct {
	*program
	graph   *g.ExprGraph
	tensors []engine.TensorInfo // parameters not yet placed
	moving  []engine.TensorInfo // running statistics not yet placed
	norms   map[*g.Node]*g.BatchNormOp
}

// node appends a layer that reads at, and with if it is a sum. Outputs have shape [images, C, H, W], or [images, C] behind a linear layer.
func (b *layers) node(l engine.Layer, in, out engine.Shape, at, with *g.Node) (*g.Node, error) {
	switch l.Kind {
	case engine.ReLU:
		return g.Rectify(at)
	case engine.Flatten:
		return b.flat(at, in)
	case engine.MaxPool:
		return b.pool(l, in, at)
	case engine.Conv:
		return b.conv(l, in, out, at)
	case engine.Linear:
		return b.linear(l, in, out, at)
	case engine.BatchNorm:
		return b.norm(in, at)
	case engine.GlobalAvgPool:
		return b.mean(in, at)
	case engine.Add:
		with, err := reshape(with, at.Shape()...)
		if err != nil {
			return nil, err
		}
		return g.Add(at, with)
	}
	return nil, engine.ErrUnsupported
}

func reshape(at *g.Node, shape ...int) (*g.Node, error) {
	if at.Shape().Eq(tensor.Shape(shape)) {
		return at, nil
	}
	return g.Reshape(at, tensor.Shape(shape).Clone())
}

func (b *layers) flat(at *g.Node, in engine.Shape) (*g.Node, error) {
	return reshape(at, b.images, in.Len())
}

func (b *layers) planes(at *g.Node, in engine.Shape) (*g.Node, error) {
	return reshape(at, b.images, in.C, in.H, in.W)
}

func pair(n int) []int { return []int{n, n} }

func (b *layers) pool(l engine.Layer, in engine.Shape, at *g.Node) (*g.Node, error) {
	at, err := b.planes(at, in)
	if err != nil {
		return nil, err
	}
	if !b.gradient {
		b.pooled = append(b.pooled, new(g.Value))
		g.Read(at, b.pooled[len(b.pooled)-1])
	}
	return g.MaxPool2D(at, tensor.Shape{l.Kernel, l.Kernel}, pair(0), pair(l.Stride))
}

func (b *layers) conv(l engine.Layer, in, out engine.Shape, at *g.Node) (*g.Node, error) {
	at, err := b.planes(at, in)
	if err != nil {
		return nil, err
	}
	w := b.weight(out.C, in.C, l.Kernel, l.Kernel)
	if at, err = g.Conv2d(at, w, tensor.Shape{l.Kernel, l.Kernel}, pair(l.Padding), pair(l.Stride), pair(1)); err != nil || l.NoBias {
		return at, err
	}
	return g.BroadcastAdd(at, b.weight(1, out.C, 1, 1), nil, acrossImages)
}

func (b *layers) linear(l engine.Layer, in, out engine.Shape, at *g.Node) (*g.Node, error) {
	at, err := b.flat(at, in)
	if err != nil {
		return nil, err
	}
	if at, err = g.Mul(at, b.weight(in.C, out.C)); err != nil || l.NoBias {
		return at, err
	}
	return g.BroadcastAdd(at, b.weight(1, out.C), nil, []byte{0})
}

// norm normalizes with the library's operation in training and else with the running statistics:
//
//	(x − mean)·(γ/√(variance + ε)) + β.
func (b *layers) norm(in engine.Shape, at *g.Node) (*g.Node, error) {
	at, err := b.planes(at, in)
	if err != nil {
		return nil, err
	}
	gamma, beta := b.weight(1, in.C, 1, 1), b.weight(1, in.C, 1, 1)
	n := norm{mean: b.moving[0], variance: b.moving[1], values: b.images * in.H * in.W}
	b.moving = b.moving[2:]
	if b.training {
		// A momentum of 1 leaves the batch's own statistics.
		out, _, _, op, err := g.BatchNorm(at, gamma, beta, 1, engine.BatchNormEpsilon)
		if err != nil {
			return nil, err
		}
		// Of two norms of one value the graph keeps the first.
		if first, ok := b.norms[at]; ok {
			op = first
		}
		b.norms[at], n.op = op, op
		b.program.norms = append(b.program.norms, n)
		return out, nil
	}
	mean, meanMemory := input(b.graph, n.mean.Name, 1, in.C, 1, 1)
	inverse, inverseMemory := input(b.graph, n.variance.Name, 1, in.C, 1, 1)
	n.running, n.inverse = meanMemory, inverseMemory
	b.program.norms = append(b.program.norms, n)
	scale, err := g.HadamardProd(gamma, inverse)
	if err != nil {
		return nil, fmt.Errorf("scale: %w", err)
	}
	if at, err = g.BroadcastSub(at, mean, nil, acrossImages); err != nil {
		return nil, fmt.Errorf("subtracting the mean: %w", err)
	}
	if at, err = g.BroadcastHadamardProd(at, scale, nil, acrossImages); err != nil {
		return nil, fmt.Errorf("scaling: %w", err)
	}
	return g.BroadcastAdd(at, beta, nil, acrossImages)
}

// mean is that over all pixels. The library's own has no gradient, and one along two axes has a wrong one.
func (b *layers) mean(in engine.Shape, at *g.Node) (*g.Node, error) {
	if in.H*in.W == 1 {
		return at, nil
	}
	at, err := reshape(at, b.images*in.C, in.H*in.W)
	if err != nil {
		return nil, err
	}
	if at, err = g.Mean(at, 1); err != nil {
		return nil, err
	}
	return reshape(at, b.images, in.C, 1, 1)
}

// weight adds a parameter node of the given shape for the next tensor.
func (b *layers) weight(shape ...int) *g.Node {
	info := b.tensors[0]
	b.tensors = b.tensors[1:]
	node, memory := input(b.graph, info.Name, shape...)
	b.weights = append(b.weights, weight{info: info, x: memory, node: node})
	return node
}

// norm is a batch norm in the graph.
type norm struct {
	mean, variance   engine.TensorInfo // in the flat state
	values           int               // of a channel
	running, inverse []float32         // memory of mean and 1/√(variance + ε), with running statistics
	op               *g.BatchNormOp    // which holds the batch's, in training
}

// load readies the norm for a run.
func (n norm) load(state []float32) error {
	if n.op != nil {
		return n.op.Reset() // else a NaN would stay: the library multiplies it by 1 − momentum
	}
	copy(n.running, state[n.mean.Offset:])
	for c, v := range state[n.variance.Offset : n.variance.Offset+n.variance.Len] {
		n.inverse[c] = float32(1 / math.Sqrt(float64(v)+engine.BatchNormEpsilon))
	}
	return nil
}

// store writes the statistics of the batch to their places.
func (n norm) store(stats []float32) error {
	mean, variance := n.op.Stats()
	means, ok := mean.Data().([]float32)
	variances, too := variance.Data().([]float32)
	if !ok || !too || len(means) != n.mean.Len || len(variances) != n.variance.Len {
		return fmt.Errorf("reading the statistics of %s: expected %d float32 values, found %T and %T", n.mean.Name, n.mean.Len, mean.Data(), variance.Data())
	}
	copy(stats[n.mean.Offset:], means)
	if n.values > 1 {
		copy(stats[n.variance.Offset:], variances)
		return nil
	}
	clear(stats[n.variance.Offset : n.variance.Offset+n.variance.Len]) // the library has 0/0
	return nil
}
