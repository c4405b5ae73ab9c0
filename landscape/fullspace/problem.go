package fullspace

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"

	"smoothscape/landscape"
	"smoothscape/landscape/slice"
)

// Problem says what is sampled. It must not change while an Estimator has it.
type Problem[T slice.Float] struct {
	Plane slice.Plane[T]
	X, Y  []float64 // α of the columns and β of the rows, increasing; one β for a line, one of each for a point
	Noise Noise
	Seed  uint64 // same seed, same bits
}

// Validate returns the first thing that is wrong: *Error.
func (p Problem[T]) Validate() error {
	const doing = "sampling in full space"
	d := len(p.Plane.Center)
	if d == 0 || len(p.Plane.D1) != d || len(p.Plane.D2) != d {
		return refuse(doing, "a center and two directions of one length above 0", fmt.Sprintf("%d, %d and %d numbers", d, len(p.Plane.D1), len(p.Plane.D2)), "give all parameters")
	}
	for _, axis := range [][]float64{p.X, p.Y} {
		if len(axis) < 1 || len(axis) > landscape.MaxNodes {
			return refuse(doing, fmt.Sprintf("1 to %d nodes on each axis", landscape.MaxNodes), len(axis), "65 a side make a picture")
		}
		for i, v := range axis {
			if math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && v <= axis[i-1] {
				return refuse(doing, "nodes that are finite and increase", fmt.Sprintf("%g at place %d", v, i), "sort them")
			}
		}
	}
	if p.Noise.draw == nil {
		return refuse(doing, "the law of the noise", "none", "make it by Drawn or Recorded")
	}
	if p.Noise.dim != 0 && p.Noise.dim != d {
		return refuse(doing, fmt.Sprintf("a kernel of all %d dimensions", d), fmt.Sprintf("one of %d", p.Noise.dim), "a kernel of fewer smooths in a plane only")
	}
	return nil
}

// SampleCost is how many evaluations of f a sample takes: one or two a cell, and those at the center.
func (p Problem[T]) SampleCost() int {
	points := len(p.X) * len(p.Y)
	if lead := p.lead(); lead > 0 {
		points += 1 + lead
	}
	if p.Noise.symmetric {
		return 2 * points
	}
	return points
}

// lead is how many pairs a sample takes at the center alone: a sixteenth of the cells, at most 64, none for less than 4.
func (p Problem[T]) lead() int {
	n := min(64, len(p.X)*len(p.Y)/16)
	if n < 4 || !p.Noise.symmetric {
		return 0
	}
	return n
}

// mark is a hash of everything but f and the recorded vectors, by which a State knows its problem.
func (p Problem[T]) mark() string {
	h := sha256.New()
	fmt.Fprintf(h, "fullspace 1 %s seed=%d", p.Noise.name, p.Seed)
	hashNumbers(h, p.X)
	hashNumbers(h, p.Y)
	hashNumbers(h, p.Plane.Center)
	hashNumbers(h, p.Plane.D1)
	hashNumbers(h, p.Plane.D2)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func hashNumbers[T slice.Float](h hash.Hash, v []T) {
	buffer := binary.LittleEndian.AppendUint64(make([]byte, 0, 4096), uint64(len(v)))
	for _, x := range v {
		if len(buffer)+8 > cap(buffer) {
			h.Write(buffer)
			buffer = buffer[:0]
		}
		buffer = binary.LittleEndian.AppendUint64(buffer, math.Float64bits(float64(x)))
	}
	h.Write(buffer)
}
