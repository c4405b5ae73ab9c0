package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// everyPath runs a test on each path that this machine has.
func everyPath(t *testing.T, test func(t *testing.T, k kernels[float32], rng *rand.Rand)) {
	for _, k := range kernelPaths() {
		t.Run(k.path, func(t *testing.T) { test(t, k, rand.New(rand.NewPCG(1, 2))) })
	}
}

// values draws n numbers; strange puts a NaN, an infinity, a negative zero and a subnormal among them.
func values(rng *rand.Rand, n int, strange bool) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	if strange && n > 0 {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e-42} {
			x[rng.IntN(n)] = float32(v)
		}
	}
	return x
}

// near reports whether got is want up to the rounding of a sum of n products whose absolute values add up to size: each of the
// 2n roundings errs by at most 2⁻²⁴ of a partial sum, which is at most size.
func near(got float32, want, size float64, n int) bool {
	if math.IsNaN(want) || math.IsInf(want, 0) {
		return fmt.Sprint(float64(got)) == fmt.Sprint(want)
	}
	return math.Abs(float64(got)-want) <= float64(2*n+4)*size/(1<<24)+1e-40
}

func TestTile(t *testing.T) {
	everyPath(t, func(t *testing.T, k kernels[float32], rng *rand.Rand) {
		for c := range 300 {
			width := k.tileWidths[rng.IntN(len(k.tileWidths))]
			length, taps, tiles := 1+rng.IntN(40), 1+rng.IntN(9), 1+rng.IntN(4)
			n := tiles * k.pixels
			l := tile[float32]{length: length, width: width, add: c%2 == 0, relu: c%3 == 0, in: values(rng, 500, c%5 == 0), weight: values(rng, taps*length*width, false), init: values(rng, width, false)}
			for range taps {
				l.taps = append(l.taps, rng.IntN(200))
			}
			for i := range n {
				l.from = append(l.from, rng.IntN(500-200-length))
				l.to = append(l.to, 3+i*(width+1)) // a guard between any two
			}
			l.out = values(rng, 3+n*(width+1), c%7 == 0)
			before := slices.Clone(l.out)
			k.tile(&l)
			for i, at := range l.to {
				if at > 0 && math.Float32bits(l.out[at-1]) != math.Float32bits(before[at-1]) {
					t.Fatalf("case %d: pixel %d wrote before its place", c, i)
				}
				for v := range width {
					sum, size := float64(l.init[v]), math.Abs(float64(l.init[v]))
					for s, tap := range l.taps {
						for j := range length {
							p := float64(l.in[l.from[i]+tap+j]) * float64(l.weight[(s*length+j)*width+v])
							sum += p
							size += math.Abs(p)
						}
					}
					if l.add {
						sum += float64(before[at+v])
						size += math.Abs(float64(before[at+v]))
					}
					if l.relu {
						sum = max(sum, 0)
					}
					if !near(l.out[at+v], sum, size, taps*length) {
						t.Fatalf("case %d (%d taps of %d, width %d): out[%d][%d] = %v, want %v", c, taps, length, width, i, v, l.out[at+v], sum)
					}
				}
			}
		}
	})
}

// A tile gives each pixel the same bits wherever it stands in a call.
func TestTileDoesNotDependOnTheCut(t *testing.T) {
	everyPath(t, func(t *testing.T, k kernels[float32], rng *rand.Rand) {
		for _, width := range k.tileWidths {
			l := tile[float32]{length: 7, width: width, taps: []int{0, 11}, in: values(rng, 400, false), weight: values(rng, 14*width, false), init: values(rng, width, false)}
			n := 3 * k.pixels
			for i := range n {
				l.from, l.to = append(l.from, 2*i), append(l.to, i*width)
			}
			l.out = make([]float32, n*width)
			k.tile(&l)
			whole := slices.Clone(l.out)
			from, to := l.from, l.to
			for shift := range n {
				l.from, l.to = nil, nil
				for i := range k.pixels {
					l.from, l.to = append(l.from, from[(shift+i)%n]), append(l.to, to[(shift+i)%n])
				}
				k.tile(&l)
			}
			if !slices.Equal(whole, l.out) {
				t.Errorf("width %d: other numbers in other places", width)
			}
		}
	})
}

