package dataset

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"

	"smoothscape/trainer/engine"
)

// The IDX format (MNIST's own): big-endian 32-bit numbers; a magic number 0x0000TTDD (TT = 08: unsigned bytes, DD = number of
// dimensions), DD sizes, then the bytes.
const (
	idxImagesMagic = 0x00000803
	idxLabelsMagic = 0x00000801
)

// idxParts are the four files, in the order train images, train labels, test images, test labels.
func idxParts() [4][2]string {
	return [4][2]string{{"train-images", "idx3-ubyte"}, {"train-labels", "idx1-ubyte"}, {"t10k-images", "idx3-ubyte"}, {"t10k-labels", "idx1-ubyte"}}
}

// idxSpellings are the names under which one part is found: with a dash or a dot, plain or compressed.
func idxSpellings(part [2]string) []string {
	dash, dot := part[0]+"-"+part[1], part[0]+"."+part[1]
	return []string{dash, dot, dash + ".gz", dot + ".gz"}
}

func idxNames() []string {
	var all []string
	for _, part := range idxParts() {
		all = append(all, idxSpellings(part)...)
	}
	return all
}

// idxFile is the name of the part that is there; the usual one if none is, so that opening it gives the error.
func (f folder) idxFile(part [2]string) string {
	for _, name := range idxSpellings(part) {
		if f.has(name) {
			return name
		}
	}
	return idxSpellings(part)[2]
}

func readIDXFolder(in folder, keep int) (*Set, error) {
	var names [4]string
	for i, part := range idxParts() {
		names[i] = in.idxFile(part)
	}
	base := filepath.Base(in.path)
	if abs, err := filepath.Abs(in.path); err == nil {
		base = filepath.Base(abs)
	}
	s := &Set{Name: base}
	total, err := s.readIDXSplit(in, names[0], names[1], &s.Train, keep, true)
	if err != nil {
		return nil, err
	}
	test := -1
	if keep < 0 {
		if test, err = s.readIDXSplit(in, names[2], names[3], &s.Test, keep, false); err != nil {
			return nil, err
		}
	}
	s.ClassNames = numericNames(s.Classes)
	title := fmt.Sprintf("%s (IDX, %d×%d)", base, s.Shape.W, s.Shape.H)
	if strings.Contains(strings.ToLower(base), "fashion") && s.Classes == 10 {
		s.ClassNames, title = fashionClassNames(), "Fashion-MNIST"
	}
	s.Title = setTitle(title, total, test)
	return s, nil
}

// readIDXSplit reads images and labels of one split. The training split decides the set's Shape, Classes, Mean and Std; the
// test split must fit them. It gives the number of images in the files.
func (s *Set) readIDXSplit(in folder, imageFile, labelFile string, split *Split, keep int, train bool) (n int, err error) {
	file, err := in.open(labelFile)
	if err != nil {
		return 0, err
	}
	labels, err := readIDXLabels(&file.reader, file.info.Size())
	if changed := file.close(); changed != nil {
		return 0, changed
	}
	if err != nil {
		return 0, err
	}
	classes := s.Classes
	if train {
		for _, y := range labels {
			classes = max(classes, int(y)+1)
		}
		if classes < 2 {
			return 0, file.fail(8, "reading the labels", "at least two classes", "label 0 only", "use a set with several classes", nil)
		}
	}
	for i, y := range labels {
		if int(y) >= classes {
			return 0, file.fail(int64(8+i), fmt.Sprintf("reading the label of image %d", i),
				fmt.Sprintf("a number from 0 to %d, as in the training labels", classes-1), fmt.Sprint(y), "the files do not belong together", nil)
		}
	}

	if file, err = in.open(imageFile); err != nil {
		return 0, err
	}
	want := idxWant{count: len(labels), labels: in.name(labelFile), shape: s.Shape, keep: keep, stats: train}
	shape, stats, images, err := want.read(&file.reader, file.info.Size())
	if changed := file.close(); changed != nil {
		return 0, changed
	}
	if err != nil {
		return 0, err
	}
	if train {
		s.Shape, s.Classes = shape, classes
		s.Mean, s.Std = stats.meanStd()
	}
	split.Images = images
	split.Labels = labels[:len(images)/shape.Len()]
	return len(labels), nil
}

// readIDXLabels is the parser of a label file of the given size on disk.
func readIDXLabels(r *reader, size int64) ([]uint8, error) {
	limit, err := r.unpacked(size)
	if err != nil {
		return nil, err
	}
	dims, err := r.idxHeader(idxLabelsMagic, 1, "labels")
	if err != nil {
		return nil, err
	}
	n := int64(dims[0])
	if n < 1 || n > maxImages {
		return nil, r.fail(4, "reading the number of labels", fmt.Sprintf("1 to %d", maxImages), fmt.Sprint(n), "the file is damaged", nil)
	}
	if err := r.plausible(8+n, limit, size); err != nil {
		return nil, err
	}
	labels := make([]uint8, n)
	if err := r.full(labels, fmt.Sprintf("reading %d labels", n)); err != nil {
		return nil, err
	}
	return labels, r.end(fmt.Sprintf("%d labels", n))
}

