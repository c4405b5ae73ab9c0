package webgpu

import (
	"fmt"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/enginetest"
)

// A loss on a plane: "formed there" on the device, "sent" with all parameters and images for each place as Eval takes them. Bytes are those that pass between host
// and device for one loss.
func BenchmarkLossOfAPlace(b *testing.B) {
	e := anyEngine(b)
	const images = 128
	for _, name := range []string{"mlp", "convnet", "resnet8"} {
		spec, err := engine.SpecFor(name, engine.Shape{C: 1, H: 28, W: 28}, 10)
		if err != nil {
			b.Fatal(err)
		}
		m, err := e.Build(spec)
		if err != nil {
			b.Fatal(err)
		}
		defer m.Close()
		x, y := enginetest.Batch(spec, images, 1)
		b.Run(fmt.Sprintf("%s sent", name), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Eval(x, y); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(4*(spec.ParameterCount()+spec.StateCount()+len(x)+len(y)+2*images)), "bytes/loss")
		})
		b.Run(fmt.Sprintf("%s formed there", name), func(b *testing.B) {
			set := engine.AffineSet{Center: m.Params(), Directions: [][]float32{m.Params(), m.Params()}}
			if err := m.(engine.AffineModel).Lay(set, x, y, false); err != nil {
				b.Fatal(err)
			}
			places, out := make([]engine.Place, mostPlaces), make([]engine.Metrics, mostPlaces)
			done := 0
			for b.Loop() {
				for done == 0 {
					if done, err = m.(engine.AffineModel).EvalAt(places, out); err != nil {
						b.Fatal(err)
					}
				}
				done--
			}
			b.ReportMetric(float64(4*(engine.MaxDirections+2*images)), "bytes/loss")
		})
	}
}