func TestOuter(t *testing.T) {
	everyPath(t, func(t *testing.T, k kernels[float32], rng *rand.Rand) {
		for c := range 200 {
			o := outer[float32]{images: 1 + rng.IntN(3), rows: 1 + rng.IntN(4), pixels: 1 + rng.IntN(9), width: k.outerWidths[rng.IntN(len(k.outerWidths))]}
			o.sPixel, o.xPixel = k.depth+rng.IntN(3), 1+rng.IntN(60)
			o.sRow, o.xRow = o.sPixel*o.pixels, o.xPixel*o.pixels+rng.IntN(5)
			o.sImage, o.xImage = o.sRow*o.rows+rng.IntN(5), o.xRow*o.rows
			o.ld = o.width + rng.IntN(4)
			o.s, o.x = values(rng, o.images*o.sImage+k.depth, false), values(rng, o.images*o.xImage+o.width, c%5 == 0)
			o.dst = values(rng, k.depth*o.ld, false)
			before := slices.Clone(o.dst)
			k.outer(&o)
			for i := range k.depth {
				for v := range o.ld {
					at := i*o.ld + v
					if v >= o.width {
						if o.dst[at] != before[at] {
							t.Fatalf("case %d: wrote behind row %d", c, i)
						}
						continue
					}
					sum, size := float64(before[at]), math.Abs(float64(before[at]))
					for m := range o.images {
						for r := range o.rows {
							for p := range o.pixels {
								u := float64(o.s[m*o.sImage+r*o.sRow+p*o.sPixel+i]) * float64(o.x[m*o.xImage+r*o.xRow+p*o.xPixel+v])
								sum += u
								size += math.Abs(u)
							}
						}
					}
					if !near(o.dst[at], sum, size, o.images*o.rows*o.pixels) {
						t.Fatalf("case %d: dst[%d][%d] = %v, want %v", c, i, v, o.dst[at], sum)
					}
				}
			}
		}
	})
}

// Every elementwise kernel against the one in plain Go, which is short enough to be read.
func TestSheets(t *testing.T) {
	plain := plainKernels[float32]()
	type kernel struct {
		name       string
		of         func(kernels[float32]) func(*sheet[float32])
		summands   bool // writes a and b, not y
		inPlace    bool
		sameValues bool // nothing is rounded
	}
	all := []kernel{
		{"sums", func(k kernels[float32]) func(*sheet[float32]) { return k.sums }, true, false, false},
		{"squares", func(k kernels[float32]) func(*sheet[float32]) { return k.squares }, true, false, false},
		{"moments", func(k kernels[float32]) func(*sheet[float32]) { return k.moments }, true, false, false},
		{"affine", func(k kernels[float32]) func(*sheet[float32]) { return k.affine }, false, true, false},
		{"blend", func(k kernels[float32]) func(*sheet[float32]) { return k.blend }, false, true, false},
		{"gate", func(k kernels[float32]) func(*sheet[float32]) { return k.gate }, false, true, true},
	}
	everyPath(t, func(t *testing.T, k kernels[float32], rng *rand.Rand) {
		for _, kernel := range all {
			for c := range 120 {
				s := sheet[float32]{rows: 1 + rng.IntN(5), pixels: 1 + rng.IntN(9), channels: (1 + rng.IntN(5)) * k.lanes, relu: c%2 == 0}
				n := s.pixels * s.channels
				s.xRow, s.yRow, s.zRow = n+rng.IntN(9), n+rng.IntN(9), n+rng.IntN(9)
				s.x, s.z = values(rng, s.rows*s.xRow, c%4 == 0), values(rng, s.rows*s.zRow, c%4 == 0)
				s.a, s.b, s.c = values(rng, s.channels, false), values(rng, s.channels, false), values(rng, s.channels, false)
				s.y = values(rng, s.rows*s.yRow, false)
				if kernel.inPlace && c%3 == 0 {
					s.y, s.yRow = s.x, s.xRow
				} else if kernel.inPlace && c%3 == 1 {
					s.y, s.yRow = s.z, s.zRow
				}
				want := s
				want.x, want.z, want.y, want.a, want.b = slices.Clone(s.x), slices.Clone(s.z), slices.Clone(s.y), slices.Clone(s.a), slices.Clone(s.b)
				kernel.of(k)(&s)
				kernel.of(plain)(&want)
				// Values are below 5 and products below 25; a sum has rows·pixels terms, in any order and fused or not.
				terms := 1
				if kernel.summands {
					terms = s.rows * s.pixels
				}
				size := 100 * float64(terms)
				if kernel.sameValues {
					size = 0
				}
				compare := func(what string, got, want []float32) {
					for i := range want {
						if !near(got[i], float64(want[i]), size, terms) {
							t.Fatalf("%s, case %d (%d×%d×%d): %s[%d] = %v, plain Go gives %v", kernel.name, c, s.rows, s.pixels, s.channels, what, i, got[i], want[i])
						}
					}
				}
				compare("y", s.y, want.y)
				compare("a", s.a, want.a)
				compare("b", s.b, want.b)
			}
		}
	})
}

