package gridfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// randomSurface has missing and infinite cells, and names and notes that every format must guard.
func randomSurface(rng *rand.Rand, grids int) Surface {
	axis := func() []float64 {
		x := make([]float64, 1+rng.IntN(9))
		at := rng.NormFloat64()
		for i := range x {
			at += math.Exp(3 * rng.NormFloat64())
			x[i] = at
		}
		return x
	}
	s := Surface{X: axis(), Y: axis()}
	names := []string{"loss", "=cmd|'calc'!A0", "+1", "-2", "@sum", "'quoted'", "a,b;c", `say "z"`, "δ-smoothed", "1", "nan", "#no", "z", "＝1", "'=1", "\u200b+1"}
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:grids] {
		v := Values{Name: name, Z: make([]float64, len(s.X)*len(s.Y))}
		for i := range v.Z {
			switch rng.IntN(12) {
			case 0:
				v.Z[i] = math.NaN()
			case 1:
				v.Z[i] = math.Inf(1 - 2*rng.IntN(2))
			case 2:
				v.Z[i] = float64(rng.IntN(3) - 1) // −1 is special in .h5
			default:
				v.Z[i] = math.Ldexp(rng.NormFloat64(), rng.IntN(600)-300)
			}
		}
		s.Values = append(s.Values, v)
	}
	texts := []string{"slice smoothing", "", " spaces ", "two\nlines", `"quotes"`, `back\slash`, "=1+1", "δ = ηC/√b", "# hash: colon", "tab\tand\u2028"}
	for i := range rng.IntN(4) {
		s.Notes = append(s.Notes, Note{fmt.Sprintf("note_%d.a-B", i), texts[rng.IntN(len(texts))]})
	}
	return s
}

func encoded(t *testing.T, format Format, s Surface) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, s); err != nil {
		t.Fatalf("%s: %v\n%+v", format, err, s)
	}
	return b.Bytes()
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 8))
	for round := range 80 {
		for _, format := range []Format{NPY, NPZ, CSV, Matrix, HDF5} {
			grids := 1 + rng.IntN(4)
			if format == NPY || format == Matrix {
				grids = 1
			}
			s := randomSurface(rng, grids)
			data := encoded(t, format, s)
			if !bytes.Equal(data, encoded(t, format, s)) {
				t.Fatalf("%s: the same surface gives other bytes", format)
			}
			c, err := Read(bytes.NewReader(data), "back")
			if err != nil {
				t.Fatalf("round %d, %s: %v\n%s", round, format, err, data)
			}
			want := s
			switch format {
			case NPY:
				want = Surface{X: indices(len(s.X)), Y: indices(len(s.Y)), Indexed: true, Values: []Values{{"z", s.Values[0].Z}}}
			case HDF5: // members come in the order of their names
				want.Values, want.Notes = slices.Clone(s.Values), slices.Clone(s.Notes)
				slices.SortFunc(want.Values, func(a, b Values) int { return strings.Compare(a.Name, b.Name) })
			}
			if !same(c.Surface.X, want.X) || !same(c.Surface.Y, want.Y) || c.Surface.Indexed != want.Indexed || len(c.Skipped) != 0 {
				t.Fatalf("round %d, %s: %+v, want %+v", round, format, c, want)
			}
			wantSurface(t, c.Surface, want.X, want.Y, want.Values...)
			if !slices.Equal(c.Surface.Notes, want.Notes) {
				t.Fatalf("round %d, %s: notes %q, want %q\n%s", round, format, c.Surface.Notes, want.Notes, data)
			}
		}
	}
}

func TestSurfacesThatCannotBeWritten(t *testing.T) {
	good := func() Surface {
		return Surface{X: []float64{0, 1}, Y: []float64{0}, Values: []Values{{"z", []float64{1, 2}}}}
	}
	for name, spoil := range map[string]func(*Surface){
		"too few values":      func(s *Surface) { s.Values[0].Z = s.Values[0].Z[:1] },
		"a falling axis":      func(s *Surface) { s.X = []float64{1, 0} },
		"an infinite axis":    func(s *Surface) { s.X = []float64{0, math.Inf(1)} },
		"no grid":             func(s *Surface) { s.Values = nil },
		"a name twice":        func(s *Surface) { s.Values = append(s.Values, s.Values[0]) },
		"a name of an axis":   func(s *Surface) { s.Values[0].Name = "alpha" },
		"a path as a name":    func(s *Surface) { s.Values[0].Name = "../z" },
		"a note called x":     func(s *Surface) { s.Notes = []Note{{"x", ""}} },
		"a note of two words": func(s *Surface) { s.Notes = []Note{{"two words", ""}} },
		"a note with a zero":  func(s *Surface) { s.Notes = []Note{{"n", "\x00"}} },
		"a note, not UTF-8":   func(s *Surface) { s.Notes = []Note{{"n", "\xff"}} },
	} {
		s := good()
		spoil(&s)
		for _, format := range []Format{NPY, NPZ, CSV, Matrix, HDF5} {
			var b bytes.Buffer
			if err := Write(&b, format, s); err == nil || b.Len() > 0 {
				t.Errorf("%s, %s: no error, or %d bytes written", name, format, b.Len())
			}
		}
	}
	two := good()
	two.Values = append(two.Values, Values{"more", []float64{1, 2}})
	for _, format := range []Format{NPY, Matrix} {
		if err := Write(&bytes.Buffer{}, format, two); err == nil {
			t.Errorf("%s takes two grids", format)
		}
	}
}

