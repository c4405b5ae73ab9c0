package main

import (
	"testing"

	"smoothscape/trainer/engine"
)

func TestLargeNetworksGetCoarserSlices(t *testing.T) {
	for _, test := range []struct {
		model string
		side  int
		plan  slicePlan
	}{
		{"softmax", 28, slicePlan{512, 4}},
		{"convnet", 28, slicePlan{512, 4}},
		{"resnet8", 32, slicePlan{256, 4}},
		{"resnet20", 32, slicePlan{128, 4}},
		{"resnet18", 32, slicePlan{32, 3}},
		{"wrn-28-10", 32, slicePlan{32, 2}},
	} {
		channels := 3
		if test.side == 28 {
			channels = 1
		}
		spec, err := engine.SpecFor(test.model, engine.Shape{C: channels, H: test.side, W: test.side}, 100)
		if err != nil {
			t.Fatal(err)
		}
		if got := planSlice(spec); got != test.plan || got.coarse() != (test.plan != slicePlan{sliceImages, sliceLevels().Count}) {
			t.Errorf("%s of %.2g operations: %+v, want %+v", test.model, float64(spec.Flops()), got, test.plan)
		}
	}
}
