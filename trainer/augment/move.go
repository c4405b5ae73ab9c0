package augment

import (
	"encoding/binary"
	"math"

	"smoothscape/trainer/engine"
)

// Move is one variation of an image, with nothing left to chance. The zero Move copies.
type Move struct {
	Top, Left int     // where the window begins: rows and columns from the image's upper left corner, negative in the border; ±2³⁰ at most
	Flip      bool    // mirror the window left and right
	Angle     float64 // then rotate it: degrees, counterclockwise; finite
}

// Apply writes the image that the move makes of src into dst. Both are C·H·W bytes, plane by plane, row by row, and share no memory;
// the shape is any, even an empty one. A wrong length is the caller's mistake and panics.
func (m Move) Apply(dst, src []byte, shape engine.Shape) {
	checkLengths(dst, src, shape)
	switch {
	case m == Move{}:
		copy(dst, src)
	case m.Angle == 0:
		m.shift(dst, src, shape)
	default:
		m.rotate(dst, src, shape)
	}
}

// seen is the part of the columns (rows) 0 … size−1 of the source that lies in the window that begins at start: from … to−1.
func seen(start, size int) (from, to int) {
	from = min(max(0, start), size)
	return from, max(from, min(size, size+start))
}

// shift is Apply without a rotation.
func (m Move) shift(dst, src []byte, shape engine.Shape) {
	height, width := shape.H, shape.W
	fromRow, toRow := seen(m.Top, height)
	fromCol, toCol := seen(m.Left, width)
	if fromRow == toRow || fromCol == toCol {
		clear(dst)
		return
	}
	// Source columns fromCol … toCol−1 come to lie at at … at+toCol−fromCol−1.
	at := fromCol - m.Left
	if m.Flip {
		at = width - (toCol - m.Left)
	}
	for line := range shape.C * height {
		out := dst[line*width : (line+1)*width]
		row := line%height + m.Top
		if row < fromRow || row >= toRow {
			clear(out)
			continue
		}
		in := src[(line+m.Top)*width+fromCol : (line+m.Top)*width+toCol]
		clear(out[:at])
		clear(out[at+len(in):])
		out = out[at : at+len(in)]
		if !m.Flip {
			copy(out, in)
			continue
		}
		for ; len(in) >= 8; in, out = in[8:], out[:len(out)-8] {
			binary.BigEndian.PutUint64(out[len(out)-8:], binary.LittleEndian.Uint64(in))
		}
		for i, v := range in {
			out[len(out)-1-i] = v
		}
	}
}

// rotate is Apply with a rotation. One walk through the window does everything: the point of the window is carried on to the source,
// mirrored and shifted, as a pair of 16.16 fixed-point numbers.
func (m Move) rotate(dst, src []byte, shape engine.Shape) {
	height, width := shape.H, shape.W
	plane := height * width
	fromRow, toRow := seen(m.Top, height)
	fromCol, toCol := seen(m.Left, width)

	p := m.places(shape)
	rowX, a, b := p.x, p.xColumn, p.xRow
	rowY, d, e := p.y, p.yColumn, p.yRow

	clear(dst)
	var places [64]int // in a plane: found once for all channels, some at a time
	for row := range height {
		// The points of a row that the source knows are a run of neighbors.
		from, to := inside(rowX, a, int64(fromCol)<<16, int64(toCol)<<16, width)
		fromY, toY := inside(rowY, d, int64(fromRow)<<16, int64(toRow)<<16, width)
		from, to = max(from, fromY), min(to, toY)
		x, y := rowX+int64(from)*a, rowY+int64(from)*d
		for at := row*width + from; from < to; from += len(places) {
			some := places[:min(len(places), to-from)]
			for i := range some {
				some[i] = int(y>>16)*width + int(x>>16)
				x += a
				y += d
			}
			for c := 0; c < len(dst); c += plane {
				out, in := dst[c+at:][:len(some)], src[c:c+plane]
				for i, place := range some {
					out[i] = in[place]
				}
			}
			at += len(some)
		}
		rowX += b
		rowY += e
	}
}

// places says where the pixels of a varied image come from, in 16.16 fixed-point numbers: that of (row, column) from (x + column·xColumn + row·xRow,
// y + column·yColumn + row·yRow).
type places struct{ x, xColumn, xRow, y, yColumn, yRow int64 }

// places follows Pillow's order of operations: x′ = a·x + b·y + c and y′ = d·x + e·y + f in the window, float64() forbidding fused multiply-adds.
func (m Move) places(shape engine.Shape) places {
	height, width := shape.H, shape.W
	sin, cos := math.Sincos(m.Angle * (math.Pi / 180))
	cx, cy := float64(width)/2, float64(height)/2
	c := float64(-cx*cos) + float64(cy*sin) + cx
	f := float64(-cx*sin) - float64(cy*cos) + cy
	p := places{
		x: fixed(c + float64(cos*0.5) - float64(sin*0.5)), xColumn: fixed(cos), xRow: fixed(-sin),
		y: fixed(f + float64(sin*0.5) + float64(cos*0.5)), yColumn: fixed(sin), yRow: fixed(cos),
	}
	if m.Flip {
		// ⌊(W·2¹⁶−1−x)/2¹⁶⌋ = W−1−⌊x/2¹⁶⌋.
		p.x, p.xColumn, p.xRow = int64(width)<<16-1-p.x, -p.xColumn, -p.xRow
	}
	p.x += int64(m.Left) << 16
	p.y += int64(m.Top) << 16
	return p
}

// View is what the move makes of a kept image, for a device: pixel for pixel what Apply makes of it. The image has at most 8192 pixels a side.
func (m Move) View(image int, shape engine.Shape) engine.View {
	m.Left, m.Top = min(max(m.Left, -shape.W), shape.W), min(max(m.Top, -shape.H), shape.H) // beyond, nothing is seen either
	p := m.places(shape)
	return engine.View{
		Image: int32(image), Left: int32(m.Left), Top: int32(m.Top),
		X0: int32(p.x), XColumn: int32(p.xColumn), XRow: int32(p.xRow), Y0: int32(p.y), YColumn: int32(p.yColumn), YRow: int32(p.yRow),
	}
}

// inside gives the k from 0 to n−1 for which low ≤ start+k·step < high: from … to−1, none if from ≥ to.
func inside(start, step, low, high int64, n int) (from, to int) {
	if step < 0 { // low ≤ v < high is −high < −v ≤ −low
		start, step, low, high = -start, -step, 1-high, 1-low
	}
	if step == 0 {
		if low <= start && start < high {
			return 0, n
		}
		return 0, 0
	}
	// The first k at or above a bound is ⌈(bound−start)/step⌉, or 0.
	first := func(bound int64) int { return int(max(0, bound-start+step-1) / step) }
	return first(low), min(n, first(high))
}

// fixed is v as a 16.16 fixed-point number, rounded to the nearest.
func fixed(v float64) int64 { return int64(math.Floor(float64(v*65536) + 0.5)) }
