package cpu

import "golang.org/x/sys/cpu"

//go:generate go run ./asmgen

//go:noescape
func tileAVX512x1(t *tile[float32])

//go:noescape
func tileAVX512x2(t *tile[float32])

//go:noescape
func tileAVX2x1(t *tile[float32])

//go:noescape
func tileAVX2x2(t *tile[float32])

//go:noescape
func tileAVX512Halfx1(t *tile[float32])

//go:noescape
func outerAVX512Halfx1(o *outer[float32])

//go:noescape
func outerAVX512x1(o *outer[float32])

//go:noescape
func outerAVX512x2(o *outer[float32])

//go:noescape
func outerAVX512x3(o *outer[float32])

//go:noescape
func outerAVX2x1(o *outer[float32])

//go:noescape
func outerAVX2x2(o *outer[float32])

//go:noescape
func outerAVX2x3(o *outer[float32])

//go:noescape
func sumsAVX512(s *sheet[float32])

//go:noescape
func squaresAVX512(s *sheet[float32])

//go:noescape
func momentsAVX512(s *sheet[float32])

//go:noescape
func affineAVX512(s *sheet[float32])

//go:noescape
func blendAVX512(s *sheet[float32])

//go:noescape
func gateAVX512(s *sheet[float32])

//go:noescape
func poolAVX512(l *pool[float32])

//go:noescape
func unpoolAVX512(l *pool[float32])

//go:noescape
func sumsAVX2(s *sheet[float32])

//go:noescape
func squaresAVX2(s *sheet[float32])

//go:noescape
func momentsAVX2(s *sheet[float32])

//go:noescape
func affineAVX2(s *sheet[float32])

//go:noescape
func blendAVX2(s *sheet[float32])

//go:noescape
func gateAVX2(s *sheet[float32])

//go:noescape
func poolAVX2(l *pool[float32])

//go:noescape
func unpoolAVX2(l *pool[float32])

//go:noescape
func transposeStrip(dst, src *float32, blocks, ldDst, ldSrc int)

// highestOffset gives the largest of n ≥ 1 offsets and all of them or-ed, which is negative if one of them is.
//
//go:noescape
func highestOffset(offsets *int, n int) (high, signs int)

//go:noescape
func peakAVX512(rounds int)

//go:noescape
func peakAVX2(rounds int)

// burst gives the loop of multiply-adds in registers that belongs to a path, and its operations a round; nil for plain Go.
func burst(k kernels[float32]) (do func(rounds int), operations int) {
	switch k.path {
	case "avx512":
		return peakAVX512, 2 * 12 * 16
	case "avx2":
		return peakAVX2, 2 * 12 * 8
	}
	return nil, 0
}

// transpose is the kernel: strips of 8 rows and blocks of 8 columns in assembly, and the rest.
func transpose(dst, src []float32, rows, cols, ldDst, ldSrc int) {
	if rows == 0 || cols == 0 {
		return
	}
	_, _ = src[(rows-1)*ldSrc+cols-1], dst[(cols-1)*ldDst+rows-1]
	i, whole := 0, cols/8*8
	for ; i+8 <= rows && whole > 0; i += 8 {
		transposeStrip(&dst[i], &src[i*ldSrc], whole/8, ldDst, ldSrc)
		for r := i; r < i+8; r++ {
			for j, v := range src[r*ldSrc+whole : r*ldSrc+cols] {
				dst[(whole+j)*ldDst+r] = v
			}
		}
	}
	for ; i < rows; i++ {
		for j, v := range src[i*ldSrc:][:cols] {
			dst[j*ldDst+i] = v
		}
	}
}

// passes are the elementwise kernels for one length of vectors.
type passes struct {
	sums, squares, moments, affine, blend, gate func(*sheet[float32])
	pool, unpool                                func(*pool[float32])
}

