package gridfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	fixtureX = []float64{0, 0.5, 1, 1.5}
	fixtureY = []float64{-1, 0, 1}
)

// fixtureZ is row·10 + col + 0.5, as testdata/make.py has it.
func fixtureZ() []float64 {
	var z []float64
	for row := range 3 {
		for col := range 4 {
			z = append(z, float64(10*row+col)+0.5)
		}
	}
	return z
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readFixture(t *testing.T, name string) Contents {
	t.Helper()
	c, err := Read(bytes.NewReader(fixture(t, name)), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// same compares bit for bit, but any NaN is any other.
func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool {
		return math.Float64bits(x) == math.Float64bits(y) || math.IsNaN(x) && math.IsNaN(y)
	})
}

func wantSurface(t *testing.T, s *Surface, x, y []float64, values ...Values) {
	t.Helper()
	if s == nil {
		t.Fatal("no surface")
	}
	if !same(s.X, x) || !same(s.Y, y) {
		t.Errorf("axes %v and %v, want %v and %v", s.X, s.Y, x, y)
	}
	if len(s.Values) != len(values) {
		t.Fatalf("grids %v, want %d", s.Names(), len(values))
	}
	for i, v := range values {
		if s.Values[i].Name != v.Name || !same(s.Values[i].Z, v.Z) {
			t.Errorf("%s %v, want %s %v", s.Values[i].Name, s.Values[i].Z, v.Name, v.Z)
		}
	}
}

// wantRefused demands a *FileError that names the file and says something.
func wantRefused(t *testing.T, data []byte, name, words string) {
	t.Helper()
	_, err := Read(bytes.NewReader(data), name)
	var file *FileError
	if !errors.As(err, &file) {
		t.Errorf("%s: %v is no FileError", name, err)
		return
	}
	if file.File != name || file.Expected == "" || file.Found == "" || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %q, want one with the name and %q", name, err, words)
	}
}

func TestNPYOfEveryTypeAndOrder(t *testing.T) {
	whole := fixtureZ()
	for i := range whole {
		whole[i] -= 0.5 // integers are cut off
	}
	for _, order := range []string{"le", "be"} {
		for _, typ := range strings.Fields("f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8") {
			if order == "be" && typ[1] == '1' {
				continue
			}
			want := whole
			if typ[0] == 'f' {
				want = fixtureZ()
			}
			name := order + "-" + typ + ".npy"
			c := readFixture(t, name)
			if c.Format != NPY || !c.Surface.Indexed {
				t.Errorf("%s: %+v", name, c)
			}
			wantSurface(t, c.Surface, []float64{0, 1, 2, 3}, []float64{0, 1, 2}, Values{"z", want})
		}
	}
	for _, name := range []string{"fortran.npy", "version1.npy", "version2.npy", "version3.npy"} {
		wantSurface(t, readFixture(t, name).Surface, []float64{0, 1, 2, 3}, []float64{0, 1, 2}, Values{"z", fixtureZ()})
	}
	wantSurface(t, readFixture(t, "bool.npy").Surface, []float64{0, 1, 2, 3}, []float64{0, 1, 2}, Values{"z", []float64{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1}})
}

