package curve

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// A packed piece is a byte that names the format and, in flate, the lists of the piece one after the other: what each pack call below writes,
// in the order of Piece. A list is its length as an uvarint and its members. Whole numbers are varints, each the difference from the one
// before; numbers are a byte that says 4 or 8 and so many bytes each, little-endian, 4 where no member loses anything; texts are lists of bytes.
const packFormat = 1

// mostBytes is the most that a piece takes unpacked: some 20 times what a full one takes.
const mostBytes = 16 << 20

// Pack is a piece as it is kept.
func Pack(p *Piece) ([]byte, error) {
	var raw []byte
	for q := range p.Columns {
		c := &p.Columns[q]
		raw = packInts(raw, []int{c.Received, c.NotFinite})
		raw = packInts(raw, c.Step)
		for _, list := range [][]float64{c.Value, c.Spread, c.Mean, c.Weight} {
			raw = packFloats(raw, list)
		}
	}
	for _, list := range p.Places.lists() {
		raw = packInts(raw, *list)
	}
	raw = packInts(raw, []int{p.TrainSize, len(p.Epochs)})
	for _, text := range append(p.Epochs[:len(p.Epochs):len(p.Epochs)], p.After) {
		raw = append(binary.AppendUvarint(raw, uint64(len(text))), text...)
	}
	out := bytes.NewBuffer([]byte{packFormat})
	packed, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, _ = packed.Write(raw) // a buffer takes everything
	err = packed.Close()
	return out.Bytes(), err
}

// Unpack reads what Pack wrote. Of bytes that it did not write, it may make a piece, but none that the functions of this package fail on.
func Unpack(body []byte) (*Piece, error) {
	if len(body) == 0 || body[0] != packFormat {
		return nil, fmt.Errorf("unpacking a piece of curves: expected format %d, found %.1q", packFormat, body)
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body[1:])), mostBytes))
	if err != nil {
		return nil, fmt.Errorf("unpacking a piece of curves: %w", err)
	}
	from, p := unpacker{rest: raw}, &Piece{}
	for q := range p.Columns {
		c := &p.Columns[q]
		counts := from.ints(2)
		c.Received, c.NotFinite = counts[0], counts[1]
		c.Step = from.ints(-1)
		n := len(c.Step)
		c.Value = from.floats(n)
		c.Spread, c.Mean, c.Weight = from.floatsOrNone(n), from.floatsOrNone(n), from.floatsOrNone(n)
		if len(c.Mean) != len(c.Weight) {
			from.broken = true
		}
	}
	n := -1
	for _, list := range p.Places.lists() {
		*list = from.ints(n)
		n = len(*list)
	}
	counts := from.ints(2)
	p.TrainSize = counts[0]
	for range min(max(0, counts[1]), epochsKept) {
		p.Epochs = append(p.Epochs, from.text())
	}
	p.After = from.text()
	if from.broken || len(from.rest) > 0 {
		return nil, fmt.Errorf("unpacking a piece of curves: its lists do not fit together, %d bytes before the end", len(from.rest))
	}
	return p, nil
}

func (at *Places) lists() []*[]int {
	return []*[]int{&at.Step, &at.Epoch, &at.Images, &at.Samples, &at.Time}
}

func packInts(dst []byte, list []int) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	before := 0
	for _, v := range list {
		dst = binary.AppendVarint(dst, int64(v-before))
		before = v
	}
	return dst
}

func packFloats(dst []byte, list []float64) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	size := byte(4)
	for _, v := range list {
		if float64(float32(v)) != v && !math.IsNaN(v) {
			size = 8
			break
		}
	}
	dst = append(dst, size)
	for _, v := range list {
		if size == 4 {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(v)))
		} else {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
		}
	}
	return dst
}

// unpacker reads lists from bytes. After the first that cannot be read it gives lists of zeros as long as asked for, and is broken.
type unpacker struct {
	rest   []byte
	broken bool
}

// length reads how many members follow, of at least size bytes each; want is how many there must be, −1 for any number.
func (u *unpacker) length(want, size int) int {
	n, used := binary.Uvarint(u.rest)
	if u.broken || used <= 0 || n > uint64(len(u.rest)-used)/uint64(size) || want >= 0 && n != uint64(want) {
		u.broken, u.rest = true, nil
		return 0
	}
	u.rest = u.rest[used:]
	return int(n)
}

func (u *unpacker) ints(want int) []int {
	n := u.length(want, 1)
	list, sum := make([]int, n, max(n, want)), 0
	for i := range list {
		d, used := binary.Varint(u.rest)
		if used <= 0 {
			u.broken, u.rest = true, nil
			break
		}
		u.rest = u.rest[used:]
		sum += int(d)
		list[i] = sum
	}
	if u.broken && want > n {
		return make([]int, want)
	}
	return list
}

func (u *unpacker) floats(want int) []float64 {
	n := u.length(want, 4)
	if u.broken || len(u.rest) == 0 || u.rest[0] != 4 && u.rest[0] != 8 || len(u.rest)-1 < n*int(u.rest[0]) {
		u.broken, u.rest = true, nil
		return make([]float64, max(0, want))
	}
	size := int(u.rest[0])
	list, body := make([]float64, n), u.rest[1:]
	for i := range list {
		if size == 4 {
			list[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:])))
		} else {
			list[i] = math.Float64frombits(binary.LittleEndian.Uint64(body[8*i:]))
		}
	}
	u.rest = body[size*n:]
	return list
}

// floatsOrNone reads n numbers, or an empty list as nil.
func (u *unpacker) floatsOrNone(n int) []float64 {
	if len(u.rest) > 1 && u.rest[0] == 0 {
		n = 0
	}
	if list := u.floats(n); len(list) > 0 {
		return list
	}
	return nil
}

func (u *unpacker) text() json.RawMessage {
	n := u.length(-1, 1)
	text := u.rest[:n:n]
	u.rest = u.rest[n:]
	if n == 0 {
		return nil
	}
	return text
}