// elementwise gives k its elementwise kernels, with a check of their operands: whole where the channels are a multiple of n, else half.
func (p passes) elementwise(k *kernels[float32], n int, half passes) {
	pick := func(whole, half func(*sheet[float32]), y, x, z, a, b, c bool) func(*sheet[float32]) {
		return func(s *sheet[float32]) {
			s.touch(k.lanes, y, x, z, a, b, c)
			if s.channels%n == 0 {
				whole(s)
			} else {
				half(s)
			}
		}
	}
	k.sums = pick(p.sums, half.sums, false, true, false, true, false, false)
	k.squares = pick(p.squares, half.squares, false, true, false, true, true, false)
	k.moments = pick(p.moments, half.moments, false, true, true, true, true, true)
	k.affine = pick(p.affine, half.affine, true, true, false, true, true, false)
	k.blend = pick(p.blend, half.blend, true, true, true, true, true, true)
	k.gate = pick(p.gate, half.gate, true, true, true, false, false, false)
	pickPool := func(whole, half func(*pool[float32])) func(*pool[float32]) {
		return func(l *pool[float32]) {
			l.touch(k.lanes)
			if l.channels%n == 0 {
				whole(l)
			} else {
				half(l)
			}
		}
	}
	k.pool, k.unpool = pickPool(p.pool, half.pool), pickPool(p.unpool, half.unpool)
	k.transpose = transpose
}

// avx512 are the kernels for 32 registers of 16 values. Channels come in eights nevertheless, so that small networks need not be padded
// to twice their size; what is left of them goes through registers of 8 values.
func avx512() kernels[float32] {
	k := kernels[float32]{
		path: "avx512", lanes: 8, pixels: 12, depth: 8, tileWidths: []int{32, 16, 8}, outerWidths: []int{48, 32, 16, 8},
	}
	k.tile = func(t *tile[float32]) {
		t.touch(k.pixels, k.tileWidths)
		switch t.width {
		case 32:
			tileAVX512x2(t)
		case 16:
			tileAVX512x1(t)
		default:
			tileAVX512Halfx1(t)
		}
	}
	k.outer = func(o *outer[float32]) {
		o.touch(k.depth, k.outerWidths)
		switch o.width {
		case 48:
			outerAVX512x3(o)
		case 32:
			outerAVX512x2(o)
		case 16:
			outerAVX512x1(o)
		default:
			outerAVX512Halfx1(o)
		}
	}
	whole := passes{sumsAVX512, squaresAVX512, momentsAVX512, affineAVX512, blendAVX512, gateAVX512, poolAVX512, unpoolAVX512}
	whole.elementwise(&k, 16, passesAVX2())
	return k
}

func passesAVX2() passes {
	return passes{sumsAVX2, squaresAVX2, momentsAVX2, affineAVX2, blendAVX2, gateAVX2, poolAVX2, unpoolAVX2}
}

// avx2 are the kernels for 16 registers of 8 values, with fused multiply-add.
func avx2() kernels[float32] {
	k := kernels[float32]{
		path: "avx2", lanes: 8, pixels: 6, depth: 4, tileWidths: []int{16, 8}, outerWidths: []int{24, 16, 8},
	}
	k.tile = func(t *tile[float32]) {
		t.touch(k.pixels, k.tileWidths)
		if t.width == 8 {
			tileAVX2x1(t)
		} else {
			tileAVX2x2(t)
		}
	}
	k.outer = func(o *outer[float32]) {
		o.touch(k.depth, k.outerWidths)
		switch o.width {
		case 8:
			outerAVX2x1(o)
		case 16:
			outerAVX2x2(o)
		default:
			outerAVX2x3(o)
		}
	}
	passesAVX2().elementwise(&k, 8, passesAVX2())
	return k
}

// bestKernels are the fastest kernels of this machine.
func bestKernels() kernels[float32] { return kernelPaths()[0] }

// kernelPaths are all kernels that this machine can run, the fastest first.
func kernelPaths() []kernels[float32] {
	var all []kernels[float32]
	if x := cpu.X86; x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA {
		all = append(all, avx512())
	}
	if x := cpu.X86; x.HasAVX2 && x.HasFMA {
		all = append(all, avx2())
	}
	return append(all, plainKernels[float32]())
}
