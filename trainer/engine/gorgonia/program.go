package gorgonia

import (
	"fmt"
	"sync"

	g "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"smoothscape/trainer/engine"
)

// building serializes the construction of graphs in the whole process: Gorgonia numbers groups of nodes with a global
// counter that it does not guard. So the lock is a property of the library, and no engine's own would do.
var building sync.Mutex

// program is one graph with its machine: a network, for a fixed number of images, up to the loss or the gradient.
type program struct {
	images   int
	gradient bool
	classes  int
	machine  g.VM
	weights  []weight
	x, y     []float32 // memory of the input nodes; y is one-hot
	loss     g.Value
	logits   g.Value
}

// weight is one parameter tensor in the graph. A linear layer's is held transposed, [in, out], so that the graph needs no
// transposition.
type weight struct {
	info  engine.TensorInfo
	x     []float32 // memory of the node
	node  *g.Node
	slope g.Value // its gradient after a run
}

func newProgram(spec engine.Spec, images int, gradient bool) (p *program, err error) {
	building.Lock()
	defer building.Unlock()
	defer rescue(&err)
	p = &program{images: images, gradient: gradient, classes: spec.Classes}
	graph := g.NewGraph()
	in := spec.Input
	var at *g.Node
	at, p.x = input(graph, "x", images, in.C, in.H, in.W)
	shapes, err := spec.Shapes()
	if err != nil {
		return nil, err
	}
	tensors := spec.Tensors()
	for i, l := range spec.Layers {
		if at, err = p.layer(graph, l, in, shapes[i], at, &tensors); err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i, l.Kind, err)
		}
		in = shapes[i]
	}
	if at, err = g.Reshape(at, tensor.Shape{images, spec.Classes}); err != nil {
		return nil, err
	}
	g.Read(at, &p.logits)
	if err := p.finish(graph, at); err != nil {
		return nil, err
	}
	return p, nil
}

// layer appends a layer; at has shape [images, C, H, W], or [images, C] behind a linear layer.
func (p *program) layer(graph *g.ExprGraph, l engine.Layer, in, out engine.Shape, at *g.Node, tensors *[]engine.TensorInfo) (*g.Node, error) {
	pair := func(n int) []int { return []int{n, n} }
	// Parameter layers find their input in the one rank they can take.
	var err error
	switch l.Kind {
	case engine.Conv, engine.MaxPool:
		if at.Dims() != 4 {
			at, err = g.Reshape(at, tensor.Shape{p.images, in.C, in.H, in.W})
		}
	case engine.Flatten, engine.Linear:
		if at.Dims() != 2 {
			at, err = g.Reshape(at, tensor.Shape{p.images, in.Len()})
		}
	}
	if err != nil {
		return nil, err
	}
	switch l.Kind {
	case engine.ReLU:
		return g.Rectify(at)
	case engine.Flatten:
		return at, nil
	case engine.MaxPool:
		return g.MaxPool2D(at, tensor.Shape{l.Kernel, l.Kernel}, pair(0), pair(l.Stride))
	case engine.Conv:
		w := p.weight(graph, tensors, out.C, in.C, l.Kernel, l.Kernel)
		b := p.weight(graph, tensors, 1, out.C, 1, 1)
		if at, err = g.Conv2d(at, w, tensor.Shape{l.Kernel, l.Kernel}, pair(l.Padding), pair(l.Stride), pair(1)); err != nil {
			return nil, err
		}
		return g.BroadcastAdd(at, b, nil, []byte{0, 2, 3})
	case engine.Linear:
		w := p.weight(graph, tensors, in.C, out.C)
		b := p.weight(graph, tensors, 1, out.C)
		if at, err = g.Mul(at, w); err != nil {
			return nil, err
		}
		return g.BroadcastAdd(at, b, nil, []byte{0})
	}
	return nil, engine.ErrUnsupported
}

