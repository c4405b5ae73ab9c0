package crosscheck

import (
	"math/rand/v2"

	"smoothscape/trainer/engine"
)

// images are in each of the two batches.
const images = 4

// Network is the network that is trained: all kinds of layers, convolutions of 3×3 and 1×1 at strides 1 and 2, with and without bias, a block with
// a projection and one with an identity, on images of 3×8×8. No convolution before a batch norm has a bias, whose gradient would be 0 and have no relative error.
func Network() engine.Spec {
	conv := func(channels, kernel, stride int) engine.Layer {
		return engine.Layer{Kind: engine.Conv, Channels: channels, Kernel: kernel, Stride: stride, Padding: kernel / 2, NoBias: true}
	}
	biased := conv(8, 3, 1)
	biased.NoBias = false
	norm, relu := engine.Layer{Kind: engine.BatchNorm}, engine.Layer{Kind: engine.ReLU}
	named := func(name string, l engine.Layer) engine.Layer { l.Name = name; return l }
	from := func(name string, l engine.Layer) engine.Layer { l.From = name; return l }
	add := func(with string) engine.Layer { return engine.Layer{Kind: engine.Add, With: with} }
	return engine.Spec{Name: "crosscheck", Input: engine.Shape{C: 3, H: 8, W: 8}, Classes: 5, Layers: []engine.Layer{
		named("stem", conv(6, 3, 1)), named("stemNorm", norm), named("block", relu),
		named("first", conv(8, 3, 2)), named("firstNorm", norm), relu, named("second", conv(8, 3, 1)), named("main", norm),
		from("block", named("projection", conv(8, 1, 2))), named("side", norm), add("main"), named("identity", relu),
		named("biased", biased), add("identity"), named("planes", relu),
		named("mean", engine.Layer{Kind: engine.GlobalAvgPool}),
		from("planes", engine.Layer{Kind: engine.MaxPool, Kernel: 2, Stride: 2}), {Kind: engine.Flatten}, named("hidden", engine.Layer{Kind: engine.Linear, Units: 8}), add("mean"), relu,
		named("logits", engine.Layer{Kind: engine.Linear, Units: 5}),
	}}
}

// seed decides parameters and images. With another one a ReLU might stand so near 0, or two logits so near each other, that rounding decides.
const seed = 6

// batch draws the images and labels of a step: values around 0.5, so that no mean is small beside its spread.
func batch(spec engine.Spec, step int) (x []float32, y []int) {
	rng := rand.New(rand.NewPCG(seed, uint64(step)))
	x, y = make([]float32, images*spec.Input.Len()), make([]int, images)
	for i := range x {
		x[i] = float32(0.5 + rng.NormFloat64())
	}
	for i := range y {
		y[i] = rng.IntN(spec.Classes)
	}
	return x, y
}
