package cpu

// average is the mean over all pixels of a channel (global average pooling).
type average[T Float] struct {
	p       *program[T]
	in, out *planes[T]
}

func (l average[T]) forwardSteps() []step[T] {
	each := perUnit(l.in.shape.H*l.in.shape.W, l.p.kernels.pixels)
	pixels := T(l.in.shape.H * l.in.shape.W)
	return []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		for m := first; m < first+images; m++ {
			mean := l.out.at(m)[:l.out.channels]
			clear(mean)
			w.sheets(w.kernels.sums, nil, l.in, nil, m, 1, sheet[T]{a: mean})
			for c := range mean {
				mean[c] /= pixels
			}
		}
	}}}
}

func (l average[T]) backwardSteps(dOut, dIn *planes[T], add bool) []step[T] {
	each := perUnit(l.in.shape.H*l.in.shape.W, l.p.kernels.pixels)
	pixels := T(l.in.shape.H * l.in.shape.W)
	return []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		share := w.room(l.out.channels)
		for m := first; m < first+images; m++ {
			for c, v := range dOut.at(m)[:len(share)] {
				share[c] = v / pixels
			}
			for h := range l.in.shape.H {
				row := dIn.at(m)[h*dIn.row:][:l.in.shape.W*dIn.channels]
				for at := 0; at < len(row); at += len(share) {
					if !add {
						copy(row[at:], share)
						continue
					}
					for c, v := range share {
						row[at+c] += v
					}
				}
			}
		}
	}}}
}
