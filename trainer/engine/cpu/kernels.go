package cpu

// Float is the arithmetic of a Net.
type Float interface{ float32 | float64 }

// kernels are the loops that take nearly all the time, in one arithmetic and for one kind of processor. Each is a plain
// function of a struct that says where its operands lie; kernels never allocate and keep nothing. Operands are channel-last:
// a pixel is a run of channels, padded to a multiple of lanes.
type kernels[T Float] struct {
	path   string // names the arithmetic, for engine.Engine.Path
	lanes  int    // values of the shortest vector
	pixels int    // pixels of one tile: len(tile.from) is a multiple of it
	depth  int    // rows of an outer product; divides lanes

	tileWidths, outerWidths []int // that tile and outer take, in values, the widest first and lanes last

	tile      func(*tile[T])
	outer     func(*outer[T])
	sums      func(*sheet[T])
	squares   func(*sheet[T])
	moments   func(*sheet[T])
	affine    func(*sheet[T])
	blend     func(*sheet[T])
	gate      func(*sheet[T])
	pool      func(*pool[T])
	unpool    func(*pool[T])
	transpose func(dst, src []T, rows, cols, ldDst, ldSrc int) // dst[j·ldDst+i] = src[i·ldSrc+j], i < rows, j < cols
}

// tile is a matrix product whose left rows are gathered: for every pixel p and 0 ≤ v < width
//
//	out[to[p]+v] = init[v] + Σ_{t, k<length} in[from[p]+taps[t]+k] · weight[(t·length+k)·width + v]
//
// in the order of t and k, each sum in one chain of multiply-adds. With add, what out holds is added to the sum, at the end; with relu, the result is cut at 0 from
// below after that (NaN stays). With a convolution, pixels are outputs and taps the rows of its window. Two pixels may share one place of out; the content
// of that place is then of no use.
type tile[T Float] struct {
	in, out, weight, init []T
	from, to, taps        []int // offsets in values, ≥ 0
	length                int   // ≥ 1
	width                 int   // one of kernels.tileWidths
	add, relu             bool
}

// outer adds a sum of outer products to a matrix: for 0 ≤ i < depth and 0 ≤ v < width
//
//	dst[i·ld+v] += Σ_{m<images, r<rows, p<pixels} s[m·sImage+r·sRow+p·sPixel+i] · x[m·xImage+r·xRow+p·xPixel+v]
//
// in the order of m, r, p.
type outer[T Float] struct {
	dst, s, x            []T
	images, rows, pixels int // each ≥ 1
	sImage, sRow, sPixel int
	xImage, xRow, xPixel int
	ld                   int
	width                int // one of kernels.outerWidths
}

// sheet is an elementwise pass over rows×pixels×channels values; row r of operand x begins at x[r·xRow], its pixels lie
// one behind the other. a, b, c hold one value a channel. y may be x or z itself.
//
//	sums     a += Σ x
//	squares  a += Σ (x−b)²
//	moments  a += Σ x,  b += Σ x·(z−c)
//	affine   y = x·a + b
//	blend    y = x·a + z·b + c
//	gate     y = x where z > 0, else 0
//
// affine and blend cut at 0 from below with relu (NaN stays).
type sheet[T Float] struct {
	y, x, z                []T
	a, b, c                []T
	yRow, xRow, zRow       int
	rows, pixels, channels int // channels a multiple of lanes
	relu                   bool
}

// pool is one row of maximum windows: for every pixel p and channel c of the row,
//
//	y[p·channels+c] = max over r, t < kernel of x[p·xPixel + r·xRow + t·channels + c]
//
// and code[p·channels+c] = r·kernel + t of the first that attains it; NaN is larger than every number. unpool adds y to
// the x that code names.
type pool[T Float] struct {
	y, x                     []T
	code                     []int32
	pixels, channels, kernel int
	xPixel, xRow             int
}

// widest gives the first of some widths that fits into n values, which are a multiple of the last.
func widest(widths []int, n int) int {
	for _, width := range widths {
		if width <= n {
			return width
		}
	}
	return widths[len(widths)-1]
}
