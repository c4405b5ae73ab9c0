package hdf5

import (
	"bytes"
	"fmt"
)

const magic = "\x89HDF\r\n\x1a\n"

// File is an open file. It serves one goroutine.
type File struct {
	data        []byte // from the superblock on: addresses count from it
	start       int64  // where the superblock lies, behind a user block
	addressSize int
	lengthSize  int
	root        uint64 // address of the root group's object header
	work        int    // blocks and so on that may still be read
	elements    int    // that may still be read
}

// IsHDF5 reports whether the data begins as an HDF5 file without a user block does.
func IsHDF5(data []byte) bool { return bytes.HasPrefix(data, []byte(magic)) }

// Open reads the superblock. The file keeps data, which the caller must not change while it is used.
func Open(data []byte) (*File, error) {
	f := &File{data: data, work: maxWork, elements: MaxTotal}
	// The superblock lies at 0, 512, 1024, 2048 …
	for at := 0; ; at = max(512, 2*at) {
		if at > len(data) {
			return nil, &FormatError{0, "the superblock", "the signature of HDF5 at byte 0, 512, 1024, …", fmt.Sprintf("%q", data[:min(len(data), 8)])}
		}
		if IsHDF5(data[at:]) {
			f.data, f.start = data[at:], int64(at)
			break
		}
	}
	c := f.block(0, -1, "the superblock")
	c.skip(len(magic))
	switch version := c.version(0, 1, 2, 3); {
	case c.err != nil:
	case version < 2:
		f.readOld(c, version)
	default:
		f.readNew(c)
	}
	if c.err != nil {
		return nil, c.err
	}
	return f, nil
}

// readOld reads the rest of a superblock of version 0 or 1.
func (f *File) readOld(c *cursor, version int) {
	c.skip(4) // versions of the free-space storage, the root group and the shared headers; reserved
	f.readSizes(c)
	c.skip(1 + 2 + 2 + 4) // reserved, the two K of groups, flags
	if version == 1 {
		c.skip(4) // K of chunks, reserved
	}
	for range 4 { // base, free space, end of file, driver
		c.address()
	}
	c.address() // name of the root group
	f.root = c.address()
}

// readNew reads the rest of a superblock of version 2 or 3.
func (f *File) readNew(c *cursor) {
	f.readSizes(c)
	c.skip(1) // flags
	for range 3 {
		c.address() // base, extension, end of file
	}
	f.root = c.address()
	c.checksum(0)
}

func (f *File) readSizes(c *cursor) {
	f.addressSize, f.lengthSize = c.u8(), c.u8()
	for _, n := range []int{f.addressSize, f.lengthSize} {
		if n != 2 && n != 4 && n != 8 && c.err == nil {
			c.fail("addresses and lengths of 2, 4 or 8 bytes", fmt.Sprintf("%d and %d", f.addressSize, f.lengthSize))
		}
	}
}

// Root returns the group "/".
func (f *File) Root() (*Group, error) { return f.group(f.root) }
