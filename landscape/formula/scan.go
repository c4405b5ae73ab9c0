package formula

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// typeset are signs that stand in printed formulas for those of the keyboard, one character for one.
var typeset = strings.NewReplacer("−", "-", "·", "*", "⋅", "*", "×", "*", "÷", "/")

// scan checks every token of the source and returns the source as the parser takes it, with the same columns. What it
// lets pass is numbers, names, + - * / ^ ** , and parentheses that match.
func scan(source string) (string, error) {
	if n := utf8.RuneCountInString(source); n > MaxLength {
		return "", refuse(0, fmt.Sprintf("at most %d characters", MaxLength), fmt.Sprint(n), "shorten it")
	}
	if !utf8.ValidString(source) {
		return "", refuse(0, "text in UTF-8", "other bytes", "")
	}
	text := typeset.Replace(source)
	for _, comment := range []string{"//", "/*"} {
		if i := strings.Index(text, comment); i >= 0 {
			return "", refuse(1+utf8.RuneCountInString(text[:i]), aValue, strconv.Quote(comment), "there are no comments, and / divides real numbers")
		}
	}
	runes := []rune(text)
	// The library's lexer stops at its end by reading tokens, at most one for each character.
	l := lexer.New()
	l.Reset(file.NewSource(text))
	var before lexer.Token
	var open []int // columns of the parentheses that are not closed yet
	for {
		token, err := l.Next()
		if err != nil {
			return "", lexicalError(err, runes)
		}
		column := token.From + 1
		if err := checkToken(token, column); err != nil {
			return "", err
		}
		if err := checkNeighbors(before, token, column); err != nil {
			return "", err
		}
		if token.Kind == lexer.EOF {
			break
		}
		switch token.Value {
		case "(":
			open = append(open, column)
		case ")":
			if len(open) == 0 {
				return "", refuse(column, anOperator, `")"`, "it closes no parenthesis")
			}
			open = open[:len(open)-1]
		}
		before = token
	}
	if len(open) > 0 {
		return "", refuse(open[len(open)-1], `a ")" for this "("`, "the end", "close the parenthesis")
	}
	if before.Kind == "" {
		return "", refuse(0, "a formula in x, or in x and y", "nothing", "for example x^2 + y^2")
	}
	return text, nil
}

// lexicalError is ours for one of the library's lexer.
func lexicalError(err error, runes []rune) *Error {
	var e *file.Error
	if !errors.As(err, &e) {
		return refuse(0, "a formula", err.Error(), "")
	}
	end := min(e.To, len(runes))
	if strings.HasPrefix(e.Message, "bad number syntax") { // a digit that a letter follows; To is behind that letter
		start := max(end-1, 0)
		for start > 0 && strings.ContainsRune("0123456789._", runes[start-1]) {
			start--
		}
		number := strings.TrimRight(string(runes[start:max(end-1, 0)]), "_")
		return refuse(end, anOperator, fmt.Sprintf("%q right after %q", string(runes[max(end-1, 0):end]), number),
			fmt.Sprintf("multiplication is written: %s*%s", number, string(runes[max(end-1, 0):end])))
	}
	found, column := "the end", e.From+1
	if e.From < len(runes) {
		found = strconv.Quote(string(runes[e.From]))
		return refuse(column, aSign, found, hint(string(runes[e.From])))
	}
	return refuse(column, aValue, found, "")
}

