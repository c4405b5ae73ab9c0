package cpu

// linear is out = weight·in + bias for images in rows; weight is [out, in].
type linear[T Float] struct {
	kernels[T]
	in, out                      *images[T]
	weight, bias, dWeight, dBias []T
}

func (l *linear[T]) forward(n int) {
	inputs, units := l.in.shape.C, l.out.shape.C
	for u := range units {
		w := l.weight[u*inputs : (u+1)*inputs]
		for i := range n {
			l.out.x[i*units+u] = l.bias[u] + l.dot(w, l.in.x[i*inputs:(i+1)*inputs])
		}
	}
}

func (l *linear[T]) backward(n int) {
	inputs, units := l.in.shape.C, l.out.shape.C
	for u := range units {
		dw := l.dWeight[u*inputs : (u+1)*inputs]
		for i := range n {
			d := l.out.d[i*units+u]
			l.dBias[u] += d
			l.axpy(d, l.in.x[i*inputs:(i+1)*inputs], dw)
		}
	}
	if l.in.d == nil {
		return
	}
	clear(l.in.d[:n*inputs])
	for u := range units {
		w := l.weight[u*inputs : (u+1)*inputs]
		for i := range n {
			l.axpy(l.out.d[i*units+u], w, l.in.d[i*inputs:(i+1)*inputs])
		}
	}
}
