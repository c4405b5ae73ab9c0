package main

import (
	"math"
	"strconv"
	"strings"
)

// Numbers as people read them, in pages and terminals: thousands stand apart by a narrow space at which no line breaks, minus signs are
// true ones, and what is very large or small is a power of ten. static/src/numbers.ts writes the same, which a test holds them to.

// thousandsSpace is as wide as a thin space.
const thousandsSpace = "\u202f"

// plain writes at most four significant digits, and whole numbers below a million in full.
func plain(v float64) string {
	const figures = 4
	shortest := func(decimal string) string {
		if strings.Contains(decimal, ".") {
			decimal = strings.TrimRight(strings.TrimRight(decimal, "0"), ".")
		}
		return shownDecimal(decimal)
	}
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case v == 0:
		return "0"
	case size >= 1e6 || size < 1e-4:
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', figures-1, 64), "e")
		power, _ := strconv.Atoi(exponent) // FormatFloat wrote it
		return shortest(mantissa) + "·10" + raised.Replace(strconv.Itoa(power))
	case size >= 9999.5:
		return shownDecimal(strconv.FormatFloat(v, 'f', 0, 64))
	default:
		return shortest(strconv.FormatFloat(v, 'f', figures-1-int(math.Floor(math.Log10(size))), 64))
	}
}

var raised = strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// grouped writes a whole number.
func grouped(n int) string { return shownDecimal(strconv.Itoa(n)) }

// shownDecimal is a decimal number as it is shown.
func shownDecimal(text string) string {
	text, negative := strings.CutPrefix(text, "-")
	whole, _, _ := strings.Cut(text, ".")
	rest := text[len(whole):]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousandsSpace + whole[i:]
	}
	if negative {
		whole = "−" + whole
	}
	return whole + rest
}

// plusMinus writes a number with its spread, both with as many decimals as two digits of the spread have.
func plusMinus(value, sd float64) string {
	if !(sd > 0) || !isFinite(sd) || !isFinite(value) {
		return plain(value) + " ± " + plain(sd)
	}
	decimals := 1 - int(math.Floor(math.Log10(sd)))
	if decimals > 7 || decimals < -6 {
		return plain(value) + " ± " + plain(sd)
	}
	write := func(v float64) string {
		if decimals < 0 {
			unit := math.Pow(10, float64(-decimals))
			v = unit * math.Round(v/unit)
		}
		return shownDecimal(strconv.FormatFloat(v, 'f', max(0, decimals), 64))
	}
	return write(value) + " ± " + write(sd)
}
