package hdf5

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Limits, checked before anything is allocated.
const (
	MaxElements = 4096 * 4096     // of one dataset
	MaxBytes    = 8 * MaxElements // of one dataset, uncompressed: 128 MiB
	MaxMembers  = 1 << 16         // of one group
	MaxTotal    = 4 * MaxElements // elements read of one file, all datasets together
	maxWork     = 1 << 20         // blocks, messages, members and so on that may be read of one file
	maxRank     = 32              // dimensions, as the library has it
)

// undefined is the address of what is not there, in a file with addresses of 8 bytes; shorter ones are widened to it.
const undefined = math.MaxUint64

// FormatError says where a file is not what this package can read.
type FormatError struct {
	Offset   int64  // byte in the file, from 0
	Reading  string // "the superblock"
	Expected string
	Found    string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("hdf5: reading %s at byte %d: expected %s, found %s", e.Reading, e.Offset, e.Expected, e.Found)
}

// cursor reads forward through a block. After the first error it returns zeros and keeps that error; who loops by a
// number that it has read looks at err first.
type cursor struct {
	f       *File
	at, end int
	reading string
	err     error
}

// block places a cursor on n bytes at an address; n < 0 means to the end of the file.
func (f *File) block(address uint64, n int, reading string) *cursor {
	c := &cursor{f: f, reading: reading}
	c.work()
	switch {
	case c.err != nil:
	case address > uint64(len(f.data)):
		c.fail(fmt.Sprintf("an address within the %d bytes of the file", len(f.data)), addressText(address))
	default:
		c.at, c.end = int(address), len(f.data)
		if n > c.end-c.at {
			c.fail(fmt.Sprintf("%d bytes", n), fmt.Sprintf("the end of the file after %d", c.end-c.at))
		} else if n >= 0 {
			c.end = c.at + n
		}
	}
	return c
}

func addressText(address uint64) string {
	if address == undefined {
		return "no address"
	}
	return fmt.Sprintf("address %d", address)
}

// fail keeps the first error.
func (c *cursor) fail(expected, found string) {
	if c.err == nil {
		c.err = &FormatError{Offset: c.f.start + int64(c.at), Reading: c.reading, Expected: expected, Found: found}
	}
	c.at = c.end
}

// work takes one from the budget of the file.
func (c *cursor) work() {
	if c.f.work--; c.f.work < 0 {
		c.fail(fmt.Sprintf("at most %d blocks and members", maxWork), "more: perhaps something that contains itself")
	}
}

// bytes returns the next n bytes, which stay the file's, or nil.
func (c *cursor) bytes(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > c.end-c.at {
		c.fail(fmt.Sprintf("%d bytes more", n), fmt.Sprintf("%d", c.end-c.at))
		return nil
	}
	b := c.f.data[c.at : c.at+n : c.at+n]
	c.at += n
	return b
}

func (c *cursor) skip(n int)  { c.bytes(n) }
func (c *cursor) left() int   { return c.end - c.at }
func (c *cursor) u8() int     { return int(c.number(1)) }
func (c *cursor) u16() int    { return int(c.number(2)) }
func (c *cursor) u32() uint32 { return uint32(c.number(4)) }

// number reads a little-endian number of 1 to 8 bytes.
func (c *cursor) number(n int) uint64 {
	b := c.bytes(n)
	var wide [8]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint64(wide[:])
}

// address reads an address; one of all ones is undefined.
func (c *cursor) address() uint64 {
	n := c.f.addressSize
	a := c.number(n)
	if c.err == nil && a == math.MaxUint64>>(64-8*n) {
		return undefined
	}
	return a
}

// length reads a length of the file's size of lengths.
func (c *cursor) length() uint64 { return c.number(c.f.lengthSize) }

// size reads a length that must be at most limit.
func (c *cursor) size(limit int, what string) int {
	return c.within(c.length(), limit, what)
}

// within turns a number into an int that is at most limit.
func (c *cursor) within(n uint64, limit int, what string) int {
	if c.err == nil && n > uint64(limit) {
		c.fail(fmt.Sprintf("%s of at most %d", what, limit), fmt.Sprint(n))
	}
	if c.err != nil {
		return 0
	}
	return int(n)
}

// signature demands four letters.
func (c *cursor) signature(want string) {
	if b := c.bytes(len(want)); c.err == nil && string(b) != want {
		c.at -= len(want)
		c.fail(fmt.Sprintf("the signature %q", want), fmt.Sprintf("%q", b))
	}
}

// version demands a version number of those known.
func (c *cursor) version(known ...int) int {
	v := c.u8()
	for _, k := range known {
		if v == k {
			return v
		}
	}
	if c.err == nil {
		c.at--
		c.fail(fmt.Sprintf("a version of %v", known), fmt.Sprint(v))
	}
	return 0
}

// checksum verifies that the next four bytes are the checksum of everything from start.
func (c *cursor) checksum(start int) {
	if c.err != nil {
		return
	}
	want := lookup3(c.f.data[start:c.at])
	if got := c.u32(); c.err == nil && got != want {
		c.at -= 4
		c.fail(fmt.Sprintf("the checksum %08x", want), fmt.Sprintf("%08x", got))
	}
}
