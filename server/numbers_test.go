package main

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// Numbers are written as testdata/numbers.json says, in Go as in the browser.
func TestNumbersAsPeopleReadThem(t *testing.T) {
	text, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases struct{ Digits, Whole, Errors [][]any }
	if err := json.Unmarshal(text, &cases); err != nil || len(cases.Digits) == 0 || len(cases.Whole) == 0 || len(cases.Errors) == 0 {
		t.Fatalf("%+v, %v", cases, err)
	}
	number := func(v any) float64 {
		if word, ok := v.(string); ok {
			return map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[word]
		}
		return v.(float64)
	}
	check := func(what, got string, c []any) {
		t.Helper()
		if want := c[len(c)-1]; got != want {
			t.Errorf("%s of %v is %q, want %q", what, c[:len(c)-1], got, want)
		}
	}
	for _, c := range cases.Digits {
		check("plain", plain(number(c[0])), c)
	}
	for _, c := range cases.Whole {
		check("grouped", grouped(int(number(c[0]))), c)
	}
	for _, c := range cases.Errors {
		check("plusMinus", plusMinus(number(c[0]), number(c[1])), c)
	}
	check("plusMinus", plusMinus(20000, 1234), []any{20000, 1234, "20\u202f000 ± 1\u202f200"}) // two digits of the error before the point, too
	check("plusMinus", plusMinus(math.NaN(), 1), []any{"NaN", 1, "NaN ± 1"})
}

// In TeX a number is mathematics.
func TestNumbersInTeX(t *testing.T) {
	sd := 3e-10
	for _, c := range []struct {
		s    spread
		want string
	}{
		{spread{Mean: 123456}, `$123\,456$`}, {spread{Mean: -2.5e-9}, `$-2.5\cdot 10^{-9}$`}, {spread{Mean: 1e-9, SD: &sd}, `$1\cdot 10^{-9} \pm 3\cdot 10^{-10}$`}, {spread{Mean: math.Inf(1)}, `$\infty$`},
	} {
		if got := texNumber(c.s, 1); got != c.want {
			t.Errorf("%+v is %s, want %s", c.s, got, c.want)
		}
	}
}
