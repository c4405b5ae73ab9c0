package measure

import (
	"math"
	"testing"

	"smoothscape/trainer/engine"
)

// normalized is a small network whose first convolution feeds a batch normalization.
func normalized() engine.Spec {
	return engine.Spec{Name: "normalized", Input: engine.Shape{C: 1, H: 6, W: 6}, Classes: 3, Layers: []engine.Layer{
		{Kind: engine.Conv, Channels: 4, Kernel: 3, Stride: 1, Padding: 1, NoBias: true},
		{Kind: engine.BatchNorm}, {Kind: engine.ReLU}, {Kind: engine.GlobalAvgPool}, {Kind: engine.Flatten}, {Kind: engine.Linear, Units: 3},
	}}
}

// calibrated is the model with running statistics that are those of its training images, so that evaluation mode normalizes them.
func calibrated(t *testing.T, model engine.Model, n *Network, images []int) {
	t.Helper()
	x, y := make([]float32, len(images)*n.set.Shape.Len()), make([]int, len(images))
	n.set.Batch(n.split, images, x, y)
	if _, err := model.Grad(x, y, make([]float32, len(model.Params()))); err != nil {
		t.Fatal(err)
	}
	copy(model.State(), model.BatchStats())
}

// With batch normalization the loss does not depend on the length of the convolution before it. Multiplied by 3 (and the
// running statistics with it: mean by 3, variance by 9), the loss stays, the gradient is a third, w·g = 0, adaptive sharpness stays and
// plain sharpness changes. The constant 1e-5 beside the variance breaks the symmetry by 1e-5 of it, so the variance here is about 1 (checked).
func TestBatchNormMakesTheLossScaleInvariant(t *testing.T) {
	rng := newRand(1)
	spec := normalized()
	set := pictures(256, 3, spec.Input, rng)
	model := built(t, spec, rng)
	conv := spec.Tensors()[0]
	for i := range conv.Len {
		model.Params()[conv.Offset+i] *= 3 // variance of a channel about 1 or above
	}
	network := OnModel(model, set, set.Train)
	images := FirstImages(256)
	calibrated(t, model, network, images)
	for _, v := range model.State()[len(model.State())/2:] {
		if v < 0.3 {
			t.Fatalf("variance %g: the constant beside it would show", v)
		}
	}
	type facts struct {
		loss, along, length, rest, adaptive, plain, adaptiveAverage float64
	}
	measured := func() facts {
		var f facts
		grad := make([]float32, network.Dim())
		var err error
		if f.loss, err = network.At(network.Params(), images, grad); err != nil {
			t.Fatal(err)
		}
		// The training gradient is the one that batch statistics make orthogonal to w.
		x, y := make([]float32, len(images)*set.Shape.Len()), make([]int, len(images))
		set.Batch(set.Train, images, x, y)
		if _, err := model.Grad(x, y, grad); err != nil {
			t.Fatal(err)
		}
		for i, g := range grad {
			if i < conv.Len {
				f.along += float64(g) * float64(model.Params()[i])
				f.length += float64(g) * float64(g)
			} else {
				f.rest += float64(g) * float64(g)
			}
		}
		f.length, f.rest = math.Sqrt(f.length), math.Sqrt(f.rest)
		batches := SharpnessBatches(images)
		adaptive, err := WorstSharpness(t.Context(), network, network.Params(), batches, Reach{0.01, true}, 20, nil)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := WorstSharpness(t.Context(), network, network.Params(), batches, Reach{0.01, false}, 20, nil)
		if err != nil {
			t.Fatal(err)
		}
		average, err := AverageSharpness(t.Context(), network.Loss, network.Params(), batches, Reach{0.01, true}, 5, newRand(9), nil)
		if err != nil {
			t.Fatal(err)
		}
		f.adaptive, f.plain, f.adaptiveAverage = adaptive.Value, plain.Value, average.Value
		return f
	}
	before := measured()
	for i := range conv.Len {
		model.Params()[conv.Offset+i] *= 3
	}
	calibrated(t, model, network, images)
	after := measured()
	t.Logf("before %+v, after %+v", before, after)
	if math.Abs(after.loss-before.loss) > 1e-5 {
		t.Errorf("loss %g became %g", before.loss, after.loss)
	}
	if math.Abs(after.length*3/before.length-1) > 1e-4 || math.Abs(after.rest/before.rest-1) > 1e-4 {
		t.Errorf("gradient of the convolution %g became %g, of the rest %g became %g", before.length, after.length, before.rest, after.rest)
	}
	for _, f := range []facts{before, after} {
		w := norm32(model.Params()[conv.Offset : conv.Offset+conv.Len])
		if math.Abs(f.along) > 1e-4*f.length*w { // ε/(σ²+ε) of 1e-5, and float32
			t.Errorf("w·g = %g with ‖w‖‖g‖ = %g", f.along, f.length*w)
		}
	}
	if math.Abs(after.adaptive/before.adaptive-1) > 1e-3 || math.Abs(after.adaptiveAverage-before.adaptiveAverage) > 1e-2*math.Abs(before.adaptiveAverage)+1e-6 {
		t.Errorf("adaptive sharpness %g became %g, average %g became %g", before.adaptive, after.adaptive, before.adaptiveAverage, after.adaptiveAverage)
	}
	if math.Abs(after.plain/before.plain-1) < 0.03 { // the convolution is a part of the network: the rest does not change
		t.Errorf("plain sharpness %g became %g", before.plain, after.plain)
	}
}

// A frozen batch normalization is a fixed function: single and double precision compute the same loss and gradient with the running statistics.
func TestDoublePrecisionReadsTheRunningStatistics(t *testing.T) {
	rng := newRand(2)
	spec := normalized()
	set := pictures(64, 3, spec.Input, rng)
	model := built(t, spec, rng)
	network := OnModel(model, set, set.Train)
	images := FirstImages(64)
	calibrated(t, model, network, images)
	precise, err := network.Subject().Precise()
	if err != nil {
		t.Fatal(err)
	}
	d := network.Dim()
	params, grad32, grad := make([]float64, d), make([]float32, d), make([]float64, d)
	for i, v := range network.Params() {
		params[i] = float64(v)
	}
	single, err := network.At(network.Params(), images, grad32)
	if err != nil {
		t.Fatal(err)
	}
	double, err := precise.PreciseAt(params, images, grad)
	if err != nil || math.Abs(single-double) > 1e-6 {
		t.Errorf("loss %g and %g (%v)", single, double, err)
	}
	for i, v := range grad {
		if math.Abs(v-float64(grad32[i])) > 1e-5 {
			t.Errorf("gradient %d: %g and %g", i, grad32[i], v)
		}
	}
	if _, err := InDouble(spec, nil, set, set.Train); err == nil {
		t.Error("a network with batch normalization was measured without its statistics")
	}
}
