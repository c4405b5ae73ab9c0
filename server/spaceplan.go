package main

import "smoothscape/trainer/engine"

// spacePlan says how much of a run's pictures in full space is worth its time.
type spacePlan struct {
	Nodes   int // a side of the view
	Images  int // training images behind each loss, the first of those of the slice
	Samples int // draws of the full picture at most
	Vectors int // recorded noise vectors
}

// What pictures in full space may cost, in floating-point operations. A core of the CPU engine does some 3e10 to 1e11 a second.
const (
	spaceDrawFlops   = 4e10      // one draw of the whole lattice: some four make the first frame
	spaceCoarseFlops = 2e12      // the same of a network that is too large for that
	spaceNetFlops    = 1e13      // all draws of a picture: some minutes
	spaceRecordFlops = 2e12      // the full gradient that recorded noise is the difference from
	spaceVectorBytes = 256 << 20 // of all recorded noise vectors
	usualVectors     = 64
	leastVectors     = 8
)

// planSpace plans the pictures of a network: the larger it is, the fewer images and nodes. The same network always gets the same plan, so that
// the same view gives the same pictures.
func planSpace(spec engine.Spec, parameters int) spacePlan {
	plan := spacePlan{Nodes: 13, Images: planSlice(spec).Images}
	draw := func() float64 {
		side := float64(plan.Nodes + 2)
		return 2 * side * side * float64(plan.Images) * float64(spec.Flops())
	}
	if plan.Images > sliceImages/2 && draw() > spaceDrawFlops {
		plan.Images = sliceImages / 2
	}
	if draw() > spaceDrawFlops {
		plan.Nodes = 9
	}
	for plan.Images > leastImages && draw() > spaceDrawFlops {
		plan.Images /= 2
	}
	if draw() > spaceCoarseFlops {
		plan.Nodes = 5
	}
	plan.Samples = min(max(leastSpaceSamples, int(spaceNetFlops/max(draw(), 1))), mostSpaceSamples)
	plan.Vectors = max(leastVectors, min(usualVectors, spaceVectorBytes/(4*max(parameters, 1))))
	return plan
}

// spacePopulation is how many of n training images batches of b are drawn from: all where the gradient over them is not too dear.
func spacePopulation(spec engine.Spec, batchSize, n int) int {
	affordable := spaceRecordFlops / (3 * max(float64(spec.Flops()), 1)) // a gradient is three forward passes
	return min(n, max(8*batchSize, int(min(affordable, float64(n)))))
}
