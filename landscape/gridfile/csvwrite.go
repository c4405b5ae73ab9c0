package gridfile

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// writeLong writes a header and a line for each node, row by row.
func writeLong(w io.Writer, s Surface) error {
	c, err := startCSV(w, s)
	if err != nil {
		return err
	}
	line := []string{"x", "y"}
	for _, v := range s.Values {
		line = append(line, spreadsheetSafe(v.Name))
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
	line := []string{spreadsheetSafe(s.Values[0].Name)}
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

// spreadsheetSafe puts a ' before a text that a spreadsheet would run, or that begins with one.
func spreadsheetSafe(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r'#", rune(text[0])) {
		return "'" + text
	}
	return text
}
