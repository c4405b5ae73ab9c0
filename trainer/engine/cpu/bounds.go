package cpu

import "slices"

// The methods below touch the last value that each operand names, so that a mistake is a panic here and not damage in the
// assembly, which checks nothing. They cost some hundred nanoseconds a call, less than a part in a hundred.

func (t *tile[T]) touch() {
	_ = t.in[slices.Min(t.from)+slices.Min(t.taps)]
	_ = t.in[slices.Max(t.from)+slices.Max(t.taps)+t.length-1]
	_ = t.out[slices.Min(t.to)]
	_ = t.out[slices.Max(t.to)+t.width-1]
	_ = t.to[len(t.from)-1]
	_ = t.weight[len(t.taps)*t.length*t.width-1]
	_ = t.init[t.width-1]
}

func (o *outer[T]) touch(depth int) {
	_ = o.s[(o.images-1)*o.sImage+(o.rows-1)*o.sRow+(o.pixels-1)*o.sPixel+depth-1]
	_ = o.x[(o.images-1)*o.xImage+(o.rows-1)*o.xRow+(o.pixels-1)*o.xPixel+o.width-1]
	_ = o.dst[(depth-1)*o.ld+o.width-1]
}

func (s *sheet[T]) touch(y, x, z, a, b, c bool) {
	n := s.pixels*s.channels - 1
	for _, operand := range [3]struct {
		used bool
		of   []T
		row  int
	}{{y, s.y, s.yRow}, {x, s.x, s.xRow}, {z, s.z, s.zRow}} {
		if operand.used {
			_ = operand.of[(s.rows-1)*operand.row+n]
		}
	}
	for _, operand := range [3]struct {
		used bool
		of   []T
	}{{a, s.a}, {b, s.b}, {c, s.c}} {
		if operand.used {
			_ = operand.of[s.channels-1]
		}
	}
}

func (l *pool[T]) touch() {
	n := l.pixels*l.channels - 1
	_, _ = l.y[n], l.code[n]
	_ = l.x[(l.pixels-1)*l.xPixel+(l.kernel-1)*(l.xRow+l.channels)+l.channels-1]
}
