package hdf5

import (
	"fmt"
	"math/bits"
)

// readDense reads the links of a group whose link info names a fractal heap. A B-tree of version 2 lists where in the
// heap each link message lies.
func (g *Group) readDense(c *cursor) error {
	c.version(0)
	flags := c.u8()
	if flags&1 != 0 {
		c.skip(8) // greatest order of creation
	}
	heapAt, tree := c.address(), c.address()
	if c.err != nil || heapAt == undefined || tree == undefined {
		return c.err
	}
	heap, err := g.f.fractalHeap(heapAt)
	if err != nil {
		return err
	}
	return g.f.walkTree2(tree, func(record *cursor) error {
		record.skip(4) // hash of the name
		link, err := heap.object(record)
		if err != nil {
			return err
		}
		return g.readLink(link)
	})
}

// fractalHeap holds objects of any size in blocks that double.
type fractalHeap struct {
	f               *File
	offsetSize      int // bytes of an offset in the heap
	lengthSize      int // bytes of the length of an object
	width           int // blocks of a row
	first, greatest uint64
	directRows      int
	root            uint64
	rows            int // of the root, 0 where it is a direct block
}

func (f *File) fractalHeap(address uint64) (*fractalHeap, error) {
	c := f.block(address, -1, "a fractal heap")
	start := c.at
	c.signature("FRHP")
	c.version(0)
	c.skip(2) // length of an object's name
	filters := c.u16()
	c.skip(1)
	greatestObject := c.u32()
	c.length()
	c.address()
	c.length()
	c.address()
	for range 8 {
		c.length()
	}
	h := &fractalHeap{f: f, width: c.u16()}
	h.first, h.greatest = c.length(), c.length()
	offsetBits := c.u16()
	c.skip(2)
	h.root, h.rows = c.address(), c.u16()
	if c.err == nil && filters != 0 {
		c.fail("a heap without filters", "filters")
	}
	c.checksum(start)
	powers := bits.OnesCount64(h.first) == 1 && bits.OnesCount64(h.greatest) == 1 && h.first <= h.greatest && h.greatest < 1<<32
	if c.err == nil && (!powers || h.width == 0 || h.width > 1024 || offsetBits == 0 || offsetBits > 64 || h.rows > 64 || greatestObject == 0) {
		c.fail("blocks of powers of two, 1 to 1024 in a row, and offsets of 1 to 64 bits", fmt.Sprintf("%d to %d, %d in a row, %d bits", h.first, h.greatest, h.width, offsetBits))
	}
	if c.err != nil {
		return nil, c.err
	}
	log2 := func(n uint64) int { return bits.Len64(n) - 1 }
	h.offsetSize = (offsetBits + 7) / 8
	h.lengthSize = min((log2(h.greatest)+7)/8, log2(uint64(greatestObject))/8+1)
	h.directRows = log2(h.greatest) - log2(h.first) + 2
	return h, nil
}

// object reads the name of an object in the heap and places a cursor on it.
func (h *fractalHeap) object(name *cursor) (*cursor, error) {
	if kind := name.u8(); name.err == nil && kind != 0 {
		name.fail("an object among the managed ones", fmt.Sprintf("one of kind %#x", kind))
	}
	offset, length := name.number(h.offsetSize), name.number(h.lengthSize)
	if name.err != nil {
		return nil, name.err
	}
	at, err := h.address(h.root, h.rows, offset)
	if err != nil {
		return nil, err
	}
	c := h.f.block(at, name.within(length, len(h.f.data), "an object"), "a link")
	return c, c.err
}

// rowSize is the size of the blocks of a row.
func (h *fractalHeap) rowSize(row int) uint64 {
	if row > 64-bits.Len64(h.first) {
		return 1 << 63
	}
	return h.first << max(0, row-1)
}

