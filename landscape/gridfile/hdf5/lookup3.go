package hdf5

import (
	"encoding/binary"
	"math/bits"
)

// lookup3 is the checksum of metadata: hashlittle of Bob Jenkins' lookup3.c (public domain, 2006) from the initial value 0.
func lookup3(data []byte) uint32 {
	a := 0xdeadbeef + uint32(len(data))
	b, c := a, a
	if len(data) == 0 {
		return c
	}
	for len(data) > 12 {
		a += binary.LittleEndian.Uint32(data)
		b += binary.LittleEndian.Uint32(data[4:])
		c += binary.LittleEndian.Uint32(data[8:])
		for i, turn := range [6]int{4, 6, 8, 16, 19, 4} {
			switch i % 3 {
			case 0:
				a = (a - c) ^ bits.RotateLeft32(c, turn)
				c += b
			case 1:
				b = (b - a) ^ bits.RotateLeft32(a, turn)
				a += c
			case 2:
				c = (c - b) ^ bits.RotateLeft32(b, turn)
				b += a
			}
		}
		data = data[12:]
	}
	var last [12]byte
	copy(last[:], data)
	a += binary.LittleEndian.Uint32(last[:])
	b += binary.LittleEndian.Uint32(last[4:])
	c += binary.LittleEndian.Uint32(last[8:])
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	c = (c ^ b) - bits.RotateLeft32(b, 24)
	return c
}
