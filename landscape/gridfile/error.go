package gridfile

import (
	"errors"
	"fmt"
	"strings"

	"smoothscape/landscape/gridfile/hdf5"
)

// Limits, checked before anything is allocated.
const (
	MaxFileBytes = 256 << 20   // of a file, and of everything in a zip, uncompressed
	MaxValues    = 4096 * 4096 // of one grid; of all together four times as many
	MaxGrids     = 64          // of one file, and of notes
	maxTotal     = 4 * MaxValues
	maxPoints    = 1 << 20 // of a trajectory
)

// FileError says what is wrong with a file, so that its owner can mend it.
type FileError struct {
	Doing    string // "reading"
	File     string // its name, as it was given
	Place    string // "byte 12" or "line 3, cell 2"; "" for the file as a whole
	Expected string
	Found    string
	Advice   string // may be empty
}

func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.Doing)
	if e.File != "" {
		fmt.Fprintf(&b, " %s", e.File)
	}
	if e.Place != "" {
		fmt.Fprintf(&b, ", %s", e.Place)
	}
	fmt.Fprintf(&b, ": expected %s, found %s", e.Expected, e.Found)
	if e.Advice != "" {
		fmt.Fprintf(&b, "; %s", e.Advice)
	}
	return b.String()
}

// bad makes the error of a reader, which knows no file name; Read adds it.
func bad(place, expected, found string) *FileError {
	return &FileError{Doing: "reading", Place: place, Expected: expected, Found: found}
}

// badByte is bad at a byte of the file.
func badByte(at int, expected, found string) *FileError {
	return bad(fmt.Sprintf("byte %d", at), expected, found)
}

// inFile gives an error of a reader the name of the file; those of package hdf5 become *FileError.
func inFile(err error, name string) error {
	var file *FileError
	var format *hdf5.FormatError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &file):
	case errors.As(err, &format):
		file = badByte(int(format.Offset), format.Expected, format.Found)
		file.Place += " (" + format.Reading + ")"
	default:
		return fmt.Errorf("reading %s: %w", name, err)
	}
	named := *file
	named.File = name
	return &named
}

// quoted shows a piece of a file: short, on one line, everything that is not plain text escaped.
func quoted(s string) string {
	const most = 40
	if s == "" {
		return "nothing"
	}
	if runes := []rune(s[:min(len(s), 4*most)]); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
