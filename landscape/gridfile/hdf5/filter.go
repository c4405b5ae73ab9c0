package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

// filter is one step by which chunks were packed.
type filter struct {
	id     int
	params []uint32
}

const (
	filterDeflate  = 1
	filterShuffle  = 2
	filterFletcher = 3
)

var filterNames = map[int]string{4: "szip", 5: "n-bit", 6: "scale-offset", 32000: "LZF", 32001: "Blosc", 32008: "bitshuffle", 32015: "Zstandard"}

func readFilters(c *cursor) []filter {
	version := c.version(1, 2)
	count := c.u8()
	if version == 1 {
		c.skip(6)
	}
	if c.err == nil && count > 32 {
		c.fail("at most 32 filters", fmt.Sprint(count))
	}
	var all []filter
	for i := 0; i < count && c.err == nil; i++ {
		f := filter{id: c.u16()}
		name := 0
		if version == 1 || f.id >= 256 {
			name = c.u16()
		}
		c.skip(2) // flags
		params := c.u16()
		if version == 1 {
			name = (name + 7) &^ 7
		}
		c.skip(name)
		for j := 0; j < params && c.err == nil; j++ {
			f.params = append(f.params, c.u32())
		}
		if version == 1 && params%2 == 1 {
			c.skip(4)
		}
		if c.err == nil && f.id != filterDeflate && f.id != filterShuffle && f.id != filterFletcher {
			called := filterNames[f.id]
			if called == "" {
				called = fmt.Sprintf("number %d", f.id)
			}
			c.fail("the filters deflate, shuffle and Fletcher-32", called)
		}
		all = append(all, f)
	}
	return all
}

// unpack undoes the filters, last first, except those that the mask says were left out. The result has size bytes.
func unpack(filters []filter, mask uint32, packed []byte, size int) ([]byte, error) {
	for i := len(filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		var err error
		switch f := filters[i]; f.id {
		case filterDeflate:
			packed, err = inflate(packed, size+4*len(filters))
		case filterShuffle:
			packed = unshuffle(f, packed)
		case filterFletcher:
			packed, err = checkFletcher(packed)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(packed) != size {
		return nil, fmt.Errorf("%d bytes where the chunk has %d", len(packed), size)
	}
	return packed, nil
}

// inflate refuses more than limit bytes, a checksum of 4 bytes for each filter included.
func inflate(packed []byte, limit int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(z, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if n > int64(limit) {
		return nil, fmt.Errorf("more than the %d bytes of the chunk", limit)
	}
	return out.Bytes(), nil
}

// unshuffle undoes the grouping of the first bytes of all elements, then the second, and so on. What is left over behind
// whole elements was not moved.
func unshuffle(f filter, in []byte) []byte {
	if len(f.params) == 0 || f.params[0] < 2 || uint64(f.params[0]) > uint64(len(in)) {
		return in
	}
	size := int(f.params[0])
	n := len(in) / size
	out := make([]byte, len(in))
	for b := range size {
		plane := in[b*n : (b+1)*n]
		for i, v := range plane {
			out[i*size+b] = v
		}
	}
	copy(out[n*size:], in[n*size:])
	return out
}

// checkFletcher cuts off and verifies Fletcher's checksum.
func checkFletcher(in []byte) ([]byte, error) {
	if len(in) < 4 {
		return nil, fmt.Errorf("%d bytes where a checksum of 4 is due", len(in))
	}
	data := in[:len(in)-4]
	if want, got := fletcher32(data), binary.LittleEndian.Uint32(in[len(in)-4:]); got != want {
		return nil, fmt.Errorf("the checksum %08x where %08x is due", got, want)
	}
	return data, nil
}

// fletcher32 sums big-endian words of 16 bits modulo 65535, the last odd byte as the upper half of one.
func fletcher32(data []byte) uint32 {
	var a, b uint32
	step := func(word uint32) {
		a = (a + word) % 65535
		b = (b + a) % 65535
	}
	for ; len(data) > 1; data = data[2:] {
		step(uint32(data[0])<<8 | uint32(data[1]))
	}
	if len(data) == 1 {
		step(uint32(data[0]) << 8)
	}
	return b<<16 | a
}