func TestNPYThatIsRefused(t *testing.T) {
	for name, words := range map[string]string{
		"objects.npy": "a pickle",
		"fields.npy":  "an array with fields",
		"complex.npy": `the type "<c16"`,
		"empty.npy":   "shape (0, 4)",
		"cube.npy":    "shape (2, 2, 2)",
		"line.npy":    "shape (4)",
		"text.npy":    "texts of shape ()",
	} {
		wantRefused(t, fixture(t, name), name, words)
	}
	good := fixture(t, "le-f8.npy")
	header := func(text string) []byte {
		b := append([]byte(npyMagic), 1, 0)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
		return append(b, text...)
	}
	for name, c := range map[string]struct {
		data  []byte
		words string
	}{
		"an unknown version":          {append([]byte(npyMagic), 4, 0, 0, 0), "byte 6: expected version 1, 2 or 3, found 4"},
		"a header of 4 GiB":           {append([]byte(npyMagic), 2, 0, 0xff, 0xff, 0xff, 0xff), "found 4294967295"},
		"a value too few":             {good[:len(good)-8], "found 88 bytes"},
		"a byte too many":             {append(slices.Clone(good), 0), "found 97 bytes"},
		"a shape of 2⁶² values":       {header("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 2147483647), }"), "at most 16777216 values"},
		"a shape beyond 32 bits":      {header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999, 1), }"), "a whole number below 2³¹"},
		"a negative shape":            {header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2), }"), "a whole number below 2³¹"},
		"no newline, no brace":        {header("{'descr': '<f8'"), `expected ","`},
		"a key too few":               {header("{'descr': '<f8', 'shape': (1, 1)}"), "found 2 of them"},
		"a key twice":                 {header("{'descr': '<f8', 'descr': '<f8', }"), "descr twice"},
		"a key nobody knows":          {header("{'eval': '<f8', }"), `found "eval"`},
		"an empty header":             {header(""), "found nothing"},
		"something behind the header": {header("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)} + 1"), `found "+ 1"`},
		"nothing but the magic":       {[]byte(npyMagic), "the end of the file"},
	} {
		wantRefused(t, c.data, name, c.words)
	}
	// Python 2 wrote its long numbers so; the keys may come in any order, the quotes be double.
	odd := append(header(`{"shape": (3L, 4L), "fortran_order": False, "descr": "<f8"}`), good[len(good)-96:]...)
	c, err := Read(bytes.NewReader(odd), "odd")
	if err != nil {
		t.Fatal(err)
	}
	wantSurface(t, c.Surface, []float64{0, 1, 2, 3}, []float64{0, 1, 2}, Values{"z", fixtureZ()})
}

func TestNPZThatNumPyWrites(t *testing.T) {
	z := fixtureZ()
	wantSurface(t, readFixture(t, "stored.npz").Surface, fixtureX, fixtureY, Values{"loss", z})
	plusOne := fixtureZ()
	for i := range plusOne {
		plusOne[i]++
	}
	c := readFixture(t, "deflated.npz")
	wantSurface(t, c.Surface, fixtureX, fixtureY, Values{"train_loss", z}, Values{"test_loss", plusOne})
	if want := []Note{{"label", "slice smoothing"}, {"note_2", "bytes"}}; !slices.Equal(c.Surface.Notes, want) {
		t.Errorf("notes %v, want %v", c.Surface.Notes, want)
	}
	wantSurface(t, readFixture(t, "mesh.npz").Surface, fixtureX, fixtureY, Values{"Z", z})
	wantSurface(t, readFixture(t, "falling.npz").Surface, fixtureX, fixtureY, Values{"z", z})
	wantSurface(t, readFixture(t, "no-axes.npz").Surface, []float64{0, 1, 2, 3}, []float64{0, 1, 2}, Values{"loss", z})
	c = readFixture(t, "pickle.npz")
	wantSurface(t, c.Surface, fixtureX, fixtureY, Values{"z", z})
	if len(c.Skipped) != 1 || !strings.Contains(c.Skipped[0], "pickle") {
		t.Errorf("skipped %v, want the pickle", c.Skipped)
	}
}

func TestNPZThatIsRefused(t *testing.T) {
	for name, words := range map[string]string{
		"turned.npz":    "3 rows (y) and 4 columns (x), found the shape (4, 3)",
		"half-axes.npz": "x and y, or neither",
	} {
		wantRefused(t, fixture(t, name), name, words)
	}
	wantRefused(t, []byte("PK\x03\x04 and no zip"), "broken.npz", "a zip file")
	wantRefused(t, zipped(t, map[string][]byte{}), "nothing.npz", "found none")
	wantRefused(t, zipped(t, map[string][]byte{"x.npy": []byte("no array")}), "noise.npz", `"x.npy", byte 0`)
}

