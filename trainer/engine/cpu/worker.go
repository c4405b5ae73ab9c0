package cpu

import "smoothscape/trainer/engine"

// worker computes every workers-th chunk of a batch in memory of its own.
type worker[T Float] struct {
	net           *Net[T]
	index         int
	turn          chan struct{} // holds the token while it is this worker's turn to add its results
	start         func()        // work in a goroutine; made once, so that starting one allocates nothing
	input, logits *images[T]
	layers        []layer
	grad          []T
	loss          float64
	correct       int
}

func newWorker[T Float](net *Net[T], index int) *worker[T] {
	w := &worker[T]{net: net, index: index, turn: make(chan struct{}, 1), grad: newSlice[T](len(net.params))}
	w.start = func() {
		defer net.running.Done()
		w.work()
	}
	w.build()
	return w
}

// build lays out the layers; what lies below the first layer with parameters needs no gradient.
func (w *worker[T]) build() {
	w.input = newRows[T](w.net.spec.Input, false)
	at, offset := w.input, 0
	take := func(n int) (value, gradient []T) {
		value, gradient = w.net.params[offset:offset+n:offset+n], w.grad[offset:offset+n:offset+n]
		offset += n
		return value, gradient
	}
	for i, spec := range w.net.spec.Layers {
		shape := w.net.shapes[i]
		switch spec.Kind {
		case engine.Conv:
			out := newPlanes[T](shape, true)
			weight, dWeight := take(shape.C * spec.FanIn(at.shape))
			bias, dBias := take(shape.C)
			w.layers = append(w.layers, newConv(spec, at, out, w.net.kernels, weight, bias, dWeight, dBias))
			at = out
		case engine.Linear:
			at = w.flat(at, at.shape)
			out := newRows[T](shape, true)
			weight, dWeight := take(shape.C * spec.FanIn(at.shape))
			bias, dBias := take(shape.C)
			w.layers = append(w.layers, &linear[T]{w.net.kernels, at, out, weight, bias, dWeight, dBias})
			at = out
		case engine.MaxPool:
			out := newPlanes[T](shape, at.d != nil)
			w.layers = append(w.layers, newMaxpool(spec.Kernel, spec.Stride, at, out))
			at = out
		case engine.ReLU:
			w.layers = append(w.layers, relu[T]{at})
		case engine.Flatten:
			at = w.flat(at, shape)
		}
	}
	w.logits = w.flat(at, at.shape)
}

// flat gives the images in rows, as shape: the same memory if they lie so already, else through a layer of its own.
func (w *worker[T]) flat(in *images[T], shape engine.Shape) *images[T] {
	if in.isRows() {
		same := *in
		same.shape, same.perChannel = shape, shape.H*shape.W
		return &same
	}
	out := newRows[T](shape, in.d != nil)
	w.layers = append(w.layers, flatten[T]{in, out})
	return out
}

// work computes this worker's chunks and adds their results to the batch's, each when its turn has come.
func (w *worker[T]) work() {
	b := &w.net.batch
	next := w.net.workers[(w.index+1)%b.workers]
	for c := w.index; c < b.chunks; c += b.workers {
		w.compute(b, c)
		<-w.turn
		b.loss += w.loss
		b.correct += w.correct
		if b.grad != nil {
			w.net.kernels.axpy(1, w.grad, b.grad)
		}
		next.turn <- struct{}{}
	}
}

// compute runs chunk c of the batch forward and, if the gradient is asked for, backward.
func (w *worker[T]) compute(b *batch[T], c int) {
	size := w.input.perImage
	y := b.y[c*chunk : min((c+1)*chunk, len(b.y))]
	n := len(y)
	copy(w.input.x, b.x[c*chunk*size:][:n*size])
	// 0·v is 0 for a number and NaN for NaN and ±Inf, which a zero weight or a ReLU might swallow on the way to the loss.
	var doubt T
	for _, v := range w.input.x[:n*size] {
		doubt += 0 * v
	}
	for _, l := range w.layers {
		l.forward(n)
	}
	w.loss, w.correct = float64(doubt), 0
	classes := w.logits.shape.C
	for i, label := range y {
		loss, correct := crossEntropy(w.logits.x[i*classes:(i+1)*classes], label)
		w.loss += loss
		if correct {
			w.correct++
		}
	}
	if b.grad == nil {
		return
	}
	clear(w.grad)
	if w.logits.d == nil {
		return // no layer has parameters
	}
	scale := 1 / T(len(b.y))
	for i, label := range y {
		p, d := w.logits.x[i*classes:(i+1)*classes], w.logits.d[i*classes:(i+1)*classes]
		for u := range d {
			d[u] = p[u] * scale
		}
		d[label] = (p[label] - 1) * scale
	}
	for i := len(w.layers) - 1; i >= 0; i-- {
		w.layers[i].backward(n)
	}
}
