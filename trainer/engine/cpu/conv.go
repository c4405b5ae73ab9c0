package cpu

import "smoothscape/trainer/engine"

// runLength is about how many values one vector operation of a convolution works on: long enough that the call costs
// little, short enough that a channel's run stays in the first-level cache.
const runLength = 1024

// conv is a convolution by shifted planes; see the package documentation for q, o and the layout of padded.
type conv[T Float] struct {
	kernels[T]
	spec             engine.Layer
	in, out          *images[T]
	weight, bias     []T
	dWeight, dBias   []T
	row, plane, wide int // lengths of a padded row, of a padded image, of a padded channel
	group            int // images to a run
	padded           []T // the input
	dPadded          []T // its gradient, nil where not wanted
	spread           []T // one channel on the places q: outputs going forward, gradients (all channels) going back
}

func newConv[T Float](spec engine.Layer, in, out *images[T], k kernels[T], weight, bias, dWeight, dBias []T) *conv[T] {
	l := &conv[T]{kernels: k, spec: spec, in: in, out: out, weight: weight, bias: bias, dWeight: dWeight, dBias: dBias}
	l.row = in.shape.W + spec.Padding
	l.plane = (in.shape.H + spec.Padding) * l.row
	l.wide = spec.Padding*l.row + spec.Padding + chunk*l.plane
	l.group = min(chunk, max(1, runLength/l.plane))
	l.padded = newSlice[T](in.shape.C * l.wide)
	l.spread = newSlice[T](out.shape.C * chunk * l.plane)
	if in.d != nil {
		l.dPadded = newSlice[T](in.shape.C * l.wide)
	}
	return l
}

// run is the number of places q from the first output of a group of n images to its last.
func (l *conv[T]) run(n int) int {
	return (n-1)*l.plane + (l.out.shape.H-1)*l.spec.Stride*l.row + (l.out.shape.W-1)*l.spec.Stride + 1
}

func (l *conv[T]) forward(n int) {
	l.pad(n)
	k, s, out := l.spec.Kernel, l.spec.Stride, l.out.shape
	for first := 0; first < n; first += l.group {
		group := min(l.group, n-first)
		run := l.run(group)
		sum := l.spread[:run]
		for f := range out.C {
			fill(sum, l.bias[f])
			w := l.weight[f*l.in.shape.C*k*k:]
			for c := range l.in.shape.C {
				in := l.padded[c*l.wide+first*l.plane:]
				for r := range k {
					for t := range k {
						o := r*l.row + t
						l.axpy(w[(c*k+r)*k+t], in[o:o+run], sum)
					}
				}
			}
			for i := range group {
				to := l.out.x[(first+i)*l.out.perImage+f*l.out.perChannel:]
				for h := range out.H {
					from := sum[i*l.plane+h*s*l.row:]
					if s == 1 {
						copy(to[h*out.W:(h+1)*out.W], from)
						continue
					}
					for w := range out.W {
						to[h*out.W+w] = from[w*s]
					}
				}
			}
		}
	}
}

// pad copies the input between the zeros.
func (l *conv[T]) pad(n int) {
	in, p := l.in.shape, l.spec.Padding
	for c := range in.C {
		for i := range n {
			from := l.in.x[i*l.in.perImage+c*l.in.perChannel:]
			to := l.padded[c*l.wide+p*l.row+p+i*l.plane:]
			for h := range in.H {
				copy(to[h*l.row:h*l.row+in.W], from[h*in.W:])
			}
		}
	}
}

func (l *conv[T]) backward(n int) {
	l.spreadGradient(n)
	k, channels := l.spec.Kernel, l.in.shape.C
	if l.dPadded != nil {
		clear(l.dPadded)
	}
	for first := 0; first < n; first += l.group {
		run := l.run(min(l.group, n-first))
		for c := range channels {
			at := c*l.wide + first*l.plane
			for f := range l.out.shape.C {
				d := l.spread[f*chunk*l.plane+first*l.plane:][:run]
				for r := range k {
					for t := range k {
						o, j := at+r*l.row+t, ((f*channels+c)*k+r)*k+t
						l.dWeight[j] += l.dot(d, l.padded[o:o+run])
						if l.dPadded != nil {
							l.axpy(l.weight[j], d, l.dPadded[o:o+run])
						}
					}
				}
			}
		}
	}
	if l.dPadded != nil {
		l.unpad(n)
	}
}

// spreadGradient puts the gradient of the output on its places q, with zeros between, and adds up that of the bias.
func (l *conv[T]) spreadGradient(n int) {
	out, s := l.out.shape, l.spec.Stride
	clear(l.spread)
	for f := range out.C {
		var sum T
		for i := range n {
			from := l.out.d[i*l.out.perImage+f*l.out.perChannel:]
			to := l.spread[(f*chunk+i)*l.plane:]
			for h := range out.H {
				for w, v := range from[h*out.W : (h+1)*out.W] {
					to[h*s*l.row+w*s] = v
					sum += v
				}
			}
		}
		l.dBias[f] += sum
	}
}

// unpad takes the gradient of the input from between the zeros.
func (l *conv[T]) unpad(n int) {
	in, p := l.in.shape, l.spec.Padding
	for c := range in.C {
		for i := range n {
			from := l.dPadded[c*l.wide+p*l.row+p+i*l.plane:]
			to := l.in.d[i*l.in.perImage+c*l.in.perChannel:]
			for h := range in.H {
				copy(to[h*in.W:(h+1)*in.W], from[h*l.row:])
			}
		}
	}
}

func fill[T Float](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}
