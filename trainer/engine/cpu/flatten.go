package cpu

// flatten turns channel-last planes into the vector [C][H][W] that a linear layer weighs.
type flatten[T Float] struct {
	p       *program[T]
	in, out *planes[T]
}

func (l flatten[T]) forwardSteps() []step[T] {
	each := perUnit(l.in.shape.H*l.in.shape.W, l.p.kernels.pixels)
	return []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		shape := l.in.shape
		for m := first; m < first+images; m++ {
			for h := range shape.H {
				w.kernels.transpose(l.out.at(m)[h*shape.W:], l.in.at(m)[h*l.in.row:], shape.W, shape.C, shape.H*shape.W, l.in.channels)
			}
		}
	}}}
}

func (l flatten[T]) backwardSteps(dOut, dIn *planes[T], add bool) []step[T] {
	each := perUnit(l.in.shape.H*l.in.shape.W, l.p.kernels.pixels)
	return []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		shape := l.in.shape
		raw := w.room(shape.W * dIn.channels)
		for m := first; m < first+images; m++ {
			for h := range shape.H {
				row := dIn.at(m)[h*dIn.row:][:shape.W*dIn.channels]
				into := row
				if add {
					into = raw
				}
				w.kernels.transpose(into, dOut.at(m)[h*shape.W:], shape.C, shape.W, dIn.channels, shape.H*shape.W)
				if add {
					for i := range row {
						if i%dIn.channels < shape.C {
							row[i] += raw[i]
						}
					}
				}
			}
		}
	}}}
}
