package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cifarRecords makes n records with the given label bytes before 3,072 pixels that tell record and place.
func cifarRecords(n int, labels func(i int) []byte) []byte {
	var out []byte
	for i := range n {
		out = append(out, labels(i)...)
		for p := range 3 * 32 * 32 {
			out = append(out, byte(i*7+p*3+p/1024*40))
		}
	}
	return out
}

func fine100(i int) []byte { return []byte{byte(i % 20), byte(i % 100)} }
func ten(i int) []byte     { return []byte{byte(i % 10)} }

func idxFileOf(magic uint32, content []byte, sizes ...uint32) []byte {
	out := binary.BigEndian.AppendUint32(nil, magic)
	for _, s := range sizes {
		out = binary.BigEndian.AppendUint32(out, s)
	}
	return append(out, content...)
}

func ramp(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i * 31 >> 2)
	}
	return out
}

func labelsMod(n, classes int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i % classes)
	}
	return out
}

func zipped(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(content)
	_ = w.Close()
	return b.Bytes()
}

// folderOf writes files (path to content) into a new folder.
func folderOf(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wantFormatError checks the type, the place and that the sentence has all the parts.
func wantFormatError(t *testing.T, err error, file string, offset int64, parts ...string) {
	t.Helper()
	var format *FormatError
	if !errors.As(err, &format) {
		t.Fatalf("got error %v, want a *FormatError", err)
	}
	if file != "" && filepath.Base(format.File) != file {
		t.Errorf("File = %s, want %s", format.File, file)
	}
	if format.Offset != offset {
		t.Errorf("Offset = %d, want %d", format.Offset, offset)
	}
	if format.Doing == "" || format.Expected == "" || format.Found == "" || format.Advice == "" {
		t.Errorf("a part is missing: %#v", format)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}
