package hdf5

import (
	"bytes"
	"fmt"
)

// Dataset is an array of numbers or texts. Its elements are read when they are asked for.
type Dataset struct {
	Shape []int // dimensions, the last varies fastest; none for a single element

	f       *File
	at      int64 // of its header, for errors
	typ     datatype
	layout  layout
	filters []filter
	fill    []byte // one element, or nil for zeros
	count   int
}

// dataset reads what an object header says of an array.
func (f *File) dataset(address uint64) (*Dataset, error) {
	all, err := f.header(address)
	if err != nil {
		return nil, err
	}
	d := &Dataset{f: f, at: f.start + int64(min(address, uint64(len(f.data))))}
	var space, typ, lay, filled bool
	for _, m := range all {
		var c *cursor
		switch m.kind {
		case msgDataspace:
			var some bool
			c = m.body(f, "a dataspace")
			if d.Shape, some = readDataspace(c); !some {
				d.Shape = []int{0}
			}
			space = true
		case msgDatatype:
			c = m.body(f, "a datatype")
			d.typ, typ = readDatatype(c), true
		case msgLayout:
			c = m.body(f, "a layout")
			d.layout, lay = readLayout(c), true
		case msgFilters:
			c = m.body(f, "the filters of a dataset")
			d.filters = readFilters(c)
		case msgFill:
			c = m.body(f, "a fill value")
			d.fill, filled = readFill(c), true
		case msgOldFill:
			if filled {
				continue // the newer message counts
			}
			c = m.body(f, "a fill value")
			d.fill = c.bytes(c.within(uint64(c.u32()), c.left(), "a fill value"))
		case msgExternal:
			return nil, d.error("elements in this file", "some in other files")
		default:
			continue
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	if !space || !typ || !lay {
		return nil, d.error("a dataset with dataspace, datatype and layout", "another object")
	}
	count, _ := elements(d.Shape, MaxElements)
	if size := uint64(count) * uint64(d.typ.size); size > MaxBytes {
		return nil, d.error(fmt.Sprintf("at most %d bytes", MaxBytes), fmt.Sprint(size))
	}
	d.count = count
	if len(d.fill) != d.typ.size {
		d.fill = nil // the library ignores it, too
	}
	return d, nil
}

func readFill(c *cursor) []byte {
	version := c.version(1, 2, 3)
	if version == 3 {
		if c.u8()&0x20 == 0 {
			return nil
		}
	} else {
		c.skip(2)
		if defined := c.u8(); version == 2 && defined == 0 {
			return nil
		}
	}
	return c.bytes(c.within(uint64(c.u32()), c.left(), "a fill value"))
}

func (d *Dataset) error(expected, found string) error {
	return &FormatError{d.at, "a dataset", expected, found}
}

// Len is the number of elements.
func (d *Dataset) Len() int { return d.count }

// IsText reports whether the elements are texts, not numbers.
func (d *Dataset) IsText() bool { return d.typ.kind == kindText || d.typ.kind == kindVariableText }

// Floats returns the elements in order, as a new slice. Integers beyond 2⁵³ are rounded.
func (d *Dataset) Floats() ([]float64, error) {
	if d.IsText() {
		return nil, d.error("numbers", "texts")
	}
	raw, err := d.raw()
	if err != nil {
		return nil, err
	}
	v := make([]float64, d.count)
	d.typ.floats(v, raw)
	return v, nil
}

// Texts returns the elements in order. Bytes that are no UTF-8 stay as they are.
func (d *Dataset) Texts() ([]string, error) {
	if !d.IsText() {
		return nil, d.error("texts", "numbers")
	}
	raw, err := d.raw()
	if err != nil {
		return nil, err
	}
	texts := make([]string, d.count)
	total := 0
	for i := range texts {
		b := raw[i*d.typ.size : (i+1)*d.typ.size]
		if d.typ.kind == kindVariableText {
			if b, err = d.f.heapText(b, d.at); err != nil {
				return nil, err
			}
		}
		if total += len(b); total > MaxBytes {
			return nil, d.error(fmt.Sprintf("at most %d bytes of text", MaxBytes), "more")
		}
		if d.typ.padding == 2 {
			b = bytes.TrimRight(b, " ")
		} else if end := bytes.IndexByte(b, 0); end >= 0 {
			b = b[:end]
		}
		texts[i] = string(b)
	}
	return texts, nil
}

// raw returns the bytes of all elements, which may be the file's.
func (d *Dataset) raw() ([]byte, error) {
	size := d.count * d.typ.size
	if d.f.elements -= d.count; d.f.elements < 0 {
		return nil, d.error(fmt.Sprintf("at most %d elements in all datasets that are read", MaxTotal), "more")
	}
	switch {
	case size == 0:
		return nil, nil
	case d.layout.class == compact:
		if len(d.layout.data) < size {
			return nil, d.error(fmt.Sprintf("%d bytes", size), fmt.Sprint(len(d.layout.data)))
		}
		return d.layout.data[:size], nil
	case d.layout.class == chunked:
		return d.chunks()
	case d.layout.address == undefined: // nothing was ever written
		return d.filled(), nil
	}
	c := d.f.block(d.layout.address, size, "the elements of a dataset")
	return c.bytes(size), c.err
}

// filled returns as many fill values as there are elements.
func (d *Dataset) filled() []byte {
	out := make([]byte, d.count*d.typ.size)
	if d.fill != nil {
		for at := 0; at < len(out); at += d.typ.size {
			copy(out[at:], d.fill)
		}
	}
	return out
}
