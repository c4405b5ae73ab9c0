package landscape

import (
	"fmt"
	"math"
)

// Limits of a grid, checked before anything is allocated.
const (
	MinNodes   = 8    // inner nodes a side, at least
	MaxNodes   = 1025 // inner nodes a side, at most
	maxPadded  = 4096 // nodes a side with halo and padding, at most
	minimaRing = 4    // rings of halo that the search for minima needs
)

// Rect is a closed rectangle [XMin, XMax] × [YMin, YMax].
type Rect struct{ XMin, XMax, YMin, YMax float64 }

// Square returns the rectangle [lo, hi]².
func Square(lo, hi float64) Rect { return Rect{lo, hi, lo, hi} }

// Width returns XMax − XMin.
func (r Rect) Width() float64 { return r.XMax - r.XMin }

// Height returns YMax − YMin.
func (r Rect) Height() float64 { return r.YMax - r.YMin }

// Contains reports whether (x, y) lies in the closed rectangle.
func (r Rect) Contains(x, y float64) bool {
	return r.XMin <= x && x <= r.XMax && r.YMin <= y && y <= r.YMax
}

// Grid holds values on the nodes of a rectangular grid.
type Grid struct {
	X, Y []float64 // coordinates of the columns and of the rows, increasing
	Z    []float64 // row-major: Z[row*len(X)+col]
}

// At returns the value at a node; ok is false outside the grid.
func (g Grid) At(col, row int) (z float64, ok bool) {
	if col < 0 || row < 0 || col >= len(g.X) || row >= len(g.Y) {
		return 0, false
	}
	return g.Z[row*len(g.X)+col], true
}

// Range returns the least and the greatest finite value; ok is false where there is none.
func (g Grid) Range() (lo, hi float64, ok bool) { return finiteRange(g.Z) }

func finiteRange(z []float64) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range z {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi, lo <= hi
}

// Field is a function sampled on a square grid with a halo: N inner nodes a side on the closed domain and
// Cells more beyond each border, all of the same step, M = N + 2·Cells a side.
type Field struct {
	Domain Rect // square
	N      int
	Cells  int
	Z      []float64 // M×M, row-major; Z[(row+Cells)*M+col+Cells] lies on the inner node (col, row)
}

// NewField checks and wraps values that were computed elsewhere, such as a slice of a network's loss. It keeps
// z, which the caller must not change afterwards.
func NewField(domain Rect, n, cells int, z []float64) (Field, error) {
	f := Field{Domain: domain, N: n, Cells: cells, Z: z}
	if err := checkShape(domain, n, cells); err != nil {
		return Field{}, err
	}
	if m := f.M(); len(z) != m*m {
		return Field{}, &GridError{Doing: "reading the grid", Expected: fmt.Sprintf("%d×%d = %d values", m, m, m*m),
			Found: fmt.Sprint(len(z)), Advice: "give the inner nodes and the halo, row by row"}
	}
	return f, nil
}

// Sample evaluates the objective on n inner nodes a side and on a halo of Objective.Halo, which takes
// ⌈Halo/step⌉ cells a side. It refuses a grid on which the objective is not resolved: see Field.Roughness.
func Sample(o Objective, n int) (Field, error) {
	f := Field{Domain: o.Square(), N: n}
	if err := checkShape(o.Square(), n, 0); err != nil {
		return Field{}, err
	}
	f.Cells = HaloCells(o.Halo(), f.Step())
	if err := checkShape(o.Square(), n, f.Cells); err != nil {
		return Field{}, err
	}
	m := f.M()
	f.Z = make([]float64, m*m)
	x := make([]float64, 2)
	for row := range m {
		for col := range m {
			x[0], x[1] = f.place(col-f.Cells, row-f.Cells)
			f.Z[row*m+col] = o.Func(x)
		}
	}
	if err := f.Resolved(); err != nil {
		return Field{}, fmt.Errorf("landscape: %s: %w", o.ID, err)
	}
	return f, nil
}

// HaloCells returns ⌈halo/step⌉, and at least the rings that the search for minima needs.
func HaloCells(halo, step float64) int {
	return max(int(math.Ceil(min(halo/step, maxPadded))), minimaRing)
}

// M returns the number of nodes a side with the halo.
func (f Field) M() int { return f.N + 2*f.Cells }

// Step returns the distance h between neighboring nodes.
func (f Field) Step() float64 { return f.Domain.Width() / float64(f.N-1) }

