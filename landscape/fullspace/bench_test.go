package fullspace

import (
	"context"
	"testing"

	"smoothscape/landscape"
)

// BenchmarkRastrigin50 samples Rastrigin in 50 dimensions on 129×129 cells, with the vector Gaussian at δ = 0.5, until the largest standard
// error is 1 % of the range. "plain" does it without the control variate.
func BenchmarkRastrigin50(b *testing.B) {
	const d, nodes, delta = 50, 129, 0.5
	kernel := landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: d}
	o, _ := landscape.ObjectiveByID("rastrigin", d)
	truth, _ := o.Smoothed(kernel, delta)
	for _, c := range []struct {
		name    string
		workers int
		plain   bool
	}{{"two workers", 2, false}, {"one worker", 1, false}, {"two workers, plain", 2, true}} {
		b.Run(c.name, func(b *testing.B) {
			var last Estimate
			for i := range b.N {
				noise, err := Drawn(kernel, delta, o.Growth)
				if err != nil {
					b.Fatal(err)
				}
				e, err := New(Problem[float64]{Plane: coordinatePlane[float64](d), X: axes(o.Lo, o.Hi, nodes), Y: axes(o.Lo, o.Hi, nodes), Noise: noise, Seed: uint64(i) + 1})
				if err != nil {
					b.Fatal(err)
				}
				if c.plain {
					e.lead = 0
				}
				reached, err := e.Run(context.Background(), evaluators(c.workers, o.Func), Stop{Relative: 0.01, Samples: 1 << 20}, nil)
				if err != nil || !reached {
					b.Fatal(reached, err)
				}
				last = e.Estimate()
			}
			worst := 0.0
			x := make([]float64, d)
			for i, z := range last.Z {
				x[0], x[1] = last.X[i%nodes], last.Y[i/nodes]
				worst = max(worst, abs(z-truth.Func(x)))
			}
			b.ReportMetric(float64(last.Samples), "pairs")
			b.ReportMetric(100*last.RelativeErr(), "%-max-SE")
			b.ReportMetric(100*worst/last.Range, "%-true-error")
		})
	}
}

// BenchmarkOverheadOfAMillion is what an evaluation costs beside f in a million dimensions, float32, in samples of one row of 25 cells.
func BenchmarkOverheadOfAMillion(b *testing.B) {
	const d, cells = 1_000_000, 25
	noise, err := Drawn(gaussian(d), 0.1, 2)
	if err != nil {
		b.Fatal(err)
	}
	e, err := New(Problem[float32]{Plane: coordinatePlane[float32](d), X: axes(-1, 1, cells), Y: []float64{0}, Noise: noise, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if _, err := e.Run(context.Background(), evaluators(1, func(x []float32) float64 { return float64(x[0]) }), Stop{Samples: max(2, b.N)}, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(max(2, b.N))/(2*cells), "ns/evaluation")
}
