package formula

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// plain writes presentation MathML as a line of text, with _ ^ / √ and braces for the layout.
func plain(t *testing.T, formula string) string {
	t.Helper()
	var b strings.Builder
	var open []string
	var children []int
	separator := map[string][]string{"msup": {"", "^"}, "msub": {"", "_"}, "mfrac": {"", "/"}, "mroot": {"", "root"}}
	wants := map[string]int{"msup": 2, "msub": 2, "mfrac": 2, "mroot": 2}
	for d := xml.NewDecoder(strings.NewReader(formula)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, formula)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if n := len(open); n > 0 {
				if s, ok := separator[open[n-1]]; ok && children[n-1] < 2 {
					b.WriteString(s[children[n-1]])
				}
				children[n-1]++
			}
			if len(open) > 0 && wants[open[len(open)-1]] > 0 || name == "mfrac" {
				b.WriteString("{")
			}
			if name == "msqrt" {
				b.WriteString("√{")
			}
			open, children = append(open, name), append(children, 0)
		case xml.EndElement:
			last := len(open) - 1
			name := open[last]
			if want, ok := wants[name]; ok && children[last] != want {
				t.Errorf("<%s> has %d children in %s", name, children[last], formula)
			}
			open, children = open[:last], children[:last]
			if name == "msqrt" || name == "mfrac" {
				b.WriteString("}")
			}
			if len(open) > 0 && wants[open[len(open)-1]] > 0 && name != "mfrac" {
				b.WriteString("}")
			}
		case xml.CharData:
			b.WriteString(strings.NewReplacer("\u2062", " ", "\u2061", "").Replace(string(token)))
		}
	}
	return b.String()
}

func TestMathML(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"x", "x"},
		{"x1*x2", "{x}_{1} {x}_{2}"},
		{"-x^2", "−{x}^{2}"},
		{"(-x)^2", "{(−x)}^{2}"},
		{"x^-2", "{x}^{−2}"},
		{"(x^2)^3", "{({x}^{2})}^{3}"},
		{"2^3^x", "{2}^{{3}^{x}}"},
		{"x - (y - 1)", "x−(y−1)"},
		{"x - y - 1", "x−y−1"},
		{"x + (y + 1)", "x+(y+1)"},
		{"x + -y", "x+(−y)"},
		{"x*-y", "x (−y)"},
		{"-x*y", "−x y"},
		{"x + -y*2", "x+(−y⋅2)"},
		{"(x+1)*(x-1)", "(x+1) (x−1)"},
		{"2*3*x", "2⋅3 x"},
		{"x*2", "x⋅2"},
		{"x*2^y", "x⋅{2}^{y}"},
		{"(x/y)^2", "{({{x}/{y}})}^{2}"},
		{"sin(x)^2", "{(sin(x))}^{2}"},
		{"sin(x)*cos(y)", "sin(x)⋅cos(y)"},
		{"sqrt(x^2+1)*abs(y)", "√{{x}^{2}+1}⋅|y|"},
		{"exp(-x)", "{e}^{−x}"},
		{"exp(x)^2", "{({e}^{x})}^{2}"},
		{"e^x + tau*pi", "{e}^{x}+τ π"},
		{"log(x) - log2(x) + log10(y)", "ln(x)−{log}_{2}(x)+{log}_{10}(y)"},
		{"hypot(x+1, y)", "√{{(x+1)}^{2}+{y}^{2}}"},
		{"max(x, y, 2)", "max(x,y,2)"},
		{"max(max(x, y), 2)", "max(x,y,2)"},
		{"min(max(x, y), 2)", "min(max(x,y),2)"},
		{"atan2(y, x)", "atan2(y,x)"},
		{"floor(x) + ceil(y)", "⌊x⌋+⌈y⌉"},
		{"1e-9*x", "1⋅{10}^{−9} x"},
		{"1e20^x", "{(1⋅{10}^{20})}^{x}"},
		{"0.25*x", "0.25 x"},
		{"pow(x+1, y)", "{(x+1)}^{y}"},
	} {
		if got := plain(t, must(t, c.source).MathML()); got != c.want {
			t.Errorf("%s is printed %s, not %s", c.source, got, c.want)
		}
	}
}

// Random formulas print well-formed MathML, in which every layout element has its arguments.
func TestRandomFormulasPrint(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 300 {
		if f, err := Parse(random(rng, 1+rng.IntN(5)).source); err == nil {
			plain(t, f.MathML())
		}
	}
}
