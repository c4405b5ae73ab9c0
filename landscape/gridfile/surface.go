package gridfile

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"smoothscape/landscape"
)

// Surface is one or more functions on the same nodes.
type Surface struct {
	X, Y    []float64 // coordinates of the columns and of the rows, increasing, finite
	Indexed bool      // the file has no axes: X and Y count from 0
	Values  []Values  // at least one
	Notes   []Note    // texts beside the numbers, such as dir_file, or the label of the picture
}

// Values is one function: row-major, Z[row*len(X)+col]. NaN is missing; infinite values are values.
type Values struct {
	Name string
	Z    []float64
}

// Missing counts the cells that have no value: not computed, left empty, or not a number.
func (v Values) Missing() int {
	n := 0
	for _, z := range v.Z {
		if math.IsNaN(z) {
			n++
		}
	}
	return n
}

// Note is a text with a name of letters, digits, '_', '-' and '.'.
type Note struct{ Name, Text string }

// Note returns the text of a note.
func (s Surface) Note(name string) (text string, ok bool) {
	i := slices.IndexFunc(s.Notes, func(n Note) bool { return n.Name == name })
	if i < 0 {
		return "", false
	}
	return s.Notes[i].Text, true
}

// Names lists the functions.
func (s Surface) Names() []string {
	names := make([]string, len(s.Values))
	for i, v := range s.Values {
		names[i] = v.Name
	}
	return names
}

// usual are the names of the function that is meant where none is asked for, the first that is there.
var usual = []string{"loss", "train_loss", "z", "f", "values", "test_loss"}

// Pick returns the function of a name, or, for the name "", the one that is meant: loss, train_loss, z, f, values,
// test_loss, or else the first.
func (s Surface) Pick(name string) (Values, error) {
	find := func(name string) int {
		return slices.IndexFunc(s.Values, func(v Values) bool { return strings.EqualFold(v.Name, name) })
	}
	i := find(name)
	if name == "" && len(s.Values) > 0 {
		i = 0
		for _, u := range slices.Backward(usual) {
			if j := find(u); j >= 0 {
				i = j
			}
		}
	}
	if i < 0 {
		found := strings.Join(s.Names(), ", ")
		if found == "" {
			found = "none"
		}
		return Values{}, &FileError{Doing: "choosing a grid", Expected: fmt.Sprintf("one called %q", name), Found: found, Advice: "name one of these"}
	}
	return s.Values[i], nil
}

// Grid returns a function, chosen as Pick does, as a grid that shares the surface's slices.
func (s Surface) Grid(name string) (landscape.Grid, error) {
	v, err := s.Pick(name)
	if err != nil {
		return landscape.Grid{}, err
	}
	return landscape.Grid{X: s.X, Y: s.Y, Z: v.Z}, nil
}

// Field returns a function, chosen as Pick does, on its nodes and on a halo of that width, in the units of the axes. A
// file has no halo: the values beyond its border are those of the mirror image, the border nodes not repeated. It refuses
// grids that are not square or not evenly spaced.
func (s Surface) Field(name string, halo float64) (landscape.Field, error) {
	v, err := s.Pick(name)
	if err != nil {
		return landscape.Field{}, err
	}
	n := len(s.X)
	if len(s.Y) != n || n < landscape.MinNodes || n > landscape.MaxNodes {
		return landscape.Field{}, &FileError{Doing: "smoothing a grid", Expected: fmt.Sprintf("as many rows as columns, %d to %d", landscape.MinNodes, landscape.MaxNodes),
			Found: fmt.Sprintf("%d columns and %d rows", n, len(s.Y)), Advice: "compute the surface on a square grid"}
	}
	for axis, x := range map[string][]float64{"x": s.X, "y": s.Y} {
		if i, ok := even(x); !ok {
			return landscape.Field{}, &FileError{Doing: "smoothing a grid", Place: fmt.Sprintf("node %d of %s", i, axis), Expected: "nodes in equal steps", Found: fmt.Sprintf("%g after %g", x[i], x[i-1]),
				Advice: "compute the surface on such a grid"}
		}
	}
	domain := landscape.Rect{XMin: s.X[0], XMax: s.X[n-1], YMin: s.Y[0], YMax: s.Y[n-1]}
	cells := landscape.HaloCells(halo, domain.Width()/float64(n-1))
	m := n + 2*cells
	if m > maxSide {
		return landscape.Field{}, &FileError{Doing: "smoothing a grid", Expected: fmt.Sprintf("at most %d nodes a side with the mirror's", maxSide), Found: fmt.Sprint(m), Advice: "choose a smaller δ"}
	}
	z := make([]float64, m*m)
	for row := range m {
		from := v.Z[mirror(row-cells, n)*n:]
		for col := range m {
			z[row*m+col] = from[mirror(col-cells, n)]
		}
	}
	return landscape.NewField(domain, n, cells, z)
}

// maxSide bounds the nodes a side of a field, as package landscape does.
const maxSide = 4096

