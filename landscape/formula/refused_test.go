package formula

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What is refused, at which column, and what the error says.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		source string
		column int
		says   string
	}{
		{"", 0, "found nothing"},
		{" \t", 0, "found nothing"},
		{"3 + pi", 0, "no variable"},
		{"2x", 2, "2*x"},
		{"10.5x + 1", 5, "10.5*x"},
		{"3 sin(x)", 3, "3*sin(…)"},
		{"x y", 3, "x*y"},
		{"x2 2", 4, "x2*2"},
		{"2(x+1)", 2, "2*(…)"},
		{"x(1+y)", 2, "x*(…)"},
		{"(x+1)(x-1)", 6, "(…)*(…)"},
		{"(x+1)x", 6, "(…)*x"},
		{"pi(x)", 3, "pi*(…)"},
		{"2e*x", 1, "2*e"},
		{"1.5.2*x", 4, "1.5*.2"},
		{"sin x", 5, "sin(x)"},
		{"sin", 4, "found the end"},
		{"sin^2(x)", 4, "sin(x)^2"},
		{"sin + x", 5, "sin(x)"},
		{"sin()", 1, "1 argument for sin, found 0"},
		{"sin(x, y)", 1, "1 argument for sin, found 2"},
		{"atan2(x)", 1, "2 arguments for atan2, found 1"},
		{"min(x)", 1, "2 arguments or more for min, found 1"},
		{"sinn(x)", 1, "did you mean sin?"},
		{"Sin(x)", 1, "did you mean sin?"},
		{"x + arctan(y)", 5, "did you mean atan?"},
		{"sqr(x)", 1, "did you mean sqrt?"},
		{"expp(x)", 1, "did you mean exp?"},
		{"X^2", 1, "did you mean x?"},
		{"x + PI", 5, "did you mean pi?"},
		{"x + banana", 5, "the functions are sin cos"},
		{"x_1", 1, "did you mean x1?"},
		{"x3", 1, "did you mean x"},
		{"x²", 2, "x^2"},
		{"|x|", 1, "abs(x)"},
		{"√x", 1, "sqrt(x)"},
		{"f(x) = x^2", 1, `found "f"`},
		{"x = 2", 3, "right-hand side"},
		{"x == 2", 3, "right-hand side"},
		{"x % 2", 3, "remainder"},
		{"x // 2", 3, "no comments"},
		{"x /* y */", 3, "no comments"},
		{"x + ", 4, "found the end"},
		{"x^", 2, "found the end"},
		{"x + * y", 5, `found "*"`},
		{"* x", 1, `found "*"`},
		{"()", 2, `found ")"`},
		{"(x", 1, "close the parenthesis"},
		{"sin(x", 4, "close the parenthesis"},
		{"x)", 2, "closes no parenthesis"},
		{"x, y", 2, "written with a point"},
		{"1,5*x", 2, "written with a point"},
		{"(x, y)", 3, "written with a point"},
		{"min(x, y,)", 10, "last comma"},
		{"min(, x)", 5, `found ","`},
		{"1e400*x", 1, "1.79e308"},
		{"0x10*x", 1, "decimal"},
		{"0b11*x", 1, "decimal"},
		{"1_000*x", 1, "decimal"},
		{"12345678901234567890*x", 1, "1e21"},
		// What the library's language has beyond arithmetic.
		{"'x'", 1, "a text in quotes"},
		{`"x" + x`, 1, "a text in quotes"},
		{"`x`", 1, "a text in quotes"},
		{"b'x'", 1, "a text in quotes"},
		{"'x", 3, "found the end"},
		{"true + x", 1, `found "true"`},
		{"nil", 1, `found "nil"`},
		{"x.y", 2, "decimal point"},
		{"x?.y", 2, `found "?."`},
		{"x[0]", 2, "( and )"},
		{"[x]", 1, "( and )"},
		{"{x: 1}", 1, "( and )"},
		{"1..2", 2, `found ".."`},
		{"x | abs()", 3, "abs(x)"},
		{"x ? 1 : 2", 3, "no conditions"},
		{"x ?? 2", 3, `found "??"`},
		{"x < 1", 3, "no conditions"},
		{"x and y", 3, "no conditions"},
		{"not x", 1, "no conditions"},
		{"x not in y", 3, "no conditions"},
		{"if x", 1, "no conditions"},
		{"let z = 2; x", 1, `found "let"`},
		{"x; y", 2, `found ";"`},
		{"#", 1, `found "#"`},
		{"x matches y", 3, `found "matches"`},
		{"map(x, y)", 1, `found "map"`},
		{"filter(x, # > 1)", 1, `found "filter"`},
		{"sum(x)", 1, `found "sum"`},
		{"len(x)", 1, `found "len"`},
		{"now()", 1, `found "now"`},
		{"::abs(x)", 1, `found "::"`},
		{"$env", 1, `found "$env"`},
		{"x\x00", 2, `"\x00"`},
		{"x + \xff", 0, "UTF-8"},
		{strings.Repeat("x", MaxLength+1), 0, "at most 1000 characters"},
		{strings.Repeat("x+", MaxNodes/2) + "x", 0, "at most 400 numbers"},
	} {
		_, err := Parse(c.source)
		var refused *Error
		if !errors.As(err, &refused) {
			t.Errorf("%.40q: the error is %v", c.source, err)
			continue
		}
		if refused.Column != c.column || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40q, column %d: %v\nwant column %d and %q", c.source, refused.Column, err, c.column, c.says)
		}
		if refused.Doing == "" || refused.Expected == "" || refused.Found == "" {
			t.Errorf("%.40q: the error is incomplete: %+v", c.source, refused)
		}
	}
}

