package hdf5

import (
	"encoding/binary"
	"fmt"
)

// heapText returns the text that a reference of an element points to: its length, the address of a global heap and the
// number of an object in it. No length is no text.
func (f *File) heapText(reference []byte, at int64) ([]byte, error) {
	length := uint64(binary.LittleEndian.Uint32(reference))
	var wide [8]byte
	copy(wide[:], reference[4:4+f.addressSize])
	address := binary.LittleEndian.Uint64(wide[:])
	number := binary.LittleEndian.Uint32(reference[4+f.addressSize:])
	if length == 0 {
		return nil, nil
	}
	c := f.block(address, -1, "a global heap")
	c.signature("GCOL")
	c.version(1)
	c.skip(3)
	size := c.size(len(f.data), "a heap")
	end := int(min(address, uint64(len(f.data)))) + size
	for c.err == nil && c.at < end {
		index := c.u16()
		c.skip(2 + 4)
		size := c.size(len(f.data), "an object")
		if index == 0 { // the rest is free
			break
		}
		data := c.bytes(size)
		if c.err == nil && uint32(index) == number {
			if length > uint64(len(data)) {
				c.fail(fmt.Sprintf("a text of at most %d bytes", len(data)), fmt.Sprint(length))
				break
			}
			return data[:length], nil
		}
		c.skip((8 - size%8) % 8)
		c.work() // a heap of many objects is searched at a cost
	}
	if c.err == nil {
		c.err = &FormatError{at, "a text", fmt.Sprintf("object %d of the global heap at %d", number, address), "no such object"}
	}
	return nil, c.err
}
