package hdf5

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// What the superblock says of the nodes of groups: the library's defaults.
const (
	leafK         = 4  // a node of symbols holds 2·leafK
	internalK     = 16 // a node of a B-tree has 2·internalK children
	superblockEnd = 96
)

// WriteTo writes the tree as a file with superblock 0. The same tree gives the same bytes.
func (t *Tree) WriteTo(w io.Writer) (int64, error) {
	if err := t.check(0); err != nil {
		return 0, err
	}
	// First the elements, whose sizes are known, then everything that points to them.
	b := &builder{base: superblockEnd, places: map[*node]uint64{}}
	b.reserve(t)
	root := b.group(t)
	counted := &counter{w: bufio.NewWriterSize(w, 1<<16)}
	counted.write(superblock(root, b.base+uint64(len(b.out))))
	t.writeElements(counted)
	counted.write(b.out)
	if counted.err == nil {
		counted.err = counted.w.Flush()
	}
	return counted.n, counted.err
}

func superblock(root place, end uint64) []byte {
	s := []byte(magic)
	s = append(s, 0, 0, 0, 0, 0, 8, 8, 0)
	s = binary.LittleEndian.AppendUint16(s, leafK)
	s = binary.LittleEndian.AppendUint16(s, internalK)
	s = binary.LittleEndian.AppendUint32(s, 0)
	for _, a := range []uint64{0, undefined, end, undefined, 0} {
		s = binary.LittleEndian.AppendUint64(s, a)
	}
	return root.appendEntry(s)
}

// place is where an object lies, as an entry of a node of symbols shows it.
type place struct {
	header     uint64
	isGroup    bool
	tree, heap uint64 // of a group
}

// appendEntry appends all of an entry but the offset of its name.
func (p place) appendEntry(b []byte) []byte {
	kind := uint32(0)
	if p.isGroup {
		kind = 1 // the addresses behind it repeat those of the header
	}
	b = binary.LittleEndian.AppendUint64(b, p.header)
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint64(b, p.tree)
	return binary.LittleEndian.AppendUint64(b, p.heap)
}

// builder makes the part of the file behind the elements.
type builder struct {
	base   uint64           // where that part begins
	places map[*node]uint64 // of the elements
	out    []byte
}

// reserve gives every array its place, in the order in which writeElements writes them.
func (b *builder) reserve(t *Tree) {
	for i := range t.members {
		n := &t.members[i]
		if n.tree != nil {
			b.reserve(n.tree)
			continue
		}
		b.places[n] = b.base
		b.base += uint64(8*len(n.floats)) + uint64(padded(4*len(n.narrow)))
	}
}

func padded(n int) int { return (n + 7) &^ 7 }

func (t *Tree) writeElements(w *counter) {
	for _, n := range t.members {
		switch {
		case n.tree != nil:
			n.tree.writeElements(w)
		case n.narrow == nil:
			for _, v := range n.floats {
				w.number(math.Float64bits(v), 8)
			}
		default:
			for _, v := range n.narrow {
				w.number(uint64(math.Float32bits(v)), 4)
			}
			w.write(make([]byte, padded(4*len(n.narrow))-4*len(n.narrow)))
		}
	}
}

// here is the address of the next byte.
func (b *builder) here() uint64 { return b.base + uint64(len(b.out)) }

func (b *builder) ascii(s string) { b.out = append(b.out, s...) }
func (b *builder) u8(v ...byte)   { b.out = append(b.out, v...) }
func (b *builder) u16(v int)      { b.out = binary.LittleEndian.AppendUint16(b.out, uint16(v)) }
func (b *builder) u32(v int)      { b.out = binary.LittleEndian.AppendUint32(b.out, uint32(v)) }
func (b *builder) u64(v uint64)   { b.out = binary.LittleEndian.AppendUint64(b.out, v) }
func (b *builder) zeros(n int)    { b.out = append(b.out, make([]byte, n)...) }