func zipped(t *testing.T, members map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range members {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZipBombsAreRefused(t *testing.T) {
	// The directory declares the size of each member 24 bytes behind the signature of its entry.
	declare := func(size uint32) []byte {
		bomb := zipped(t, map[string][]byte{"a.npy": make([]byte, 1<<20)})
		binary.LittleEndian.PutUint32(bomb[bytes.LastIndex(bomb, []byte("PK\x01\x02"))+24:], size)
		return bomb
	}
	wantRefused(t, declare(MaxFileBytes+1), "declared.npz", "at most 268435456 bytes in all")
	// More comes out than was declared, or less.
	wantRefused(t, declare(100), "more.npz", "100 bytes, uncompressed")
	wantRefused(t, declare(MaxFileBytes), "less.npz", "268435456 bytes, uncompressed")
	// Encrypted.
	locked := zipped(t, map[string][]byte{"a.npy": {1}})
	locked[bytes.LastIndex(locked, []byte("PK\x01\x02"))+8] |= 1
	wantRefused(t, locked, "locked.npz", "an encrypted one")
	many := map[string][]byte{}
	for i := range 1000 {
		many[fmt.Sprint(i, ".npy")] = nil
	}
	wantRefused(t, zipped(t, many), "many.npz", "found 1000")
}

func TestCSVThatIsRead(t *testing.T) {
	x, y := []float64{0, 1}, []float64{-1, 2}
	nan := math.NaN()
	for name, c := range map[string]struct {
		text   string
		values []Values
		notes  []Note
	}{
		"long":                  {"x,y,loss\n0,-1,1\n1,-1,2\n0,2,3\n1,2,4\n", []Values{{"loss", []float64{1, 2, 3, 4}}}, nil},
		"any order":             {"x,y,loss\n1,2,4\n0,-1,1\n0,2,3\n1,-1,2\n", []Values{{"loss", []float64{1, 2, 3, 4}}}, nil},
		"columns by name":       {"loss,beta,acc,alpha\n1,-1,5,0\n2,-1,6,1\n3,2,7,0\n4,2,8,1\n", []Values{{"loss", []float64{1, 2, 3, 4}}, {"acc", []float64{5, 6, 7, 8}}}, nil},
		"columns without":       {"eta,b,loss\n0,-1,1\n1,-1,2\n0,2,3\n1,2,4\n", []Values{{"loss", []float64{1, 2, 3, 4}}}, nil},
		"a line missing":        {"x,y,loss\n0,-1,1\n1,-1,2\n1,2,4\n", []Values{{"loss", []float64{1, 2, nan, 4}}}, nil},
		"cells without number":  {"x,y,loss\n0,-1,\n1,-1,NaN\n0,2,inf\n1,2,-Infinity\n", []Values{{"loss", []float64{nan, nan, math.Inf(1), math.Inf(-1)}}}, nil},
		"semicolons, CRLF":      {"x;y;loss\r\n0;-1;1\r\n1;-1;2\r\n0;2;3\r\n1;2;4\r\n", []Values{{"loss", []float64{1, 2, 3, 4}}}, nil},
		"tabs, byte order mark": {"\ufeffx\ty\tloss\n0\t-1\t1\n1\t-1\t2\n0\t2\t3\n1\t2\t4\n", []Values{{"loss", []float64{1, 2, 3, 4}}}, nil},
		"quotes and spaces":     {"\"x\",\"y\",\"loss, train\"\n 0, -1, 1e0\n1,-1,\"2\"\n0,2,3\n1,2,4\n", []Values{{"loss, train", []float64{1, 2, 3, 4}}}, nil},
		"notes":                 {"# label: slice smoothing\n# nothing to say\n# text: \"two\\nlines\"\nx,y,loss\n0,-1,1\n1,-1,2\n0,2,3\n1,2,4\n", []Values{{"loss", []float64{1, 2, 3, 4}}}, []Note{{"label", "slice smoothing"}, {"text", "two\nlines"}}},
		"rounded coordinates":   {"x,y,loss\n0,-1,1\n1,-1,2\n0,2,3\n0.99999999999,2,4\n", []Values{{"loss", []float64{1, 2, 3, 4}}}, nil},
		"matrix with axes":      {",0,1\n-1,1,2\n2,3,4\n", []Values{{"z", []float64{1, 2, 3, 4}}}, nil},
		"matrix with a corner":  {"y\\x,0,1\n-1,1,2\n2,3,4\n", []Values{{"z", []float64{1, 2, 3, 4}}}, nil},
		"matrix with a name":    {"loss,0,1\n-1,1,2\n2,3,\n", []Values{{"loss", []float64{1, 2, 3, nan}}}, nil},
		"matrix upside down":    {",1,0\n2,4,3\n-1,2,1\n", []Values{{"z", []float64{1, 2, 3, 4}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(strings.NewReader(c.text), name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(name, "rounded") {
				got.Surface.X[1] = 1 // the first of the two, 0.99999999999
			}
			wantSurface(t, got.Surface, x, y, c.values...)
			if !slices.Equal(got.Surface.Notes, c.notes) {
				t.Errorf("notes %q, want %q", got.Surface.Notes, c.notes)
			}
		})
	}
	c, err := Read(strings.NewReader("1,2,3\n4,nan,6\n"), "matrix without axes")
	if err != nil {
		t.Fatal(err)
	}
	wantSurface(t, c.Surface, []float64{0, 1, 2}, []float64{0, 1}, Values{"z", []float64{1, 2, 3, 4, nan, 6}})
	if !c.Surface.Indexed || c.Surface.Values[0].Missing() != 1 {
		t.Errorf("indexed %v, missing %d", c.Surface.Indexed, c.Surface.Values[0].Missing())
	}
}

func TestCSVThatIsRefused(t *testing.T) {
	var scattered strings.Builder
	scattered.WriteString("x,y,loss\n")
	for i := range 200 {
		fmt.Fprintf(&scattered, "%d,%d,1\n", i, i*i)
	}
	for name, c := range map[string]struct{ text, words string }{
		"an empty file":          {"", "an empty file"},
		"notes alone":            {"# label: x\n", "found none"},
		"a header alone":         {"x,y,loss\n", "found none"},
		"a word among numbers":   {"x,y,loss\n0,0,1\n0,1,one\n", `line 3, cell 3: expected a number, found "one"`},
		"a decimal comma":        {"x;y;loss\n0;0;1,5\n", `line 2, cell 3: expected a number, found "1,5"`},
		"a line too short":       {"x,y,loss\n0,0,1\n0,1\n", "line 3: expected as many cells"},
		"a node twice":           {"x,y,loss\n0,0,1\n0,0,2\n", "x = 0, y = 0 twice"},
		"a coordinate missing":   {"x,y,loss\n,0,1\n", "line 2, cell 1: expected a finite coordinate"},
		"an infinite coordinate": {",0,1\ninf,1,2\n", "line 2, cell 1: expected a finite coordinate"},
		"points on no grid":      {scattered.String(), "200 points with 200 different x and 200 different y"},
		"axes without order":     {",0,2,1\n0,1,2,3\n", "x that increases"},
		"two columns":            {"x,loss\n0,1\n", "line 1, cell 1"},
		"a name twice":           {"x,y,loss,loss\n0,0,1,2\n", "different names"},
		"JSON":                   {"{}", "found JSON"},
		"bytes":                  {"x,y\x00", "the byte 0x00"},
		"no UTF-8":               {"x,y,l\xff\n1,1,1\n", "text in UTF-8"},
		"a quote left open":      {"x,y,loss\n\"1,1,1\n", "line 2"},
	} {
		wantRefused(t, []byte(c.text), name, c.words)
	}
}

func TestFilesOfTheReferenceImplementation(t *testing.T) {
	z := fixtureZ()
	acc := fixtureZ()
	for i := range acc {
		acc[i] = 100 - acc[i]
	}
	for _, name := range []string{"surface.h5", "surface-latest.h5"} {
		c := readFixture(t, name)
		wantSurface(t, c.Surface, fixtureX, fixtureY, Values{"train_acc", acc}, Values{"train_loss", z})
		if text, _ := c.Surface.Note("dir_file"); text != "resnet56_weights_xnorm=filter.h5" {
			t.Errorf("dir_file is %q", text)
		}
		if len(c.Skipped) != 0 {
			t.Errorf("skipped %v", c.Skipped)
		}
	}
	half, err := readFixture(t, "surface-half-done.h5").Surface.Pick("train_loss")
	if err != nil {
		t.Fatal(err)
	}
	if half.Missing() != 8 || !same(half.Z[:4], z[:4]) {
		t.Errorf("%d missing in %v, want the last 8", half.Missing(), half.Z)
	}
	wantSurface(t, readFixture(t, "line.h5").Surface, fixtureX, []float64{0}, Values{"train_loss", z[:4]})
	path := readFixture(t, "trajectory.h5").Trajectory
	if path == nil || !same(path.X, []float64{0, 1, 2, 3, 4}) || !same(path.Y, []float64{0, 1, 4, 9, 16}) {
		t.Errorf("trajectory %+v", path)
	}
	c := readFixture(t, "directions.h5")
	d := c.Directions
	if d == nil || len(d.X) != 4 || len(d.Y) != 4 || !slices.Equal(d.X[0].Shape, []int{2, 3, 3, 3}) || len(d.Y[3].Values) != 10 || !same(d.ExplainedVariance, []float64{0.8, 0.15}) {
		t.Errorf("directions %+v", d)
	}
	if len(c.Skipped) != 1 || !strings.Contains(c.Skipped[0], "singular_values_") {
		t.Errorf("skipped %v", c.Skipped)
	}
	_, err = ReadSurface(bytes.NewReader(fixture(t, "directions.h5")), "directions.h5")
	var file *FileError
	if !errors.As(err, &file) || file.Found != "directions" {
		t.Errorf("a surface of directions: %v", err)
	}
}

func TestWhatToPick(t *testing.T) {
	s := Surface{X: []float64{0}, Y: []float64{0}, Values: []Values{{"train_acc", []float64{1}}, {"train_loss", []float64{2}}, {"f", []float64{3}}}}
	for name, want := range map[string]string{"": "train_loss", "F": "f", "train_acc": "train_acc"} {
		if v, err := s.Pick(name); err != nil || v.Name != want {
			t.Errorf("%q: %s, %v, want %s", name, v.Name, err, want)
		}
	}
	if _, err := s.Pick("nothing"); err == nil || !strings.Contains(err.Error(), "train_acc, train_loss, f") {
		t.Errorf("nothing: %v", err)
	}
}

// A function that is even about both borders of the file is its own mirror image: the field then equals the function.
func TestFieldIsTheMirrorImageBeyondTheBorder(t *testing.T) {
	const n = 9
	f := func(col, row int) float64 {
		return math.Cos(math.Pi*float64(col)/(n-1)) + 2*math.Cos(2*math.Pi*float64(row)/(n-1))
	}
	s := Surface{X: indices(n), Y: indices(n), Values: []Values{{Name: "z"}}}
	for row := range n {
		for col := range n {
			s.Values[0].Z = append(s.Values[0].Z, f(col, row))
		}
	}
	field, err := s.Field("", 20) // wider than the file itself
	if err != nil {
		t.Fatal(err)
	}
	if field.Cells != 20 || field.N != n {
		t.Fatalf("%d cells, %d nodes", field.Cells, field.N)
	}
	for row := range field.M() {
		for col := range field.M() {
			// The arguments reach 28π/8: cos errs by a unit in the last place there, and its argument by 2π·10⁻¹⁵.
			if got, want := field.Z[row*field.M()+col], f(col-20, row-20); math.Abs(got-want) > 3e-14 {
				t.Fatalf("column %d, row %d: %v, want %v", col-20, row-20, got, want)
			}
		}
	}
	s.X = append(slices.Clone(s.X[:n-1]), 8.5)
	if _, err := s.Field("", 1); err == nil || !strings.Contains(err.Error(), "equal steps") {
		t.Errorf("uneven axes: %v", err)
	}
	s.X = indices(3)
	if _, err := s.Field("", 1); err == nil || !strings.Contains(err.Error(), "as many rows as columns") {
		t.Errorf("an oblong: %v", err)
	}
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]Format{"a.npy": NPY, "b.NPZ": NPZ, "c.d.csv": CSV, "e.h5": HDF5, "f.hdf5": HDF5, "g": "", "h.png": ""} {
		if got, err := FormatOf(name); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
