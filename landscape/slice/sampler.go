package slice

import (
	"context"
	"fmt"

	"smoothscape/landscape"
)

// Sample evaluates the loss on the nodes of a plane, coarse to fine, and returns the finest grid (columns α, rows β).
// Each level computes only the nodes that the one before has not; then onLevel, on the caller's goroutine, gets the level's
// number and a grid of its own. One goroutine works for each surface, and all have ended when Sample returns. If the
// surfaces agree, the result does not depend on how many there are.
//
// The error is that of a surface, with the node, of onLevel, or of ctx, which is looked at before each call of a surface.
func Sample(ctx context.Context, levels Levels, surfaces []Surface, onLevel func(level int, g landscape.Grid) error) (landscape.Grid, error) {
	if err := levels.Validate(); err != nil {
		return landscape.Grid{}, err
	}
	if len(surfaces) == 0 {
		return landscape.Grid{}, &landscape.GridError{Doing: "sampling a slice", Expected: "at least one surface", Found: "none", Advice: "give one for each processor"}
	}
	var grid landscape.Grid
	for level := range levels.Count {
		next, missing := refine(grid, levels, level)
		if err := evaluate(ctx, next, missing, surfaces); err != nil {
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
func evaluate(ctx context.Context, g landscape.Grid, missing []int, surfaces []Surface) error {
	places := make([]Place, len(missing))
	for k, i := range missing {
		places[k] = Place{Alpha: g.X[i%len(g.X)], Beta: g.Y[i/len(g.X)]}
	}
	return each(ctx, surfaces, places, func(k int, z float64) { g.Z[missing[k]] = z })
}

func copyGrid(g landscape.Grid) landscape.Grid {
	return landscape.Grid{X: append([]float64(nil), g.X...), Y: append([]float64(nil), g.Y...), Z: append([]float64(nil), g.Z...)}
}
