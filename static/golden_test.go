package static_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"smoothscape/static/browsertest"
)

// runScript bundles TypeScript that ends with `export default`, with imports relative to src, and runs it in Chromium.
func runScript[T any](t testing.TB, b *browsertest.Browser, script string) T {
	t.Helper()
	result := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: script, ResolveDir: "src", Loader: api.LoaderTS},
		Bundle: true, Format: api.FormatIIFE, GlobalName: "checked", Target: api.ES2022, Write: false,
	})
	for _, e := range result.Errors {
		t.Fatalf("bundling: %s", e.Text)
	}
	return browsertest.Evaluate[T](b, string(result.OutputFiles[0].Contents)+"\nchecked.default")
}

// golden is landscape/testdata/golden.json: closed forms and quadrature, made by neither smoother.
type golden struct {
	Objectives []struct {
		ID     string
		Domain [2]float64
		Halo   float64
		Points [][3]float64
	}
	Transfers []struct {
		Kernel, Convention string
		Alpha, Delta       float64
		Points             [][2]float64
	}
	Cases []struct {
		Objective, Kernel, Convention string
		Alpha, Delta                  float64
		N                             int
		Range                         float64
		Points                        [][3]float64
	}
	Minima []struct {
		Objective, Kernel, Convention string
		Alpha, Delta                  float64
		N                             []int
		Count                         int
	}
}

func readGolden(t *testing.T) (golden, string) {
	t.Helper()
	text, err := os.ReadFile("../landscape/testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g, string(text)
}

// The closed forms, the transfer functions, the smoothed heights and the counts of minima of the browser, in a real browser. A
// height may differ by 10⁻⁴ of the range; a closed form by rounding, 10⁻¹² of its values; a transfer function by
// 10⁻⁸, what J₁ is good for.
func TestGolden(t *testing.T) {
	g, text := readGolden(t)
	b := browsertest.Start(t, 800, 600)
	type outcome struct {
		Objectives, Transfers, Cases []([]float64)
		Minima                       [][]int
		Lengths                      []int
	}
	got := runScript[outcome](t, b, `
		import { paddedLength } from "./fft";
		import { sampleObjective } from "./field";
		import { transfer, type Kernel, type Law, type Convention } from "./kernel";
		import { minima } from "./minima";
		import { functions } from "./objective";
		import { Smoother } from "./smoother";
		const golden = `+text+`;
		const kernel = (c: { kernel: string; convention?: string; alpha?: number }): Kernel => ({ law: c.kernel as Law, convention: (c.convention ?? "vector") as Convention, alpha: c.alpha ?? 1.5 });
		const made = new Map<string, Smoother>();
		const smoother = (id: string, n: number): Smoother => {
			const key = id + n;
			if (!made.has(key)) {
				const o = golden.objectives.find((o: { id: string }) => o.id === id)!;
				made.clear();
				made.set(key, new Smoother(sampleObjective(id, o.domain[0]!, o.domain[1]!, o.halo, n)));
			}
			return made.get(key)!;
		};
		export default {
			Objectives: golden.objectives.map((o) => o.points.map(([x, y]) => functions[o.id]!(x!, y!))),
			Transfers: golden.transfers.map((c) => c.points.map(([k]) => transfer(kernel(c), c.delta, k!))),
			Cases: golden.cases.map((c) => {
				const { field } = smoother(c.objective, c.n).smooth(kernel(c), c.delta), m = field.n + 2 * field.cells;
				return c.points.map(([x, y]) => {
					const col = Math.round(((x! - field.lo) / (field.hi - field.lo)) * (field.n - 1)), row = Math.round(((y! - field.lo) / (field.hi - field.lo)) * (field.n - 1));
					return field.z[(row + field.cells) * m + col + field.cells];
				});
			}),
			Minima: golden.minima.map((c) => c.n.map((n) => minima(smoother(c.objective, n).smooth(kernel(c), c.delta).field).length)),
			Lengths: [245, 265, 384, 385, 600, 641].map(paddedLength),
		};`)
	for i, o := range g.Objectives {
		for j, p := range o.Points {
			if e := math.Abs(got.Objectives[i][j] - p[2]); e > 1e-12*(1+math.Abs(p[2])) {
				t.Errorf("%s at (%g, %g): %.17g, want %.17g", o.ID, p[0], p[1], got.Objectives[i][j], p[2])
			}
		}
	}
	for i, c := range g.Transfers {
		for j, p := range c.Points {
			if e := math.Abs(got.Transfers[i][j] - p[1]); !(e <= 1e-8) {
				t.Errorf("transfer of %s %s α=%g at δ=%g, k=%g: %.12g, want %.12g", c.Kernel, c.Convention, c.Alpha, c.Delta, p[0], got.Transfers[i][j], p[1])
			}
		}
	}
	worst, where := 0.0, ""
	for i, c := range g.Cases {
		for j, p := range c.Points {
			e := math.Abs(got.Cases[i][j]-p[2]) / c.Range
			name := fmt.Sprintf("%s, %s %s α=%g δ=%g at (%g, %g)", c.Objective, c.Kernel, c.Convention, c.Alpha, c.Delta, p[0], p[1])
			if !(e <= 1e-4) {
				t.Errorf("%s: %.9g, want %.9g: %.1e of the range", name, got.Cases[i][j], p[2], e)
			}
			if e > worst {
				worst, where = e, name
			}
		}
	}
	for i, c := range g.Minima {
		for j, n := range c.N {
			if got.Minima[i][j] != c.Count {
				t.Errorf("%s, %s %s δ=%g on %d nodes: %d minima, want %d", c.Objective, c.Kernel, c.Convention, c.Delta, n, got.Minima[i][j], c.Count)
			}
		}
	}
	if want := []int{256, 320, 384, 512, 640, 768}; fmt.Sprint(got.Lengths) != fmt.Sprint(want) {
		t.Errorf("padded lengths %v, want %v", got.Lengths, want)
	}
	t.Logf("%d cases; the worst errs by %.1e of the range: %s", len(g.Cases), worst, where)
}
