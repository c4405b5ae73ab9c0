package webgpu

import (
	"fmt"
	"strings"
	"text/template"
)

// tileShape is how a tiled kernel cuts its product: the lines and columns of a tile, and how many of each a thread makes, multiples of 4. Which is the fastest
// depends on how many registers a processor has for a thread, and how many threads hide its memory's delay.
type tileShape struct{ Lines, Columns, Down, Across int }

// tileShapes are those that are tried, the one first that is used where nothing was measured.
var tileShapes = [...]tileShape{{64, 64, 8, 8}, {64, 64, 4, 4}, {128, 64, 8, 4}, {32, 64, 4, 4}}

const (
	tiled = "_tiled" // between the names of a product and of a shape
	deep  = 8        // terms of the sums that a group reads at once
)

// String is the end of a kernel's name.
func (s tileShape) String() string {
	return fmt.Sprintf("%dx%d_%dx%d", s.Lines, s.Columns, s.Down, s.Across)
}

// kernel is the name of the tiled kernel of a product.
func (s tileShape) kernel(product string) string { return product + tiled + "_" + s.String() }

// shapeOf is the shape of a tiled kernel, and the file of its product.
func shapeOf(kernel string) (s tileShape, file string, ok bool) {
	for _, s := range tileShapes {
		if file, ok := strings.CutSuffix(kernel, "_"+s.String()); ok {
			return s, file, true
		}
	}
	return tileShape{}, kernel, false
}

// tiles is how many tiles cover a matrix.
func (s tileShape) tiles(lines, columns int) int {
	return tiles(lines, s.Lines) * tiles(columns, s.Columns)
}

// What follows is for kernels/tile.wgsl.

// Abreast is how many threads make a line of the tile.
func (s tileShape) Abreast() int { return s.Columns / s.Across }

// Threads is how many make the tile.
func (s tileShape) Threads() int { return s.Abreast() * s.Lines / s.Down }

// LineStep is how far a thread's next four lines are from its last.
func (s tileShape) LineStep() int { return 4 * s.Lines / s.Down }

// ColumnStep is that of columns.
func (s tileShape) ColumnStep() int { return 4 * s.Abreast() }

// Lefts is how many values of the left matrix a group holds.
func (s tileShape) Lefts() int { return deep * s.Lines }

// Rights is that of the right one.
func (s tileShape) Rights() int { return deep * s.Columns }

// LineOffsets are a thread's lines, from its first.
func (s tileShape) LineOffsets() []int {
	at := make([]int, s.Down)
	for i := range at {
		at[i] = i/4*s.LineStep() + i%4
	}
	return at
}

// ColumnOffsets are the first of each four of a thread's columns, from its first.
func (s tileShape) ColumnOffsets() []int {
	at := make([]int, s.Strips())
	for i := range at {
		at[i] = i * s.ColumnStep()
	}
	return at
}

// Strips is how many fours of columns a thread makes of each of its lines.
func (s tileShape) Strips() int { return s.Across / 4 }

// Quads is how many fours it makes in all.
func (s tileShape) Quads() int { return s.Down * s.Strips() }

// text is the end of a tiled kernel.
func (s tileShape) text(of string) (string, error) {
	t, err := template.New("tile").Parse(of)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = t.Execute(&text, s)
	return text.String(), err
}
