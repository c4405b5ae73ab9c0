package hdf5

import "fmt"

// The kinds of B-trees of version 1.
const (
	treeOfSymbols = 0
	treeOfChunks  = 1
)

// walkTree calls visit with every leaf entry of a B-tree of version 1, in order: a cursor on its left key, and the
// address that it points to. rank is the number of offsets in a key of a chunk.
func (f *File) walkTree(address uint64, kind, rank int, visit func(key *cursor, child uint64) error) error {
	if address == undefined {
		return nil
	}
	return f.walkNode(address, kind, rank, -1, visit)
}

// walkNode walks a node of a level, -1 for the root, whose level is its own. Levels fall by one, so the recursion ends.
func (f *File) walkNode(address uint64, kind, rank, level int, visit func(key *cursor, child uint64) error) error {
	c := f.block(address, -1, "a node of a B-tree")
	c.signature("TREE")
	if k := c.u8(); c.err == nil && k != kind {
		c.fail(fmt.Sprintf("a tree of kind %d", kind), fmt.Sprint(k))
	}
	own := c.u8()
	if c.err == nil && level >= 0 && own != level || own > 16 {
		c.fail("a level one below that of its parent, and at most 16", fmt.Sprint(own))
	}
	count := c.u16()
	c.address() // the siblings
	c.address()
	size := f.lengthSize
	if kind == treeOfChunks {
		size = 8 + 8*rank
	}
	for i := 0; i < count && c.err == nil; i++ {
		c.work()
		key := &cursor{f: f, at: c.at, end: c.at + size, reading: "a key of a B-tree"}
		c.skip(size)
		child := c.address()
		if c.err != nil {
			break
		}
		var err error
		if own > 0 {
			err = f.walkNode(child, kind, rank, own-1, visit)
		} else {
			err = visit(key, child)
		}
		if err != nil {
			return err
		}
	}
	return c.err
}