// group writes everything that is below a group, then the group.
func (b *builder) group(t *Tree) place {
	type entry struct {
		name string
		at   place
	}
	var entries []entry
	for i := range t.members {
		n := &t.members[i]
		e := entry{name: n.name}
		if n.tree != nil {
			e.at = b.group(n.tree)
		} else {
			e.at = place{header: b.dataset(n)}
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(x, y entry) int { return cmp.Compare(x.name, y.name) })
	// The names, that of the empty key first.
	names := make([]byte, 8)
	offsets := make([]uint64, len(entries))
	for i, e := range entries {
		offsets[i] = uint64(len(names))
		names = append(names, e.name...)
		names = append(names, make([]byte, padded(len(e.name)+1)-len(e.name))...)
	}
	p := place{isGroup: true, heap: b.here()}
	b.ascii("HEAP")
	b.zeros(4)
	b.u64(uint64(len(names)))
	b.u64(1) // no free space
	b.u64(b.here() + 8)
	b.out = append(b.out, names...)
	// The nodes of symbols, and the B-tree above them.
	var level []branch
	for i := 0; i < len(entries); i += 2 * leafK {
		some := entries[i:min(i+2*leafK, len(entries))]
		level = append(level, branch{at: b.here(), last: offsets[i+len(some)-1]})
		b.ascii("SNOD")
		b.u8(1, 0)
		b.u16(len(some))
		for j, e := range some {
			b.u64(offsets[i+j])
			b.out = e.at.appendEntry(b.out)
		}
		b.zeros((2*leafK - len(some)) * 40)
	}
	p.tree = b.tree(level)
	p.header = b.here()
	b.header(1, 24)
	b.message(msgSymbolTable, 16)
	b.u64(p.tree)
	b.u64(p.heap)
	return p
}

// branch is a child of a node of a B-tree: its address and the offset of its last name.
type branch struct{ at, last uint64 }

// tree writes the levels of a B-tree above the nodes of symbols and returns the root.
func (b *builder) tree(children []branch) uint64 {
	const fan, size = 2 * internalK, 24 + 8 + 2*internalK*16
	for level := 0; ; level++ {
		nodes := max(1, (len(children)+fan-1)/fan)
		first := b.here()
		var above []branch
		previous := uint64(0) // the offset of the last name before, "" at first
		for i := range nodes {
			some := children[min(i*fan, len(children)):min((i+1)*fan, len(children))]
			left, right := uint64(undefined), uint64(undefined)
			if i > 0 {
				left = first + uint64((i-1)*size)
			}
			if i < nodes-1 {
				right = first + uint64((i+1)*size)
			}
			b.ascii("TREE")
			b.u8(treeOfSymbols, byte(level))
			b.u16(len(some))
			b.u64(left)
			b.u64(right)
			b.u64(previous)
			for _, c := range some {
				b.u64(c.at)
				b.u64(c.last)
				previous = c.last
			}
			b.zeros((fan - len(some)) * 16)
			above = append(above, branch{at: first + uint64(i*size), last: previous})
		}
		if nodes == 1 {
			return first
		}
		children = above
	}
}

// header begins an object header of version 1.
func (b *builder) header(messages, size int) {
	b.u8(1, 0)
	b.u16(messages)
	b.u32(1) // one link leads here
	b.u32(size)
	b.zeros(4)
}

// message begins a message of that many bytes, a multiple of 8.
func (b *builder) message(kind, size int) {
	b.u16(kind)
	b.u16(size)
	b.zeros(4)
}

// dataset writes the header of an array or a text and returns its address.
func (b *builder) dataset(n *node) uint64 {
	at, length := b.places[n], uint64(8*len(n.floats)+4*len(n.narrow))
	if n.text != nil {
		at, length = b.text(*n.text), 16
	}
	if length == 0 {
		at = undefined
	}
	var typ []byte
	switch {
	case n.text != nil: // of variable length, UTF-8, of characters
		typ = []byte{0x19, 1, 1, 0, 16, 0, 0, 0, 0x13, 0, 1, 0, 1, 0, 0, 0}
	case n.narrow == nil:
		typ = []byte{0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0}
	default:
		typ = []byte{0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0}
	}
	space := 8 + 8*len(n.shape)
	header := b.here()
	b.header(4, 4*8+space+padded(len(typ))+8+24)
	b.message(msgDataspace, space)
	b.u8(1, byte(len(n.shape)), 0)
	b.zeros(5)
	for _, d := range n.shape {
		b.u64(uint64(d))
	}
	b.message(msgDatatype, padded(len(typ)))
	b.u8(typ...)
	b.zeros(padded(len(typ)) - len(typ))
	b.message(msgFill, 8)
	b.u8(2, 2, 2, 0) // version 2, space taken late, written if set, none defined
	b.zeros(4)
	b.message(msgLayout, 24)
	b.u8(3, byte(contiguous))
	b.u64(at)
	b.u64(length)
	b.zeros(6)
	return header
}

// text writes a text into a global heap of its own, and a reference to it, whose address it returns.
func (b *builder) text(s string) uint64 {
	const least = 4096 // bytes of a heap
	heap := b.here()
	used := 16 + 16 + padded(len(s))
	size := max(least, used+16)
	b.ascii("GCOL")
	b.u8(1, 0, 0, 0)
	b.u64(uint64(size))
	b.u16(1) // number of the object
	b.u16(1) // references to it
	b.zeros(4)
	b.u64(uint64(len(s)))
	b.ascii(s)
	b.zeros(padded(len(s)) - len(s))
	b.zeros(8) // object 0 is the free space
	b.u64(uint64(size - used))
	b.zeros(size - used - 16)
	reference := b.here()
	b.u32(len(s))
	b.u64(heap)
	b.u32(1)
	return reference
}

// counter writes and counts, and keeps the first error.
type counter struct {
	w   *bufio.Writer
	n   int64
	err error
}

func (c *counter) write(b []byte) {
	if c.err != nil {
		return
	}
	n, err := c.w.Write(b)
	c.n += int64(n)
	if err != nil {
		c.err = fmt.Errorf("hdf5: writing: %w", err)
	}
}

// number writes the first n bytes of v.
func (c *counter) number(v uint64, n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	c.write(b[:n])
}