// checkToken refuses what no formula holds.
func checkToken(t lexer.Token, column int) error {
	switch t.Kind {
	case lexer.EOF:
		return nil
	case lexer.Identifier:
		return checkName(t.Value, column)
	case lexer.Number:
		_, err := strconv.ParseFloat(t.Value, 64)
		if strings.Trim(t.Value, "0123456789.eE+-") != "" {
			return refuse(column, "a decimal number", strconv.Quote(t.Value), "")
		}
		if err != nil {
			if strings.HasSuffix(strings.ToLower(t.Value), "e") {
				return refuse(column, "a number", strconv.Quote(t.Value), "multiplication is written: "+t.Value[:len(t.Value)-1]+"*e")
			}
			return refuse(column, "a number up to 1.79e308", strconv.Quote(t.Value), "")
		}
		if !strings.ContainsAny(t.Value, ".eE") && len(t.Value) > 18 {
			return refuse(column, "an integer of at most 18 digits", strconv.Quote(t.Value), "write a longer one with an exponent, as 1e21")
		}
		return nil
	case lexer.Operator:
		switch t.Value {
		case "+", "-", "*", "/", "^", "**", ",":
			return nil
		}
	case lexer.Bracket:
		if t.Value == "(" || t.Value == ")" {
			return nil
		}
	}
	found := t.Value
	if t.Kind == lexer.String || t.Kind == lexer.Bytes {
		found = "a text in quotes"
	} else {
		found = strconv.Quote(found)
	}
	return refuse(column, aSign, found, hint(t.Value))
}

// checkName refuses a name that is no variable, no constant and no function.
func checkName(s string, column int) error {
	if _, ok := variableIndex[s]; ok {
		return nil
	}
	if _, ok := constants[s]; ok {
		return nil
	}
	if _, ok := lookUp(s); ok {
		return nil
	}
	advice := "the functions are " + strings.Join(functionNames(), " ")
	if best, ok := nearest(s, append([]string{"x", "y", "x1", "x2", "pi", "tau", "e"}, functionNames()...)); ok {
		advice = "did you mean " + best + "?"
	}
	return refuse(column, "x, y (or x1, x2), pi, tau, e or a function", strconv.Quote(s), advice)
}

// checkNeighbors refuses two values without an operator between them, a function without an argument, and a call of what
// is none, where the library would say "unexpected token" at some later place.
func checkNeighbors(before, t lexer.Token, column int) error {
	isValue := func(t lexer.Token) bool { return t.Kind == lexer.Number || t.Kind == lexer.Identifier }
	opens := t.Value == "("
	if t.Value == ")" && before.Value == "," {
		return refuse(column, aValue, `")"`, "leave the last comma out")
	}
	if before.Kind == lexer.Identifier {
		if _, known := lookUp(before.Value); known {
			if opens {
				return nil
			}
			found := strconv.Quote(t.Value)
			if t.Kind == lexer.EOF {
				found, column = "the end", column+1
			}
			return refuse(column, fmt.Sprintf(`"(" after the function %s`, before.Value), found,
				fmt.Sprintf("write %[1]s(x), and its square %[1]s(x)^2", before.Value))
		}
	}
	if (isValue(before) || before.Value == ")") && (isValue(t) || opens) {
		left, right := before.Value, t.Value
		if left == ")" {
			left = "(…)"
		}
		if _, function := lookUp(right); function || opens {
			right = strings.TrimSuffix(right, "(") + "(…)"
		}
		return refuse(column, anOperator, strconv.Quote(t.Value), fmt.Sprintf("multiplication is written: %s*%s", left, right))
	}
	return nil
}

// hint says what to write instead of a character or word that has no place here.
func hint(found string) string {
	switch found {
	case "|", "||":
		return "the absolute value is abs(x)"
	case "=", "==":
		return "give the right-hand side of f(x) = alone"
	case "%":
		return "there is no remainder; x - floor(x) is the fraction"
	case "[", "]", "{", "}":
		return "group with ( and )"
	case "?", ":", "<", ">", "<=", ">=", "!", "!=", "&", "&&", "if", "else", "and", "or", "not", "in":
		return "there are no conditions; abs, sign, min and max make kinks and steps"
	case "²", "³":
		return "write x^2 and x^3"
	case "√":
		return "write sqrt(x)"
	case "₁", "₂":
		return "write x1 and x2"
	case ".":
		return "a decimal point stands between digits"
	case "∞":
		return "every number is finite"
	}
	return ""
}
