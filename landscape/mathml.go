package landscape

import "strings"

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
func mlSum(term string) string {
	return "<mrow><munderover><mo>∑</mo>" + ml("i = 1") + ml("2") + "</munderover>" + term + "</mrow>"
}

// mlX returns x with that index.
func mlX(i string) string { return mlIndex("x", i) }
