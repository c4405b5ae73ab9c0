package formula

import (
	"strconv"
	"strings"
)

// Strength of the binding of a printed part: what binds less than its place asks for is put in parentheses.
const (
	looseSum  = iota // a + b, −a
	looseMul         // a b, a fraction
	looseCall        // sin(a)
	loosePow         // a^b
	looseAtom        // x, |a|, √a
)

// MathML returns the formula in presentation MathML, an <mrow> without the <math> element. log is printed as ln, a
// quotient as a fraction.
func (f Formula) MathML() string { return row(f.root.mathML()) }

func row(parts ...string) string { return "<mrow>" + strings.Join(parts, "") + "</mrow>" }
func mo(s string) string         { return "<mo>" + s + "</mo>" }
func mi(s string) string         { return "<mi>" + s + "</mi>" }
func fenced(open, s, close string) string {
	return row(`<mo stretchy="true">`+open+"</mo>", s, `<mo stretchy="true">`+close+"</mo>")
}

// within prints n for a place that asks for that binding.
func (n *node) within(binding int) string {
	if n.binding() < binding {
		return fenced("(", row(n.mathML()), ")")
	}
	return n.mathML()
}

// binding is how strongly the printed n holds together.
func (n *node) binding() int {
	switch n.kind {
	case number:
		if strings.ContainsRune(digits(n.value), 'e') {
			return looseMul // m · 10^k
		}
	case add, subtract, negate:
		return looseSum
	case multiply:
		if n.leadsWithMinus() {
			return looseSum
		}
		return looseMul
	case divide:
		return looseMul
	case power:
		return loosePow
	case call1:
		switch unaries[n.fn].name {
		case "exp":
			return loosePow
		case "sqrt", "cbrt", "abs", "floor", "ceil":
			return looseAtom
		}
		return looseCall
	case call2:
		if n.fn == fnHypot {
			return looseAtom
		}
		return looseCall
	}
	return looseAtom
}

// leadsWithMinus reports whether the printed product starts with a minus sign.
func (n *node) leadsWithMinus() bool {
	return n.kind == negate || n.kind == multiply && n.args[0].leadsWithMinus()
}

// leadsWithDigit reports whether the printed n starts with a digit, so that a factor before it needs a dot.
func (n *node) leadsWithDigit() bool {
	switch n.kind {
	case number:
		return true
	case multiply, power:
		return n.args[0].leadsWithDigit() && n.args[0].binding() >= looseMul
	case divide:
		return true // 2 before ½ would read as a mixed number
	}
	return false
}

func (n *node) mathML() string {
	switch n.kind {
	case number:
		return numberML(n.value)
	case constant:
		switch n.name {
		case "pi":
			return mi("π")
		case "tau":
			return mi("τ")
		}
		return mi(n.name)
	case variable:
		if len(n.name) == 2 {
			return "<msub>" + mi("x") + "<mn>" + n.name[1:] + "</mn></msub>"
		}
		return mi(n.name)
	case negate:
		return mo("−") + n.args[0].within(looseMul)
	case call1:
		return callML(unaries[n.fn].name, n.args[0])
	}
	a, b := n.args[0], n.args[1]
	switch n.kind {
	case add, subtract:
		sign, right := "+", looseMul
		if n.kind == subtract {
			sign = "−"
		}
		return a.within(looseSum) + mo(sign) + b.within(right)
	case multiply:
		left := looseMul
		if a.leadsWithMinus() {
			left = looseSum // −a b
		}
		times := "\u2062" // invisible
		if b.leadsWithDigit() || b.kind == call1 && a.kind == call1 {
			times = "⋅"
		}
		return a.within(left) + mo(times) + b.within(looseMul)
	case divide:
		return "<mfrac>" + row(a.mathML()) + row(b.mathML()) + "</mfrac>"
	case power:
		return "<msup>" + row(a.within(looseAtom)) + row(b.mathML()) + "</msup>"
	}
	if n.fn == fnHypot {
		square := func(n *node) string { return "<msup>" + row(n.within(looseAtom)) + "<mn>2</mn></msup>" }
		return "<msqrt>" + row(square(a), mo("+"), square(b)) + "</msqrt>"
	}
	arguments := b.mathML()
	for a.kind == call2 && a.fn == n.fn && (n.fn == fnMin || n.fn == fnMax) { // min of many is nested to the left
		arguments = a.args[1].mathML() + mo(",") + arguments
		a = a.args[0]
	}
	return mi(binaries[n.fn].name) + mo("\u2061") + fenced("(", row(a.mathML()+mo(",")+arguments), ")")
}

func callML(name string, a *node) string {
	inner := row(a.mathML())
	switch name {
	case "exp":
		return "<msup>" + mi("e") + inner + "</msup>"
	case "sqrt":
		return "<msqrt>" + inner + "</msqrt>"
	case "cbrt":
		return "<mroot>" + inner + "<mn>3</mn></mroot>"
	case "abs":
		return fenced("|", inner, "|")
	case "floor":
		return fenced("⌊", inner, "⌋")
	case "ceil":
		return fenced("⌈", inner, "⌉")
	}
	head := mi(name)
	switch name {
	case "log":
		head = mi("ln")
	case "log2":
		head = "<msub>" + mi("log") + "<mn>2</mn></msub>"
	case "log10":
		head = "<msub>" + mi("log") + "<mn>10</mn></msub>"
	}
	return head + mo("\u2061") + fenced("(", inner, ")")
}

// digits is the shortest text that reads back as v ≥ 0.
func digits(v float64) string {
	if v == 0 || v >= 1e-4 && v < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'e', -1, 64)
}

func numberML(v float64) string {
	mantissa, exponent, scientific := strings.Cut(digits(v), "e")
	if !scientific {
		return "<mn>" + mantissa + "</mn>"
	}
	n, _ := strconv.Atoi(exponent) // FormatFloat wrote it
	sign := ""
	if n < 0 {
		sign, n = mo("−"), -n
	}
	return "<mn>" + mantissa + "</mn>" + mo("⋅") + "<msup><mn>10</mn>" + row(sign, "<mn>"+strconv.Itoa(n)+"</mn>") + "</msup>"
}
