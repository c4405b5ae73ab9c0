package cpu

// maxpool takes the maximum of each window; the gradient goes to the first value that attains it, a NaN counting as
// larger than every number.
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
				for w := range out.W {
					first := h*l.stride*in.W + w*l.stride
					best, place := x[first], first
					for r := range l.kernel {
						for p := first + r*in.W; p < first+r*in.W+l.kernel; p++ {
							if v := x[p]; v > best || v != v && best == best {
								best, place = v, p
							}
						}
					}
					y[h*out.W+w], from[h*out.W+w] = best, int32(place)
				}
			}
		}
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
