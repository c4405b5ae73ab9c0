package gridfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readCSV reads a long table or a matrix.
func readCSV(data []byte) (Contents, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := slices.IndexFunc(data[:min(len(data), 1<<16)], func(b byte) bool { return b < '\t' || b > '\r' && b < ' ' }); at >= 0 {
		return Contents{}, badByte(at, "text (CSV), or the first bytes of NPY, NPZ or HDF5", fmt.Sprintf("the byte %#02x", data[at]))
	}
	if !utf8.Valid(data) {
		return Contents{}, bad("", "text in UTF-8", "other bytes")
	}
	t := newTable(data)
	first, err := t.line()
	if err != nil {
		return Contents{}, err
	}
	if first == nil {
		return Contents{}, bad("", "lines of numbers", "none")
	}
	first = slices.Clone(first)
	s := &Surface{}
	switch numbers := countNumbers(first[1:]); {
	case numbers < len(first)-1 && !isNumber(first[0]):
		err = t.long(s, first)
	case !isNumber(first[0]) || strings.TrimSpace(first[0]) == "":
		err = t.matrix(s, first, true)
	default:
		err = t.matrix(s, first, false)
	}
	if err != nil {
		return Contents{}, err
	}
	s.Notes = t.notes
	return Contents{Format: CSV, Surface: s}, nil
}

// cell reads a number; ok is false for other texts. Empty cells and the usual words for nothing are NaN.
func cell(text string) (v float64, ok bool) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "", "nan", "na", "n/a", "null", "none":
		return math.NaN(), true
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil || errors.Is(err, strconv.ErrRange) // beyond the range it is ±Inf
}

// isNumber reports whether a cell holds a number or nothing; words for nothing count.
func isNumber(text string) bool {
	_, ok := cell(text)
	return ok
}

func countNumbers(cells []string) int {
	n := 0
	for _, c := range cells {
		if isNumber(c) {
			n++
		}
	}
	return n
}

// table reads lines of cells, and keeps notes and line numbers.
type table struct {
	r     *csv.Reader
	notes []Note
}

// newTable chooses the separator by the first line that is no note: the one of comma, semicolon and tab that is there most often.
func newTable(data []byte) *table {
	t := &table{}
	rest := data
	for len(rest) > 0 {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		if text := strings.TrimSpace(string(line[:min(len(line), 10*maxNote)])); text != "" && text[0] != '#' {
			break
		} else if note, ok := parseNote(text); ok && len(t.notes) < MaxGrids && !slices.ContainsFunc(t.notes, func(n Note) bool { return n.Name == note.Name }) {
			t.notes = append(t.notes, note)
		}
		rest = after
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	separator := byte(',')
	for _, other := range []byte(";\t") {
		if bytes.Count(line, []byte{other}) > bytes.Count(line, []byte{separator}) {
			separator = other
		}
	}
	t.r = csv.NewReader(bytes.NewReader(data))
	t.r.Comma = rune(separator)
	t.r.Comment = '#'
	t.r.ReuseRecord = true
	return t
}

// parseNote reads "# name: text"; a text in quotes is one of Go's.
func parseNote(line string) (Note, bool) {
	name, text, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), ":")
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, `"`) {
		if plain, err := strconv.Unquote(text); err == nil {
			text = plain
		}
	}
	n := Note{strings.TrimSpace(name), text}
	return n, ok && strings.HasPrefix(line, "#") && n.ok()
}

// line returns the next line, valid until the next call, or nil at the end. encoding/csv demands as many cells as the first
// line has.
func (t *table) line() ([]string, error) {
	cells, err := t.r.Read()
	if err == io.EOF {
		return nil, nil
	}
	if err != nil {
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			if errors.Is(err, csv.ErrFieldCount) {
				return nil, bad(fmt.Sprintf("line %d", parse.Line), "as many cells as the first line has", fmt.Sprint(len(cells)))
			}
			return nil, bad(fmt.Sprintf("line %d, column %d", parse.Line, parse.Column), "cells separated by commas", parse.Err.Error())
		}
		return nil, bad("", "lines of cells", err.Error())
	}
	return cells, nil
}

// at is the place of a cell of the line that was read last.
func (t *table) at(i int) string {
	line, _ := t.r.FieldPos(i)
	return fmt.Sprintf("line %d, cell %d", line, i+1)
}

// numbers reads the cells from number first on into dst.
func (t *table) numbers(cells []string, first int, dst []float64) error {
	for i, text := range cells[first:] {
		v, ok := cell(text)
		if !ok {
			return bad(t.at(first+i), "a number", quoted(text))
		}
		dst[i] = v
	}
	return nil
}

// plain undoes what nameCell does.
func plain(text string) string { return strings.TrimPrefix(strings.TrimSpace(text), "'") }

// matrix reads a line for each row.
func (t *table) matrix(s *Surface, first []string, axes bool) error {
	skip := 0
	if axes {
		skip = 1
		s.X = make([]float64, len(first)-1)
		if err := t.numbers(first, 1, s.X); err != nil {
			return err
		}
	}
	width := len(first) - skip
	if width < 1 || width > MaxValues {
		return bad(t.at(0), "columns of values", "none")
	}
	v := Values{Name: "z"}
	cells, err := first, error(nil)
	if axes {
		cells, err = t.line()
	}
	for ; err == nil && cells != nil; cells, err = t.line() {
		if len(v.Z)+width > MaxValues {
			return bad(t.at(0), fmt.Sprintf("at most %d values", MaxValues), "more")
		}
		if axes {
			y, ok := cell(cells[0])
			if !ok || math.IsNaN(y) || math.IsInf(y, 0) {
				return bad(t.at(0), "a finite coordinate", quoted(cells[0]))
			}
			s.Y = append(s.Y, y)
		}
		at := len(v.Z)
		v.Z = append(v.Z, make([]float64, width)...)
		if err := t.numbers(cells, skip, v.Z[at:]); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if len(v.Z) == 0 {
		return bad("", "rows of values", "none")
	}
	if !axes {
		s.X, s.Y, s.Indexed = indices(width), indices(len(v.Z)/width), true
	}
	if name := plain(first[0]); axes && nameable(name) && axis(name) == 0 && !strings.ContainsAny(name, "\\/") {
		v.Name = name
	}
	s.Values = []Values{v}
	return nil
}
