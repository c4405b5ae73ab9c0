package hdf5

import (
	"fmt"
	"math/bits"
)

// readDataspace returns the shape; none for a scalar, and ok false for a dataset without elements.
func readDataspace(c *cursor) (shape []int, ok bool) {
	version := c.version(1, 2)
	rank, flags := c.u8(), c.u8()
	kind := 1
	switch {
	case version == 2:
		kind = c.u8()
	default:
		c.skip(5)
	}
	if c.err == nil && rank > maxRank {
		c.fail(fmt.Sprintf("at most %d dimensions", maxRank), fmt.Sprint(rank))
	}
	for i := 0; i < rank && c.err == nil; i++ {
		shape = append(shape, c.size(MaxElements, "a dimension"))
	}
	if flags&1 != 0 {
		c.skip(rank * c.f.lengthSize) // greatest sizes
	}
	if _, fits := elements(shape, MaxElements); c.err == nil && !fits {
		c.fail(fmt.Sprintf("at most %d elements", MaxElements), fmt.Sprint(shape))
	}
	return shape, kind != 2
}

// elements multiplies the dimensions; ok is false above limit.
func elements(shape []int, limit int) (n int, ok bool) {
	total := uint64(1)
	over := false
	for _, d := range shape {
		if d == 0 {
			return 0, true
		}
		if !over {
			var high uint64
			high, total = bits.Mul64(total, uint64(d))
			over = high != 0 || total > uint64(limit)
		}
	}
	return int(total), !over
}
