package formula

import "math"

// kind is what a node of the tree does.
type kind uint8

const (
	number   kind = iota // value
	constant             // value, under a name
	variable             // index 0 or 1
	negate
	add
	subtract
	multiply
	divide
	power
	call1 // a function of one argument: fn
	call2 // a function of two: fn
)

// node is one node of a formula. min and max of n arguments are n−1 nodes, nested to the left.
type node struct {
	kind  kind
	value float64 // number and constant
	index int     // variable
	name  string  // constant, and variable as written
	fn    int     // call1: index into unaries; call2: index into binaries
	args  []*node
	deep  int // slots of the stack that its evaluation takes
}

// newNode returns a node over args and counts the stack that it takes. Of two arguments the one that takes more is
// evaluated first, so that n leaves take at most 1 + log₂n slots (Sethi and Ullman 1970).
func newNode(n node) *node {
	switch len(n.args) {
	case 0:
		n.deep = 1
	case 1:
		n.deep = n.args[0].deep
	default:
		a, b := n.args[0].deep, n.args[1].deep
		n.deep = max(a, b)
		if a == b {
			n.deep++
		}
	}
	return &n
}

// fixed reports whether no variable occurs under n.
func (n *node) fixed() bool {
	if n.kind == variable {
		return false
	}
	for _, a := range n.args {
		if !a.fixed() {
			return false
		}
	}
	return true
}

// variables returns the number of variables that occur: the highest index plus one.
func (n *node) variables() int {
	most := 0
	if n.kind == variable {
		most = n.index + 1
	}
	for _, a := range n.args {
		most = max(most, a.variables())
	}
	return most
}

// constants and variables by name.
var constants = map[string]float64{"pi": math.Pi, "π": math.Pi, "tau": 2 * math.Pi, "τ": 2 * math.Pi, "e": math.E}

var variableIndex = map[string]int{"x": 0, "x1": 0, "y": 1, "x2": 1}
