package formula

import (
	"fmt"
	"strings"
)

// Limits of a formula, checked before it is parsed.
const (
	MaxLength = 1000 // characters
	MaxNodes  = 400  // numbers, variables, operators and calls
)

// Error says why a formula is refused.
type Error struct {
	Column                         int // of the character at fault, from 1; 0 where the formula as a whole is
	Doing, Expected, Found, Advice string
}

func (e *Error) Error() string {
	where := ""
	if e.Column > 0 {
		where = fmt.Sprintf(", column %d", e.Column)
	}
	text := fmt.Sprintf("%s%s: expected %s, found %s", e.Doing, where, e.Expected, e.Found)
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

const (
	reading    = "reading the formula"
	aSign      = "digits, names, + - * / ^, commas and parentheses"
	anOperator = "an operator (+ - * / ^) or the end"
	aValue     = "a number, x, y, a constant, a function or ("
)

func refuse(column int, expected, found, advice string) *Error {
	return &Error{Column: column, Doing: reading, Expected: expected, Found: found, Advice: advice}
}

// nearest returns the allowed name that is most like an unknown one; ok is false where none is like it.
func nearest(name string, allowed []string) (best string, ok bool) {
	if alias, known := aliases[strings.ToLower(name)]; known {
		return alias, true
	}
	least := min(2, len(name)/2) + 1 // one more than the typing errors that are forgiven
	for _, candidate := range allowed {
		if d := editDistance(strings.ToLower(name), candidate); d < least {
			best, least, ok = candidate, d, true
		}
	}
	return best, ok
}

// aliases are names that other programs give to what is known here under another.
var aliases = map[string]string{
	"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh",
	"tg": "tan", "power": "pow", "fabs": "abs", "sgn": "sign", "lg": "log10", "ld": "log2", "ceiling": "ceil",
	"norm": "hypot", "x_1": "x1", "x_2": "x2", "euler": "e",
}

// editDistance counts the letters to insert, delete, change or swap with their neighbor (optimal string alignment).
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