// A pass over some rows and then the others gives the same bits as one over all, and neither writes behind a row.
func TestSheetsDoNotDependOnTheCut(t *testing.T) {
	everyPath(t, func(t *testing.T, k kernels[float32], rng *rand.Rand) {
		for name, kernel := range map[string]func(*sheet[float32]){"sums": k.sums, "squares": k.squares, "moments": k.moments, "affine": k.affine, "blend": k.blend, "gate": k.gate} {
			for c := range 40 {
				const rows, gap = 5, 3
				s := sheet[float32]{rows: rows, pixels: 1 + rng.IntN(40), channels: (1 + c%5) * k.lanes, relu: c%2 == 0}
				row := s.pixels*s.channels + gap
				s.xRow, s.yRow, s.zRow = row, row, row
				s.x, s.z, s.y = values(rng, rows*row, false), values(rng, rows*row, false), values(rng, rows*row, false)
				s.a, s.b, s.c = values(rng, s.channels, false), values(rng, s.channels, false), values(rng, s.channels, false)
				before := slices.Clone(s.y)
				whole := s
				whole.y, whole.a, whole.b = slices.Clone(s.y), slices.Clone(s.a), slices.Clone(s.b)
				kernel(&whole)
				cut := 1 + rng.IntN(rows-1)
				first, second := s, s
				first.rows, second.rows = cut, rows-cut
				second.x, second.y, second.z = s.x[cut*row:], s.y[cut*row:], s.z[cut*row:]
				kernel(&first)
				kernel(&second)
				if !slices.Equal(s.y, whole.y) || !slices.Equal(s.a, whole.a) || !slices.Equal(s.b, whole.b) {
					t.Errorf("%s, %d rows of %d pixels of %d channels: cut at %d gives other numbers", name, rows, s.pixels, s.channels, cut)
				}
				for i := range before {
					if i%row >= row-gap && s.y[i] != before[i] {
						t.Fatalf("%s, %d pixels of %d channels: wrote behind a row", name, s.pixels, s.channels)
					}
				}
			}
		}
	})
}

func TestPool(t *testing.T) {
	plain := plainKernels[float32]()
	everyPath(t, func(t *testing.T, k kernels[float32], rng *rand.Rand) {
		for c := range 200 {
			l := pool[float32]{pixels: 1 + rng.IntN(6), channels: (1 + rng.IntN(3)) * k.lanes, kernel: 1 + rng.IntN(4)}
			l.xPixel = (1 + rng.IntN(3)) * l.channels
			l.xRow = l.pixels*l.xPixel + l.kernel*l.channels
			l.x = values(rng, l.kernel*l.xRow, c%3 == 0)
			if c%4 == 0 { // equal values: the first counts
				for i := range l.x {
					l.x[i] = float32(math.Round(float64(l.x[i])))
				}
			}
			l.y, l.code = make([]float32, l.pixels*l.channels), make([]int32, l.pixels*l.channels)
			want := l
			want.y, want.code = slices.Clone(l.y), slices.Clone(l.code)
			k.pool(&l)
			plain.pool(&want)
			if fmt.Sprint(l.y) != fmt.Sprint(want.y) || !slices.Equal(l.code, want.code) {
				t.Fatalf("case %d: maxima %v at %v, plain Go gives %v at %v", c, l.y, l.code, want.y, want.code)
			}
			l.y = values(rng, len(l.y), false)
			want.y = l.y
			l.x = values(rng, len(l.x), false)
			want.x = slices.Clone(l.x)
			k.unpool(&l)
			plain.unpool(&want)
			if !slices.Equal(l.x, want.x) {
				t.Fatalf("case %d: the way back differs from plain Go's", c)
			}
		}
	})
}

