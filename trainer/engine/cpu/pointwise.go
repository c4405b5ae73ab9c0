package cpu

// relu sets negative values to zero, in place: no layer needs its own output again but this one, which needs only the
// sign. A NaN stays a NaN.
type relu[T Float] struct{ at *images[T] }

func (l relu[T]) forward(n int) {
	eachRun(l.at, n, func(from, to int) {
		x := l.at.x[from:to]
		for i, v := range x {
			x[i] = max(v, 0)
		}
	})
}

func (l relu[T]) backward(n int) {
	if l.at.d == nil {
		return
	}
	eachRun(l.at, n, func(from, to int) {
		x, d := l.at.x[from:to], l.at.d[from:to]
		for i, v := range x {
			if !(v > 0) {
				d[i] = 0
			}
		}
	})
}

// eachRun calls f with the ends of the contiguous runs that the first n images fill.
func eachRun[T Float](m *images[T], n int, f func(from, to int)) {
	if m.isRows() {
		f(0, n*m.perImage)
		return
	}
	for c := range m.shape.C {
		f(c*m.perChannel, c*m.perChannel+n*m.perImage)
	}
}

// flatten turns planes into rows. Rows need no flattening: the builder then lets both layers share one memory.
type flatten[T Float] struct{ in, out *images[T] }

func (l flatten[T]) forward(n int) {
	size := l.in.shape.H * l.in.shape.W
	for c := range l.in.shape.C {
		for i := range n {
			at := i*l.in.perImage + c*l.in.perChannel
			copy(l.out.x[i*l.out.perImage+c*size:][:size], l.in.x[at:])
		}
	}
}

func (l flatten[T]) backward(n int) {
	if l.in.d == nil {
		return
	}
	size := l.in.shape.H * l.in.shape.W
	for c := range l.in.shape.C {
		for i := range n {
			at := i*l.in.perImage + c*l.in.perChannel
			copy(l.in.d[at:at+size], l.out.d[i*l.out.perImage+c*size:])
		}
	}
}
