package hdf5

import (
	"fmt"
	"slices"
	"strings"
)

// Group is a set of named members: groups and datasets.
type Group struct {
	f       *File
	members map[string]uint64 // addresses of object headers
}

// Names lists the members in the order of their bytes. Links by name and to other files are left out.
func (g *Group) Names() []string {
	names := make([]string, 0, len(g.members))
	for name := range g.members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Has reports whether there is a member of that name.
func (g *Group) Has(name string) bool {
	_, ok := g.members[name]
	return ok
}

// Group returns a member that is a group.
func (g *Group) Group(name string) (*Group, error) {
	address, err := g.member(name)
	if err != nil {
		return nil, err
	}
	return g.f.group(address)
}

// Dataset returns a member that is a dataset.
func (g *Group) Dataset(name string) (*Dataset, error) {
	address, err := g.member(name)
	if err != nil {
		return nil, err
	}
	return g.f.dataset(address)
}

// IsGroup reports whether a member is a group; false where it is none or cannot be read.
func (g *Group) IsGroup(name string) bool {
	address, ok := g.members[name]
	if !ok {
		return false
	}
	all, err := g.f.header(address)
	return err == nil && isGroup(all)
}

func (g *Group) member(name string) (uint64, error) {
	address, ok := g.members[name]
	if !ok {
		return 0, &FormatError{g.f.start, "a group", fmt.Sprintf("a member %q", name), foundNames(g.Names())}
	}
	return address, nil
}

func foundNames(names []string) string {
	if len(names) == 0 {
		return "none at all"
	}
	const most = 8
	var found []string
	for _, name := range names {
		if len(found) == most {
			found = append(found, "…")
			break
		}
		found = append(found, fmt.Sprintf("%.60q", name))
	}
	return strings.Join(found, ", ")
}

func isGroup(all []message) bool {
	return slices.ContainsFunc(all, func(m message) bool { return m.kind == msgSymbolTable || m.kind == msgLinkInfo || m.kind == msgLink })
}

// group reads the members of a group of any form.
func (f *File) group(address uint64) (*Group, error) {
	all, err := f.header(address)
	if err != nil {
		return nil, err
	}
	if !isGroup(all) {
		return nil, &FormatError{f.start + int64(min(address, uint64(len(f.data)))), "a group", "a symbol table or links", "another object"}
	}
	g := &Group{f: f, members: map[string]uint64{}}
	for _, m := range all {
		switch m.kind {
		case msgSymbolTable:
			err = g.readSymbolTable(m.body(f, "a symbol table"))
		case msgLink:
			err = g.readLink(m.body(f, "a link"))
		case msgLinkInfo:
			err = g.readDense(m.body(f, "the links of a group"))
		}
		if err != nil {
			return nil, err
		}
	}
	return g, nil
}

// add names an object. The first of a name stays.
func (g *Group) add(c *cursor, name string, address uint64) {
	if c.err != nil {
		return
	}
	if len(g.members) >= MaxMembers {
		c.fail(fmt.Sprintf("at most %d members of a group", MaxMembers), "more")
		return
	}
	if !g.Has(name) {
		g.members[name] = address
	}
}

// readLink reads a link message; only hard links name an object here.
func (g *Group) readLink(c *cursor) error {
	c.version(1)
	flags := c.u8()
	kind := 0
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.skip(8) // order of creation
	}
	if flags&0x10 != 0 {
		c.skip(1) // character set
	}
	name := string(c.bytes(c.within(c.number(1<<(flags&3)), c.left(), "a name")))
	if kind == 0 {
		g.add(c, name, c.address())
	}
	return c.err
}

// readSymbolTable reads the members of a group of the oldest form: a B-tree whose leaves point to nodes of symbols, their
// names in a local heap.
func (g *Group) readSymbolTable(c *cursor) error {
	tree, heap := c.address(), c.address()
	if c.err != nil {
		return c.err
	}
	names, err := g.f.localHeap(heap)
	if err != nil {
		return err
	}
	return g.f.walkTree(tree, treeOfSymbols, 0, func(_ *cursor, node uint64) error {
		return g.readSymbols(node, names)
	})
}

// readSymbols reads one node of symbols.
func (g *Group) readSymbols(address uint64, names []byte) error {
	c := g.f.block(address, -1, "a node of symbols")
	c.signature("SNOD")
	c.version(1)
	c.skip(1)
	count := c.u16()
	for i := 0; i < count && c.err == nil; i++ {
		c.work()
		at := c.address()
		object := c.address()
		kind := c.u32()
		c.skip(4 + 16)
		if c.err != nil {
			break
		}
		if at >= uint64(len(names)) {
			c.fail(fmt.Sprintf("a name within the heap of %d bytes", len(names)), fmt.Sprint(at))
			break
		}
		name, _, ended := strings.Cut(string(names[at:min(at+maxName, uint64(len(names)))]), "\x00")
		if !ended {
			c.fail(fmt.Sprintf("a name that ends within %d bytes", maxName), "a longer one")
		}
		if kind != 2 { // a link by name has no object
			g.add(c, name, object)
		}
	}
	return c.err
}

// maxName bounds the names of members, in bytes.
const maxName = 4096

// localHeap returns the bytes that hold the names of a group.
func (f *File) localHeap(address uint64) ([]byte, error) {
	c := f.block(address, -1, "a local heap")
	c.signature("HEAP")
	c.version(0)
	c.skip(3)
	size := c.size(len(f.data), "a heap")
	c.length()
	at := c.address()
	if c.err != nil {
		return nil, c.err
	}
	data := f.block(at, size, "the names of a local heap")
	return data.bytes(size), data.err
}
