package slice

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"smoothscape/landscape"
)

// Evaluator gives the loss at a parameter vector, which it neither keeps nor changes. NaN and infinite losses are values, not
// errors. One Evaluator serves one goroutine.
type Evaluator[T Float] func(params []T) (float64, error)

// Sample evaluates the loss on the nodes of a plane, coarse to fine, and returns the finest grid (columns α, rows β).
// Each level computes only the nodes that the one before has not; then onLevel, on the caller's goroutine, gets the level's
// number and a grid of its own. One goroutine works for each evaluator, and all have ended when Sample returns. If the
// evaluators agree, the result does not depend on how many there are.
//
// The error is that of an evaluator, with the node, of onLevel, or of ctx, which is looked at before each node.
func Sample[T Float](ctx context.Context, plane Plane[T], levels Levels, evaluators []Evaluator[T], onLevel func(level int, g landscape.Grid) error) (landscape.Grid, error) {
	if err := levels.Validate(); err != nil {
		return landscape.Grid{}, err
	}
	if len(evaluators) == 0 {
		return landscape.Grid{}, &landscape.GridError{Doing: "sampling a slice", Expected: "at least one evaluator", Found: "none", Advice: "give one for each processor"}
	}
	var grid landscape.Grid
	for level := range levels.Count {
		next, missing := refine(grid, levels, level)
		if err := evaluate(ctx, plane, next, missing, evaluators); err != nil {
			return landscape.Grid{}, fmt.Errorf("sampling a slice, level %d of %d: %w", level+1, levels.Count, err)
		}
		grid = next
		if onLevel == nil {
			continue
		}
		if err := onLevel(level, copyGrid(grid)); err != nil {
			return landscape.Grid{}, err
		}
	}
	return grid, nil
}

// refine makes the grid of a level with the values of the level before in place; missing lists the nodes that have none yet, row by
// row.
func refine(coarse landscape.Grid, levels Levels, level int) (fine landscape.Grid, missing []int) {
	x := levels.coordinates(level)
	n := len(x)
	fine = landscape.Grid{X: x, Y: append([]float64(nil), x...), Z: make([]float64, n*n)}
	for i := range fine.Z {
		col, row := i%n, i/n
		if level > 0 && col%2 == 0 && row%2 == 0 {
			fine.Z[i] = coarse.Z[row/2*len(coarse.X)+col/2]
		} else {
			missing = append(missing, i)
		}
	}
	return fine, missing
}

// evaluate fills the missing nodes of g, each in its own place.
func evaluate[T Float](ctx context.Context, plane Plane[T], g landscape.Grid, missing []int, evaluators []Evaluator[T]) error {
	place := func(k int) (alpha, beta float64) { return g.X[missing[k]%len(g.X)], g.Y[missing[k]/len(g.X)] }
	return each(ctx, evaluators, len(missing), len(plane.Center),
		func(k int, params []T) { alpha, beta := place(k); plane.At(alpha, beta, params) },
		func(k int) string { alpha, beta := place(k); return fmt.Sprintf("α = %g, β = %g", alpha, beta) },
		func(k int, z float64) { g.Z[missing[k]] = z })
}

// each evaluates the places 0 … count−1 of dim parameters. One goroutine works for each evaluator and takes the places in order; all
// have ended when it returns. at writes a place, name says where it is, and put, called by several goroutines at once, takes its loss.
func each[T Float](ctx context.Context, evaluators []Evaluator[T], count, dim int, at func(k int, params []T), name func(k int) string, put func(k int, z float64)) error {
	work, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	for _, evaluator := range evaluators {
		group.Go(func() {
			params := make([]T, dim)
			for ctx.Err() == nil && work.Err() == nil { // both: work learns of ctx's end a moment later
				k := int(next.Add(1)) - 1
				if k >= count {
					return
				}
				at(k, params)
				z, err := evaluator(params)
				if err != nil {
					fail(fmt.Errorf("at %s: %w", name(k), err))
					return
				}
				put(k, z)
			}
		})
	}
	group.Wait()
	// Still nil unless an evaluator failed or the caller's context ended: the deferred fail has not run yet.
	return cmp.Or(context.Cause(work), context.Cause(ctx))
}

func copyGrid(g landscape.Grid) landscape.Grid {
	return landscape.Grid{X: append([]float64(nil), g.X...), Y: append([]float64(nil), g.Y...), Z: append([]float64(nil), g.Z...)}
}
