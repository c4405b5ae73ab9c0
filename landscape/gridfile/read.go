package gridfile

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"smoothscape/landscape/gridfile/hdf5"
)

// Format is a form of file.
type Format string

// The formats. They are told apart by their contents when read, and chosen by FormatOf when written.
const (
	NPY    Format = "npy"
	NPZ    Format = "npz"
	CSV    Format = "csv"        // a line for each node
	Matrix Format = "csv-matrix" // a line for each row
	HDF5   Format = "h5"
)

// Contents is what a file holds; at least one of the three is not nil.
type Contents struct {
	Format     Format
	Surface    *Surface
	Trajectory *Trajectory
	Directions *Directions
	Skipped    []string // members that were left out, each with the reason
}

// Read reads a file of any format. The name is for errors alone.
func Read(r io.Reader, name string) (Contents, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return Contents{}, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > MaxFileBytes {
		return Contents{}, inFile(bad("", fmt.Sprintf("at most %d bytes", MaxFileBytes), "more"), name)
	}
	c, err := parse(data)
	return c, inFile(err, name)
}

// ReadSurface reads a file that holds a surface.
func ReadSurface(r io.Reader, name string) (Surface, error) {
	c, err := Read(r, name)
	if err != nil {
		return Surface{}, err
	}
	if c.Surface == nil {
		found := "directions"
		if c.Trajectory != nil {
			found = "a trajectory"
		}
		return Surface{}, inFile(bad("", "a surface", found), name)
	}
	return *c.Surface, nil
}

// parse tells the format and reads it. Every surface that it returns passes Surface.check.
func parse(data []byte) (Contents, error) {
	var c Contents
	var err error
	switch {
	case len(data) == 0:
		return c, bad("", "a grid", "an empty file")
	case bytes.HasPrefix(data, []byte(npyMagic)):
		c, err = readNPY(data)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06")):
		c, err = readNPZ(data)
	case isHDF5(data):
		c, err = readHDF5(data)
	case data[0] == '{':
		return c, badByte(0, "NPY, NPZ, CSV or HDF5", "JSON")
	default:
		c, err = readCSV(data)
	}
	if err != nil || c.Surface == nil {
		return c, err
	}
	c.Surface.upright()
	if err := c.Surface.check(); err != nil {
		wrong := *err.(*FileError)
		wrong.Doing = "reading"
		return Contents{}, &wrong
	}
	return c, nil
}

// isHDF5 looks behind a user block, too.
func isHDF5(data []byte) bool {
	if hdf5.IsHDF5(data) {
		return true
	}
	for at := 512; at < len(data); at *= 2 {
		if hdf5.IsHDF5(data[at:]) {
			return true
		}
	}
	return false
}

// FormatOf chooses the format by the ending of a name: .npy, .npz, .csv, .h5 or .hdf5.
func FormatOf(name string) (Format, error) {
	switch ending := strings.ToLower(filepath.Ext(name)); ending {
	case ".npy":
		return NPY, nil
	case ".npz":
		return NPZ, nil
	case ".csv":
		return CSV, nil
	case ".h5", ".hdf5":
		return HDF5, nil
	default:
		return "", &FileError{Doing: "writing", File: name, Expected: "a name that ends in .npy, .npz, .csv or .h5", Found: quoted(ending), Advice: "choose one of these"}
	}
}

// Write writes a surface. NPY holds one grid and neither axes nor notes; Matrix holds one grid, its axes and the notes; the
// others hold everything.
func Write(w io.Writer, format Format, s Surface) error {
	if err := s.check(); err != nil {
		return err
	}
	if (format == NPY || format == Matrix) && len(s.Values) != 1 {
		return &FileError{Doing: "writing " + string(format), Expected: "one grid", Found: fmt.Sprint(len(s.Values)), Advice: "choose one of them, or another format"}
	}
	switch format {
	case NPY:
		return writeNPY(w, []int{len(s.Y), len(s.X)}, s.Values[0].Z)
	case NPZ:
		return writeNPZ(w, s)
	case CSV:
		return writeLong(w, s)
	case Matrix:
		return writeMatrix(w, s)
	case HDF5:
		return writeHDF5(w, s)
	}
	return &FileError{Doing: "writing a surface", Expected: "a format npy, npz, csv, csv-matrix or h5", Found: quoted(string(format))}
}
