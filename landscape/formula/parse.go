package formula

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// parse returns the tree of a formula.
func parse(source string) (*node, error) {
	text, err := scan(source)
	if err != nil {
		return nil, err
	}
	config := conf.New(nil)
	config.MaxNodes = MaxNodes
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return nil, syntaxError(err, []rune(text))
	}
	root, err := translate(tree.Node)
	if err != nil {
		return nil, err
	}
	if root.variables() == 0 {
		return nil, refuse(0, "a formula in x, or in x and y", "no variable", "for example "+strings.TrimSpace(source)+" + x^2")
	}
	return root, nil
}

// syntaxError is ours for one of the library's parser. After scan these remain: an operator without its right side, empty
// parentheses, a comma outside a call, and too many nodes.
func syntaxError(err error, runes []rune) *Error {
	var e *file.Error
	if !errors.As(err, &e) {
		return refuse(0, "a formula", err.Error(), "")
	}
	if strings.Contains(e.Message, "maximum allowed nodes") {
		return refuse(0, fmt.Sprintf("at most %d numbers, names and operators", MaxNodes), "more", "shorten it")
	}
	if strings.Contains(e.Message, "EOF") || e.From >= len(runes) {
		return refuse(len(runes), aValue+" after this", "the end", "")
	}
	advice := ""
	found := string(runes[e.From:min(max(e.To, e.From+1), len(runes))])
	if found == "," {
		advice = "a comma stands between the arguments of a function alone; decimals are written with a point"
	}
	return refuse(e.From+1, aValue, strconv.Quote(found), advice)
}

// translate makes our tree of the library's, or refuses.
func translate(n ast.Node) (*node, error) {
	column := n.Location().From + 1
	switch n := n.(type) {
	case *ast.IntegerNode:
		return newNode(node{kind: number, value: float64(n.Value)}), nil
	case *ast.FloatNode:
		return newNode(node{kind: number, value: n.Value}), nil
	case *ast.IdentifierNode:
		return name(n.Value, column)
	case *ast.UnaryNode:
		return operation(n.Operator, column, n.Node)
	case *ast.BinaryNode:
		return operation(n.Operator, column, n.Left, n.Right)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return call(callee.Value, column, n.Arguments)
		}
	case *ast.BuiltinNode: // a name that the library knows, such as abs, or sum, which is unknown here
		return call(n.Name, column, n.Arguments)
	}
	return nil, unexpected(column)
}

// name is a variable or a constant.
func name(s string, column int) (*node, error) {
	if i, ok := variableIndex[s]; ok {
		return newNode(node{kind: variable, index: i, name: s}), nil
	}
	if v, ok := constants[s]; ok {
		return newNode(node{kind: constant, value: v, name: s}), nil
	}
	return nil, unexpected(column)
}

// unexpected is the answer to what scan does not let pass.
func unexpected(column int) *Error {
	return refuse(column, aValue, "something else", "")
}

var operators = map[string]kind{"+": add, "-": subtract, "*": multiply, "/": divide, "^": power, "**": power}

// operation is an operator with its one or two arguments.
func operation(operator string, column int, args ...ast.Node) (*node, error) {
	kind, ok := operators[operator]
	if !ok {
		return nil, unexpected(column)
	}
	nodes, err := translateAll(args)
	if err != nil {
		return nil, err
	}
	if len(nodes) == 1 {
		if kind == add {
			return nodes[0], nil
		}
		kind = negate
	}
	return newNode(node{kind: kind, args: nodes}), nil
}

func translateAll(args []ast.Node) ([]*node, error) {
	nodes := make([]*node, len(args))
	for i, a := range args {
		n, err := translate(a)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

// function says where a function stands in its table.
type function struct {
	kind      kind // call1 or call2
	index     int
	arguments int // how many, or at least how many
	more      bool
}

func lookUp(s string) (function, bool) {
	if i := slices.IndexFunc(unaries, func(u unary) bool { return u.name == s }); i >= 0 {
		return function{kind: call1, index: i, arguments: 1}, true
	}
	if i := slices.IndexFunc(binaries, func(b binary) bool { return b.name == s }); i >= 0 {
		return function{kind: call2, index: i, arguments: 2, more: i == fnMin || i == fnMax}, true
	}
	return function{}, false
}

// call is a function with its arguments.
func call(s string, column int, args []ast.Node) (*node, error) {
	f, ok := lookUp(s)
	if !ok {
		return nil, unexpected(column)
	}
	if len(args) != f.arguments && !(f.more && len(args) > f.arguments) {
		want := fmt.Sprintf("%d argument", f.arguments)
		if f.arguments > 1 {
			want += "s"
		}
		if f.more {
			want = fmt.Sprintf("%d arguments or more", f.arguments)
		}
		return nil, refuse(column, want+" for "+s, fmt.Sprint(len(args)), "")
	}
	nodes, err := translateAll(args)
	if err != nil {
		return nil, err
	}
	if f.kind == call1 {
		return newNode(node{kind: call1, fn: f.index, args: nodes}), nil
	}
	if f.index == fnPow {
		return newNode(node{kind: power, args: nodes}), nil
	}
	n := nodes[0]
	for _, next := range nodes[1:] {
		n = newNode(node{kind: call2, fn: f.index, args: []*node{n, next}})
	}
	return n, nil
}
