// Package dataset reads labelled images: the ones embedded in the program, and CIFAR-10, CIFAR-100 and IDX files from a
// folder that the user names. It also unpacks the published archives (Fetch).
//
// A Set is n images I of C channels and H×W pixels, each a byte v in 0 … 255, with one label y in 0 … K−1 each. Networks see
// the normalised value
//
//	x = (v/255 − mean_c) / std_c,
//
// where mean_c and std_c are taken over all pixels of channel c of all training images of the set, so that a training image
// has mean 0 and variance 1 per channel on average. The same two numbers normalise the test images.
//
// Files are never trusted: every size is checked before memory is taken for it, and whatever is wrong with a file is a
// *FormatError that names the file, the byte, what was expected and what was found.
package dataset

import (
	"fmt"

	"smoothscape/trainer/engine"
)

// Set is a data set in memory. It does not change after it was made, so many goroutines may read it.
type Set struct {
	Name       string       // short and stable: "fashion-mnist-8k", "cifar-100", or the folder's name for IDX
	Title      string       // for people: "Fashion-MNIST, 8,000 + 2,000 images"
	Shape      engine.Shape // of one image
	Classes    int          // labels lie in [0, Classes)
	ClassNames []string     // len Classes
	Mean, Std  []float32    // per channel, over all training images scaled to [0, 1]; Std > 0
	Train      Split
	Test       Split
}

// Split is one part of a Set: n images and their labels.
type Split struct {
	Images []byte  // NCHW: n·C·H·W bytes
	Labels []uint8 // len n
}

// Len is the number of images.
func (s Split) Len() int { return len(s.Labels) }

// Head is the first k images (all, if there are fewer). It shares memory with s.
func (s Split) Head(k int) Split {
	n := len(s.Labels)
	if k < 0 || k >= n {
		return s
	}
	return Split{Images: s.Images[:len(s.Images)/n*k], Labels: s.Labels[:k]}
}

// Values are what Batch makes of each byte: [channel][256].
func (s *Set) Values() []float32 {
	var all []float32
	for c := range s.Shape.C {
		table := s.table(c)
		all = append(all, table[:]...)
	}
	return all
}

func (s *Set) table(c int) (table [256]float32) {
	for v := range table {
		table[v] = (float32(v)/255 - s.Mean[c]) / s.Std[c]
	}
	return table
}

// Batch writes the normalised images of split with the given indices into x (len(indices)·C·H·W, NCHW) and their labels
// into y (len(indices)). The caller owns x and y. Indices lie in [0, split.Len()); they may repeat. A wrong length or index
// is the caller's mistake and panics.
func (s *Set) Batch(split Split, indices []int, x []float32, y []int) {
	size := s.Shape.Len()
	if len(x) != len(indices)*size || len(y) != len(indices) {
		panic(fmt.Sprintf("dataset: Batch: %d images of %s need len(x) = %d and len(y) = %d, got %d and %d",
			len(indices), s.Shape, len(indices)*size, len(indices), len(x), len(y)))
	}
	plane := s.Shape.H * s.Shape.W
	for c := range s.Shape.C {
		table := s.table(c) // a pixel then costs a look-up instead of two divisions
		for k, i := range indices {
			from := split.Images[i*size+c*plane : i*size+(c+1)*plane]
			into := x[k*size+c*plane : k*size+(c+1)*plane]
			for p, v := range from {
				into[p] = table[v]
			}
		}
	}
	for k, i := range indices {
		y[k] = int(split.Labels[i])
	}
}
