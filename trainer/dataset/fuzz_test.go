package dataset

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"smoothscape/trainer/engine"
)

// Each target: any bytes give a result that fits its own promises, or a *FormatError that names the file; never a panic.

func wantNilOrFormatError(t *testing.T, err error) {
	t.Helper()
	var format *FormatError
	if err != nil && (!errors.As(err, &format) || format.File == "" || format.Expected == "" || format.Found == "") {
		t.Fatalf("got %#v, want a *FormatError with all its parts", err)
	}
}

func FuzzCIFAR(f *testing.F) {
	f.Add(cifarRecords(2, fine100), 1)
	f.Add(cifarRecords(2, ten), -1)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, content []byte, keep int) {
		for _, format := range []cifarFormat{cifar10Format(), cifar100Format()} {
			var split Split
			r := &reader{file: "x.bin", r: bytes.NewReader(content)}
			n, err := format.read(r, int64(len(content)), &split, keep, newMoments(3, 1024))
			wantNilOrFormatError(t, err)
			if err == nil && (len(split.Images) != 3072*split.Len() || split.Len() > n || n*(3072+len(format.labels)) != len(content)) {
				t.Fatalf("%d records, %d labels, %d pixels from %d bytes", n, split.Len(), len(split.Images), len(content))
			}
		}
	})
}

func FuzzIDXImages(f *testing.F) {
	f.Add(idxFileOf(0x803, ramp(24), 2, 3, 4), 2, -1)
	f.Add(zipped(idxFileOf(0x803, ramp(24), 2, 3, 4)), 2, 1)
	f.Add(idxFileOf(0x803, nil, 1<<31, 1<<31, 1<<31), 1<<31, -1)
	f.Fuzz(func(t *testing.T, content []byte, count, keep int) {
		want := idxWant{count: count, labels: "y", shape: engine.Shape{}, keep: keep, stats: true}
		shape, _, images, err := want.read(&reader{file: "x", r: bytes.NewReader(content)}, int64(len(content)))
		wantNilOrFormatError(t, err)
		if err == nil && len(images)%shape.Len() != 0 {
			t.Fatalf("%d bytes of images of %s", len(images), shape)
		}
	})
}

func FuzzIDXLabels(f *testing.F) {
	f.Add(idxFileOf(0x801, labelsMod(5, 3), 5))
	f.Add(zipped(idxFileOf(0x801, labelsMod(5, 3), 5)))
	f.Fuzz(func(t *testing.T, content []byte) {
		labels, err := readIDXLabels(&reader{file: "x", r: bytes.NewReader(content)}, int64(len(content)))
		wantNilOrFormatError(t, err)
		if err == nil && len(labels) == 0 {
			t.Fatal("no labels and no error")
		}
	})
}

func FuzzClassNames(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n c \n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		names, err := readNames(&reader{file: "x", r: bytes.NewReader(content)}, 3)
		wantNilOrFormatError(t, err)
		if err == nil && len(names) != 3 {
			t.Fatalf("%d names", len(names))
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(tarOf(entry{name: "d/train.bin", content: []byte("12345")}))
	f.Add(tarOf(entry{name: "../d/train.bin", content: []byte("12345")}))
	f.Fuzz(func(t *testing.T, content []byte) {
		archive := Archive{Name: "x", URL: "x", Folder: "d", Members: []Member{{Name: "train.bin", Size: 5}}}
		err := (&fetcher{archive: archive, dir: "d"}).members(&progressReader{ctx: context.Background(), r: bytes.NewReader(zipped(content)), report: func(int64) {}}, t.TempDir())
		wantNilOrFormatError(t, err)
	})
}
