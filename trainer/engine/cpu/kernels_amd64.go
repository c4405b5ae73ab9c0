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
	operations = 2 * 12 * k.lanes
	switch k.path {
	case "avx512":
		return peakAVX512, operations
	case "avx2":
		return peakAVX2, operations
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

// avx512 are the kernels for 32 registers of 16 values.
func avx512() kernels[float32] {
	k := plainKernels[float32]()
	k.sums = func(s *sheet[float32]) { s.touch(k.lanes, false, true, false, true, false, false); sumsAVX512(s) }
	k.squares = func(s *sheet[float32]) { s.touch(k.lanes, false, true, false, true, true, false); squaresAVX512(s) }
	k.moments = func(s *sheet[float32]) { s.touch(k.lanes, false, true, true, true, true, true); momentsAVX512(s) }
	k.affine = func(s *sheet[float32]) { s.touch(k.lanes, true, true, false, true, true, false); affineAVX512(s) }
	k.blend = func(s *sheet[float32]) { s.touch(k.lanes, true, true, true, true, true, true); blendAVX512(s) }
	k.gate = func(s *sheet[float32]) { s.touch(k.lanes, true, true, true, false, false, false); gateAVX512(s) }
	k.pool = func(l *pool[float32]) { l.touch(k.lanes); poolAVX512(l) }
	k.unpool = func(l *pool[float32]) { l.touch(k.lanes); unpoolAVX512(l) }
	k.transpose = transpose
	k.path, k.lanes, k.pixels, k.width, k.depth, k.wide = "avx512", 16, 12, 2, 8, 3
	k.tile = func(t *tile[float32]) {
		t.touch(k.pixels, k.lanes)
		if t.width == 16 {
			tileAVX512x1(t)
		} else {
			tileAVX512x2(t)
		}
	}
	k.outer = func(o *outer[float32]) {
		o.touch(k.depth, k.lanes)
		switch o.width {
		case 16:
			outerAVX512x1(o)
		case 32:
			outerAVX512x2(o)
		default:
			outerAVX512x3(o)
		}
	}
	return k
}

// avx2 are the kernels for 16 registers of 8 values, with fused multiply-add.
func avx2() kernels[float32] {
	k := plainKernels[float32]()
	k.sums = func(s *sheet[float32]) { s.touch(k.lanes, false, true, false, true, false, false); sumsAVX2(s) }
	k.squares = func(s *sheet[float32]) { s.touch(k.lanes, false, true, false, true, true, false); squaresAVX2(s) }
	k.moments = func(s *sheet[float32]) { s.touch(k.lanes, false, true, true, true, true, true); momentsAVX2(s) }
	k.affine = func(s *sheet[float32]) { s.touch(k.lanes, true, true, false, true, true, false); affineAVX2(s) }
	k.blend = func(s *sheet[float32]) { s.touch(k.lanes, true, true, true, true, true, true); blendAVX2(s) }
	k.gate = func(s *sheet[float32]) { s.touch(k.lanes, true, true, true, false, false, false); gateAVX2(s) }
	k.pool = func(l *pool[float32]) { l.touch(k.lanes); poolAVX2(l) }
	k.unpool = func(l *pool[float32]) { l.touch(k.lanes); unpoolAVX2(l) }
	k.transpose = transpose
	k.path, k.lanes, k.pixels, k.width, k.depth, k.wide = "avx2", 8, 6, 2, 4, 3
	k.tile = func(t *tile[float32]) {
		t.touch(k.pixels, k.lanes)
		if t.width == 8 {
			tileAVX2x1(t)
		} else {
			tileAVX2x2(t)
		}
	}
	k.outer = func(o *outer[float32]) {
		o.touch(k.depth, k.lanes)
		switch o.width {
		case 8:
			outerAVX2x1(o)
		case 16:
			outerAVX2x2(o)
		default:
			outerAVX2x3(o)
		}
	}
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
