package cpu

import "time"

// Peak measures how many float32 operations this machine does at most on one core along the engine's path, in GFLOP/s: the best of
// some bursts of multiply-adds that touch no memory. In plain Go, where the compiler decides what stays in registers, it is the best of
// outer products whose operands stay in the first-level cache. Nothing that the engine computes is faster. It takes about 10 ms.
func (p path) Peak() float64 {
	const bursts, length = 40, 250 * time.Microsecond
	do, operations := burst(p.kernels)
	rounds := 1000
	if do == nil {
		do, operations = p.outers()
		rounds = 1
	}
	best := 0.0
	for range bursts {
		calls, start := 0, time.Now()
		for time.Since(start) < length {
			do(rounds)
			calls++
		}
		best = max(best, float64(operations*rounds*calls)/time.Since(start).Seconds()/1e9)
	}
	return best
}

// outers gives a loop of outer products in the first-level cache, and its operations a round.
func (p path) outers() (do func(rounds int), operations int) {
	const rows, pixels = 64, 16
	k := p.kernels
	width := k.outerWidths[0]
	o := outer[float32]{
		dst: make([]float32, k.depth*width), s: make([]float32, pixels*k.depth), x: make([]float32, pixels*width),
		images: 1, rows: rows, pixels: pixels, sPixel: k.depth, xPixel: width, ld: width, width: width,
	}
	return func(rounds int) {
		for range rounds {
			k.outer(&o)
		}
	}, 2 * rows * pixels * k.depth * width
}
