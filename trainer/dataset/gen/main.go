// Command gen makes the embedded part of Fashion-MNIST from the original four files (Debian has them in its package
// dataset-fashion-mnist, under /usr/share/datasets/fashion-mnist):
//
//	go run ./trainer/dataset/gen -from /usr/share/datasets/fashion-mnist -to trainer/dataset/fashion-mnist-8k
//
// Which images are taken is decided by a seeded draw without replacement in each class; they keep the order of the
// original files, which is mixed over the classes. A test proves the committed files equal to what this program makes.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"smoothscape/trainer/dataset"
)

// The draw.
const (
	seed          = 20171 // arXiv:1708.07747 came out in 2017
	trainPerClass = 800
	testPerClass  = 200
)

func main() {
	from := flag.String("from", "", "folder with the original IDX files of Fashion-MNIST")
	to := flag.String("to", "", "folder that the four small files are written to")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	files, err := make4(from)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(to, name), content, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes\n", name, len(content))
	}
	return nil
}

// make4 gives the four files by name, gzip-compressed IDX.
func make4(from string) (map[string][]byte, error) {
	set, err := dataset.Open(from)
	if err != nil {
		return nil, err
	}
	train, err := draw(set, set.Train, trainPerClass, 0)
	if err != nil {
		return nil, err
	}
	test, err := draw(set, set.Test, testPerClass, 1)
	if err != nil {
		return nil, err
	}
	h, w := uint32(set.Shape.H), uint32(set.Shape.W)
	files := map[string][]byte{}
	for name, part := range map[string][]byte{
		"train-images-idx3-ubyte.gz": idx(0x803, train.Images, uint32(train.Len()), h, w),
		"train-labels-idx1-ubyte.gz": idx(0x801, train.Labels, uint32(train.Len())),
		"t10k-images-idx3-ubyte.gz":  idx(0x803, test.Images, uint32(test.Len()), h, w),
		"t10k-labels-idx1-ubyte.gz":  idx(0x801, test.Labels, uint32(test.Len())),
	} {
		if files[name], err = pack(part); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// draw takes perClass images of each class, by the seed and the stream alone, and keeps their order.
func draw(set *dataset.Set, split dataset.Split, perClass int, stream uint64) (dataset.Split, error) {
	rng := rand.New(rand.NewPCG(seed, stream))
	var picked []int
	for class := range set.Classes {
		var members []int
		for i, y := range split.Labels {
			if int(y) == class {
				members = append(members, i)
			}
		}
		if len(members) < perClass {
			return dataset.Split{}, fmt.Errorf("class %d: need %d images, found %d", class, perClass, len(members))
		}
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		picked = append(picked, members[:perClass]...)
	}
	slices.Sort(picked)
	var part dataset.Split
	size := set.Shape.Len()
	for _, i := range picked {
		part.Images = append(part.Images, split.Images[i*size:(i+1)*size]...)
		part.Labels = append(part.Labels, split.Labels[i])
	}
	return part, nil
}

// idx is an IDX file: magic number, sizes, bytes.
func idx(magic uint32, content []byte, sizes ...uint32) []byte {
	out := binary.BigEndian.AppendUint32(nil, magic)
	for _, size := range sizes {
		out = binary.BigEndian.AppendUint32(out, size)
	}
	return append(out, content...)
}

func pack(content []byte) ([]byte, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zip.Write(content); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
