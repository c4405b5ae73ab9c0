package dataset

import (
	"fmt"

	"smoothscape/trainer/engine"
)

// File names of the binary versions of CIFAR.
const (
	cifar100Train = "train.bin"
	cifar100Test  = "test.bin"
	cifar100Names = "fine_label_names.txt"
	cifar10Test   = "test_batch.bin"
	cifar10Names  = "batches.meta.txt"
)

func cifar10Batches() []string {
	names := make([]string, 5)
	for i := range names {
		names[i] = fmt.Sprintf("data_batch_%d.bin", i+1)
	}
	return names
}

// cifarFormat describes a record: label bytes, then 3·32·32 pixels, red plane first, row by row: NCHW as it stands.
type cifarFormat struct {
	labels  []int // how many classes each label byte has; the last one is the label that is used
	classes int
}

func cifar10Format() cifarFormat { return cifarFormat{labels: []int{10}, classes: 10} }

// CIFAR-100 has a coarse label (of 20) before the fine one.
func cifar100Format() cifarFormat { return cifarFormat{labels: []int{20, 100}, classes: 100} }

func cifarShape() engine.Shape { return engine.Shape{C: 3, H: 32, W: 32} }

// fullBatch is the size of each file of the published CIFAR-10.
const fullBatch = 10_000 * (1 + 3*32*32)

func readCIFAR100(in folder, keep int) (*Set, error) {
	names, err := in.classNames(cifar100Names, fineNames())
	if err != nil {
		return nil, err
	}
	set := &Set{Name: "cifar-100", Shape: cifarShape(), Classes: 100, ClassNames: names}
	return set, set.readCIFAR(in, cifar100Format(), "CIFAR-100", []string{cifar100Train}, cifar100Test, keep)
}

func readCIFAR10(in folder, keep int) (*Set, error) {
	names, err := in.classNames(cifar10Names, cifar10ClassNames())
	if err != nil {
		return nil, err
	}
	// A smaller set in this format may have fewer files, but the published one must be whole: training on 40,000 of its
	// 50,000 images by accident would go unseen.
	train := cifar10Batches()
	have := 0
	for have < len(train) && in.has(train[have]) {
		have++
	}
	for i, name := range train[have:] {
		if i > 0 && in.has(name) || have == 0 || in.sizeOf(train[0]) == fullBatch {
			have = len(train) // reading the missing file gives the error
			break
		}
	}
	set := &Set{Name: "cifar-10", Shape: cifarShape(), Classes: 10, ClassNames: names}
	return set, set.readCIFAR(in, cifar10Format(), "CIFAR-10", train[:have], cifar10Test, keep)
}

func (s *Set) readCIFAR(in folder, format cifarFormat, title string, train []string, test string, keep int) error {
	stats := newMoments(s.Shape.C, s.Shape.H*s.Shape.W)
	total := 0
	for _, name := range train {
		left := keep
		if keep >= 0 {
			left = max(0, keep-s.Train.Len())
		}
		n, err := in.readCIFARFile(name, format, &s.Train, left, stats)
		if err != nil {
			return err
		}
		total += n
	}
	s.Mean, s.Std = stats.meanStd()
	if keep >= 0 {
		s.Title = setTitle(title, total, -1)
		return nil
	}
	n, err := in.readCIFARFile(test, format, &s.Test, -1, nil)
	if err != nil {
		return err
	}
	s.Title = setTitle(title, total, n)
	return nil
}

// readCIFARFile appends the first keep images (all, if keep < 0) of a file to split, adds all of them to stats (if not nil), and
// gives the number of records in the file.
func (f folder) readCIFARFile(name string, format cifarFormat, split *Split, keep int, stats *moments) (records int, err error) {
	file, err := f.open(name)
	if err != nil {
		return 0, err
	}
	records, err = format.read(&file.reader, file.info.Size(), split, keep, stats)
	if changed := file.close(); changed != nil {
		return 0, changed // it explains whatever else went wrong
	}
	return records, err
}

// read is the parser: size bytes of records from r.
func (c cifarFormat) read(r *reader, size int64, split *Split, keep int, stats *moments) (records int, err error) {
	const pixels = 3 * 32 * 32
	head := len(c.labels)
	record := head + pixels
	n := size / int64(record)
	whole := n * int64(record)
	switch {
	case size == 0:
		return 0, r.fail(0, "measuring the file", fmt.Sprintf("records of %d bytes", record), "an empty file", "get the file again", nil)
	case size != whole:
		return 0, r.fail(whole, "measuring the file", fmt.Sprintf("a whole number of records of %d bytes (%d + %d)", record, head, pixels),
			fmt.Sprintf("%d bytes: %d records and %d bytes", size, n, size-whole), "the file is truncated or over-long: get it again", nil)
	case n > maxImages || n*pixels+int64(len(split.Images)) > maxBytes:
		return 0, r.fail(-1, "measuring the file", fmt.Sprintf("at most %d bytes of images", maxBytes), fmt.Sprintf("%d bytes", size),
			"use a smaller set", nil)
	}
	if keep < 0 || int64(keep) > n {
		keep = int(n)
	}
	images := make([]byte, 0, len(split.Images)+keep*pixels)
	split.Images = append(images, split.Images...)
	buf := make([]byte, record)
	for i := range int(n) {
		at := r.offset
		if err := r.full(buf, fmt.Sprintf("reading record %d of %d", i, n)); err != nil {
			return i, err
		}
		for k, classes := range c.labels {
			if int(buf[k]) >= classes {
				return i, r.fail(at+int64(k), fmt.Sprintf("reading the label of record %d", i), fmt.Sprintf("a number from 0 to %d", classes-1),
					fmt.Sprint(buf[k]), "the file is damaged or in another format", nil)
			}
		}
		if stats != nil {
			stats.add(buf[head:])
		}
		if i < keep {
			split.Images = append(split.Images, buf[head:]...)
			split.Labels = append(split.Labels, buf[head-1])
		}
	}
	return int(n), r.end(fmt.Sprintf("%d records", n))
}
