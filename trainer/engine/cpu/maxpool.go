package cpu

// maxpool takes the maximum of each window, which is NaN if one of its values is; the gradient goes to the first value that attains it.
type maxpool[T Float] struct {
	p              *program[T]
	kernel, stride int
	in, out        *planes[T]
	code           []int32 // for each image, row and pixel of out, without border
	each           int
}

func newMaxpool[T Float](p *program[T], kernel, stride int, in, out *planes[T]) *maxpool[T] {
	return &maxpool[T]{p: p, kernel: kernel, stride: stride, in: in, out: out, each: perUnit(in.shape.H*in.shape.W, p.kernels.pixels)}
}

func (l *maxpool[T]) reserve(images int) {
	if need := images * l.out.shape.H * l.line(); len(l.code) < need {
		l.code = make([]int32, need)
	}
}

// line is the number of values in a row of the output.
func (l *maxpool[T]) line() int { return l.out.shape.W * l.out.channels }

// rows calls kernel for each row of some images, x being in or its gradient and y out or its gradient.
func (l *maxpool[T]) rows(w *worker[T], kernel func(*pool[T]), y, x *planes[T], first, images int) {
	height := l.out.shape.H
	for m := first; m < first+images; m++ {
		for h := range height {
			w.pool = pool[T]{
				y: y.at(m)[h*y.row:], x: x.at(m)[h*l.stride*x.row:], code: l.code[(m*height+h)*l.line():],
				pixels: l.out.shape.W, channels: l.out.channels, kernel: l.kernel, xPixel: l.stride * x.channels, xRow: x.row,
			}
			kernel(&w.pool)
		}
	}
}

func (l *maxpool[T]) forwardSteps() []step[T] {
	return []step[T]{{units: units(l.each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, l.each)
		l.rows(w, w.kernels.pool, l.out, l.in, first, images)
	}}}
}

func (l *maxpool[T]) backwardSteps(dOut, dIn *planes[T], add bool) []step[T] {
	return []step[T]{{units: units(l.each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, l.each)
		if !add {
			dIn.clear(first, images)
		}
		l.rows(w, w.kernels.unpool, dOut, dIn, first, images)
	}}}
}
