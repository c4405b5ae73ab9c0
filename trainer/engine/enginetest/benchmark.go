package enginetest

import (
	"fmt"
	"testing"

	"smoothscape/trainer/engine"
)

// Benchmark times the gradient of every model on 28×28 images in batches of 32 and 128, and its evaluation in batches of
// 128, and reports images a second.
func Benchmark(b *testing.B, e engine.Engine) {
	for _, name := range models {
		for _, c := range []struct {
			what   string
			images int
			train  bool
		}{{"grad", 32, true}, {"grad", 128, true}, {"eval", 128, false}} {
			b.Run(fmt.Sprintf("%s/%s/%d", name, c.what, c.images), func(b *testing.B) {
				m := Model(b, e, name, mnist, 10)
				x, y := Batch(m.Spec(), c.images, 1)
				g := make([]float32, len(m.Params()))
				step := func() (engine.Metrics, error) {
					if c.train {
						return m.Grad(x, y, g)
					}
					return m.Eval(x, y)
				}
				if _, err := step(); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := step(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(c.images)*float64(b.N)/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}
