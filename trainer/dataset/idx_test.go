package dataset

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
)

// smallIDX is 30 + 20 images of 5×4 pixels (height × width) in 3 classes.
func smallIDX() map[string][]byte {
	return map[string][]byte{
		"train-images-idx3-ubyte":    idxFileOf(0x803, ramp(30*20), 30, 5, 4),
		"train-labels-idx1-ubyte.gz": zipped(idxFileOf(0x801, labelsMod(30, 3), 30)),
		"t10k-images.idx3-ubyte":     zipped(idxFileOf(0x803, ramp(20*20), 20, 5, 4)), // packed though the name does not say so
		"t10k-labels.idx1-ubyte":     idxFileOf(0x801, labelsMod(20, 3), 20),
	}
}

func TestOpenIDX(t *testing.T) {
	dir := folderOf(t, smallIDX())
	set, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if set.Shape.C != 1 || set.Shape.H != 5 || set.Shape.W != 4 || set.Classes != 3 || set.Train.Len() != 30 || set.Test.Len() != 20 {
		t.Fatalf("got %s of %s in %d classes", set.Title, set.Shape, set.Classes)
	}
	if !bytes.Equal(set.Train.Images, ramp(600)) || !bytes.Equal(set.Test.Images, ramp(400)) || set.ClassNames[2] != "2" {
		t.Error("images or names differ from the files")
	}
	head, err := OpenHead(dir, 7)
	if err != nil || head.Train.Len() != 7 || !bytes.Equal(head.Train.Images, ramp(140)) || head.Mean[0] != set.Mean[0] || head.Std[0] != set.Std[0] {
		t.Errorf("OpenHead: %v, %d images", err, head.Train.Len())
	}
}

func TestIDXBadFiles(t *testing.T) {
	const images, labels, testLabels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "t10k-labels.idx1-ubyte"
	good := smallIDX()
	damaged := bytes.Clone(good[labels])
	damaged[len(damaged)-5] ^= 1 // in the gzip checksum
	for _, c := range []struct {
		name    string
		file    string
		content []byte
		offset  int64
		says    []string
	}{
		{"magic of another dimension", images, idxFileOf(0x801, nil, 30, 5, 4), 0, []string{"0x00000803", "0x00000801"}},
		{"floats", images, idxFileOf(0xd03, ramp(600), 30, 5, 4), 0, nil},
		{"empty", images, nil, 0, []string{"end of the file"}},
		{"header cut", images, good[images][:11], 11, []string{"truncated"}},
		{"one pixel short", images, good[images][:615], 615, []string{"616 bytes, as its header says", "truncated"}},
		{"one pixel more", images, append(bytes.Clone(good[images]), 1), 616, []string{"over-long"}},
		{"packed and one pixel short", images, zipped(good[images][:615]), 615, []string{"image 29 of 30", "truncated"}},
		{"packed and one pixel more", images, zipped(append(bytes.Clone(good[images]), 1)), 616, []string{"over-long"}},
		{"gzip cut off", images, zipped(good[images])[:60], 0, nil},
		{"gzip checksum", labels, damaged, 38, []string{"checksum"}},
		{"gzip header alone", labels, []byte{0x1f, 0x8b}, 0, []string{"gzip"}},
		{"other number of images than labels", images, idxFileOf(0x803, ramp(29*20), 29, 5, 4), 4, []string{"as many as labels in", "found 29"}},
		{"2^31 images", images, idxFileOf(0x803, nil, 1<<31, 5, 4), 4, nil},
		{"2^31 high", images, idxFileOf(0x803, nil, 30, 1<<31, 1<<31), 8, []string{"height", "2147483648"}},
		{"no width", images, idxFileOf(0x803, nil, 30, 5, 0), 12, []string{"width"}},
		{"2^31 labels", labels, idxFileOf(0x801, nil, 1<<31), 4, []string{"2147483648"}},
		{"no labels", labels, idxFileOf(0x801, nil, 0), 4, nil},
		{"one class", labels, idxFileOf(0x801, make([]byte, 30), 30), 8, []string{"two classes"}},
		{"test label unknown to training", testLabels, idxFileOf(0x801, append(labelsMod(19, 3), 3), 20), 27, []string{"from 0 to 2", "image 19"}},
		{"test images of another size", "t10k-images.idx3-ubyte", idxFileOf(0x803, ramp(400), 20, 4, 5), 8, []string{"5×4", "4×5"}},
		{"more promised than gzip can hold", labels, zipped(idxFileOf(0x801, nil, 9_999_999)), 8, []string{"promised"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := smallIDX()
			files[c.file] = c.content
			_, err := Open(folderOf(t, files))
			if c.name == "gzip cut off" { // where exactly depends on the compressor
				if err == nil || !strings.Contains(err.Error(), images) {
					t.Errorf("got %v", err)
				}
				return
			}
			wantFormatError(t, err, c.file, c.offset, c.says...)
		})
	}
}

// A small file that unpacks to very much must not take the memory that its header asks for.
func TestIDXBombTakesLittleMemory(t *testing.T) {
	const labels = 1 << 20
	bomb := zipped(idxFileOf(0x803, nil, labels, 32, 32)) // promises 1 GiB, holds nothing
	files := map[string][]byte{
		"train-images-idx3-ubyte.gz": append(bomb, zipped(make([]byte, 2<<20))...), // a second gzip member, 2 MiB of zeros
		"train-labels-idx1-ubyte":    idxFileOf(0x801, labelsMod(labels, 10), labels),
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Open(folderOf(t, files))
	runtime.ReadMemStats(&after)
	wantFormatError(t, err, "train-images-idx3-ubyte.gz", 16, "promised by the header")
	if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
		t.Errorf("%d bytes were allocated for a file of a few kilobytes", used)
	}
}

// Where the originals are installed, the embedded part's numbers are near the published ones of the whole: 0.2860 and 0.3530.
func TestOpenFashionMNIST(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the 55 MB of the original Fashion-MNIST; left out by -short")
	}
	const dir = "/usr/share/datasets/fashion-mnist"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the original Fashion-MNIST (Debian: dataset-fashion-mnist) is not installed")
	}
	set, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 60000 || set.Test.Len() != 10000 || set.Classes != 10 || set.ClassNames[9] != "Ankle boot" {
		t.Errorf("got %s", set.Title)
	}
	if math.Abs(float64(set.Mean[0])-0.2860) > 5e-5 || math.Abs(float64(set.Std[0])-0.3530) > 5e-5 {
		t.Errorf("mean %v, std %v; published: 0.2860, 0.3530", set.Mean, set.Std)
	}
}
