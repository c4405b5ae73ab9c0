package dataset

import (
	"bytes"
	"math"
	"testing"
)

func smallCIFAR100() map[string][]byte {
	return map[string][]byte{"train.bin": cifarRecords(250, fine100), "test.bin": cifarRecords(100, fine100)}
}

func TestOpenCIFAR100(t *testing.T) {
	set, err := Open(folderOf(t, smallCIFAR100()))
	if err != nil {
		t.Fatal(err)
	}
	if set.Name != "cifar-100" || set.Classes != 100 || set.Train.Len() != 250 || set.Test.Len() != 100 || set.Shape != cifarShape() {
		t.Fatalf("got %s", set.Title)
	}
	if set.ClassNames[0] != "apple" || set.ClassNames[99] != "worm" || len(set.ClassNames) != 100 {
		t.Errorf("class names %q … %q", set.ClassNames[0], set.ClassNames[99])
	}
	for i, y := range set.Train.Labels {
		if int(y) != i%100 {
			t.Fatalf("label %d is %d: not the fine one", i, y)
		}
	}
	records := cifarRecords(250, fine100)
	if got, want := set.Train.Images[249*3072:], records[249*3074+2:]; !bytes.Equal(got, want) {
		t.Error("the last image differs from the file's")
	}
}

func TestMeanAndStdAgreeWithTheDefinition(t *testing.T) {
	set, err := Open(folderOf(t, smallCIFAR100()))
	if err != nil {
		t.Fatal(err)
	}
	for c := range 3 {
		var values []float64
		for i := range set.Train.Len() {
			for _, v := range set.Train.Images[i*3072+c*1024 : i*3072+(c+1)*1024] {
				values = append(values, float64(v)/255)
			}
		}
		var mean, variance float64
		for _, v := range values {
			mean += v / float64(len(values))
		}
		for _, v := range values {
			variance += (v - mean) * (v - mean) / float64(len(values))
		}
		// float32 keeps 24 bits: 6e-8 of values below 1.
		if math.Abs(mean-float64(set.Mean[c])) > 1e-7 || math.Abs(math.Sqrt(variance)-float64(set.Std[c])) > 1e-7 {
			t.Errorf("channel %d: got %v ± %v, want %v ± %v", c, set.Mean[c], set.Std[c], mean, math.Sqrt(variance))
		}
	}
}

func TestOpenCIFAR10(t *testing.T) {
	files := map[string][]byte{"test_batch.bin": cifarRecords(20, ten), "batches.meta.txt": []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n")}
	for i, name := range cifar10Batches() {
		files["cifar-10-batches-bin/"+name] = cifarRecords(10+i, ten)
	}
	files["cifar-10-batches-bin/test_batch.bin"], files["cifar-10-batches-bin/batches.meta.txt"] = files["test_batch.bin"], files["batches.meta.txt"]
	delete(files, "test_batch.bin")
	delete(files, "batches.meta.txt")
	dir := folderOf(t, files)
	set, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if set.Name != "cifar-10" || set.Train.Len() != 10+11+12+13+14 || set.Test.Len() != 20 || set.ClassNames[9] != "j" {
		t.Errorf("got %s, %d images, names %q", set.Title, set.Train.Len(), set.ClassNames)
	}
	head, err := OpenHead(dir, 15)
	if err != nil {
		t.Fatal(err)
	}
	if head.Train.Len() != 15 || head.Test.Len() != 0 || !bytes.Equal(head.Train.Images, set.Train.Images[:15*3072]) || head.Mean[2] != set.Mean[2] {
		t.Errorf("OpenHead kept %d images, mean %v instead of %v", head.Train.Len(), head.Mean, set.Mean)
	}
}

func TestCIFARBadFiles(t *testing.T) {
	spoil := func(content []byte, at int, v byte) []byte {
		content[at] = v
		return content
	}
	for _, c := range []struct {
		name   string
		change map[string][]byte // nil: the file is missing
		file   string
		offset int64
		says   []string
	}{
		{"truncated in the last pixel", map[string][]byte{"train.bin": cifarRecords(3, fine100)[:3*3074-1]}, "train.bin", 2 * 3074, []string{"truncated or over-long", "9221 bytes"}},
		{"one byte too long", map[string][]byte{"test.bin": append(cifarRecords(3, fine100), 0)}, "test.bin", 3 * 3074, []string{"3 records and 1 bytes"}},
		{"empty", map[string][]byte{"train.bin": {}}, "train.bin", 0, []string{"an empty file"}},
		{"fine label 100", map[string][]byte{"train.bin": spoil(cifarRecords(3, fine100), 3074+1, 100)}, "train.bin", 3075, []string{"record 1", "from 0 to 99", "found 100"}},
		{"coarse label 20", map[string][]byte{"train.bin": spoil(cifarRecords(3, fine100), 2*3074, 20)}, "train.bin", 6148, []string{"from 0 to 19"}},
		{"CIFAR-10 records under a CIFAR-100 name", map[string][]byte{"train.bin": cifarRecords(3, ten)}, "train.bin", 2 * 3074, nil},
		{"no test file", map[string][]byte{"test.bin": nil}, "test.bin", -1, []string{"no such file"}},
		{"99 names", map[string][]byte{"fine_label_names.txt": bytes.Repeat([]byte("x\n"), 99)}, "fine_label_names.txt", -1, []string{"100 names", "99"}},
		{"names that are binary", map[string][]byte{"fine_label_names.txt": []byte("good\n\xff\x00\n")}, "fine_label_names.txt", 5, nil},
		{"names without end", map[string][]byte{"fine_label_names.txt": bytes.Repeat([]byte("x"), maxText+1)}, "fine_label_names.txt", maxText, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := smallCIFAR100()
			for name, content := range c.change {
				files[name] = content
				if content == nil {
					delete(files, name)
				}
			}
			_, err := Open(folderOf(t, files))
			wantFormatError(t, err, c.file, c.offset, c.says...)
		})
	}
}

func TestCIFAR10WithoutOneOfItsFiles(t *testing.T) {
	files := map[string][]byte{"test_batch.bin": cifarRecords(2, ten)}
	for _, name := range cifar10Batches() {
		files[name] = cifarRecords(2, ten)
	}
	delete(files, "data_batch_3.bin")
	_, err := Open(folderOf(t, files))
	wantFormatError(t, err, "data_batch_3.bin", -1, "no such file")

	_, err = Open(folderOf(t, map[string][]byte{"test_batch.bin": cifarRecords(2, ten)}))
	wantFormatError(t, err, "data_batch_1.bin", -1)

	set, err := Open(folderOf(t, map[string][]byte{"test_batch.bin": cifarRecords(2, ten), "data_batch_1.bin": cifarRecords(4, ten)}))
	if err != nil || set.Train.Len() != 4 {
		t.Errorf("a small set in one file: %v", err)
	}

	full := make([]byte, fullBatch)
	_, err = Open(folderOf(t, map[string][]byte{"test_batch.bin": cifarRecords(2, ten), "data_batch_1.bin": full, "data_batch_2.bin": full}))
	wantFormatError(t, err, "data_batch_3.bin", -1)
}
