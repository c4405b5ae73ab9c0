package landscape

import (
	"strconv"
	"strings"
)

// ml joins the parts of a formula to one <mrow> of presentation MathML. A part is markup (it starts with "<") or a
// list of tokens between spaces: numbers, names and operators.
func ml(parts ...string) string {
	var b strings.Builder
	b.WriteString("<mrow>")
	for _, part := range parts {
		if strings.HasPrefix(part, "<") {
			b.WriteString(part)
			continue
		}
		for _, token := range strings.Fields(part) {
			switch {
			case token[0] >= '0' && token[0] <= '9':
				b.WriteString("<mn>" + token + "</mn>")
			case token == "cos" || token == "sin":
				b.WriteString("<mi>" + token + "</mi><mo>\u2061</mo>") // applied to what follows
			case token[0] >= 'a' && token[0] <= 'z' || token == "π":
				b.WriteString("<mi>" + token + "</mi>")
			default:
				b.WriteString("<mo>" + token + "</mo>")
			}
		}
	}
	b.WriteString("</mrow>")
	return b.String()
}

func mlPower(base, p string) string { return "<msup>" + ml(base) + ml(p) + "</msup>" }
func mlIndex(base, i string) string { return "<msub>" + ml(base) + ml(i) + "</msub>" }
func mlRatio(n, d string) string    { return "<mfrac>" + n + d + "</mfrac>" }
func mlRoot(s string) string        { return "<msqrt>" + s + "</msqrt>" }
func mlExp(s string) string         { return mlPower("e", s) }
func mlHalf() string                { return mlRatio(ml("1"), ml("2")) }

// mlX returns the i-th variable of a function of d: x with an index, or x alone where there is but one.
func mlX(d int, i string) string {
	if d == 1 {
		return ml("x")
	}
	return mlIndex("x", i)
}

// mlSum returns the sum of term(i) for i from 1 to n, mlProduct the product; for n = 1 that is the term itself.
func mlSum(n int, term func(i string) string) string     { return mlOver("∑", n, term) }
func mlProduct(n int, term func(i string) string) string { return mlOver("∏", n, term) }

func mlOver(operator string, n int, term func(i string) string) string {
	if n == 1 {
		return ml(term("1"))
	}
	return "<mrow><munderover><mo>" + operator + "</mo>" + ml("i = 1") + ml(strconv.Itoa(n)) + "</munderover>" + term("i") + "</mrow>"
}

// mlMean is mlSum divided by n.
func mlMean(n int, term func(i string) string) string {
	if n == 1 {
		return ml(term("1"))
	}
	return ml(mlRatio(ml("1"), ml(strconv.Itoa(n))), mlSum(n, term))
}

// mlNumber returns v with seven digits as it is written in a formula.
func mlNumber(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 7, 64), 64)
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "-", "− ", 1)
}
