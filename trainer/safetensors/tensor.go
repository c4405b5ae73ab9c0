package safetensors

import "math"

// Tensor is a named array.
type Tensor struct {
	Name   string
	Shape  []int     // each ≥ 0; empty for a single value
	Values []float32 // row-major, as many as the product of Shape
}

// File is what a file holds. Whoever gets one owns it.
type File struct {
	Metadata map[string]string // without the digest of a sealed file
	Tensors  []Tensor          // in the order of their values in the file
	Values   []float32         // all values; those of the tensors are its parts, one after the other
	Sealed   bool              // the file has a seal, and it is unbroken
}

// Limits bounds what Read accepts, before it allocates.
type Limits struct {
	HeaderBytes int // length of the header
	Values      int // values of all tensors together
}

// metadataKey is the name that the format keeps for texts.
const metadataKey = "__metadata__"

// count is the product of shape; ok is false if a factor is negative or the product is no int64 of bytes.
func count(shape []int) (n int64, ok bool) {
	n = 1
	for _, d := range shape {
		switch {
		case d < 0:
			return 0, false
		case d > 0 && n > math.MaxInt64/4/int64(d):
			return 0, false
		}
		n *= int64(d)
	}
	return n, true
}