// address finds where in the file an offset within a block lies. rows is 0 for a direct block.
func (h *fractalHeap) address(block uint64, rows int, offset uint64) (uint64, error) {
	for {
		c := h.f.block(block, -1, "a block of a fractal heap")
		if rows == 0 {
			c.signature("FHDB")
			return block + offset, c.err // the file's end is checked by who reads there
		}
		c.signature("FHIB")
		c.version(0)
		c.address() // the heap
		c.skip(h.offsetSize)
		row, start := 0, uint64(0)
		for row < rows && c.err == nil {
			over, all := bits.Mul64(h.rowSize(row), uint64(h.width))
			if offset-start < all || over != 0 {
				break
			}
			start += all
			c.skip(h.width * h.f.addressSize)
			row++
		}
		if c.err == nil && row == rows {
			c.fail(fmt.Sprintf("an offset within %d rows", rows), fmt.Sprint(offset))
		}
		size := h.rowSize(row)
		col := (offset - start) / size
		c.skip(int(col) * h.f.addressSize)
		block = c.address()
		if c.err != nil {
			return 0, c.err
		}
		offset -= start + col*size
		if row < h.directRows {
			rows = 0
		} else { // as many rows as make up its size
			rows = bits.Len64(size) - bits.Len64(h.first) - bits.Len(uint(h.width)) + 2 // at most row, so the loop ends
			if rows < 1 {
				c.fail("an indirect block of one row or more", fmt.Sprint(rows))
				return 0, c.err
			}
		}
	}
}

// walkTree2 calls visit with every record of a B-tree of version 2 that lists links by name.
func (f *File) walkTree2(address uint64, visit func(record *cursor) error) error {
	c := f.block(address, -1, "a B-tree of version 2")
	start := c.at
	c.signature("BTHD")
	c.version(0)
	if kind := c.u8(); c.err == nil && kind != 5 {
		c.fail("a tree of kind 5", fmt.Sprint(kind))
	}
	nodeSize := c.within(uint64(c.u32()), len(f.data), "a node")
	recordSize, depth := c.u16(), c.u16()
	c.skip(2)
	root, count := c.address(), c.u16()
	c.length()
	c.checksum(start)
	if c.err == nil && (recordSize < 5 || depth > 8 || nodeSize < 10+recordSize) {
		c.fail("records of 5 bytes or more, nodes that hold one, and a depth of at most 8", fmt.Sprintf("%d, %d and %d", recordSize, nodeSize, depth))
	}
	if c.err != nil || root == undefined {
		return c.err
	}
	t := tree2{f: f, recordSize: recordSize, visit: visit}
	// What a node can hold decides how many bytes a number of records takes.
	most := uint64(nodeSize-10) / uint64(recordSize)
	t.countSize = byteSize(most)
	total := most
	t.totalSize = append(t.totalSize, 0)
	for level := 1; level <= depth; level++ {
		pointer := uint64(f.addressSize + t.countSize + t.totalSize[level-1])
		if pointer+10 > uint64(nodeSize) {
			c.fail("nodes that hold a pointer", fmt.Sprint(nodeSize))
			return c.err
		}
		n := (uint64(nodeSize) - 10 - pointer) / (uint64(recordSize) + pointer)
		high, low := bits.Mul64(n+1, total)
		if total = low + n; high != 0 {
			total = 1<<64 - 1
		}
		t.totalSize = append(t.totalSize, byteSize(total))
	}
	return t.walk(root, count, depth)
}

// byteSize is the number of bytes that hold numbers up to n.
func byteSize(n uint64) int { return max(1, (bits.Len64(n)+7)/8) }

type tree2 struct {
	f          *File
	recordSize int
	countSize  int   // bytes of the number of records of a child
	totalSize  []int // by level: bytes of the number of all records below a child of that level
	visit      func(record *cursor) error
}

// walk visits count records of a node and, at levels above 0, the nodes below it.
func (t *tree2) walk(address uint64, count, level int) error {
	c := t.f.block(address, -1, "a node of a B-tree of version 2")
	if level == 0 {
		c.signature("BTLF")
	} else {
		c.signature("BTIN")
	}
	c.version(0)
	c.skip(1)
	for i := 0; i < count && c.err == nil; i++ {
		c.work()
		record := &cursor{f: t.f, at: c.at, end: c.at + t.recordSize, reading: "a record of a B-tree"}
		c.skip(t.recordSize)
		if c.err != nil {
			break
		}
		if err := t.visit(record); err != nil {
			return err
		}
	}
	if level > 0 {
		for i := 0; i <= count && c.err == nil; i++ {
			child := c.address()
			records := c.within(c.number(t.countSize), 1<<16, "records")
			c.skip(t.totalSize[level-1])
			if c.err != nil {
				break
			}
			if err := t.walk(child, records, level-1); err != nil {
				return err
			}
		}
	}
	return c.err
}
