package hdf5

import "fmt"

// layoutClass says where the elements of a dataset lie.
type layoutClass int

const (
	compact    layoutClass = iota // in the header
	contiguous                    // in one piece
	chunked                       // in pieces of one shape
)

// How the chunks are found.
const (
	indexTree       = 0 // B-tree of version 1
	indexSingle     = 1
	indexImplicit   = 2
	indexFixedArray = 3
)

var indexNames = map[int]string{4: "an extensible array", 5: "a B-tree of version 2"}

type layout struct {
	class   layoutClass
	data    []byte // compact
	address uint64 // of the elements, or of the index of the chunks
	length  uint64 // contiguous, 0 where the file does not say
	chunk   []int  // shape of a chunk
	index   int
	// of a single chunk that is packed
	packed     bool
	packedSize int
	mask       uint32
}

func readLayout(c *cursor) layout {
	switch version := c.version(1, 2, 3, 4); version {
	case 1, 2:
		return oldLayout(c)
	default:
		return newLayout(c, version)
	}
}

// oldLayout reads versions 1 and 2.
func oldLayout(c *cursor) layout {
	rank, class := c.u8(), c.u8()
	c.skip(5)
	l := layout{class: c.class(class)}
	if l.class != compact {
		l.address = c.address()
	}
	dims := c.dims(rank, 4)
	switch l.class {
	case compact:
		l.data = c.bytes(c.within(uint64(c.u32()), c.left(), "compact data"))
	case chunked: // the size of an element is a dimension more
		if c.err == nil && len(dims) < 2 {
			c.fail("a chunk of one dimension or more", "none")
			break
		}
		l.chunk = dims[:max(0, len(dims)-1)]
	}
	return l
}

func newLayout(c *cursor, version int) layout {
	l := layout{class: c.class(c.u8())}
	switch {
	case l.class == compact:
		l.data = c.bytes(c.u16())
	case l.class == contiguous:
		l.address, l.length = c.address(), c.length()
	case version == 3:
		rank := c.u8()
		l.address = c.address()
		l.chunk = c.chunkDims(rank, 4)
	default:
		l.readChunkIndex(c)
	}
	return l
}

// readChunkIndex reads what version 4 says of chunks.
func (l *layout) readChunkIndex(c *cursor) {
	flags, rank, size := c.u8(), c.u8(), c.u8()
	if c.err == nil && (size < 1 || size > 8) {
		c.fail("dimensions of 1 to 8 bytes", fmt.Sprint(size))
		return
	}
	l.chunk = c.chunkDims(rank, size)
	switch l.index = c.u8(); l.index {
	case indexSingle:
		if l.packed = flags&2 != 0; l.packed {
			l.packedSize = c.size(len(c.f.data), "a chunk")
			l.mask = c.u32()
		}
	case indexImplicit:
	case indexFixedArray:
		c.skip(1)
	default:
		if c.err == nil {
			c.fail("chunks listed by a tree of version 1 or a fixed array", indexNames[l.index])
		}
	}
	l.address = c.address()
}

// chunkDims reads the shape of a chunk, which a dimension for the size of an element follows.
func (c *cursor) chunkDims(rank, size int) []int {
	dims := c.dims(rank, size)
	if c.err == nil && len(dims) < 2 {
		c.fail("a chunk of one dimension or more", "none")
	}
	if c.err != nil {
		return nil
	}
	return dims[:len(dims)-1]
}

func (c *cursor) class(n int) layoutClass {
	if c.err == nil && n > int(chunked) {
		c.fail("a layout compact, contiguous or chunked", fmt.Sprintf("class %d", n))
	}
	return layoutClass(n)
}

// dims reads dimensions of some bytes each, none of them 0.
func (c *cursor) dims(rank, size int) []int {
	if c.err == nil && rank > maxRank+1 {
		c.fail(fmt.Sprintf("at most %d dimensions", maxRank), fmt.Sprint(rank))
	}
	var dims []int
	for i := 0; i < rank && c.err == nil; i++ {
		d := c.within(c.number(size), MaxElements, "a dimension")
		if c.err == nil && d == 0 {
			c.fail("dimensions above 0", "0")
		}
		dims = append(dims, d)
	}
	return dims
}