// idxWant is what an image file must hold, and what is wanted of it.
type idxWant struct {
	count  int          // images: as many as there are labels
	labels string       // the label file, for the error message
	shape  engine.Shape // zero if any will do
	keep   int          // keep the first so many images; all if < 0
	stats  bool         // gather moments over all of them
}

// read is the parser of an image file of the given size on disk.
func (w idxWant) read(r *reader, size int64) (shape engine.Shape, stats *moments, images []byte, err error) {
	limit, err := r.unpacked(size)
	if err != nil {
		return shape, nil, nil, err
	}
	dims, err := r.idxHeader(idxImagesMagic, 3, "images")
	if err != nil {
		return shape, nil, nil, err
	}
	for i, side := range dims[1:] {
		if side < 1 || side > maxSide {
			return shape, nil, nil, r.fail(int64(8+4*i), "reading the "+[]string{"height", "width"}[i]+" of the images",
				fmt.Sprintf("1 to %d pixels", maxSide), fmt.Sprint(side), "the file is damaged or not of small images", nil)
		}
	}
	// From here on each side is ≤ 2¹⁰ and the count < 2³², so products fit an int64.
	n := int64(dims[0])
	shape = engine.Shape{C: 1, H: int(dims[1]), W: int(dims[2])}
	each := int64(shape.Len())
	switch {
	case n != int64(w.count):
		return shape, nil, nil, r.fail(4, "reading the number of images", fmt.Sprintf("%d, as many as labels in %s", w.count, w.labels),
			fmt.Sprint(n), "the two files do not belong together, or one is damaged", nil)
	case w.shape.C != 0 && shape != w.shape:
		return shape, nil, nil, r.fail(8, "reading the size of the images", fmt.Sprintf("%d×%d pixels, as in the training images", w.shape.H, w.shape.W),
			fmt.Sprintf("%d×%d", shape.H, shape.W), "the files do not belong together", nil)
	case n*each > maxBytes:
		return shape, nil, nil, r.fail(4, "reading the sizes", fmt.Sprintf("at most %d bytes of images", maxBytes), fmt.Sprint(n*each), "use a smaller set", nil)
	}
	if err := r.plausible(16+n*each, limit, size); err != nil {
		return shape, nil, nil, err
	}
	if w.keep >= 0 {
		n = min(n, int64(w.keep))
	}
	stats = newMoments(1, int(each))
	// A plain file's size is proven; for gzip memory grows with what really comes out.
	images = make([]byte, 0, min(n*each, max(limit/maxInflation*8, 1<<16)))
	if limit == size {
		images = make([]byte, 0, n*each)
	}
	buf := make([]byte, each)
	for i := range w.count {
		if err := r.full(buf, fmt.Sprintf("reading image %d of %d", i, w.count)); err != nil {
			return shape, nil, nil, err
		}
		if w.stats {
			stats.add(buf)
		}
		if int64(i) < n {
			images = append(images, buf...)
		}
	}
	return shape, stats, images, r.end(fmt.Sprintf("%d images", w.count))
}

// idxHeader reads the magic number and the dimensions.
func (r *reader) idxHeader(magic uint32, dims int, what string) ([]uint32, error) {
	buf := make([]byte, 4+4*dims)
	if err := r.full(buf[:4], "reading the magic number of the "+what); err != nil {
		return nil, err
	}
	if found := binary.BigEndian.Uint32(buf); found != magic {
		return nil, r.fail(0, "reading the magic number of the "+what, fmt.Sprintf("0x%08x (IDX, unsigned bytes, %d-D)", magic, dims),
			fmt.Sprintf("0x%08x", found), "this is no IDX file of "+what, nil)
	}
	if err := r.full(buf[4:], "reading the sizes of the "+what); err != nil {
		return nil, err
	}
	sizes := make([]uint32, dims)
	for i := range sizes {
		sizes[i] = binary.BigEndian.Uint32(buf[4+4*i:])
	}
	return sizes, nil
}

// plausible compares what the header promises with what the file can hold: exactly its size if plain, at most limit unpacked
// bytes if compressed (limit > size).
func (r *reader) plausible(promised, limit, size int64) error {
	if limit == size && promised != size {
		verdict := "truncated"
		if size > promised {
			verdict = "over-long"
		}
		return r.fail(min(promised, size), "measuring the file", fmt.Sprintf("%d bytes, as its header says", promised), fmt.Sprintf("%d bytes", size),
			"the file is "+verdict+": get it again", nil)
	}
	if promised > limit {
		return r.fail(r.offset, "measuring the file", fmt.Sprintf("at most %d bytes, all that %d compressed bytes can hold", limit, size),
			fmt.Sprintf("%d bytes promised by the header", promised), "the file is truncated or damaged: get it again", nil)
	}
	return nil
}
