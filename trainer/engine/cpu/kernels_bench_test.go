package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// best times calls of do and gives the shortest in nanoseconds: other programs only ever make a call longer.
func best(b *testing.B, do func()) float64 {
	shortest := time.Hour
	for b.Loop() {
		start := time.Now()
		do()
		shortest = min(shortest, time.Since(start))
	}
	b.ReportMetric(0, "ns/op")
	return float64(shortest.Nanoseconds())
}

// share reports the rate of do, and its share of the path's peak. Both are measured in turns, since the clock of a busy machine changes within
// seconds.
func share(b *testing.B, k kernels[float32], operations int, do func()) {
	peak := 0.0
	shortest := best(b, do)
	for range 10 {
		for range 20 {
			start := time.Now()
			do()
			shortest = min(shortest, float64(time.Since(start).Nanoseconds()))
		}
		peak = max(peak, path{k}.Peak())
	}
	rate := float64(operations) / shortest
	b.ReportMetric(rate, "GFLOP/s")
	b.ReportMetric(100*rate/peak, "%peak")
}

// BenchmarkTile times the forward pass of 3×3 convolutions (inputs-outputs-size: size² pixels) and of a linear layer.
//
//	taskset -c 1 go test -bench 'Tile|Outer|Sheet' -run - ./trainer/engine/cpu
func BenchmarkTile(b *testing.B) {
	for _, k := range kernelPaths() {
		for _, l := range []struct{ kernel, in, out, size int }{
			{3, 3, 16, 32}, {3, 16, 16, 32}, {3, 32, 32, 16}, {3, 64, 64, 16}, {3, 64, 64, 8}, {3, 128, 128, 16}, {3, 256, 256, 8}, {3, 512, 512, 4}, {1, 3072, 100, 1},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d-%d-%d-%d", k.path, l.kernel, l.kernel, l.in, l.out, l.size), func(b *testing.B) {
				in, out := roundUp(l.in, k.lanes), roundUp(l.out, k.lanes)
				wide := l.size + l.kernel - 1
				images := max(1, 192/(l.size*l.size))
				row, image := wide*in, wide*wide*in
				var from, to, taps []int
				for p := range images * l.size * l.size {
					m, h, w := p/l.size/l.size, p/l.size%l.size, p%l.size
					from = append(from, m*image+h*row+w*in)
					to = append(to, p*out)
				}
				for len(from)%k.pixels > 0 {
					from, to = append(from, 0), append(to, len(to)*out)
				}
				length := l.in
				for r := range l.kernel {
					if in == l.in { // a row of the window is one run
						length = l.kernel * l.in
						taps = append(taps, r*row)
						continue
					}
					for t := range l.kernel {
						taps = append(taps, r*row+t*in)
					}
				}
				steps := len(taps) * length
				t := tile[float32]{in: make([]float32, images*image), from: from, to: to, taps: taps, length: length, relu: true}
				all, weights, init := make([]float32, len(to)*out), make([]float32, steps*out), make([]float32, out)
				operations := 2 * l.kernel * l.kernel * l.in * l.out * l.size * l.size * images
				share(b, k, operations, func() {
					for start := 0; start < out; start += t.width {
						t.width = widest(k.tileWidths, out-start)
						t.out, t.weight, t.init = all[start:], weights[start*steps:], init[start:]
						k.tile(&t)
					}
				})
			})
		}
	}
}

// BenchmarkOuter times outer products of each width with images of 16² pixels of so many channels.
func BenchmarkOuter(b *testing.B) {
	for _, k := range kernelPaths() {
		for _, width := range k.outerWidths {
			for _, channels := range []int{16, 64, 512} {
				b.Run(fmt.Sprintf("%s/%d-%d", k.path, width, channels), func(b *testing.B) {
					const size = 16
					values := (size+2)*(size+2)*channels + width
					o := outer[float32]{
						dst: make([]float32, k.depth*width), s: make([]float32, values), x: make([]float32, values),
						images: 1, rows: size, pixels: size, sRow: size * channels, xRow: (size + 2) * channels, sPixel: channels, xPixel: channels,
						ld: width, width: width,
					}
					share(b, k, 8*2*size*size*k.depth*o.width, func() {
						for range 8 {
							k.outer(&o)
						}
					})
				})
			}
		}
	}
}

// BenchmarkSheet times elementwise passes, in values read and written: in the first-level cache, in the second, and beyond.
func BenchmarkSheet(b *testing.B) {
	for _, k := range kernelPaths() {
		for _, l := range []struct{ channels, rows, pixels int }{{16, 4, 32}, {16, 64, 32}, {64, 64, 16}, {512, 16, 4}, {64, 1024, 32}} {
			s := sheet[float32]{
				a: make([]float32, l.channels), b: make([]float32, l.channels), c: make([]float32, l.channels), rows: l.rows, pixels: l.pixels, channels: l.channels, relu: true,
			}
			s.xRow, s.yRow, s.zRow = l.pixels*l.channels, l.pixels*l.channels, l.pixels*l.channels
			rng := rand.New(rand.NewPCG(1, 2)) // memory that was never written is no memory yet
			s.x, s.y, s.z = values(rng, l.rows*s.xRow, false), values(rng, l.rows*s.yRow, false), values(rng, l.rows*s.zRow, false)
			for _, pass := range []struct {
				name    string
				kernel  func(*sheet[float32])
				touches int
			}{{"sums", k.sums, 1}, {"squares", k.squares, 1}, {"moments", k.moments, 2}, {"affine", k.affine, 2}, {"blend", k.blend, 3}, {"gate", k.gate, 3}} {
				b.Run(fmt.Sprintf("%s/%s/%d×%d×%d", k.path, pass.name, l.rows, l.pixels, l.channels), func(b *testing.B) {
					shortest := best(b, func() { pass.kernel(&s) })
					b.ReportMetric(float64(4*pass.touches*l.rows*s.xRow)/shortest, "GB/s")
				})
			}
		}
	}
}
