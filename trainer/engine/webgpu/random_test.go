package webgpu

import (
	testflag "flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/enginetest"
)

var randomNetworks = testflag.Int("networks", 60, "how many random networks to compare")

// randomSpec draws a network: convolutions, pools and batch norms of any geometry that fits, read by any later layer, added where shapes agree.
func randomSpec(rng *rand.Rand, name string) engine.Spec {
	input := engine.Shape{C: 1 + rng.IntN(4), H: 1 + rng.IntN(12), W: 1 + rng.IntN(12)}
	spec := engine.Spec{Name: name, Input: input, Classes: 2 + rng.IntN(9)}
	shapes := []engine.Shape{input} // of the images and of each layer so far
	nameOf := func(i int) string {
		if i == 0 {
			return engine.InputName
		}
		return fmt.Sprintf("l%d", i)
	}
	end := []engine.Layer{{Kind: engine.Flatten}, {Kind: engine.Linear, Units: spec.Classes, NoBias: rng.IntN(3) == 0}}
	push := func(from int, l engine.Layer) {
		l.Name, l.From = nameOf(len(shapes)), nameOf(from)
		whole := spec
		whole.Layers = append(append(slices.Clone(spec.Layers), l), end...)
		all, err := whole.Shapes()
		if err != nil || all[len(spec.Layers)].Len() > 4000 {
			return // it does not fit here
		}
		spec.Layers, shapes = append(spec.Layers, l), append(shapes, all[len(spec.Layers)])
	}
	for tries := 0; tries < 30 && len(spec.Layers) < 3+rng.IntN(10); tries++ {
		from := len(shapes) - 1
		if rng.IntN(3) == 0 {
			from = rng.IntN(len(shapes))
		}
		switch rng.IntN(8) {
		case 0, 1, 2:
			push(from, engine.Layer{Kind: engine.Conv, Channels: 1 + rng.IntN(9), Kernel: 1 + rng.IntN(5), Stride: 1 + rng.IntN(3), Padding: rng.IntN(3), NoBias: rng.IntN(2) == 0})
		case 3:
			push(from, engine.Layer{Kind: engine.BatchNorm})
		case 4, 5:
			push(from, engine.Layer{Kind: engine.ReLU})
		case 6:
			push(from, engine.Layer{Kind: engine.MaxPool, Kernel: 1 + rng.IntN(3), Stride: 1 + rng.IntN(3)})
		case 7:
			for with := range shapes {
				if with != from && shapes[with] == shapes[from] {
					push(from, engine.Layer{Kind: engine.Add, With: nameOf(with)})
					break
				}
			}
		}
	}
	if rng.IntN(2) == 0 {
		end[0].Kind = engine.GlobalAvgPool
	}
	spec.Layers = append(spec.Layers, end...)
	return spec
}

// Networks that nobody would draw compute as on the CPU, in all three ways, whatever the size of the batch. Differences are measured against the
// length of the whole gradient, of which a tensor may be a vanishing part: in each of at most 15 layers sums of some thousand terms are rounded at 6e-8 of their
// parts, and batch norms of few values enlarge what comes before them, by at most 1/√ε = 300. Of 2,000 networks the worst differed by 2.8e-5.
func TestRandomNetworksAgreeWithTheCPU(t *testing.T) {
	e := anyEngine(t)
	for i := range *randomNetworks {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		spec := randomSpec(rng, fmt.Sprintf("random %d", i))
		if err := spec.Validate(); err != nil {
			t.Fatalf("network %d: %v: %+v", i, err, spec)
		}
		device, host := pair(t, e, spec)
		for j := range device.State() {
			device.State()[j] = 0.5 + rng.Float32()
			host.State()[j] = device.State()[j]
		}
		x, y := enginetest.Batch(spec, 2+rng.IntN(9), uint64(i))
		got, want := make([]float32, len(device.Params())), make([]float32, len(device.Params()))
		compare := func(what string, gotMetrics, wantMetrics engine.Metrics, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if d := math.Abs(gotMetrics.Loss - wantMetrics.Loss); !(d <= 1e-4*(1+wantMetrics.Loss)) {
				t.Errorf("network %d, %d images, %s: loss %v, on the CPU %v: %+v", i, len(y), what, gotMetrics.Loss, wantMetrics.Loss, spec)
			}
			if d := distance(got, want); !(d <= 1e-4) {
				t.Errorf("network %d, %d images, %s: relative L2 distance %.3g: %+v", i, len(y), what, d, spec)
			}
		}
		wantMetrics, err := host.Grad(x, y, want)
		if err != nil {
			t.Fatal(err)
		}
		gotMetrics, err := device.Grad(x, y, got)
		compare("training", gotMetrics, wantMetrics, err)
		for j, v := range host.BatchStats() {
			if d := math.Abs(float64(device.BatchStats()[j] - v)); !(d <= 1e-4*(1+math.Abs(float64(v)))) {
				t.Errorf("network %d: batch statistic %d is %v, on the CPU %v: %+v", i, j, device.BatchStats()[j], v, spec)
			}
		}
		if wantMetrics, err = host.FrozenGrad(x, y, want); err != nil {
			t.Fatal(err)
		}
		gotMetrics, err = device.FrozenGrad(x, y, got)
		compare("frozen", gotMetrics, wantMetrics, err)
		if wantMetrics, err = host.Eval(x, y); err != nil {
			t.Fatal(err)
		}
		gotMetrics, err = device.Eval(x, y)
		compare("evaluation", gotMetrics, wantMetrics, err)
	}
}
