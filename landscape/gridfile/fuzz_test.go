package gridfile

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

// readAnything demands of any bytes either a *FileError, or contents that hold together and survive being written again.
func readAnything(t *testing.T, data []byte) {
	t.Helper()
	c, err := Read(bytes.NewReader(data), "any")
	if err != nil {
		var file *FileError
		if !errors.As(err, &file) || file.File != "any" || file.Doing != "reading" || file.Expected == "" || file.Found == "" {
			t.Fatalf("%#v is no FileError that says it all", err)
		}
		return
	}
	if c.Surface == nil {
		if c.Trajectory == nil && c.Directions == nil {
			t.Fatal("neither an error nor contents")
		}
		return
	}
	s := *c.Surface
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	for _, v := range s.Values {
		if n := v.Missing(); n < 0 || n > len(v.Z) {
			t.Fatalf("%d of %d missing", n, len(v.Z))
		}
	}
	if len(s.X)*len(s.Y)*len(s.Values) > 1<<12 {
		return // writing takes time
	}
	for _, format := range []Format{NPZ, CSV, HDF5} {
		var b bytes.Buffer
		if err := Write(&b, format, s); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		again, err := Read(&b, "again")
		if err != nil {
			t.Fatalf("%s again: %v", format, err)
		}
		if len(again.Surface.Values) != len(s.Values) || !same(again.Surface.X, s.X) || !same(again.Surface.Y, s.Y) {
			t.Fatalf("%s again: %+v, want %+v", format, again.Surface, s)
		}
		for _, v := range again.Surface.Values {
			was := s.Values[slices.IndexFunc(s.Values, func(w Values) bool { return w.Name == v.Name })]
			if len(v.Z) == len(was.Z) && !same(v.Z, was.Z) {
				t.Fatalf("%s again: %v, want %v", format, v, was)
			}
		}
	}
}

func seed(f *testing.F, pattern string) {
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		f.Add(fixture(f, filepath.Base(name)))
	}
}

func FuzzNPY(f *testing.F) {
	seed(f, "*.npy")
	f.Fuzz(func(t *testing.T, data []byte) {
		readAnything(t, append([]byte(npyMagic), bytes.TrimPrefix(data, []byte(npyMagic))...))
	})
}

func FuzzNPZ(f *testing.F) {
	seed(f, "*.npz")
	f.Fuzz(func(t *testing.T, data []byte) {
		readAnything(t, append([]byte("PK\x03\x04"), bytes.TrimPrefix(data, []byte("PK\x03\x04"))...))
	})
}

func FuzzCSV(f *testing.F) {
	for _, text := range []string{
		"x,y,loss\n0,-1,1\n1,-1,2\n0,2,3\n1,2,4\n", "# label: a\nx;y;'=b\n0;0;\n", ",0,1\n-1,1,2\n2,3,inf\n", "1,2\n3,4\n", "loss,1\n0,\"1\"\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(readAnything)
}

func FuzzHDF5(f *testing.F) {
	seed(f, "*.h5")
	f.Fuzz(readAnything)
}
