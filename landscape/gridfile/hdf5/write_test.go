package hdf5

import (
	"bytes"
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

func written(t *testing.T, tree *Tree) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := tree.WriteTo(&b)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(b.Len()) {
		t.Errorf("WriteTo returns %d of %d bytes", n, b.Len())
	}
	return b.Bytes()
}

func reopened(t *testing.T, data []byte) *Group {
	t.Helper()
	f, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	g, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// exampleTree has a member of every kind, and a group of so many that its B-tree has three levels.
func exampleTree() *Tree {
	t := &Tree{}
	t.AddFloats("grid", []int{3, 4}, ramp(3, 4))
	t.AddFloats("one", nil, []float64{-0.5})
	t.AddFloats("odd", []int{3}, []float64{math.Inf(1), math.Inf(-1), math.MaxFloat64})
	t.AddFloats("none", []int{0, 4}, nil)
	t.AddFloat32s("narrow", []int{3}, []float32{1, 2.5, -3})
	t.AddText("text", "δ = ηC/√b")
	t.AddText("long", strings.Repeat("wider than a heap ", 400))
	t.AddText("nothing", "")
	sub := t.AddTree("many")
	for i := range 8 * 32 * 3 {
		sub.AddFloats(fmt.Sprint(i), nil, []float64{float64(i)})
	}
	t.AddTree("bare")
	sub.AddTree("deeper").AddFloats("x", []int{2}, []float64{1, 2})
	return t
}

func TestWrittenFilesAreReadBack(t *testing.T) {
	data := written(t, exampleTree())
	g := reopened(t, data)
	wantFloats(t, g, "grid", []int{3, 4}, ramp(3, 4))
	wantFloats(t, g, "one", nil, []float64{-0.5})
	wantFloats(t, g, "odd", []int{3}, []float64{math.Inf(1), math.Inf(-1), math.MaxFloat64})
	wantFloats(t, g, "none", []int{0, 4}, nil)
	wantFloats(t, g, "narrow", []int{3}, []float64{1, 2.5, -3})
	wantText(t, g, "text", "δ = ηC/√b")
	wantText(t, g, "long", strings.Repeat("wider than a heap ", 400))
	wantText(t, g, "nothing", "")
	many, err := g.Group("many")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * 32 * 3 {
		wantFloats(t, many, fmt.Sprint(i), nil, []float64{float64(i)})
	}
	if bare, err := g.Group("bare"); err != nil || len(bare.Names()) != 0 {
		t.Errorf("bare: %v", err)
	}
	if !bytes.Equal(data, written(t, exampleTree())) {
		t.Error("the same tree gives other bytes")
	}
}

func TestRandomArraysAreReadBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for range 50 {
		tree := &Tree{}
		var names []string
		var shapes [][]int
		var arrays [][]float64
		for i := range 1 + rng.IntN(40) {
			shape := make([]int, rng.IntN(4))
			n := 1
			for j := range shape {
				shape[j] = rng.IntN(7)
				n *= shape[j]
			}
			v := make([]float64, n)
			for j := range v {
				v[j] = rng.NormFloat64()
			}
			names, shapes, arrays = append(names, fmt.Sprintf("%c%d", 'a'+rng.IntN(26), i)), append(shapes, shape), append(arrays, v)
			tree.AddFloats(names[i], shape, v)
		}
		g := reopened(t, written(t, tree))
		if got := g.Names(); len(got) != len(names) {
			t.Fatalf("members %v of %v", got, names)
		}
		for i := range names {
			wantFloats(t, g, names[i], shapes[i], arrays[i])
		}
	}
}

func TestTreesThatCannotBeWritten(t *testing.T) {
	for name, add := range map[string]func(*Tree){
		"a slash":              func(t *Tree) { t.AddFloats("a/b", nil, []float64{1}) },
		"no name":              func(t *Tree) { t.AddText("", "x") },
		"a name twice":         func(t *Tree) { t.AddText("a", "x"); t.AddText("a", "y") },
		"too few elements":     func(t *Tree) { t.AddFloats("a", []int{2, 3}, make([]float64, 5)) },
		"too many elements":    func(t *Tree) { t.AddFloats("a", []int{1 << 40, 1 << 40}, nil) },
		"a zero byte":          func(t *Tree) { t.AddText("a", "x\x00y") },
		"a fault further down": func(t *Tree) { t.AddTree("a").AddTree("b").AddText("", "x") },
	} {
		tree := &Tree{}
		add(tree)
		var b bytes.Buffer
		if _, err := tree.WriteTo(&b); err == nil || b.Len() > 0 {
			t.Errorf("%s: no error, or %d bytes written", name, b.Len())
		}
	}
}

// h5py, where it is installed, is the witness that others can read the files.
func TestH5pyOpensWhatIsWritten(t *testing.T) {
	const script = `
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], 'r') as f:
    assert np.array_equal(f['grid'][...], np.add.outer(10 * np.arange(3.0), np.arange(4.0))), f['grid'][...]
    assert f['grid'].dtype == np.dtype('<f8') and f['narrow'].dtype == np.dtype('<f4')
    assert f['one'][()] == -0.5 and f['one'].shape == ()
    assert np.array_equal(f['odd'][...], [np.inf, -np.inf, np.finfo('f8').max])
    assert f['none'].shape == (0, 4) and f['none'][...].size == 0
    assert np.array_equal(f['narrow'][...], [1, 2.5, -3])
    assert f['text'].asstr()[()] == 'δ = ηC/√b', f['text'][()]
    assert f['long'].asstr()[()] == 'wider than a heap ' * 400
    assert f['nothing'].asstr()[()] == ''
    many = f['many']
    assert len(many) == 8 * 32 * 3 + 1, len(many)
    for i in range(8 * 32 * 3):
        assert many[str(i)][()] == i
    assert list(many['deeper/x'][...]) == [1, 2]
    assert len(f['bare']) == 0
    names = []
    f.visit(names.append)
    print(len(names))
with h5py.File(sys.argv[1], 'r+') as f: # it can be added to, too
    f['more'] = np.arange(5.0)
    f['many/more'] = 'text'
with h5py.File(sys.argv[1], 'r') as f:
    assert f['more'][4] == 4 and f['many/767'][()] == 767 and f['many/more'].asstr()[()] == 'text'
`
	python := pythonWithH5py(t)
	file := filepath.Join(t.TempDir(), "written.h5")
	if err := os.WriteFile(file, written(t, exampleTree()), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", script, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := fmt.Sprint(8*32*3 + 12); strings.TrimSpace(string(out)) != want {
		t.Errorf("h5py visits %s members, want %s", out, want)
	}
	// What h5py has added is in the file that it left behind.
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g := reopened(t, data)
	wantFloats(t, g, "more", []int{5}, []float64{0, 1, 2, 3, 4})
	if many, err := g.Group("many"); err != nil || len(many.Names()) != 8*32*3+2 || !slices.Contains(many.Names(), "more") {
		t.Errorf("many after h5py: %v", err)
	}
}

// pythonWithH5py finds an interpreter, or skips the test and says why.
func pythonWithH5py(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if path, err := exec.LookPath(name); err == nil && exec.Command(path, "-c", "import h5py").Run() == nil {
			return path
		}
	}
	t.Log("SKIPPED: no python3 with h5py on this machine")
	t.Skip("SKIPPED: no python3 with h5py on this machine")
	return ""
}
