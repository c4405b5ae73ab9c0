package cpu

// plainKernels are the kernels in plain Go: the path of every processor without assembly of its own, the only one in float64, and the
// reference of the others in tests.
func plainKernels[T Float]() kernels[T] {
	return kernels[T]{
		path: "go", lanes: plainLanes, pixels: plainPixels, width: 1, depth: plainLanes, wide: 1,
		tile: plainTile[T], outer: plainOuter[T], sums: plainSums[T], squares: plainSquares[T], moments: plainMoments[T],
		affine: plainAffine[T], blend: plainBlend[T], gate: plainGate[T], pool: plainPool[T], unpool: plainUnpool[T], transpose: plainTranspose[T],
	}
}

const (
	plainLanes  = 4
	plainPixels = 2
)

// plainTile computes 2 pixels × 4 values at a time: eight sums, four weights and two inputs fit the registers of every processor.
func plainTile[T Float](t *tile[T]) {
	for p := 0; p < len(t.from); p += plainPixels {
		a := [4]T(t.init[:4])
		b := a
		weight := t.weight
		for _, tap := range t.taps {
			x := t.in[t.from[p]+tap:][:t.length]
			y := t.in[t.from[p+1]+tap:][:len(x)]
			for k, u := range x {
				w := weight[4*k : 4*k+4 : 4*k+4]
				v := y[k]
				a[0] += T(u * w[0])
				a[1] += T(u * w[1])
				a[2] += T(u * w[2])
				a[3] += T(u * w[3])
				b[0] += T(v * w[0])
				b[1] += T(v * w[1])
				b[2] += T(v * w[2])
				b[3] += T(v * w[3])
			}
			weight = weight[4*t.length:]
		}
		t.store(t.to[p], a)
		t.store(t.to[p+1], b)
	}
}

func (t *tile[T]) store(at int, sum [4]T) {
	out := t.out[at : at+4 : at+4]
	for v := range out {
		if t.add {
			sum[v] += out[v]
		}
		if t.relu {
			sum[v] = max(sum[v], 0)
		}
		out[v] = sum[v]
	}
}

func plainOuter[T Float](o *outer[T]) {
	var sum [4][4]T
	for i := range sum {
		sum[i] = [4]T(o.dst[i*o.ld:])
	}
	for m := range o.images {
		for r := range o.rows {
			s, x := o.s[m*o.sImage+r*o.sRow:], o.x[m*o.xImage+r*o.xRow:]
			addOuter(&sum, s, x, o.pixels, o.sPixel, o.xPixel)
		}
	}
	for i := range sum {
		*(*[4]T)(o.dst[i*o.ld:]) = sum[i]
	}
}

// addOuter adds the products of one row of pixels, two rows of the sum at a time.
func addOuter[T Float](sum *[4][4]T, s, x []T, pixels, sPixel, xPixel int) {
	for i := 0; i < 4; i += 2 {
		a, b := sum[i], sum[i+1]
		for p := range pixels {
			u, v := s[p*sPixel+i], s[p*sPixel+i+1]
			w := x[p*xPixel:][:4]
			a[0] += T(u * w[0])
			a[1] += T(u * w[1])
			a[2] += T(u * w[2])
			a[3] += T(u * w[3])
			b[0] += T(v * w[0])
			b[1] += T(v * w[1])
			b[2] += T(v * w[2])
			b[3] += T(v * w[3])
		}
		sum[i], sum[i+1] = a, b
	}
}

func plainSums[T Float](s *sheet[T]) {
	a := s.a[:s.channels]
	for r := range s.rows {
		for p := range s.pixels {
			x := s.x[r*s.xRow+p*s.channels:][:len(a)]
			for c, v := range x {
				a[c] += v
			}
		}
	}
}

func plainSquares[T Float](s *sheet[T]) {
	a := s.a[:s.channels]
	b := s.b[:len(a)]
	for r := range s.rows {
		for p := range s.pixels {
			x := s.x[r*s.xRow+p*s.channels:][:len(a)]
			for c, v := range x {
				v -= b[c]
				a[c] += T(v * v)
			}
		}
	}
}

func plainMoments[T Float](s *sheet[T]) {
	a := s.a[:s.channels]
	b, mean := s.b[:len(a)], s.c[:len(a)]
	for r := range s.rows {
		for p := range s.pixels {
			x := s.x[r*s.xRow+p*s.channels:][:len(a)]
			z := s.z[r*s.zRow+p*s.channels:][:len(a)]
			for c, v := range x {
				a[c] += v
				b[c] += T(v * (z[c] - mean[c]))
			}
		}
	}
}

func plainAffine[T Float](s *sheet[T]) {
	a := s.a[:s.channels]
	b := s.b[:len(a)]
	for r := range s.rows {
		for p := range s.pixels {
			x := s.x[r*s.xRow+p*s.channels:][:len(a)]
			y := s.y[r*s.yRow+p*s.channels:][:len(a)]
			for c, v := range x {
				v = T(v*a[c]) + b[c]
				if s.relu {
					v = max(v, 0)
				}
				y[c] = v
			}
		}
	}
}

func plainBlend[T Float](s *sheet[T]) {
	a := s.a[:s.channels]
	b, shift := s.b[:len(a)], s.c[:len(a)]
	for r := range s.rows {
		for p := range s.pixels {
			x := s.x[r*s.xRow+p*s.channels:][:len(a)]
			z := s.z[r*s.zRow+p*s.channels:][:len(a)]
			y := s.y[r*s.yRow+p*s.channels:][:len(a)]
			for c, v := range x {
				v = T(v*a[c]) + (T(z[c]*b[c]) + shift[c])
				if s.relu {
					v = max(v, 0)
				}
				y[c] = v
			}
		}
	}
}

func plainGate[T Float](s *sheet[T]) {
	n := s.pixels * s.channels
	for r := range s.rows {
		x, z, y := s.x[r*s.xRow:][:n], s.z[r*s.zRow:][:n], s.y[r*s.yRow:][:n]
		for i, v := range x {
			if !(z[i] > 0) {
				v = 0
			}
			y[i] = v
		}
	}
}

func plainPool[T Float](l *pool[T]) {
	for p := range l.pixels {
		for c := range l.channels {
			best, code := l.x[p*l.xPixel+c], int32(0)
			for r := range l.kernel {
				for t := range l.kernel {
					if v := l.x[p*l.xPixel+r*l.xRow+t*l.channels+c]; v > best || v != v && best == best {
						best, code = v, int32(r*l.kernel+t)
					}
				}
			}
			l.y[p*l.channels+c], l.code[p*l.channels+c] = best, code
		}
	}
}

func plainUnpool[T Float](l *pool[T]) {
	for p := range l.pixels {
		for c := range l.channels {
			code := int(l.code[p*l.channels+c])
			l.x[p*l.xPixel+code/l.kernel*l.xRow+code%l.kernel*l.channels+c] += l.y[p*l.channels+c]
		}
	}
}

func plainTranspose[T Float](dst, src []T, rows, cols, ldDst, ldSrc int) {
	for i := range rows {
		for j, v := range src[i*ldSrc:][:cols] {
			dst[j*ldDst+i] = v
		}
	}
}
