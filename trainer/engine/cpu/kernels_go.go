package cpu

// plainKernels are the kernels in plain Go: the path of every processor without assembly of its own, the only one in float64, and the
// reference of the others in tests.
func plainKernels[T Float]() kernels[T] {
	return kernels[T]{
		path: "go", lanes: plainLanes, pixels: plainPixels, depth: plainLanes, tileWidths: []int{plainLanes}, outerWidths: []int{plainLanes},
		tile: plainTile[T], outer: plainOuter[T], sums: plainSums[T], squares: plainSquares[T], moments: plainMoments[T],
		affine: plainAffine[T], blend: plainBlend[T], gate: plainGate[T], pool: plainPool[T], unpool: plainUnpool[T], transpose: plainTranspose[T],
	}
}

const (
	plainLanes  = 4
	plainPixels = 2
)

// plainTile computes 2 pixels × 4 values at a time: eight sums, four weights and two inputs fit the registers of every processor. The sums are
// variables of their own, since the compiler keeps no array in registers.
func plainTile[T Float](t *tile[T]) {
	for p := 0; p < len(t.from); p += plainPixels {
		a0, a1, a2, a3 := t.init[0], t.init[1], t.init[2], t.init[3]
		b0, b1, b2, b3 := a0, a1, a2, a3
		weight := t.weight
		for _, tap := range t.taps {
			x := t.in[t.from[p]+tap:][:t.length]
			y := t.in[t.from[p+1]+tap:][:len(x)]
			w := weight[:4*t.length]
			for k, u := range x {
				v := y[k]
				w0, w1, w2, w3 := w[0], w[1], w[2], w[3]
				w = w[4:]
				a0 += T(u * w0)
				a1 += T(u * w1)
				a2 += T(u * w2)
				a3 += T(u * w3)
				b0 += T(v * w0)
				b1 += T(v * w1)
				b2 += T(v * w2)
				b3 += T(v * w3)
			}
			weight = weight[4*t.length:]
		}
		t.store(t.to[p], [4]T{a0, a1, a2, a3})
		t.store(t.to[p+1], [4]T{b0, b1, b2, b3})
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

// plainOuter computes 2 rows × 4 values of the sum at a time.
func plainOuter[T Float](o *outer[T]) {
	for i := 0; i < plainLanes; i += 2 {
		up, down := o.dst[i*o.ld:][:4], o.dst[(i+1)*o.ld:][:4]
		a0, a1, a2, a3 := up[0], up[1], up[2], up[3]
		b0, b1, b2, b3 := down[0], down[1], down[2], down[3]
		for m := range o.images {
			for r := range o.rows {
				s, x := o.s[m*o.sImage+r*o.sRow+i:], o.x[m*o.xImage+r*o.xRow:]
				for p := range o.pixels {
					uv := s[p*o.sPixel:][:2]
					w := x[p*o.xPixel:][:4]
					u, v, w0, w1, w2, w3 := uv[0], uv[1], w[0], w[1], w[2], w[3]
					a0 += T(u * w0)
					a1 += T(u * w1)
					a2 += T(u * w2)
					a3 += T(u * w3)
					b0 += T(v * w0)
					b1 += T(v * w1)
					b2 += T(v * w2)
					b3 += T(v * w3)
				}
			}
		}
		up[0], up[1], up[2], up[3] = a0, a1, a2, a3
		down[0], down[1], down[2], down[3] = b0, b1, b2, b3
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
