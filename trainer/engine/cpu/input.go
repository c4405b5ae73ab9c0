package cpu

import "smoothscape/trainer/engine"

// input brings images from the caller's order, NCHW, into planes.
type input[T Float] struct {
	p     *program[T]
	shape engine.Shape
	flat  bool // the vector [C][H][W] is wanted
	to    *planes[T]
	x     []T // of the running pass
	doubt []T // for each image 0, or NaN if it holds NaN or ±Inf
}

// borrows reports whether the caller's order is that of the planes, and no kernel reads past their end: then they are read where they lie.
func (l *input[T]) borrows() bool { return l.flat && l.to.shape.C%l.p.kernels.lanes == 0 }

func (l *input[T]) reserve(images int) {
	if len(l.doubt) < images {
		l.doubt = make([]T, images)
	}
}

func (l *input[T]) forwardSteps() []step[T] {
	each := perUnit(l.shape.H*l.shape.W, l.p.kernels.pixels)
	return []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		for m := first; m < first+images; m++ {
			l.load(w, m)
		}
	}}}
}

func (l *input[T]) load(w *worker[T], m int) {
	size := l.shape.Len()
	x := l.x[m*size:][:size]
	l.doubt[m] = l.doubtOf(w, x)
	if l.borrows() {
		return
	}
	if l.flat {
		copy(l.to.at(m), x)
		return
	}
	for h := range l.shape.H {
		w.kernels.transpose(l.to.at(m)[h*l.to.row:], x[h*l.shape.W:], l.shape.C, l.shape.W, l.to.channels, l.shape.H*l.shape.W)
	}
}

// doubtOf is Σ 0·v: 0 for numbers, but NaN for a NaN or ±Inf, which a zero weight or a ReLU might swallow on the way to the loss.
func (l *input[T]) doubtOf(w *worker[T], x []T) T {
	lanes, zeros := l.p.kernels.lanes, l.p.zeros
	pixels := len(x) / lanes
	sums := w.room(2 * lanes)
	clear(sums)
	if pixels > 0 {
		w.sheet = sheet[T]{a: sums[:lanes], b: sums[lanes:], c: zeros, x: x, z: zeros, rows: 1, pixels: pixels, channels: lanes}
		w.kernels.moments(&w.sheet)
	}
	var doubt T
	for _, v := range sums[lanes : 2*lanes] {
		doubt += v
	}
	for _, v := range x[pixels*lanes:] {
		doubt += 0 * v
	}
	return doubt
}