func TestTranspose(t *testing.T) {
	everyPath(t, func(t *testing.T, k kernels[float32], rng *rand.Rand) {
		for range 300 {
			rows, cols := rng.IntN(40), rng.IntN(40)
			ldDst, ldSrc := rows+rng.IntN(5), cols+rng.IntN(5)
			src, dst := values(rng, rows*ldSrc, false), values(rng, cols*ldDst, false)
			want := slices.Clone(dst)
			for i := range rows {
				for j := range cols {
					want[j*ldDst+i] = src[i*ldSrc+j]
				}
			}
			if k.transpose(dst, src, rows, cols, ldDst, ldSrc); !slices.Equal(dst, want) {
				t.Fatalf("%d×%d, strides %d and %d: wrong", rows, cols, ldSrc, ldDst)
			}
		}
	})
}

// The assembly knows where the fields of its operands lie.
func TestOffsets(t *testing.T) {
	var l tile[float32]
	var o outer[float32]
	var s sheet[float32]
	var p pool[float32]
	for name, pair := range map[string][2]uintptr{
		"tile.in": {unsafe.Offsetof(l.in), 0}, "tile.out": {unsafe.Offsetof(l.out), 24}, "tile.weight": {unsafe.Offsetof(l.weight), 48}, "tile.init": {unsafe.Offsetof(l.init), 72},
		"tile.from": {unsafe.Offsetof(l.from), 96}, "tile.to": {unsafe.Offsetof(l.to), 120}, "tile.taps": {unsafe.Offsetof(l.taps), 144}, "tile.length": {unsafe.Offsetof(l.length), 168},
		"tile.add": {unsafe.Offsetof(l.add), 184}, "tile.relu": {unsafe.Offsetof(l.relu), 185},
		"outer.dst": {unsafe.Offsetof(o.dst), 0}, "outer.s": {unsafe.Offsetof(o.s), 24}, "outer.x": {unsafe.Offsetof(o.x), 48}, "outer.images": {unsafe.Offsetof(o.images), 72},
		"outer.rows": {unsafe.Offsetof(o.rows), 80}, "outer.pixels": {unsafe.Offsetof(o.pixels), 88}, "outer.sImage": {unsafe.Offsetof(o.sImage), 96}, "outer.sRow": {unsafe.Offsetof(o.sRow), 104},
		"outer.sPixel": {unsafe.Offsetof(o.sPixel), 112}, "outer.xImage": {unsafe.Offsetof(o.xImage), 120}, "outer.xRow": {unsafe.Offsetof(o.xRow), 128}, "outer.xPixel": {unsafe.Offsetof(o.xPixel), 136},
		"outer.ld": {unsafe.Offsetof(o.ld), 144},
		"sheet.y":  {unsafe.Offsetof(s.y), 0}, "sheet.x": {unsafe.Offsetof(s.x), 24}, "sheet.z": {unsafe.Offsetof(s.z), 48}, "sheet.a": {unsafe.Offsetof(s.a), 72}, "sheet.b": {unsafe.Offsetof(s.b), 96},
		"sheet.c": {unsafe.Offsetof(s.c), 120}, "sheet.yRow": {unsafe.Offsetof(s.yRow), 144}, "sheet.xRow": {unsafe.Offsetof(s.xRow), 152}, "sheet.zRow": {unsafe.Offsetof(s.zRow), 160},
		"sheet.rows": {unsafe.Offsetof(s.rows), 168}, "sheet.pixels": {unsafe.Offsetof(s.pixels), 176}, "sheet.channels": {unsafe.Offsetof(s.channels), 184}, "sheet.relu": {unsafe.Offsetof(s.relu), 192},
		"pool.y": {unsafe.Offsetof(p.y), 0}, "pool.x": {unsafe.Offsetof(p.x), 24}, "pool.code": {unsafe.Offsetof(p.code), 48}, "pool.pixels": {unsafe.Offsetof(p.pixels), 72},
		"pool.channels": {unsafe.Offsetof(p.channels), 80}, "pool.kernel": {unsafe.Offsetof(p.kernel), 88}, "pool.xPixel": {unsafe.Offsetof(p.xPixel), 96}, "pool.xRow": {unsafe.Offsetof(p.xRow), 104},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s lies at %d, the assembly reads it at %d", name, pair[0], pair[1])
		}
	}
}
