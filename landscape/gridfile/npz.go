package gridfile

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readNPZ reads a zip of arrays.
func readNPZ(data []byte) (Contents, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return Contents{}, bad("", "a zip file", err.Error())
	}
	if len(z.File) > 2*MaxGrids+2 {
		return Contents{}, bad("", fmt.Sprintf("at most %d arrays", 2*MaxGrids+2), fmt.Sprint(len(z.File)))
	}
	c := Contents{Format: NPZ}
	var members []member
	room, total := uint64(MaxFileBytes), 0
	for _, f := range z.File {
		name, isArray := strings.CutSuffix(f.Name, ".npy")
		if !isArray {
			c.Skipped = append(c.Skipped, quoted(f.Name)+": not an array")
			continue
		}
		if f.UncompressedSize64 > room {
			return Contents{}, bad(quoted(f.Name), fmt.Sprintf("at most %d bytes in all, uncompressed", MaxFileBytes), fmt.Sprintf("%d more where %d are left", f.UncompressedSize64, room))
		}
		room -= f.UncompressedSize64
		raw, err := unzip(f)
		if err != nil {
			return Contents{}, err
		}
		a, err := parseNPY(raw)
		if err != nil {
			if axis(name) != 0 {
				return Contents{}, within(f.Name, err)
			}
			c.Skipped = append(c.Skipped, quoted(f.Name)+": "+strings.TrimPrefix(err.Error(), "reading, "))
			continue
		}
		if total += len(a.floats); total > maxTotal {
			return Contents{}, bad(quoted(f.Name), fmt.Sprintf("at most %d values in all", maxTotal), "more")
		}
		members = append(members, member{name, a})
	}
	s, skipped, err := surfaceOf(members)
	if err != nil {
		var file *FileError
		if errors.As(err, &file) && len(c.Skipped) > 0 {
			file.Found += "; left out: " + strings.Join(c.Skipped, "; ")
		}
		return Contents{}, err
	}
	c.Surface, c.Skipped = s, append(c.Skipped, skipped...)
	return c, nil
}

// unzip reads a member that is as long as it declares.
func unzip(f *zip.File) ([]byte, error) {
	if f.Flags&1 != 0 {
		return nil, bad(quoted(f.Name), "a member that anybody can read", "an encrypted one")
	}
	r, err := f.Open()
	if err != nil {
		return nil, bad(quoted(f.Name), "a stored or deflated member", err.Error())
	}
	defer r.Close()
	var b bytes.Buffer // grows with what comes, not with what is declared
	n, err := io.Copy(&b, io.LimitReader(r, int64(f.UncompressedSize64)+1))
	switch {
	case err != nil:
		return nil, bad(quoted(f.Name), fmt.Sprintf("%d bytes, uncompressed", f.UncompressedSize64), fmt.Sprintf("%d, then: %v", n, err))
	case uint64(n) != f.UncompressedSize64:
		return nil, bad(quoted(f.Name), fmt.Sprintf("%d bytes, uncompressed", f.UncompressedSize64), "another number")
	}
	return b.Bytes(), nil
}

// within says in which member of a file an error lies.
func within(name string, err error) error {
	var file *FileError
	if !errors.As(err, &file) {
		return err
	}
	inner := *file
	inner.Place = strings.TrimSuffix(quoted(name)+", "+inner.Place, ", ")
	return &inner
}

// member is an array with its name.
type member struct {
	name string
	array
}

// surfaceOf finds axes, grids and notes among arrays.
func surfaceOf(members []member) (s *Surface, skipped []string, err error) {
	s = &Surface{}
	for _, m := range members {
		which := axis(m.name)
		if which == 0 || m.floats == nil {
			continue
		}
		x, err := axisOf(m, which)
		if err != nil {
			return nil, nil, err
		}
		at := &s.X
		if which == 'y' {
			at = &s.Y
		}
		if *at != nil {
			return nil, nil, bad(quoted(m.name), fmt.Sprintf("one axis %c", which), "two")
		}
		*at = x
	}
	if (s.X == nil) != (s.Y == nil) {
		return nil, nil, bad("", "x and y, or neither", "one of them")
	}
	s.Indexed = s.X == nil
	for _, m := range members {
		switch {
		case axis(m.name) != 0 && m.floats != nil:
		case len(m.texts) == 1 && (Note{m.name, m.texts[0]}).ok():
			s.Notes = append(s.Notes, Note{m.name, m.texts[0]})
		case m.floats == nil || len(m.shape) != 2 || len(m.floats) == 0 || !nameable(m.name):
			skipped = append(skipped, quoted(m.name)+": "+describe(m.array))
		default:
			if s.X == nil {
				s.X, s.Y = indices(m.shape[1]), indices(m.shape[0])
			}
			if m.shape[0] != len(s.Y) || m.shape[1] != len(s.X) {
				return nil, nil, bad(quoted(m.name), fmt.Sprintf("%d rows (y) and %d columns (x)", len(s.Y), len(s.X)), "the shape "+shapeText(m.shape))
			}
			s.Values = append(s.Values, Values{m.name, m.floats})
		}
	}
	if len(s.Values) == 0 {
		found := strings.Join(skipped, "; ")
		if found == "" {
			found = "none"
		}
		return nil, nil, bad("", "an array of numbers in two dimensions", found)
	}
	return s, skipped, nil
}

// axisOf returns the coordinates of an axis, which may be given as a mesh: x the same in all rows, y in all columns.
func axisOf(m member, which byte) ([]float64, error) {
	if len(m.shape) == 1 && len(m.floats) > 0 {
		return m.floats, nil
	}
	if len(m.shape) != 2 || len(m.floats) == 0 {
		return nil, bad(quoted(m.name), "coordinates in one dimension, or a mesh in two", describe(m.array))
	}
	rows, cols := m.shape[0], m.shape[1]
	var x []float64
	for row := range rows {
		for col := range cols {
			v := m.floats[row*cols+col]
			i := col
			if which == 'y' {
				i = row
			}
			if i == len(x) {
				x = append(x, v)
			} else if v != x[i] {
				return nil, bad(fmt.Sprintf("%q, row %d, column %d", m.name, row, col), fmt.Sprintf("%g, as before on a mesh with y in rows", x[i]), fmt.Sprint(v))
			}
		}
	}
	return x, nil
}

// writeNPZ writes x, y, the grids and the notes. The same surface gives the same bytes.
func writeNPZ(w io.Writer, s Surface) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	add := func(name string, write func(io.Writer) error) error {
		member, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Deflate})
		if err != nil {
			return err
		}
		return write(member)
	}
	floats := func(name string, shape []int, v []float64) error {
		return add(name, func(w io.Writer) error { return writeNPY(w, shape, v) })
	}
	err := errors.Join(floats("x", []int{len(s.X)}, s.X), floats("y", []int{len(s.Y)}, s.Y))
	for _, v := range s.Values {
		err = errors.Join(err, floats(v.Name, []int{len(s.Y), len(s.X)}, v.Z))
	}
	for _, n := range s.Notes {
		err = errors.Join(err, add(n.Name, func(w io.Writer) error { return writeText(w, n.Text) }))
	}
	return errors.Join(err, z.Close())
}
