package cpu

import "slices"

// The methods below touch the last value that each operand names, so that a mistake is a panic here and not damage in the
// assembly, which checks nothing. That costs less than a part in a hundred.

func (t *tile[T]) touch(pixels int, widths []int) {
	if !slices.Contains(widths, t.width) || len(t.from)%pixels != 0 || len(t.from) != len(t.to) || t.length < 1 || len(t.taps) == 0 {
		panic("cpu: a tile of wrong shape")
	}
	_ = t.in[highest(t.from)+highest(t.taps)+t.length-1]
	_ = t.out[highest(t.to)+t.width-1]
	_ = t.weight[len(t.taps)*t.length*t.width-1]
	_ = t.init[t.width-1]
}

// highest gives the largest of some offsets, none of which may be negative.
func highest(offsets []int) int {
	if len(offsets) == 0 {
		return 0
	}
	high, signs := highestOffset(&offsets[0], len(offsets))
	if signs < 0 {
		panic("cpu: a negative offset")
	}
	return high
}

func (o *outer[T]) touch(depth int, widths []int) {
	if !slices.Contains(widths, o.width) || min(o.images, o.rows, o.pixels) < 1 ||
		min(o.sImage, o.sRow, o.sPixel, o.xImage, o.xRow, o.xPixel, o.ld) < 0 {
		panic("cpu: an outer product of wrong shape")
	}
	_ = o.s[(o.images-1)*o.sImage+(o.rows-1)*o.sRow+(o.pixels-1)*o.sPixel+depth-1]
	_ = o.x[(o.images-1)*o.xImage+(o.rows-1)*o.xRow+(o.pixels-1)*o.xPixel+o.width-1]
	_ = o.dst[(depth-1)*o.ld+o.width-1]
}

func (s *sheet[T]) touch(lanes int, y, x, z, a, b, c bool) {
	if s.channels%lanes != 0 || min(s.channels, s.rows, s.pixels) < 1 || min(s.xRow, s.yRow, s.zRow) < 0 {
		panic("cpu: a sheet of wrong shape")
	}
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

func (l *pool[T]) touch(lanes int) {
	if l.channels%lanes != 0 || min(l.channels, l.pixels, l.kernel) < 1 || min(l.xPixel, l.xRow) < 0 {
		panic("cpu: a pool of wrong shape")
	}
	n := l.pixels*l.channels - 1
	_, _ = l.y[n], l.code[n]
	_ = l.x[(l.pixels-1)*l.xPixel+(l.kernel-1)*(l.xRow+l.channels)+l.channels-1]
}
