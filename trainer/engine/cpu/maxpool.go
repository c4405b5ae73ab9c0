package cpu

// maxpool takes the maximum of each window, which is NaN if one of its values is; the gradient goes to the first value
// that attains the maximum.
type maxpool[T Float] struct {
	kernel, stride int
	in, out        *images[T]
	from           []int32 // for each output in planes order, the index of its maximum in the plane of the input
}

func newMaxpool[T Float](kernel, stride int, in, out *images[T]) *maxpool[T] {
	return &maxpool[T]{kernel: kernel, stride: stride, in: in, out: out, from: make([]int32, len(out.x))}
}

func (l *maxpool[T]) forward(n int) {
	in, out := l.in.shape, l.out.shape
	for c := range out.C {
		for i := range n {
			x := l.in.x[i*l.in.perImage+c*l.in.perChannel:][:in.H*in.W]
			at := i*l.out.perImage + c*l.out.perChannel
			y, from := l.out.x[at:at+out.H*out.W], l.from[at:at+out.H*out.W]
			for h := range out.H {
				row := y[h*out.W : (h+1)*out.W]
				if l.kernel == 2 {
					l.pairs(x, h*l.stride*in.W, row, from[h*out.W:])
					continue
				}
				for w := range row {
					row[w], from[h*out.W+w] = l.window(x, h*l.stride*in.W+w*l.stride)
				}
			}
		}
	}
}

// window gives the maximum of the window that starts at first, and its place.
func (l *maxpool[T]) window(x []T, first int) (best T, place int32) {
	best, place = x[first], int32(first)
	for r := range l.kernel {
		for p := first + r*l.in.shape.W; p < first+r*l.in.shape.W+l.kernel; p++ {
			if v := x[p]; v > best || v != v && best == best {
				best, place = v, int32(p)
			}
		}
	}
	return best, place
}

// pairs is window for a row of 2×2 windows, written so that the compiler needs no branch, which would be mispredicted
// every other time.
func (l *maxpool[T]) pairs(x []T, first int, row []T, from []int32) {
	width := l.in.shape.W
	from = from[:len(row)]
	for w := range row {
		top, bottom := x[first:first+2:first+2], x[first+width:first+width+2:first+width+2]
		best := max(top[0], top[1], bottom[0], bottom[1])
		place := first + width + 1
		if bottom[0] == best {
			place = first + width
		}
		if top[1] == best {
			place = first + 1
		}
		if top[0] == best {
			place = first
		}
		row[w], from[w] = best, int32(place)
		first += l.stride
	}
}

func (l *maxpool[T]) backward(n int) {
	if l.in.d == nil {
		return
	}
	in, out := l.in.shape, l.out.shape
	for c := range out.C {
		for i := range n {
			dx := l.in.d[i*l.in.perImage+c*l.in.perChannel:][:in.H*in.W]
			at := i*l.out.perImage + c*l.out.perChannel
			from := l.from[at : at+out.H*out.W]
			clear(dx)
			for j, d := range l.out.d[at : at+out.H*out.W] {
				dx[from[j]] += d
			}
		}
	}
}
