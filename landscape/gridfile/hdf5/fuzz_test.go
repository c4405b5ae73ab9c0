package hdf5

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// readEverything reads all members of a file, a few groups deep, and reports whether anything could be read. It fails the
// test on an error that is no *FormatError.
func readEverything(t *testing.T, data []byte) {
	t.Helper()
	f, err := Open(data)
	if err != nil {
		wantFormatError(t, err)
		return
	}
	f.work, f.elements = 1<<16, 1<<18 // so that nothing takes long
	root, err := f.Root()
	if err != nil {
		wantFormatError(t, err)
		return
	}
	readMembers(t, root, 3)
}

func readMembers(t *testing.T, g *Group, depth int) {
	t.Helper()
	for i, name := range g.Names() {
		if i > 200 {
			return
		}
		if g.IsGroup(name) {
			if sub, err := g.Group(name); err != nil {
				wantFormatError(t, err)
			} else if depth > 0 {
				readMembers(t, sub, depth-1)
			}
			continue
		}
		d, err := g.Dataset(name)
		if err != nil {
			wantFormatError(t, err)
			continue
		}
		if d.IsText() {
			_, err = d.Texts()
		} else {
			_, err = d.Floats()
		}
		if err != nil {
			wantFormatError(t, err)
		}
	}
}

func wantFormatError(t *testing.T, err error) {
	t.Helper()
	var format *FormatError
	if !errors.As(err, &format) || format.Expected == "" || format.Found == "" || format.Reading == "" {
		t.Errorf("%#v is no FormatError", err)
	}
}

func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.h5")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func FuzzHDF5(f *testing.F) {
	for _, data := range fixtures(f) {
		f.Add(data)
	}
	var b bytes.Buffer
	if _, err := exampleTree().WriteTo(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(readEverything)
}

// Checksums hide most of a new file from random changes: without them fuzzing reaches further.
func TestChangedBytesNeitherCrashNorHang(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 60
	}
	rng := rand.New(rand.NewPCG(3, 5))
	for name, data := range fixtures(t) {
		for range rounds {
			changed := bytes.Clone(data)
			for range 1 + rng.IntN(4) {
				at := rng.IntN(min(len(changed), 8192))
				switch rng.IntN(3) {
				case 0:
					changed[at] = byte(rng.Uint32())
				case 1:
					changed[at] = 0xff
				default:
					changed[at] ^= 1 << rng.IntN(8)
				}
			}
			start := time.Now()
			readEverything(t, changed)
			if took := time.Since(start); took > 10*time.Second {
				t.Fatalf("%s: a changed file took %v", name, took)
			}
		}
	}
}

func TestTruncatedFilesAreRefused(t *testing.T) {
	for name, data := range fixtures(t) {
		for at := 0; at < len(data); at += 1 + at/50 {
			readEverything(t, data[:at])
		}
		_ = name
	}
}

// A header may claim what it likes: nothing is allocated before the file proves it, beyond the stated limit.
func TestGreatClaimsAllocateLittle(t *testing.T) {
	tree := &Tree{}
	tree.AddFloats("x", []int{4, 4}, make([]float64, 16))
	data := written(t, tree)
	at := bytes.Index(data, []byte{4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0})
	if at < 0 {
		t.Fatal("the shape was not found")
	}
	for _, high := range []int{1, 2, 3, 4, 5, 6, 7} {
		changed := bytes.Clone(data)
		changed[at+high] = 0x7f
		changed[at+8+high] = 0x7f
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		readEverything(t, changed)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
			t.Errorf("a shape with byte %d changed allocates %d bytes", high, grown)
		}
	}
}