// Halo returns the width of the halo, Cells·Step.
func (f Field) Halo() float64 { return float64(f.Cells) * f.Step() }

// Inner returns the inner grid as a copy.
func (f Field) Inner() Grid {
	g := f.emptyGrid()
	m := f.M()
	for row := range f.N {
		copy(g.Z[row*f.N:(row+1)*f.N], f.Z[(row+f.Cells)*m+f.Cells:])
	}
	return g
}

// place returns the coordinates of an inner node; negative indices and those from N on lie in the halo.
func (f Field) place(col, row int) (x, y float64) {
	last := float64(f.N - 1)
	return f.Domain.XMin + f.Domain.Width()*float64(col)/last, f.Domain.YMin + f.Domain.Height()*float64(row)/last
}

func (f Field) emptyGrid() Grid {
	g := Grid{X: make([]float64, f.N), Y: make([]float64, f.N), Z: make([]float64, f.N*f.N)}
	for i := range f.N {
		g.X[i], g.Y[i] = f.place(i, i)
	}
	return g
}

// roughest is the limit of Field.Roughness: sin⁴(kh/2) of a wave with six nodes to its length.
const roughest = 1.0 / 16

// Roughness says how near to the Nyquist wavenumber π/h the curvature of the sampled function sits: the mean of
// sin⁴(kh/2) over the spectral energy of its second differences, in the axis where it is greater. It is 1 for
// a function that alternates from node to node, 1/16 for a wave of six nodes and 0 for a quadratic function.
// By Parseval it is Σ(δ⁴z)²/(16·Σ(δ²z)²), which needs no transform, no window and no periodic border.
func (f Field) Roughness() float64 {
	m := f.M()
	return max(roughness(f.Z, m, m, 1, m), roughness(f.Z, m, m, m, 1))
}

// Resolved returns nil where the roughness is at most 1/16 (in the mean square, six nodes to a wave) and a
// *GridError else. On a rougher grid smoothing would show the waves that the grid makes, not those of f.
func (f Field) Resolved() error {
	return resolved(f.Roughness(), f.N)
}

func resolved(r float64, n int) error {
	if !(r <= roughest) {
		return &GridError{Doing: "checking that the grid resolves the function",
			Expected: fmt.Sprintf("a roughness of at most %.4g (six nodes to a wave)", roughest),
			Found:    fmt.Sprintf("%.3g on %d nodes a side", r, n), Advice: "take more nodes or a smaller domain"}
	}
	return nil
}

// roughness is the ratio for lines of m values that advance by stride along a line and by next from line to line.
func roughness(z []float64, lines, m, stride, next int) float64 {
	var second, fourth float64
	for line := range lines {
		base := line * next
		for i := 2; i < m-2; i++ {
			p := base + i*stride
			a, b, c, d, e := z[p-2*stride], z[p-stride], z[p], z[p+stride], z[p+2*stride]
			s := b - 2*c + d
			q := a - 4*b + 6*c - 4*d + e
			second += s * s
			fourth += q * q
		}
	}
	if second == 0 {
		return 0
	}
	return fourth / (16 * second)
}

func checkShape(domain Rect, n, cells int) error {
	w, h := domain.Width(), domain.Height()
	if !(w > 0) || math.IsInf(w, 0) || !(math.Abs(w-h) <= 1e-9*w) {
		return &GridError{Doing: "reading the domain of a grid", Expected: "a square of finite positive width",
			Found: fmt.Sprintf("%g by %g", w, h), Advice: "give a square domain"}
	}
	if n < MinNodes || n > MaxNodes {
		return &GridError{Doing: "choosing a grid", Expected: fmt.Sprintf("%d to %d nodes a side", MinNodes, MaxNodes),
			Found: fmt.Sprint(n), Advice: "129, 201 and 257 are good sizes"}
	}
	if cells < 0 || cells > maxPadded || n+2*cells > maxPadded {
		return &GridError{Doing: "adding the halo to a grid", Expected: fmt.Sprintf("at most %d nodes a side", maxPadded),
			Found: fmt.Sprintf("%d inner nodes and %d cells of halo on each side", n, cells), Advice: "take fewer nodes or a narrower kernel"}
	}
	return nil
}

// GridError says why a grid cannot be used.
type GridError struct{ Doing, Expected, Found, Advice string }

func (e *GridError) Error() string {
	return fmt.Sprintf("%s: expected %s, found %s; %s", e.Doing, e.Expected, e.Found, e.Advice)
}
