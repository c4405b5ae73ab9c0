package webgpu

import (
	testflag "flag" // the package has a flag of its own
	"math"
	"strings"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/enginetest"
)

var slowTiles = testflag.Bool("tiled", false, "run tiled kernels on a driver that computes on the processor, too: it compiles them for a minute")

// needTiles skips a test of tiled kernels where compiling them takes too long.
func needTiles(t *testing.T, e *Engine) {
	t.Helper()
	if e.adapter.Kind == CPU && !*slowTiles {
		t.Skip("tiled kernels not run: this driver takes a minute to compile them; go test ./trainer/engine/webgpu -tiled")
	}
}

// wide is a network with every product of a convolution large enough for tiles, and none a multiple of one.
func wide() engine.Spec {
	return engine.Spec{Name: "wide", Input: engine.Shape{C: 5, H: 6, W: 7}, Classes: 37, Layers: []engine.Layer{
		{Kind: engine.Conv, Channels: 33, Kernel: 3, Stride: 1, Padding: 1}, {Kind: engine.BatchNorm}, {Kind: engine.ReLU},
		{Kind: engine.Conv, Channels: 70, Kernel: 3, Stride: 2, Padding: 1, NoBias: true}, {Kind: engine.ReLU},
		{Kind: engine.Conv, Channels: 40, Kernel: 1, Stride: 1}, {Kind: engine.GlobalAvgPool}, {Kind: engine.Linear, Units: 37},
	}}
}

// Graphics processors run tiled kernels where tiles fill up, and drivers on the processor none.
func TestTilesAreChosen(t *testing.T) {
	count := func(tiles int) (products, tile int) {
		limits := least
		limits.tiled = tiles
		p, err := compile(wide(), 33, training, limits)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.steps {
			if strings.HasPrefix(s.kernel, "conv_") {
				products++
			}
			if strings.Contains(s.kernel, tiled) {
				tile++
			}
		}
		return products, tile
	}
	if products, tile := count(leastTiled); products != 11 || tile != products {
		t.Errorf("%d of %d products are tiled, expected all 11: four layers with three each, but for the gradient of the images", tile, products)
	}
	if _, tile := count(0); tile != 0 {
		t.Errorf("%d products are tiled where nothing is shared", tile)
	}
}

// The gradient by tiled kernels is that of the CPU engine; see TestGradientsAgreeWithTheCPU for the bound.
func TestTiledGradientAgreesWithTheCPU(t *testing.T) {
	e := anyEngine(t)
	needTiles(t, e)
	e.adapter.Limits.tiled = leastTiled
	spec := wide()
	device, host := pair(t, e, spec)
	x, y := enginetest.Batch(spec, 33, 1)
	got, want := make([]float32, len(device.Params())), make([]float32, len(device.Params()))
	gotMetrics, err := device.Grad(x, y, got)
	if err != nil {
		t.Fatal(err)
	}
	wantMetrics, err := host.Grad(x, y, want)
	if err != nil {
		t.Fatal(err)
	}
	if d := math.Abs(gotMetrics.Loss - wantMetrics.Loss); !(d <= 1e-5*wantMetrics.Loss) {
		t.Errorf("loss %v, on the CPU %v", gotMetrics.Loss, wantMetrics.Loss)
	}
	for _, tensor := range spec.Tensors() {
		if tensor.Name == "0.bias" { // 0 but for rounding: a batch norm follows
			continue
		}
		if d := distance(got[tensor.Offset:][:tensor.Len], want[tensor.Offset:][:tensor.Len]); !(d <= 1e-4) {
			t.Errorf("%s: relative L2 distance %.3g", tensor.Name, d)
		}
	}
}