// The largest formulas that the limits let pass fit the stack: chains, towers and complete trees.
func TestTheStackIsLargeEnough(t *testing.T) {
	complete := func(depth int) string {
		var tree func(int) string
		tree = func(d int) string {
			if d == 0 {
				return "x"
			}
			return "(" + tree(d-1) + "-" + tree(d-1) + ")"
		}
		return tree(depth)
	}
	for name, source := range map[string]string{
		"a sum":        strings.Repeat("x+", MaxNodes/2-1) + "x",
		"a tower":      strings.Repeat("x^", MaxNodes/2-1) + "x",
		"parentheses":  strings.Repeat("(", 499) + "x" + strings.Repeat(")", 499),
		"signs":        strings.Repeat("-", MaxNodes-1) + "x",
		"to the right": strings.Repeat("(x-", 190) + "x" + strings.Repeat(")", 190),
		"complete":     complete(7),
		"min of many":  "min(" + strings.Repeat("x,", MaxNodes/2-2) + "x)",
	} {
		f := must(t, source)
		if f.root.deep > stackSize {
			t.Errorf("%s takes %d slots", name, f.root.deep)
		}
		fn := f.Function()
		fn.Func([]float64{0.5})
		fn.Grad([]float64{0.5}, make([]float64, 1))
	}
	if got := must(t, complete(7)).root.deep; got != 8 {
		t.Errorf("a complete tree of 128 leaves takes %d slots, not 8", got)
	}
	// 128 leaves under a limit of 400 nodes; 200 leaves would take 8 as well, and 16 slots hold 2¹⁵.
}

// No input makes the parser panic; what is accepted can be evaluated, differentiated, printed and bounded.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"x^2 + y^2 - 10*(cos(2*pi*x) + cos(2*pi*y)) + 20", "2x", "min(x, y, 3)", "-x^-y**2", "x | abs()", "map(x, # + 1)",
		"a?.b ?? c", "let x = 1; x", "'\\u{1F600}'", "1e-7*x/0", "0x_1", "((((x))))", "hypot(x,atan2(y,x1))-x2", "if x {1} else {2}", "x not in y", "−x·π", "x[1:2]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		formula, err := Parse(source)
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) || refused.Column > 1+len([]rune(source)) {
				t.Fatalf("%q: %v", source, err)
			}
			return
		}
		fn, d := formula.Function(), formula.Dim()
		x, g, h := []float64{0.3, -1.7}[:d], make([]float64, d), make([]float64, d*d)
		for _, p := range []float64{0, 1, -2.5} {
			x[0] = p
			fn.Func(x)
			fn.Grad(x, g)
			fn.Hess(x, h)
		}
		if !strings.HasPrefix(formula.MathML(), "<mrow>") || formula.root.deep > stackSize {
			t.Fatalf("%q: %d slots, %s", source, formula.root.deep, formula.MathML())
		}
		if growth, _ := formula.Growth(); !(growth >= 0) {
			t.Fatalf("%q grows as |x|^%g", source, growth)
		}
		if _, err := formula.Objective(-2, 2); err != nil && fmt.Sprint(err) == "" {
			t.Fatal("an error without text")
		}
	})
}
