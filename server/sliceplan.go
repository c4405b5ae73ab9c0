package main

import "smoothscape/trainer/engine"

// slicePlan says how much of a slice is worth its time.
type slicePlan struct {
	Images int // training images behind each loss
	Levels int // grids, coarse to fine
}

// What a slice may cost, in floating-point operations. A core of the CPU engine does some 3e10 to 1e11 a second.
const (
	sliceLossFlops  = 1.2e10 // one loss: so the coarsest 49 take some seconds
	slicePlaneFlops = 3e13   // all losses of the finest grid: some minutes
	leastImages     = 32
)

// planSlice plans the slice of a network. A small one gets everything; a large one fewer images and coarser grids, down to 32 images and
// the level that is enough. The same network always gets the same plan, so that the losses of a run's slices compare.
func planSlice(spec engine.Spec) slicePlan {
	levels := sliceLevels()
	plan := slicePlan{Images: sliceImages, Levels: levels.Count}
	each := float64(spec.Flops())
	for plan.Images > leastImages && each*float64(plan.Images) > sliceLossFlops {
		plan.Images /= 2
	}
	points := func() float64 { n := float64(levels.Nodes(plan.Levels - 1)); return n * n }
	for plan.Levels > sliceEnough+1 && each*float64(plan.Images)*points() > slicePlaneFlops {
		plan.Levels--
	}
	return plan
}

// pastFlops is what a slice of a run's history may cost. There are dozens of them.
const pastFlops = 2e11

// levelsOfPast is how many levels the slices of a run's history get: up to sliceEnough at least, and one more where that is cheap.
func levelsOfPast(plan slicePlan, spec engine.Spec) int {
	levels := min(sliceEnough+1, plan.Levels)
	for levels < plan.Levels {
		n := float64(sliceLevels().Nodes(levels))
		if n*n*float64(plan.Images)*float64(spec.Flops()) > pastFlops {
			break
		}
		levels++
	}
	return levels
}

// coarse says whether the plan leaves something out.
func (p slicePlan) coarse() bool { return p.Images < sliceImages || p.Levels < sliceLevels().Count }
