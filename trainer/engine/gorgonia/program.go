package gorgonia

import (
	"fmt"
	"math"
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
	kind
	classes int
	machine g.VM
	weights []weight
	norms   []norm
	x, y    []float32 // memory of the input nodes; y is one-hot
	loss    g.Value
	logits  g.Value
	pooled  []*g.Value // what the maxima read, unless there is a gradient
}

// kind tells programs of a network apart.
type kind struct {
	images   int
	gradient bool
	training bool // with the batch's own statistics
}

// weight is one parameter tensor in the graph. A linear layer's is held transposed, [in, out], so that the graph needs no
// transposition.
type weight struct {
	info  engine.TensorInfo
	x     []float32 // memory of the node
	node  *g.Node
	slope g.Value // its gradient after a run; nil if the loss does not depend on it
}

func newProgram(spec engine.Spec, k kind) (p *program, err error) {
	building.Lock()
	defer building.Unlock()
	defer rescue(&err)
	p = &program{kind: k, classes: spec.Classes}
	shapes, err := spec.Shapes()
	if err != nil {
		return nil, err
	}
	sources, err := spec.Sources()
	if err != nil {
		return nil, err
	}
	read := whoIsRead(sources)
	b := &layers{program: p, graph: g.NewGraph(), tensors: spec.Tensors(), moving: spec.StateTensors(), norms: map[*g.Node]*g.BatchNormOp{}}
	images, memory := input(b.graph, "x", k.images, spec.Input.C, spec.Input.H, spec.Input.W)
	p.x = memory
	outputs := make([]*g.Node, len(spec.Layers))
	of := func(source int) (*g.Node, engine.Shape) {
		if source < 0 {
			return images, spec.Input
		}
		return outputs[source], shapes[source]
	}
	var wanted g.Nodes
	for i, l := range spec.Layers {
		at, in := of(sources[i][0])
		var with *g.Node
		if l.Kind == engine.Add {
			with, _ = of(sources[i][1])
		}
		before := len(p.weights)
		if outputs[i], err = b.node(l, in, shapes[i], at, with); err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i, l.Kind, err)
		}
		if !read[i] {
			g.Read(outputs[i], new(g.Value)) // its statistics are wanted
			continue
		}
		for _, w := range p.weights[before:] {
			wanted = append(wanted, w.node)
		}
	}
	logits, err := reshape(outputs[len(outputs)-1], k.images, spec.Classes)
	if err != nil {
		return nil, err
	}
	g.Read(logits, &p.logits)
	if err := p.finish(b.graph, logits, wanted); err != nil {
		return nil, err
	}
	return p, nil
}

// whoIsRead says of each layer whether the loss depends on it.
func whoIsRead(sources [][]int) []bool {
	read := make([]bool, len(sources))
	read[len(read)-1] = true
	for i := len(sources) - 1; i >= 0; i-- {
		for _, s := range sources[i] {
			if s >= 0 && read[i] {
				read[s] = true
			}
		}
	}
	return read
}

// finish appends loss = −mean over images of log softmax(logits)[label], its gradient in the nodes that are wanted, and the machine.
func (p *program) finish(graph *g.ExprGraph, logits *g.Node, wanted g.Nodes) error {
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
	if p.gradient && len(wanted) > 0 {
		slopes, err := g.Grad(loss, wanted...)
		if err != nil {
			return fmt.Errorf("differentiating: %w", err)
		}
		of := map[*g.Node]*g.Node{}
		for i, node := range wanted {
			of[node] = slopes[i]
		}
		for i := range p.weights {
			if slope, ok := of[p.weights[i].node]; ok {
				g.Read(slope, &p.weights[i].slope)
			}
		}
	}
	p.machine = g.NewTapeMachine(graph)
	return nil
}

// input makes a node whose value lies in the memory returned.
func input(graph *g.ExprGraph, name string, shape ...int) (*g.Node, []float32) {
	value := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	return g.NewTensor(graph, tensor.Float32, len(shape), g.WithName(name), g.WithShape(shape...), g.WithValue(value)), value.Data().([]float32)
}

// run gives mean loss and number of correct images, and adds share times the gradient to grad unless that is nil.
func (p *program) run(m *model, x []float32, y []int, share float32, grad []float32) (loss float64, correct int, err error) {
	defer rescue(&err)
	copy(p.x, x)
	clear(p.y)
	for i, label := range y {
		p.y[i*p.classes+label] = 1
	}
	for _, w := range p.weights {
		w.load(m.params)
	}
	for _, n := range p.norms {
		if err := n.load(m.state); err != nil {
			return 0, 0, err
		}
	}
	p.machine.Reset()
	if err := p.machine.RunAll(); err != nil {
		return 0, 0, err
	}
	for _, w := range p.weights {
		if grad != nil && w.slope != nil {
			if err := w.addSlope(share, grad); err != nil {
				return 0, 0, err
			}
		}
	}
	for _, n := range p.norms {
		if p.training {
			if err := n.store(m.stats); err != nil {
				return 0, 0, err
			}
		}
	}
	return p.read(y)
}

// read gives mean loss and number of correct images after a run.
func (p *program) read(y []int) (loss float64, correct int, err error) {
	for _, v := range p.pooled {
		values, ok := (*v).Data().([]float32)
		if !ok {
			return 0, 0, fmt.Errorf("reading what a maximum reads: expected float32 values, found %T", (*v).Data())
		}
		if !isFinite(values) {
			return math.NaN(), 0, nil
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
	for i, label := range y {
		if isLargest(logits[i*p.classes:(i+1)*p.classes], label) {
			correct++
		}
	}
	return float64(value), correct, nil
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
