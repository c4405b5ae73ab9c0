package main

import (
	"fmt"
	"math"
)

// A recorded grid is kept as the logarithm of each loss in whole steps, of which the differences along both axes are taken twice: a smooth
// landscape leaves small numbers, and the file has a third of the size that four decimal digits need.

// lossStep is the step of the logarithm. Losses are off by at most half of it: of 0.2, five units of the fifth digit.
const lossStep = 5e-4

// packGrid encodes the losses of a grid with that many columns.
func packGrid(z []float64, columns int) ([]int, error) {
	steps := make([]int, len(z))
	for i, loss := range z {
		step := math.Round(math.Log(loss) / lossStep)
		if math.IsNaN(step) || math.IsInf(step, 0) {
			return nil, fmt.Errorf("recording the loss of node %d: expected one above 0, found %g", i, loss)
		}
		steps[i] = int(step)
	}
	return differences(differences(steps, columns), columns), nil
}

// unpackGrid undoes packGrid.
func unpackGrid(packed []int, columns int) []float64 {
	steps := sums(sums(packed, columns), columns)
	z := make([]float64, len(steps))
	for i, step := range steps {
		z[i] = shortened(math.Exp(float64(step)*lossStep), lossDigits)
	}
	return z
}

// differences are those of each node to the ones left of it and above it, outside 0.
func differences(z []int, columns int) []int {
	out := make([]int, len(z))
	for i := range z {
		out[i] = z[i] - around(z, i, columns)
	}
	return out
}

// sums undoes differences.
func sums(z []int, columns int) []int {
	out := make([]int, len(z))
	for i := range z {
		out[i] = z[i] + around(out, i, columns)
	}
	return out
}

// around is left + above − left above of node i.
func around(z []int, i, columns int) int {
	left, above := i%columns > 0, i >= columns
	sum := 0
	if left {
		sum += z[i-1]
	}
	if above {
		sum += z[i-columns]
	}
	if left && above {
		sum -= z[i-columns-1]
	}
	return sum
}
