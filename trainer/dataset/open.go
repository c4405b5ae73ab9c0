package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Limits that hold before any memory is taken. The largest published set in these formats (EMNIST by class) has 814,255
// images and 547 MB of training pixels.
const (
	maxImages = 10_000_000 // images in one split
	maxSide   = 1024       // pixels of an image's height or width
	maxBytes  = 1 << 30    // pixels of one split
)

// Open reads the data set in dir, or in the one folder inside dir that holds one. It knows
//
//   - CIFAR-100, binary version: train.bin and test.bin (fine labels; names from fine_label_names.txt, if it is there),
//   - CIFAR-10, binary version: data_batch_1.bin … data_batch_5.bin and test_batch.bin (names from batches.meta.txt),
//   - IDX (MNIST and its kin): train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with t10k, plain or with .gz,
//
// with any number of images. Every error is a *FormatError.
func Open(dir string) (*Set, error) { return open(dir, -1) }

// OpenHead is Open for who needs only the first k ≥ 0 training images: the rest is read (Mean and Std are those of all
// training images, as with Open) but not kept, and Test is empty.
func OpenHead(dir string, k int) (*Set, error) { return open(dir, max(k, 0)) }

// open keeps the first keep training images and no test images; all of both if keep < 0.
func open(dir string, keep int) (*Set, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, &FormatError{File: dir, Offset: -1, Doing: "opening the data folder", Expected: "a folder",
			Found: cause(err), Advice: "check the path", Err: err}
	}
	if !info.IsDir() {
		return nil, &FormatError{File: dir, Offset: -1, Doing: "opening the data folder", Expected: "a folder",
			Found: "a file", Advice: "name the folder that holds the unpacked files"}
	}
	top := folder{fsys: os.DirFS(dir), path: dir}
	found, err := top.detect()
	if err != nil {
		return nil, err
	}
	if found == nil {
		if top, found, err = top.detectBelow(); err != nil {
			return nil, err
		}
	}
	return found.read(top, keep)
}

// layout is one of the formats: which files give it away, and how to read the folder.
type layout struct {
	title string
	files []string // any of them present: the folder is meant to be in this format
	read  func(in folder, keep int) (*Set, error)
}

// layouts lists the formats in the order in which error messages name them.
func layouts() []layout {
	return []layout{
		{"CIFAR-100 binary (train.bin, test.bin)", []string{cifar100Train, cifar100Test}, readCIFAR100},
		{"CIFAR-10 binary (data_batch_1.bin … data_batch_5.bin, test_batch.bin)", append(cifar10Batches(), cifar10Test), readCIFAR10},
		{"IDX (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-…; plain or .gz)", idxNames(), readIDXFolder},
	}
}

// folder is where files are read from: the user's, or the embedded one.
type folder struct {
	fsys fs.FS
	path string // as the user would type it; the stem of every File in an error
}

func (f folder) name(file string) string { return filepath.Join(f.path, file) }

// has says whether a file of that name is there (readable or not).
func (f folder) has(name string) bool {
	_, err := fs.Stat(f.fsys, name)
	return err == nil || !errors.Is(err, fs.ErrNotExist)
}

// detect finds the layout of this very folder: nil if there is none, an error if there are two.
func (f folder) detect() (*layout, error) {
	var found *layout
	for _, l := range layouts() {
		if !slices.ContainsFunc(l.files, f.has) {
			continue
		}
		if found != nil {
			return nil, &FormatError{File: f.path, Offset: -1, Doing: "detecting the format", Expected: "the files of one data set",
				Found: "those of " + found.title + " and of " + l.title, Advice: "put each data set into a folder of its own"}
		}
		found = &l
	}
	return found, nil
}

// detectBelow looks one level down, for archives that unpack into a folder of their own.
func (f folder) detectBelow() (folder, *layout, error) {
	entries, err := fs.ReadDir(f.fsys, ".")
	if err != nil {
		return f, nil, &FormatError{File: f.path, Offset: -1, Doing: "listing the data folder", Expected: "a readable folder",
			Found: cause(err), Advice: "check its permissions", Err: err}
	}
	var in folder
	var found *layout
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		sub, err := fs.Sub(f.fsys, e.Name())
		if err != nil {
			continue
		}
		below := folder{fsys: sub, path: f.name(e.Name())}
		l, err := below.detect()
		if err != nil {
			return f, nil, err
		}
		if l == nil {
			continue
		}
		if found != nil {
			return f, nil, &FormatError{File: f.path, Offset: -1, Doing: "looking for a data set", Expected: "one data set",
				Found: fmt.Sprintf("several, in %s and %s", in.path, below.path), Advice: "name one of those folders"}
		}
		in, found = below, l
	}
	if found == nil {
		return f, nil, f.nothing(entries)
	}
	return in, found, nil
}

// nothing is the error for a folder without data: what was looked for, what is there, and what that may mean.
func (f folder) nothing(entries []fs.DirEntry) error {
	var looked, names []string
	for _, l := range layouts() {
		looked = append(looked, l.title)
	}
	advice := "name the folder that holds these files"
	for _, e := range entries {
		name := e.Name()
		if len(names) < 6 {
			names = append(names, name)
		}
		switch {
		case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"), strings.HasSuffix(name, ".zip"):
			advice = "unpack " + name + " first"
		case name == "data_batch_1", name == "batches.meta", name == "cifar-10-batches-py", name == "cifar-100-python":
			advice = "these are the Python files; get the binary version of the data set"
		}
	}
	found := "an empty folder"
	if len(names) > 0 {
		found = strings.Join(names, ", ")
		if more := len(entries) - len(names); more > 0 {
			found += fmt.Sprintf(" and %d more", more)
		}
	}
	return &FormatError{File: f.path, Offset: -1, Doing: "looking for a data set (here and in the folders inside)",
		Expected: strings.Join(looked, ", or "), Found: found, Advice: advice}
}

// cause is what the operating system says, without the path that the error names anyway.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