func TestTrajectoriesAndDirectionsAreReadBack(t *testing.T) {
	var b bytes.Buffer
	path := Trajectory{X: []float64{1, 2, 3}, Y: []float64{-1, 0.1, math.Pi}, ExplainedVariance: []float64{0.7, 0.2}, Notes: []Note{{"run", "seed 1"}}}
	if err := WriteTrajectory(&b, path); err != nil {
		t.Fatal(err)
	}
	c, err := Read(&b, "path.h5")
	if err != nil || c.Trajectory == nil || !same(c.Trajectory.X, path.X) || !same(c.Trajectory.Y, path.Y) || !same(c.Trajectory.ExplainedVariance, path.ExplainedVariance) || !slices.Equal(c.Trajectory.Notes, path.Notes) {
		t.Errorf("%+v, %v", c.Trajectory, err)
	}
	b.Reset()
	wide := Directions{X: []Tensor{{[]int{2, 2}, []float64{1, 0.1, 3, 4}}, {nil, []float64{5}}}, Y: []Tensor{{[]int{3}, []float64{0.5, math.NaN(), math.Inf(1)}}, {[]int{0}, nil}}}
	if err := WriteDirections(&b, wide); err != nil {
		t.Fatal(err)
	}
	c, err = Read(&b, "directions.h5")
	equal := func(a, b Tensor) bool { return slices.Equal(a.Shape, b.Shape) && same(a.Values, b.Values) }
	if err != nil || c.Directions == nil || !slices.EqualFunc(c.Directions.X, wide.X, equal) || !slices.EqualFunc(c.Directions.Y, wide.Y, equal) {
		t.Errorf("%+v, %v", c.Directions, err)
	}
	if err := WriteTrajectory(&b, Trajectory{X: []float64{1}}); err == nil {
		t.Error("a trajectory without y was written")
	}
}

// What a spreadsheet would run is a text with a ' before it, in the header and in the corner.
func TestCSVRunsNothingInASpreadsheet(t *testing.T) {
	for _, name := range []string{"=1+1", "+1", "-1", "@sum(a1)", "=HYPERLINK(\"x\")"} {
		s := Surface{X: []float64{-1, 2}, Y: []float64{0}, Values: []Values{{name, []float64{-1, 2}}}}
		for _, format := range []Format{CSV, Matrix} {
			for _, line := range strings.Split(string(encoded(t, format, s)), "\n") {
				for _, cell := range strings.Split(line, ",") {
					cell = strings.Trim(cell, `"`)
					if cell != "" && strings.ContainsRune("=+@", rune(cell[0])) || strings.HasPrefix(cell, "-") && !isNumber(cell) {
						t.Errorf("%s: the cell %q", format, cell)
					}
				}
			}
		}
	}
}

// What is guarded and what is not stands in a file, to which the browser is held too.
func TestSheetText(t *testing.T) {
	text, err := os.ReadFile("testdata/sheettext.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][2]string
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		if got := SheetText(c[0]); got != c[1] {
			t.Errorf("%q is written as %q, want %q", c[0], got, c[1])
		}
	}
}

