package static_test

import (
	"fmt"
	"math"
	"testing"

	"smoothscape/landscape"
	"smoothscape/static/browsertest"
)

// Kernels of many dimensions in the plane: transfer functions and tables of the browser against those of Go, and a lattice that is added is
// what it is at its nodes.
func TestKernelsOfManyDimensions(t *testing.T) {
	b := browsertest.Start(t, 400, 300)
	type outcome struct {
		Exact, Table [][]float64
		Widths       []float64
		Added, Kept  float64
	}
	got := runScript[outcome](t, b, `
		import { ballTable, ballTransfer } from "./ball";
		import { add } from "./field";
		import { stdDev, transfer } from "./kernel";
		const dims = [2, 3, 4, 7, 16, 17, 50, 51, 261, 1000, 9098], waves = Array.from({ length: 90 }, (_, i) => 0.37 * i * (1 + i / 20));
		const field = { lo: -1, hi: 1, n: 21, cells: 4, z: new Float64Array(29 * 29).fill(2) };
		const lattice = { lo: -1.5, hi: 1.5, n: 7, z: Float64Array.from({ length: 49 }, (_, i) => (i % 7) * 0.1 + Math.floor(i / 7)) };
		const sum = add(field, lattice);
		export default {
			Exact: dims.map((d) => waves.map((w) => ballTransfer(d, w))),
			Table: dims.map((d) => { const value = ballTable(d, waves.at(-1)!); return waves.map(value); }),
			Widths: (["gaussian", "uniform"] as const).flatMap((law) => (["vector", "coordinate"] as const).map((convention) => stdDev({ law, convention, alpha: 1.5, dim: 50 }, 1))),
			Added: sum.z[(4 + 15) * 29 + 4 + 5]! /* x = −0.5, y = 0.5 */, Kept: field.z[0]!,
		};`)
	for i, d := range []int{2, 3, 4, 7, 16, 17, 50, 51, 261, 1000, 9098} {
		k := landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Vector, Dim: d}
		for j := range got.Exact[i] {
			w := 0.37 * float64(j) * (1 + float64(j)/20)
			want := k.Transfer(1, w)
			if e := math.Abs(got.Exact[i][j] - want); e > 1e-8 {
				t.Errorf("ball of %d dimensions at %g: %g, want %g", d, w, got.Exact[i][j], want)
			}
			if e := math.Abs(got.Table[i][j] - want); e > 1e-6 {
				t.Errorf("table of %d dimensions at %g: %g, want %g", d, w, got.Table[i][j], want)
			}
		}
	}
	var widths []float64
	for _, law := range []landscape.Law{landscape.Gaussian, landscape.Uniform} {
		for _, convention := range []landscape.Convention{landscape.Vector, landscape.Coordinate} {
			widths = append(widths, landscape.Kernel{Law: law, Convention: convention, Dim: 50}.StdDev(1))
		}
	}
	for i, want := range widths {
		if math.Abs(got.Widths[i]-want) > 1e-15 {
			t.Errorf("widths %v, want %v", got.Widths, widths)
		}
	}
	if want := fmt.Sprintf("%.12g", 2+0.2+4); fmt.Sprintf("%.12g", got.Added) != want || got.Kept != 2 {
		t.Errorf("a lattice added to 2 gives %g, want %s; the field itself %g", got.Added, want, got.Kept)
	}
}