// finish appends loss = −mean over images of log softmax(logits)[label], its gradient, and the machine.
func (p *program) finish(graph *g.ExprGraph, logits *g.Node) error {
	y, memory := input(graph, "y", p.images, p.classes)
	p.y = memory
	logSoftmax, err := g.LogSoftMax(logits)
	if err != nil {
		return fmt.Errorf("log-softmax: %w", err)
	}
	chosen, err := g.HadamardProd(y, logSoftmax)
	if err != nil {
		return fmt.Errorf("choosing the label's: %w", err)
	}
	mean, err := g.Mean(chosen)
	if err != nil {
		return fmt.Errorf("mean: %w", err)
	}
	// The mean is over images and classes.
	loss, err := g.Mul(mean, g.NewConstant(-float32(p.classes)))
	if err != nil {
		return fmt.Errorf("loss: %w", err)
	}
	g.Read(loss, &p.loss)
	if p.gradient {
		nodes := make(g.Nodes, len(p.weights))
		for i := range p.weights {
			nodes[i] = p.weights[i].node
		}
		slopes, err := g.Grad(loss, nodes...)
		if err != nil {
			return fmt.Errorf("differentiating: %w", err)
		}
		for i, slope := range slopes {
			g.Read(slope, &p.weights[i].slope)
		}
	}
	p.machine = g.NewTapeMachine(graph)
	return nil
}

// weight adds a parameter node of the given shape for the next of tensors.
func (p *program) weight(graph *g.ExprGraph, tensors *[]engine.TensorInfo, shape ...int) *g.Node {
	info := (*tensors)[0]
	*tensors = (*tensors)[1:]
	node, memory := input(graph, info.Name, shape...)
	p.weights = append(p.weights, weight{info: info, x: memory, node: node})
	return node
}

// input makes a node whose value lies in the memory returned.
func input(graph *g.ExprGraph, name string, shape ...int) (*g.Node, []float32) {
	value := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	return g.NewTensor(graph, tensor.Float32, len(shape), g.WithName(name), g.WithShape(shape...), g.WithValue(value)), value.Data().([]float32)
}

// run gives mean loss and number of correct images, and adds share times the gradient to grad unless that is nil.
func (p *program) run(params, x []float32, y []int, share float32, grad []float32) (loss float64, correct int, err error) {
	defer rescue(&err)
	copy(p.x, x)
	clear(p.y)
	for i, label := range y {
		p.y[i*p.classes+label] = 1
	}
	for _, w := range p.weights {
		w.load(params)
	}
	p.machine.Reset()
	if err := p.machine.RunAll(); err != nil {
		return 0, 0, err
	}
	for _, w := range p.weights {
		if grad != nil {
			if err := w.addSlope(share, grad); err != nil {
				return 0, 0, err
			}
		}
	}
	value, ok := p.loss.Data().(float32)
	if !ok {
		return 0, 0, fmt.Errorf("reading the loss: expected a float32, found %T", p.loss.Data())
	}
	logits, ok := p.logits.Data().([]float32)
	if !ok || len(logits) != len(p.y) {
		return 0, 0, fmt.Errorf("reading the logits: expected %d float32 values, found %T", len(p.y), p.logits.Data())
	}
	loss = float64(value)
	for i, label := range y {
		if isLargest(logits[i*p.classes:(i+1)*p.classes], label) {
			correct++
		}
	}
	return loss, correct, nil
}

// isLargest reports whether z[label] is the largest value, the first of equals.
func isLargest(z []float32, label int) bool {
	for i, v := range z {
		if !(v < z[label] || v == z[label] && i >= label) {
			return false
		}
	}
	return true
}

// load copies the tensor from the flat vector into the node's memory.
func (w weight) load(params []float32) {
	from := params[w.info.Offset : w.info.Offset+w.info.Len]
	if len(w.info.Shape) != 2 {
		copy(w.x, from)
		return
	}
	outputs, inputs := w.info.Shape[0], w.info.Shape[1]
	for u := range outputs {
		for k, v := range from[u*inputs : (u+1)*inputs] {
			w.x[k*outputs+u] = v
		}
	}
}

// addSlope adds share times the node's gradient to its place in the flat vector.
func (w weight) addSlope(share float32, grad []float32) error {
	slope, ok := w.slope.Data().([]float32)
	if !ok || len(slope) != w.info.Len {
		return fmt.Errorf("reading the gradient of %s: expected %d float32 values, found %T", w.info.Name, w.info.Len, w.slope.Data())
	}
	to := grad[w.info.Offset : w.info.Offset+w.info.Len]
	if len(w.info.Shape) != 2 {
		for i, v := range slope {
			to[i] += share * v
		}
		return nil
	}
	outputs, inputs := w.info.Shape[0], w.info.Shape[1]
	for u := range outputs {
		row := to[u*inputs : (u+1)*inputs]
		for k := range row {
			row[k] += share * slope[k*outputs+u]
		}
	}
	return nil
}

// rescue turns a panic of the library into an error.
func rescue(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("the library gave up: %v", cause)
	}
}
