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
	// 0·v is 0 for a number and NaN for NaN and ±Inf, which a zero weight or a ReLU might swallow on the way to the loss.
	var doubt [4]T
	for len(x) >= 4 {
		doubt[0] += 0 * x[0]
		doubt[1] += 0 * x[1]
		doubt[2] += 0 * x[2]
		doubt[3] += 0 * x[3]
		x = x[4:]
	}
	for _, v := range x {
		doubt[0] += 0 * v
	}
	l.doubt[m] = doubt[0] + doubt[1] + doubt[2] + doubt[3]
	x = l.x[m*size:][:size]
	if l.flat {
		copy(l.to.at(m), x)
		return
	}
	for h := range l.shape.H {
		w.kernels.transpose(l.to.at(m)[h*l.to.row:], x[h*l.shape.W:], l.shape.C, l.shape.W, l.to.channels, l.shape.H*l.shape.W)
	}
}
