package gridfile

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writeLong writes a header and a line for each node, row by row.
func writeLong(w io.Writer, s Surface) error {
	c, err := startCSV(w, s)
	if err != nil {
		return err
	}
	line := []string{"x", "y"}
	for _, v := range s.Values {
		line = append(line, nameCell(v.Name))
	}
	if err := c.Write(line); err != nil {
		return err
	}
	for row, y := range s.Y {
		for col, x := range s.X {
			line = append(line[:0], decimal(x), decimal(y))
			for _, v := range s.Values {
				line = append(line, decimal(v.Z[row*len(s.X)+col]))
			}
			if err := c.Write(line); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// writeMatrix writes a line for each row, the first line and the first column being the axes; the corner names the grid.
func writeMatrix(w io.Writer, s Surface) error {
	c, err := startCSV(w, s)
	if err != nil {
		return err
	}
	line := []string{nameCell(s.Values[0].Name)}
	if isNumber(line[0]) {
		line[0] = "'" + line[0] // the corner must be a text
	}
	for _, x := range s.X {
		line = append(line, decimal(x))
	}
	if err := c.Write(line); err != nil {
		return err
	}
	for row, y := range s.Y {
		line = append(line[:0], decimal(y))
		for _, z := range s.Values[0].Z[row*len(s.X) : (row+1)*len(s.X)] {
			line = append(line, decimal(z))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// startCSV writes the notes.
func startCSV(w io.Writer, s Surface) (*csv.Writer, error) {
	b := bufio.NewWriter(w)
	for _, n := range s.Notes {
		text := n.Text
		if text != strings.TrimSpace(text) || strings.HasPrefix(text, `"`) || strconv.Quote(text) != `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)+`"` {
			text = strconv.Quote(text)
		}
		if _, err := fmt.Fprintf(b, "# %s: %s\n", n.Name, text); err != nil {
			return nil, err
		}
	}
	if err := b.Flush(); err != nil {
		return nil, err
	}
	return csv.NewWriter(w), nil
}

// decimal is the shortest text that gives the same number again.
func decimal(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// SheetText is a text for a cell that no spreadsheet takes for a formula: with an apostrophe before it where one might. Some programs skip
// white space and what is not seen before the sign, some take its wide form, and some take a control character as the end of the cell.
func SheetText(text string) string {
	bare := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) })
	first, _ := utf8.DecodeRuneInString(text)
	if strings.IndexAny(bare, "=+-@＝＋－＠") == 0 || unicode.IsControl(first) {
		return "'" + text
	}
	return text
}

// nameCell is a name in a table: no formula, no note, and what has a ' before it gets another, so that it is read back as it is.
func nameCell(name string) string {
	if strings.HasPrefix(name, "'") || strings.HasPrefix(name, "#") {
		return "'" + name
	}
	return SheetText(name)
}
