package dataset

import (
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

func TestOpenFindsTheFolderInside(t *testing.T) {
	dir := folderOf(t, map[string][]byte{"readme.txt": []byte("hello"), "other/x.txt": nil,
		"cifar-100-binary/train.bin": cifarRecords(3, fine100), "cifar-100-binary/test.bin": cifarRecords(2, fine100)})
	set, err := Open(dir)
	if err != nil || set.Train.Len() != 3 {
		t.Fatalf("got %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	cifar := cifarRecords(1, fine100)
	for _, c := range []struct {
		name  string
		files map[string][]byte
		path  string // inside the folder
		says  []string
	}{
		{"a folder that is not there", nil, "nowhere", []string{"no such file", "check the path"}},
		{"a file", map[string][]byte{"train.bin": cifar}, "train.bin", []string{"expected a folder", "found a file"}},
		{"an empty folder", nil, "", []string{"train.bin", "data_batch_1.bin", "train-images-idx3-ubyte", "an empty folder"}},
		{"a folder without data", map[string][]byte{"a": nil, "b": nil, "c": nil, "d": nil, "e": nil, "f": nil, "g": nil}, "", []string{"a, b, c, d, e, f and 1 more"}},
		{"a packed archive", map[string][]byte{"cifar-100-binary.tar.gz": nil}, "", []string{"unpack cifar-100-binary.tar.gz first"}},
		{"the Python version", map[string][]byte{"data_batch_1": nil, "batches.meta": nil}, "", []string{"get the binary version"}},
		{"two sets in one folder", map[string][]byte{"train.bin": cifar, "test_batch.bin": cifar}, "", []string{"CIFAR-100", "CIFAR-10 binary", "folder of its own"}},
		{"two folders with sets", map[string][]byte{"x/train.bin": cifar, "y/train.bin": cifar}, "", []string{"several", "name one of those"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(filepath.Join(folderOf(t, c.files), c.path))
			wantFormatError(t, err, "", -1, c.says...)
		})
	}
}

func TestOpenRefusesAFolderInPlaceOfAFile(t *testing.T) {
	_, err := Open(folderOf(t, map[string][]byte{"train.bin/x": nil, "test.bin": cifarRecords(1, fine100)}))
	wantFormatError(t, err, "train.bin", -1, "not a plain file")
}

// restless is a file system whose files are another size, later, or gone, each time one asks for the second time.
type restless struct {
	fstest.MapFS
	name string
	gone bool
	asks *int
}

func (r restless) Stat(name string) (fs.FileInfo, error) {
	if name == r.name {
		*r.asks++
		if *r.asks > 3 { // detection and opening ask before
			if r.gone {
				return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
			}
			later := *r.MapFS[name] // a copy: who asked before keeps the old answer
			later.ModTime = time.Unix(int64(*r.asks), 0)
			r.MapFS[name] = &later
		}
	}
	return r.MapFS.Stat(name)
}

func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	for _, gone := range []bool{false, true} {
		files := fstest.MapFS{"train.bin": {Data: cifarRecords(2, fine100)}, "test.bin": {Data: cifarRecords(2, fine100)}}
		asks := 2
		_, err := readCIFAR100(folder{fsys: restless{files, "train.bin", gone, &asks}, path: "set"}, -1)
		wantFormatError(t, err, "train.bin", -1, "stayed the same")
	}
}

func TestBatchNormalises(t *testing.T) {
	set, err := Open(folderOf(t, smallCIFAR100()))
	if err != nil {
		t.Fatal(err)
	}
	indices := []int{249, 0, 249}
	x, y := make([]float32, 3*3072), make([]int, 3)
	set.Batch(set.Train, indices, x, y)
	for k, i := range indices {
		if y[k] != i%100 {
			t.Errorf("label %d = %d", k, y[k])
		}
		for p := range 3072 {
			c := p / 1024
			if want := (float32(set.Train.Images[i*3072+p])/255 - set.Mean[c]) / set.Std[c]; x[k*3072+p] != want {
				t.Fatalf("image %d, pixel %d: got %v, want %v", i, p, x[k*3072+p], want)
			}
		}
	}
	head := set.Train.Head(2)
	if head.Len() != 2 || len(head.Images) != 2*3072 || set.Train.Head(9999).Len() != 250 {
		t.Error("Head has a wrong length")
	}
}

func TestAConstantChannelHasStdOne(t *testing.T) {
	m := newMoments(1, 4)
	m.add([]byte{9, 9, 9, 9})
	if mean, std := m.meanStd(); std[0] != 1 || mean[0] != float32(9.0/255) {
		t.Errorf("got %v ± %v", mean, std)
	}
}
