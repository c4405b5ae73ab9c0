package hdf5

import (
	"encoding/binary"
	"fmt"
	"math"
)

// kind is what the elements of a dataset are.
type kind int

const (
	kindInt kind = iota
	kindUint
	kindFloat
	kindText         // of fixed length
	kindVariableText // in global heaps
)

// datatype says how one element is stored.
type datatype struct {
	kind    kind
	size    int // bytes
	order   binary.ByteOrder
	padding int // of a text: 0 ends with a zero byte, 1 is filled with them, 2 with spaces
}

// The classes of datatypes, by number.
var classNames = [...]string{"an integer", "a floating-point number", "a time", "a text", "a bit field", "an opaque value", "a compound", "a reference", "an enumeration", "a sequence of variable length", "an array", "a complex number"}

// maxText bounds one text of fixed length, in bytes.
const maxText = 1 << 16

func readDatatype(c *cursor) datatype {
	first := c.u8()
	b0, b1 := c.u8(), c.u8()
	c.skip(1)
	size := c.u32()
	class, version := first&15, first>>4
	if c.err == nil && (version < 1 || version > 5) {
		c.fail("a datatype of version 1 to 5", fmt.Sprint(version))
	}
	t := datatype{order: binary.LittleEndian}
	switch class {
	case 0:
		t.kind = kindUint
		if b0&8 != 0 {
			t.kind = kindInt
		}
		if b0&1 != 0 {
			t.order = binary.BigEndian
		}
		t.size = c.oneOf(size, 1, 2, 4, 8)
		if offset, precision := c.u16(), c.u16(); c.err == nil && (offset != 0 || precision != 8*t.size) {
			c.fail("an integer that fills its bytes", fmt.Sprintf("%d bits from bit %d", precision, offset))
		}
	case 1:
		t.kind = kindFloat
		if b0&1 != 0 {
			t.order = binary.BigEndian
		}
		t.size = c.oneOf(size, 2, 4, 8)
		c.ieee(t.size, b0, b1)
	case 3:
		t.kind, t.padding = kindText, b0&15
		t.size = c.within(uint64(size), maxText, "a text")
		if c.err == nil && t.size == 0 {
			c.fail("a text of at least one byte", "none")
		}
	case 8: // the base type comes first among the properties
		t = readDatatype(c)
		if c.err == nil && (t.kind != kindInt && t.kind != kindUint || uint32(t.size) != size) {
			c.fail("an enumeration of integers", "another")
		}
	case 9:
		if c.err == nil && b0&15 != 1 {
			c.fail("numbers or texts", "sequences of variable length")
		}
		t.kind, t.size = kindVariableText, 4+c.f.addressSize+4
		if c.err == nil && size != uint32(t.size) {
			c.fail(fmt.Sprintf("references of %d bytes", t.size), fmt.Sprint(size))
		}
	default:
		name := fmt.Sprintf("class %d", class)
		if class < len(classNames) {
			name = classNames[class]
		}
		c.fail("numbers or texts", name)
	}
	return t
}

// oneOf demands one of some sizes.
func (c *cursor) oneOf(size uint32, known ...int) int {
	for _, k := range known {
		if size == uint32(k) {
			return k
		}
	}
	c.fail(fmt.Sprintf("a size of %v bytes", known), fmt.Sprint(size))
	return 0
}

// ieee demands the properties of an IEEE 754 number of that size.
func (c *cursor) ieee(size, b0, sign int) {
	var exponentAt, exponentBits, mantissaBits, bias int
	switch size {
	case 2:
		exponentAt, exponentBits, mantissaBits, bias = 10, 5, 10, 15
	case 4:
		exponentAt, exponentBits, mantissaBits, bias = 23, 8, 23, 127
	case 8:
		exponentAt, exponentBits, mantissaBits, bias = 52, 11, 52, 1023
	}
	found := [...]int{c.u16(), c.u16(), c.u8(), c.u8(), c.u8(), c.u8(), int(c.u32()), sign, b0 & 0x70}
	want := [...]int{0, 8 * size, exponentAt, exponentBits, 0, mantissaBits, bias, 8*size - 1, 0x20}
	if c.err == nil && found != want {
		c.fail(fmt.Sprintf("an IEEE number: offset, precision, exponent, mantissa, bias, sign and order %v", want), fmt.Sprint(found))
	}
}

// floats decodes numbers; raw holds len(dst)·size bytes.
func (t datatype) floats(dst []float64, raw []byte) {
	for i := range dst {
		dst[i] = t.float(raw[i*t.size:])
	}
}

func (t datatype) float(b []byte) float64 {
	var bits uint64
	switch t.size {
	case 1:
		bits = uint64(b[0])
	case 2:
		bits = uint64(t.order.Uint16(b))
	case 4:
		bits = uint64(t.order.Uint32(b))
	default:
		bits = t.order.Uint64(b)
	}
	switch t.kind {
	case kindInt:
		shift := 64 - 8*t.size
		return float64(int64(bits<<shift) >> shift)
	case kindUint:
		return float64(bits)
	}
	switch t.size {
	case 2:
		return Float16(uint16(bits))
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// Float16 widens an IEEE 754 number of half precision.
func Float16(bits uint16) float64 {
	sign := 1.0
	if bits>>15 != 0 {
		sign = -1
	}
	exponent, mantissa := int(bits>>10&31), float64(bits&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(mantissa, -24)
	case 31:
		if mantissa != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+mantissa, exponent-25)
}
