package hdf5

import (
	"fmt"
	"slices"
)

// slackOfChunks bounds the elements of all chunks, of which those at the border may stick out.
const slackOfChunks = 4

// grid is how a dataset is cut into chunks.
type grid struct {
	shape, chunk []int
	counts       []int // chunks along each dimension
	total        int
	bytes        int // of a chunk
}

func (d *Dataset) chunkGrid() (grid, error) {
	g := grid{shape: d.Shape, chunk: d.layout.chunk, total: 1}
	if len(g.shape) != len(g.chunk) {
		return g, d.error(fmt.Sprintf("chunks of %d dimensions", len(g.shape)), fmt.Sprint(len(g.chunk)))
	}
	one, ok := elements(g.chunk, slackOfChunks*MaxElements)
	for i, n := range g.shape {
		g.counts = append(g.counts, (n-1)/g.chunk[i]+1)
	}
	many, ok2 := elements(g.counts, MaxElements)
	all, ok3 := elements([]int{one, many}, slackOfChunks*MaxElements)
	size, ok4 := elements([]int{all, d.typ.size}, slackOfChunks*MaxBytes)
	if !ok || !ok2 || !ok3 || !ok4 || size > slackOfChunks*max(d.count*d.typ.size, 1<<20) {
		return g, d.error(fmt.Sprintf("chunks that fit the shape %v", g.shape), fmt.Sprint(g.chunk))
	}
	g.total, g.bytes = many, one*d.typ.size
	return g, nil
}

// chunks puts the elements together.
func (d *Dataset) chunks() ([]byte, error) {
	g, err := d.chunkGrid()
	if err != nil {
		return nil, err
	}
	out := d.filled()
	if d.layout.address == undefined {
		return out, nil
	}
	seen := 0
	put := func(offset []int, address uint64, packed int, mask uint32) error {
		if address == undefined {
			return nil
		}
		if seen++; seen > g.total {
			return d.error(fmt.Sprintf("at most %d chunks", g.total), "more")
		}
		c := d.f.block(address, packed, "a chunk")
		data := c.bytes(packed)
		if c.err != nil {
			return c.err
		}
		data, err := unpack(d.filters, mask, data, g.bytes)
		if err != nil {
			return &FormatError{d.f.start + int64(address), "a chunk", fmt.Sprintf("%d bytes after unpacking", g.bytes), err.Error()}
		}
		g.place(out, data, offset, d.typ.size)
		return nil
	}
	switch d.layout.index {
	case indexTree:
		err = d.chunksOfTree(g, put)
	case indexSingle:
		size := g.bytes
		if d.layout.packed {
			size = d.layout.packedSize
		}
		err = put(make([]int, len(g.shape)), d.layout.address, size, d.layout.mask)
	case indexImplicit:
		for i := 0; i < g.total && err == nil; i++ {
			err = put(g.offset(i), d.layout.address+uint64(i)*uint64(g.bytes), g.bytes, 0)
		}
	case indexFixedArray:
		err = d.chunksOfArray(g, put)
	}
	return out, err
}

// putChunk takes the offset of a chunk in elements, its place in the file, its size there, and the filters left out.
type putChunk func(offset []int, address uint64, packed int, mask uint32) error

// chunksOfTree lists the chunks of a B-tree of version 1.
func (d *Dataset) chunksOfTree(g grid, put putChunk) error {
	rank := len(g.shape)
	return d.f.walkTree(d.layout.address, treeOfChunks, rank+1, func(key *cursor, child uint64) error {
		packed := key.within(uint64(key.u32()), len(d.f.data), "a chunk")
		mask := key.u32()
		offset := make([]int, rank)
		for i := range offset {
			offset[i] = key.within(key.number(8), g.shape[i]-1, "an offset")
			if key.err == nil && offset[i]%g.chunk[i] != 0 {
				key.fail(fmt.Sprintf("a multiple of %d", g.chunk[i]), fmt.Sprint(offset[i]))
			}
		}
		if key.err != nil {
			return key.err
		}
		return put(offset, child, packed, mask)
	})
}

// chunksOfArray lists the chunks of a fixed array, in whose order they come.
func (d *Dataset) chunksOfArray(g grid, put putChunk) error {
	c := d.f.block(d.layout.address, -1, "a fixed array")
	start := c.at
	c.signature("FAHD")
	c.version(0)
	packed := c.u8() == 1
	entry, pageBits := c.u8(), c.u8()
	count := c.size(MaxElements, "an array")
	at := c.address()
	c.checksum(start)
	sizeBytes := entry - d.f.addressSize - 4
	if c.err == nil && (packed && (sizeBytes < 1 || sizeBytes > 8) || !packed && entry != d.f.addressSize || pageBits > 24 || count < g.total) {
		c.fail(fmt.Sprintf("an array of %d chunks", g.total), fmt.Sprintf("%d entries of %d bytes", count, entry))
	}
	if c.err != nil || at == undefined {
		return c.err
	}
	c = d.f.block(at, -1, "the block of a fixed array")
	start = c.at
	c.signature("FADB")
	c.version(0)
	c.skip(1)
	c.address()
	page := 1 << pageBits
	paged := count > page
	var used []byte // a bit for each page, the highest first
	if paged {
		used = c.bytes(((count-1)>>pageBits + 8) / 8)
		c.checksum(start)
	}
	for i := 0; i < count && c.err == nil; i++ {
		if paged && i%page == 0 {
			start = c.at
			if p := i / page; used[p/8]>>(7-p%8)&1 == 0 { // nothing was written to this page
				n := min(page, count-i)
				c.skip(n*entry + 4)
				i += n - 1
				continue
			}
		}
		address, size, mask := c.address(), g.bytes, uint32(0)
		if packed {
			size = c.within(c.number(sizeBytes), len(d.f.data), "a chunk")
			mask = c.u32()
		}
		if c.err == nil && i < g.total {
			if err := put(g.offset(i), address, size, mask); err != nil {
				return err
			}
		}
		if i == count-1 || paged && (i+1)%page == 0 {
			c.checksum(start)
		}
	}
	return c.err
}

// offset returns where chunk number i begins, in elements.
func (g grid) offset(i int) []int {
	offset := make([]int, len(g.counts))
	for dim, n := range slices.Backward(g.counts) {
		offset[dim] = i % n * g.chunk[dim]
		i /= n
	}
	return offset
}

// place copies the part of a chunk that lies within the shape, line by line of the last dimension.
func (g grid) place(out, chunk []byte, offset []int, size int) {
	last := len(g.shape) - 1
	line := min(g.chunk[last], g.shape[last]-offset[last]) * size
	at := make([]int, len(g.shape)) // within the chunk
	for {
		from, to := 0, 0
		for dim := range g.shape {
			from = from*g.chunk[dim] + at[dim]
			to = to*g.shape[dim] + offset[dim] + at[dim]
		}
		copy(out[to*size:to*size+line], chunk[from*size:])
		dim := last - 1
		for ; dim >= 0; dim-- {
			if at[dim]++; at[dim] < g.chunk[dim] && offset[dim]+at[dim] < g.shape[dim] {
				break
			}
			at[dim] = 0
		}
		if dim < 0 {
			return
		}
	}
}