// The bytes of a small file of each text-like format, so that a change of form is seen.
func TestGoldens(t *testing.T) {
	s := Surface{X: []float64{0, 0.5}, Y: []float64{-1, 1}, Values: []Values{{"loss", []float64{1, math.NaN(), 1e-300, math.Inf(-1)}}}, Notes: []Note{{"label", "slice smoothing"}}}
	long := "# label: slice smoothing\nx,y,loss\n0,-1,1\n0.5,-1,nan\n0,1,1e-300\n0.5,1,-inf\n"
	if got := string(encoded(t, CSV, s)); got != long {
		t.Errorf("long table\n%s\nwant\n%s", got, long)
	}
	matrix := "# label: slice smoothing\nloss,0,0.5\n-1,1,nan\n1,1e-300,-inf\n"
	if got := string(encoded(t, Matrix, s)); got != matrix {
		t.Errorf("matrix\n%s\nwant\n%s", got, matrix)
	}
	// What numpy.save makes of row·10 + col + 0.5 in float64, byte for byte.
	ramp := Surface{X: fixtureX, Y: fixtureY, Values: []Values{{"z", fixtureZ()}}}
	if got, want := encoded(t, NPY, ramp), fixture(t, "le-f8.npy"); !bytes.Equal(got, want) {
		t.Errorf("NPY\n%q\nwant\n%q", got, want)
	}
}

// NumPy and h5py, where they are installed, are the witnesses that others can read the files.
func TestPythonOpensWhatIsWritten(t *testing.T) {
	const script = `
import sys, h5py, numpy as np
folder = sys.argv[1] + '/'
x, y = np.linspace(0, 1.5, 4), np.linspace(-1, 1, 3)
z = np.add.outer(10 * np.arange(3), np.arange(4)) + 0.5
z[1, 2] = np.nan
label = 'slice smoothing, δ = ηC/√b'
same = lambda a, b: np.array_equal(a, b, equal_nan=True)
assert same(np.load(folder + 'a.npy', allow_pickle=False), z)
with np.load(folder + 'a.npz', allow_pickle=False) as f:
    assert sorted(f.files) == ['label', 'loss', 'nothing', 'x', 'y'], f.files
    assert same(f['x'], x) and same(f['y'], y) and same(f['loss'], z)
    assert str(f['label']) == label and str(f['nothing']) == '', repr(f['label'])
t = np.genfromtxt(folder + 'a.csv', delimiter=',', names=True, skip_header=2) # behind the two notes
assert t.dtype.names == ('x', 'y', 'loss') and same(t['loss'], z.ravel()) and same(t['x'][:4], x), t
m = np.genfromtxt(folder + 'b.csv', delimiter=',', comments='#')
assert same(m[0, 1:], x) and same(m[1:, 0], y) and same(m[1:, 1:], z)
with h5py.File(folder + 'a.h5', 'r') as f:
    w = f['loss'][:]
    assert w[1, 2] == -1 and w.shape == (3, 4)
    w[w == -1] = np.nan
    assert same(w, z) and same(f['xcoordinates'][:], x) and same(f['ycoordinates'][:], y)
    assert f['label'].asstr()[()] == label
with h5py.File(folder + 'd.h5', 'r') as f:
    assert f['xdirection/0'].dtype == np.float32 and f['xdirection/0'].shape == (2, 2)
    assert list(f['ydirection']['1'][:]) == [7.1]
    assert list(f['explained_variance_ratio_'][:]) == [0.5, 0.25]
with h5py.File(folder + 'p.h5', 'r') as f:
    assert list(f['proj_xcoord'][:]) == [1, 2] and list(f['proj_ycoord'][:]) == [3, 4]
`
	python := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if path, err := exec.LookPath(name); err == nil && exec.Command(path, "-c", "import h5py, numpy").Run() == nil {
			python = path
			break
		}
	}
	if python == "" {
		t.Skip("SKIPPED: no python3 with numpy and h5py on this machine")
	}
	folder := t.TempDir()
	s := Surface{X: fixtureX, Y: fixtureY, Values: []Values{{"loss", fixtureZ()}}, Notes: []Note{{"label", "slice smoothing, δ = ηC/√b"}, {"nothing", ""}}}
	s.Values[0].Z[6] = math.NaN()
	files := map[string][]byte{"a.npy": encoded(t, NPY, s), "a.npz": encoded(t, NPZ, s), "a.csv": encoded(t, CSV, s), "b.csv": encoded(t, Matrix, s), "a.h5": encoded(t, HDF5, s)}
	var b bytes.Buffer
	if err := WriteDirections(&b, Directions{X: []Tensor{{[]int{2, 2}, []float64{1, 2, 3, 4}}}, Y: []Tensor{{nil, []float64{1}}, {[]int{1}, []float64{7.1}}}, ExplainedVariance: []float64{0.5, 0.25}}); err != nil {
		t.Fatal(err)
	}
	files["d.h5"] = bytes.Clone(b.Bytes())
	b.Reset()
	if err := WriteTrajectory(&b, Trajectory{X: []float64{1, 2}, Y: []float64{3, 4}}); err != nil {
		t.Fatal(err)
	}
	files["p.h5"] = b.Bytes()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(python, "-c", script, folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
