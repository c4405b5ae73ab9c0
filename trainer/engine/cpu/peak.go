package cpu

import "time"

// Peak measures how many float32 operations this machine does at most on one core along the engine's path, in GFLOP/s: the best of
// some bursts of outer products whose operands stay in the first-level cache. Nothing that the engine computes is faster. It takes about 20 ms.
func (p path) Peak() float64 {
	const rows, bursts, length = 64, 20, time.Millisecond
	k := p.kernels
	width := k.wide * k.lanes
	o := outer[float32]{
		dst: make([]float32, k.depth*width), s: make([]float32, 16*k.depth), x: make([]float32, 16*width),
		images: 1, rows: rows, pixels: 16, sPixel: k.depth, xPixel: width, ld: width, width: width,
	}
	best := 0.0
	for range bursts {
		calls, start := 0, time.Now()
		for time.Since(start) < length {
			k.outer(&o)
			calls++
		}
		flops := float64(2*rows*16*k.depth*width) * float64(calls)
		best = max(best, flops/time.Since(start).Seconds()/1e9)
	}
	return best
}
