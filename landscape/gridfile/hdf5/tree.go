package hdf5

import (
	"fmt"
	"strings"
)

// Tree is a group to be written, with its members.
type Tree struct {
	members []node
	names   map[string]bool
	err     error
}

// node is one member: a tree, a text, an array of narrow numbers, or else of floats.
type node struct {
	name   string
	shape  []int
	floats []float64
	narrow []float32
	text   *string
	tree   *Tree
}

// AddFloats adds an array of float64. The tree keeps v until it is written.
func (t *Tree) AddFloats(name string, shape []int, v []float64) {
	t.add(node{name: name, shape: shape, floats: v}, len(v))
}

// AddFloat32s adds an array of float32. The tree keeps v until it is written.
func (t *Tree) AddFloat32s(name string, shape []int, v []float32) {
	t.add(node{name: name, shape: shape, narrow: v}, len(v))
}

// AddText adds one text in UTF-8.
func (t *Tree) AddText(name, text string) {
	if strings.ContainsRune(text, 0) || len(text) > maxText {
		t.fail(fmt.Sprintf("a text without zero bytes, at most %d bytes long", maxText), fmt.Sprintf("%d bytes as %q", len(text), name))
	}
	t.add(node{name: name, text: &text}, 1)
}

// AddTree adds a group, which the caller fills.
func (t *Tree) AddTree(name string) *Tree {
	sub := &Tree{}
	t.add(node{name: name, tree: sub}, 1)
	return sub
}

func (t *Tree) add(n node, count int) {
	want, ok := elements(n.shape, MaxElements)
	switch {
	case n.name == "" || n.name == "." || strings.ContainsAny(n.name, "/\x00") || len(n.name) >= maxName:
		t.fail("a name without a slash", fmt.Sprintf("%q", n.name))
	case t.names[n.name]:
		t.fail("each name once", fmt.Sprintf("%q twice", n.name))
	case len(t.members) >= MaxMembers:
		t.fail(fmt.Sprintf("at most %d members of a group", MaxMembers), "more")
	case !ok || len(n.shape) > maxRank:
		t.fail(fmt.Sprintf("at most %d elements and %d dimensions", MaxElements, maxRank), fmt.Sprint(n.shape))
	case want != count:
		t.fail(fmt.Sprintf("%d elements of %q in the shape %v", want, n.name, n.shape), fmt.Sprint(count))
	}
	if t.names == nil {
		t.names = map[string]bool{}
	}
	t.names[n.name] = true
	t.members = append(t.members, n)
}

func (t *Tree) fail(expected, found string) {
	if t.err == nil {
		t.err = fmt.Errorf("hdf5: writing a group: expected %s, found %s", expected, found)
	}
}

// check returns the first error of the tree and of those below it.
func (t *Tree) check(depth int) error {
	if t.err != nil {
		return t.err
	}
	for _, n := range t.members {
		if n.tree != nil {
			if depth >= maxDepth {
				return fmt.Errorf("hdf5: writing a group: expected at most %d groups in each other, found more", maxDepth)
			}
			if err := n.tree.check(depth + 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxDepth bounds groups within groups.
const maxDepth = 32