// mirror folds an index into 0 … n−1: 0 1 … n−1 n−2 … 1 0 1 …
func mirror(i, n int) int {
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}

// even reports whether the nodes are in equal steps, to 10⁻⁶ of one, and if not, which is the first that is not.
func even(x []float64) (i int, ok bool) {
	n := len(x)
	step := (x[n-1] - x[0]) / float64(n-1)
	for i := range x {
		if !(math.Abs(x[i]-(x[0]+step*float64(i))) <= 1e-6*step) {
			return max(i, 1), false
		}
	}
	return 0, true
}

// check returns what is wrong with a surface, as a *FileError without a file.
func (s Surface) check() error {
	fail := func(expected, found string) error {
		return &FileError{Doing: "checking a surface", Expected: expected, Found: found}
	}
	nx, ny := len(s.X), len(s.Y)
	if nx < 1 || ny < 1 || nx > MaxValues/ny {
		return fail(fmt.Sprintf("1 to %d nodes", MaxValues), fmt.Sprintf("%d columns and %d rows", nx, ny))
	}
	for axis, x := range map[string][]float64{"x": s.X, "y": s.Y} {
		if i, ok := increasing(x); !ok {
			return fail(axis+" that increases and is finite", fmt.Sprintf("%g at node %d", x[i], i))
		}
	}
	if len(s.Values) < 1 || len(s.Values) > MaxGrids || len(s.Notes) > MaxGrids {
		return fail(fmt.Sprintf("1 to %d grids and at most as many notes", MaxGrids), fmt.Sprintf("%d grids and %d notes", len(s.Values), len(s.Notes)))
	}
	seen := map[string]bool{missingNote: true}
	for _, v := range s.Values {
		if len(v.Z) != nx*ny {
			return fail(fmt.Sprintf("%d×%d = %d values of %q", ny, nx, nx*ny, v.Name), fmt.Sprint(len(v.Z)))
		}
		if seen[v.Name] || !nameable(v.Name) || axis(v.Name) != 0 {
			return fail("grids of different names, of letters, digits and signs", quoted(v.Name))
		}
		seen[v.Name] = true
	}
	for _, n := range s.Notes {
		if seen[n.Name] || !n.ok() {
			return fail(fmt.Sprintf("notes of different names, of letters, digits, '_', '-' and '.', at most %d bytes of text without zero bytes", maxNote), fmt.Sprintf("%q: %s", n.Name, quoted(n.Text)))
		}
		seen[n.Name] = true
	}
	return nil
}

// maxNote bounds the text of a note, in bytes.
const maxNote = 1 << 15

// nameable accepts the names of grids: up to 64 printable characters without slashes, not just dots, no space at an end.
func nameable(name string) bool {
	if name == "" || len(name) > 256 || name != strings.TrimSpace(name) || strings.Trim(name, ".") == "" {
		return false
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f || r == '/' || r == '\\' || r == '\ufffd' || r == '\ufeff' {
			return false
		}
	}
	return true
}

// ok reports whether a note can be written.
func (n Note) ok() bool {
	if n.Name == "" || len(n.Name) > 64 || strings.Trim(n.Name, ".") == "" || axis(n.Name) != 0 || n.Name == missingNote {
		return false
	}
	if len(n.Text) > maxNote || strings.ContainsRune(n.Text, 0) || !utf8.ValidString(n.Text) {
		return false
	}
	for _, r := range n.Name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.", r)) {
			return false
		}
	}
	return true
}

// increasing reports whether the numbers are finite and each is greater than the one before, and if not, where.
func increasing(x []float64) (i int, ok bool) {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && !(v > x[i-1]) {
			return i, false
		}
	}
	return 0, true
}

// upright turns axes that decrease, and the values with them. It changes the slices of the surface.
func (s *Surface) upright() {
	if n := len(s.X); n > 1 && s.X[0] > s.X[n-1] {
		slices.Reverse(s.X)
		for _, v := range s.Values {
			for row := 0; row+n <= len(v.Z); row += n {
				slices.Reverse(v.Z[row : row+n])
			}
		}
	}
	if n, w := len(s.Y), len(s.X); n > 1 && s.Y[0] > s.Y[n-1] {
		slices.Reverse(s.Y)
		for _, v := range s.Values {
			for top, bottom := 0, n-1; top < bottom; top, bottom = top+1, bottom-1 {
				for col := range w {
					v.Z[top*w+col], v.Z[bottom*w+col] = v.Z[bottom*w+col], v.Z[top*w+col]
				}
			}
		}
	}
}

// indices counts from 0 to n−1.
func indices(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

// axis tells the names of x from those of y; 0 is none, in any case of letters.
func axis(name string) byte {
	switch strings.ToLower(name) {
	case "x", "xs", "alpha", "alphas", "α", "xcoordinates", "xcoordinate", "x_coordinates":
		return 'x'
	case "y", "ys", "beta", "betas", "β", "ycoordinates", "ycoordinate", "y_coordinates":
		return 'y'
	}
	return 0
}
