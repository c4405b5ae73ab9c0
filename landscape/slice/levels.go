package slice

import (
	"fmt"
	"math"

	"smoothscape/landscape"
)

// Levels is a nest of square grids over the slice [−HalfWidth, HalfWidth]², each with a node between any two of the one before:
// First nodes a side, then 2·First − 1, and so on, Count grids in all. Every grid has the origin, the center of the slice, as
// a node if First is odd.
type Levels struct {
	HalfWidth float64 // > 0, in units of the directions
	First     int     // nodes a side of the coarsest grid, ≥ 2
	Count     int     // ≥ 1
}

// DefaultLevels is 7, 13, 25 and 49 nodes a side: 49, 169, 625 and 2401 nodes in all, of which the first 49 make a picture.
func DefaultLevels(halfWidth float64) Levels { return Levels{HalfWidth: halfWidth, First: 7, Count: 4} }

// Validate reports the first thing that is wrong with the levels: *landscape.GridError.
func (l Levels) Validate() error {
	switch {
	case !(l.HalfWidth > 0) || math.IsInf(l.HalfWidth, 0):
		return &landscape.GridError{Doing: "planning a slice", Expected: "a finite half-width above 0", Found: fmt.Sprint(l.HalfWidth), Advice: "choose one such as 1"}
	case l.First < 2 || l.First > landscape.MaxNodes:
		return &landscape.GridError{Doing: "planning a slice", Expected: fmt.Sprintf("2 to %d nodes a side", landscape.MaxNodes), Found: fmt.Sprint(l.First), Advice: "choose 7"}
	case l.Count < 1 || l.Count > 10 || l.Nodes(l.Count-1) > landscape.MaxNodes:
		return &landscape.GridError{Doing: "planning a slice", Expected: fmt.Sprintf("1 to 10 levels, the last of at most %d nodes a side", landscape.MaxNodes), Found: fmt.Sprintf("%d levels from %d nodes", l.Count, l.First), Advice: "choose fewer levels"}
	}
	return nil
}

// Nodes is the number of nodes a side of a level, 0 … Count−1.
func (l Levels) Nodes(level int) int { return (l.First-1)<<level + 1 }

// coordinates of a level. Node i of n lies at HalfWidth·(2i − (n−1))/(n−1): symmetric, the center exactly 0, and the nodes
// that two levels share equal bit for bit, for their quotients differ by a power of two above and below.
func (l Levels) coordinates(level int) []float64 {
	n := l.Nodes(level)
	x := make([]float64, n)
	for i := range x {
		x[i] = l.HalfWidth * float64(2*i-(n-1)) / float64(n-1)
	}
	return x
}

// Steps returns n ≥ 2 values from lo to hi in equal steps. Interpolations between two networks are usually drawn from −0.5 to 1.5
// (Goodfellow et al. 2015).
func Steps(lo, hi float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return x
}
