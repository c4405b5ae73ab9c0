package formula

import "math"

// opcode is one operation of a program. Unary operations change the top of the stack; binary ones take a (below) and b
// (top) and leave one value.
type opcode uint8

const (
	opConst  opcode = iota // push c
	opVar                  // push variable fn
	opAddC                 // a + c
	opMulC                 // a·c
	opDivC                 // a/c
	opSquare               // a²
	opPowC                 // a^c
	opBaseC                // c^a
	opCall1                // unaries[fn](a)
	opAdd                  // a + b
	opSub                  // a − b
	opMul                  // a·b
	opDiv                  // a/b
	opCall2                // binaries[fn](a, b)
)

// instruction is one step of a program.
type instruction struct {
	op      opcode
	swapped bool // binary: b was evaluated first and lies below a
	fn      int
	c       float64
}

// A program needs at most 1 + log₂(MaxNodes) < 16 slots, as newNode says; a power of two lets the compiler see that no
// index is out of bounds.
const (
	stackSize = 16
	stackMask = stackSize - 1
)

// program is a formula in the order of its evaluation.
type program []instruction

func compile(n *node) program { return emit(nil, n) }

// emit appends the operations of n. Constant parts are evaluated here, by the program itself.
func emit(p program, n *node) program {
	if n.kind != number && n.kind != constant && n.fixed() {
		return append(p, instruction{op: opConst, c: constantOf(n)})
	}
	return emitOperation(p, n)
}

func emitOperation(p program, n *node) program {
	switch n.kind {
	case number, constant:
		return append(p, instruction{op: opConst, c: n.value})
	case variable:
		return append(p, instruction{op: opVar, fn: n.index})
	case negate:
		return append(emit(p, n.args[0]), instruction{op: opMulC, c: -1})
	case call1:
		return append(emit(p, n.args[0]), instruction{op: opCall1, fn: n.fn})
	}
	a, b := n.args[0], n.args[1]
	if b.fixed() {
		c := constantOf(b)
		switch n.kind {
		case add:
			return append(emit(p, a), instruction{op: opAddC, c: c})
		case subtract:
			return append(emit(p, a), instruction{op: opAddC, c: -c})
		case multiply:
			return append(emit(p, a), instruction{op: opMulC, c: c})
		case divide:
			return append(emit(p, a), instruction{op: opDivC, c: c})
		case power:
			if c == 2 {
				return append(emit(p, a), instruction{op: opSquare})
			}
			return append(emit(p, a), instruction{op: opPowC, c: c})
		}
	}
	if a.fixed() {
		c := constantOf(a)
		switch n.kind {
		case add:
			return append(emit(p, b), instruction{op: opAddC, c: c})
		case subtract:
			return append(emit(p, b), instruction{op: opMulC, c: -1}, instruction{op: opAddC, c: c})
		case multiply:
			return append(emit(p, b), instruction{op: opMulC, c: c})
		case power:
			return append(emit(p, b), instruction{op: opBaseC, c: c})
		}
	}
	last := instruction{op: opCall2, fn: n.fn}
	switch n.kind {
	case add:
		last.op = opAdd
	case subtract:
		last.op = opSub
	case multiply:
		last.op = opMul
	case divide:
		last.op = opDiv
	case power:
		last.fn = fnPow
	}
	if b.deep > a.deep {
		last.swapped = true
		a, b = b, a
	}
	return append(emit(emit(p, a), b), last)
}

// constantOf is the value of a part without variables.
func constantOf(n *node) float64 { return emitOperation(nil, n).value(math.NaN(), math.NaN()) }
