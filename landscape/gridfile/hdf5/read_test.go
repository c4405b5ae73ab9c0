package hdf5

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func openFixture(t *testing.T, name string) *Group {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// ramp is row·10 + col.
func ramp(rows, cols int) []float64 {
	var v []float64
	for row := range rows {
		for col := range cols {
			v = append(v, float64(10*row+col))
		}
	}
	return v
}

func floatsOf(g *Group, name string) (shape []int, v []float64, err error) {
	d, err := g.Dataset(name)
	if err != nil {
		return nil, nil, err
	}
	v, err = d.Floats()
	return d.Shape, v, err
}

func wantFloats(t *testing.T, g *Group, name string, shape []int, want []float64) {
	t.Helper()
	got, v, err := floatsOf(g, name)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !slices.Equal(got, shape) || !slices.Equal(v, want) {
		t.Errorf("%s: %v %v, want %v %v", name, got, v, shape, want)
	}
}

func wantText(t *testing.T, g *Group, name, want string) {
	t.Helper()
	d, err := g.Dataset(name)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	texts, err := d.Texts()
	if err != nil || len(texts) != 1 || texts[0] != want {
		t.Errorf("%s: %q, %v, want %q", name, texts, err, want)
	}
}

func TestFilesThatH5pyWrites(t *testing.T) {
	line := []float64{0, 0.5, 1, 1.5, 2}
	for _, name := range []string{"earliest.h5", "latest.h5"} {
		t.Run(name, func(t *testing.T) {
			g := openFixture(t, name)
			wantFloats(t, g, "x", []int{5}, line)
			wantFloats(t, g, "grid", []int{3, 4}, ramp(3, 4))
			wantFloats(t, g, "big", []int{3, 4}, ramp(3, 4))
			wantFloats(t, g, "half", []int{3}, []float64{0.5, -2, math.Inf(1)})
			wantFloats(t, g, "ints", []int{7}, []float64{-3, -2, -1, 0, 1, 2, 3})
			wantFloats(t, g, "bytes", []int{6}, []float64{250, 251, 252, 253, 254, 255})
			wantFloats(t, g, "flags", []int{2}, []float64{1, 0})
			wantFloats(t, g, "chunked", []int{37, 23}, ramp(37, 23))
			wantFloats(t, g, "empty", []int{2, 3}, []float64{-1, -1, -1, -1, -1, -1})
			wantText(t, g, "text", "δ = ηC/√b")
			wantText(t, g, "fixed", "abc")
			if !g.IsGroup("many") || g.IsGroup("x") {
				t.Errorf("IsGroup: many %v, x %v", g.IsGroup("many"), g.IsGroup("x"))
			}
			many, err := g.Group("many")
			if err != nil {
				t.Fatal(err)
			}
			if n := len(many.Names()); n != 100 {
				t.Errorf("%d members of many", n)
			}
			for i := range 100 {
				wantFloats(t, many, fmt.Sprint(i), nil, []float64{float64(i)})
			}
		})
	}
	g := openFixture(t, "userblock.h5")
	wantFloats(t, g, "x", []int{5}, line)
	wantText(t, g, "text", "δ = ηC/√b")
}

func TestChunksOfTheNewestForm(t *testing.T) {
	g := openFixture(t, "latest-chunks.h5")
	want := ramp(37, 23)
	for _, name := range []string{"single", "single-gzip", "fixed", "implicit"} {
		wantFloats(t, g, name, []int{37, 23}, want)
	}
	count := make([]float64, 3000)
	holes := make([]float64, 3000)
	for i := range count {
		count[i], holes[i] = float64(i), 7
	}
	holes[2500], holes[2501] = 1, 2
	wantFloats(t, g, "paged", []int{3000}, count)
	wantFloats(t, g, "holes", []int{3000}, holes)
	wantFloats(t, g, "compact", []int{2, 3}, ramp(2, 3))
	wantFloats(t, g, "in-header", []int{5}, []float64{0, 0.5, 1, 1.5, 2})
}

func TestWhatIsRefusedIsNamed(t *testing.T) {
	for _, c := range []struct{ file, member, want string }{
		{"refused.h5", "lzf", "found LZF"},
		{"refused.h5", "compound", "found a compound"},
		{"refused.h5", "complex", "found a compound"},
		{"refused.h5", "sequence", "sequences of variable length"},
		{"refused.h5", "committed", "committed datatype"},
		{"refused.h5", "type", "another object"},
		{"refused.h5", "soft", `a member "soft"`},
		{"refused.h5", "nothing", `a member "nothing"`},
		{"refused-latest.h5", "growing", "an extensible array"},
	} {
		_, _, err := floatsOf(openFixture(t, c.file), c.member)
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: %v, want a FormatError with %q", c.file, c.member, err, c.want)
		}
	}
}

// Half precision: 2⁻²⁴ is the least, 65504 the greatest finite number.
func TestFloat16(t *testing.T) {
	for bits, want := range map[uint16]float64{0: 0, 1: 0x1p-24, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1), 0x3555: 0.333251953125} {
		if got := Float16(bits); got != want {
			t.Errorf("%#x: %v, want %v", bits, got, want)
		}
	}
	if !math.IsNaN(Float16(0x7e00)) {
		t.Error("0x7e00 is not NaN")
	}
}

// The checksum of lookup3.c's own self test: "Four score and seven years ago", 17770551 from the initial value 0.
func TestLookup3(t *testing.T) {
	if got := lookup3([]byte("Four score and seven years ago")); got != 0x17770551 {
		t.Errorf("%08x", got)
	}
	if got := lookup3(nil); got != 0xdeadbeef {
		t.Errorf("%08x for nothing", got)
	}
}
