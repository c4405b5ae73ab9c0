package webgpu

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is remembered of an adapter is read again, and is not that of another one or of another driver.
func TestShapesAreRemembered(t *testing.T) {
	memo := shapeMemo{filepath.Join(t.TempDir(), "new", "folder"), "webgpu/vulkan/a card/1.2"}
	if shape, ok := memo.read(); ok {
		t.Errorf("%v before anything was written", shape)
	}
	memo.write(tileShapes[2])
	other := shapeMemo{memo.folder, "webgpu/vulkan/a card/1.3"}
	if shape, ok := other.read(); ok {
		t.Errorf("%v of another driver", shape)
	}
	other.write(tileShapes[1])
	for m, want := range map[shapeMemo]tileShape{memo: tileShapes[2], other: tileShapes[1]} {
		if shape, ok := m.read(); !ok || shape != want {
			t.Errorf("%s: %v, %v, expected %v", m.path, shape, ok, want)
		}
	}
	if files, err := os.ReadDir(memo.folder); err != nil || len(files) != 1 {
		t.Errorf("%v (%v), expected one file", files, err)
	}
}

// A file that is damaged, or has what this program does not know, is as good as none, and is replaced.
func TestDamagedShapesAreForgotten(t *testing.T) {
	memo := shapeMemo{t.TempDir(), "webgpu/metal/a card/"}
	for _, text := range []string{"", "null", "[]", `{"` + memo.key() + `": 7}`, `{"` + memo.key() + `": "65x64_8x8"}`, "{", strings.Repeat("[", 1000)} {
		if err := os.WriteFile(memo.file(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if shape, ok := memo.read(); ok {
			t.Errorf("%.40s: %v", text, shape)
		}
		memo.write(tileShapes[1])
		if shape, ok := memo.read(); !ok || shape != tileShapes[1] {
			t.Errorf("%.40s: %v, %v after it was replaced", text, shape, ok)
		}
	}
}

// Where nothing can be kept nothing is, and nobody hears of it.
func TestShapesThatCannotBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"", file, filepath.Join(file, "below")} {
		memo := shapeMemo{folder, "webgpu/metal/a card/"}
		memo.write(tileShapes[1])
		if shape, ok := memo.read(); ok {
			t.Errorf("%q remembers %v", folder, shape)
		}
	}
}

// Each shape is one that a kernel can have: whole fours for each thread, no more threads and shared memory than every device has, and every value of its tile made
// by one thread alone.
func TestShapesAreWhole(t *testing.T) {
	for _, s := range tileShapes {
		if s.Threads() > 256 || 4*(s.Lefts()+s.Rights()) > 16<<10 || s.Quads()*4*s.Threads() != s.Lines*s.Columns {
			t.Errorf("%v: %d threads with %d fours each, %d bytes shared", s, s.Threads(), s.Quads(), 4*(s.Lefts()+s.Rights()))
		}
		made := map[[2]int]int{}
		for thread := range s.Threads() {
			for _, l := range s.LineOffsets() {
				for _, c := range s.ColumnOffsets() {
					for i := range 4 {
						made[[2]int{thread/s.Abreast()*4 + l, thread%s.Abreast()*4 + c + i}]++
					}
				}
			}
		}
		for at, times := range made {
			if times != 1 || at[0] >= s.Lines || at[1] >= s.Columns {
				t.Fatalf("%v: value %v is made %d times", s, at, times)
			}
		}
	}
}

// A driver that computes on the processor has nothing timed, and its Path is the adapter's.
func TestNothingIsTunedOnAProcessor(t *testing.T) {
	e := anyEngine(t)
	if e.adapter.Kind != CPU {
		t.Skip("skipped: this machine has a graphics card")
	}
	folder := t.TempDir()
	again, err := New(e.adapter, folder)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 || again.Path() != e.adapter.Path() {
		t.Errorf("%v (%v), Path %s", files, err, again.Path())
	}
}

// shapesTimed: the shape that was the fastest is remembered, taken from there the next time, part of Path, and the only one that kernels are kept of.
func shapesTimed(t *testing.T, e *Engine) {
	before := e.Path()
	e.adapter.Limits.shape = tileShape{}
	folder := t.TempDir()
	e.tune(folder, wide(), 8)
	chosen := e.adapter.Limits.shape
	if shape, ok := (shapeMemo{folder, e.adapter.Path()}).read(); !ok || shape != chosen {
		t.Errorf("%v is remembered (%v), %v is used", shape, ok, chosen)
	}
	if name := strings.TrimPrefix(e.Path(), e.adapter.Path()+"/"); name != chosen.String() {
		t.Errorf("Path %s, before %s", e.Path(), before)
	}
	for name := range e.kernels {
		if shape, _, ok := shapeOf(name); ok && shape != chosen {
			t.Errorf("%s is kept, where %v is used", name, chosen)
		}
	}
	other := tileShapes[0]
	if chosen == other {
		other = tileShapes[1]
	}
	shapeMemo{folder, e.adapter.Path()}.write(other)
	e.tune(folder, wide(), 8)
	if e.adapter.Limits.shape != other {
		t.Errorf("%v is used, where %v is remembered", e.adapter.Limits.shape, other)
	}
	e.adapter.Limits.group, e.adapter.Limits.shape = 32, chosen
	e.tune(folder, wide(), 8)
	if e.adapter.Limits.shape != chosen {
		t.Errorf("%v, which is remembered, is used by a device that lets 32 threads share memory", e.adapter.Limits.shape)
	}
	e.adapter.Limits.group = least.group
}
