package measure

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// pictures is a data set of n random images with random labels.
func pictures(n, classes int, shape engine.Shape, rng *rand.Rand) *dataset.Set {
	set := &dataset.Set{Shape: shape, Classes: classes}
	for range shape.C {
		set.Mean, set.Std = append(set.Mean, 0.5), append(set.Std, 0.25)
	}
	set.Train.Images = make([]byte, n*shape.Len())
	for i := range set.Train.Images {
		set.Train.Images[i] = byte(rng.Uint32())
	}
	for range n {
		set.Train.Labels = append(set.Train.Labels, uint8(rng.IntN(classes)))
	}
	return set
}

// built is a model of spec with parameters as drawn for a run.
func built(t testing.TB, spec engine.Spec, rng *rand.Rand) engine.Model {
	t.Helper()
	model, err := cpu.New().Build(spec)
	if errors.Is(err, engine.ErrUnsupported) {
		t.Skipf("the engine does not know a layer: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	copy(model.Params(), engine.Initialize(spec, rng))
	return model
}

var tiny = engine.Shape{C: 1, H: 2, W: 3}

// tinySpec is a small network of one kind.
func tinySpec(name string, classes int) engine.Spec {
	spec := engine.Spec{Name: name, Input: tiny, Classes: classes}
	switch name {
	case "softmax":
		spec.Layers = []engine.Layer{{Kind: engine.Flatten}, {Kind: engine.Linear, Units: classes}}
	case "mlp":
		spec.Layers = []engine.Layer{{Kind: engine.Flatten}, {Kind: engine.Linear, Units: 5}, {Kind: engine.ReLU}, {Kind: engine.Linear, Units: classes}}
	}
	return spec
}

// The gradient over 300 images is the mean of 300 gradients, though it is made of chunks; and nothing is left behind in the model.
func TestNetworkGivesMeansAndLeavesNoTrace(t *testing.T) {
	rng := newRand(1)
	set := pictures(300, 3, tiny, rng)
	model := built(t, tinySpec("mlp", 3), rng)
	network := OnModel(model, set, set.Train)
	own := slices.Clone(model.Params())
	other := engine.Initialize(model.Spec(), rng)
	d := network.Dim()
	for name, params := range map[string][]float32{"its own parameters": network.Params(), "others": other} {
		images := ChooseImages(300, 290, rng)
		grad, one, want := make([]float32, d), make([]float32, d), make([]float64, d)
		loss, err := network.At(params, images, grad)
		if err != nil {
			t.Fatal(err)
		}
		wantLoss := 0.0
		for _, i := range images {
			l, err := network.At(params, []int{i}, one)
			if err != nil {
				t.Fatal(err)
			}
			wantLoss += l / 290
			for k, v := range one {
				want[k] += float64(v) / 290
			}
		}
		for k, v := range grad {
			// Sums of 128 float32 terms of size 1: 128·6e-8 at worst.
			if math.Abs(float64(v)-want[k]) > 1e-5 {
				t.Fatalf("%s: gradient %d is %g, want %g", name, k, v, want[k])
			}
		}
		evaluated, err := network.Loss(params, images)
		if err != nil || math.Abs(loss-wantLoss) > 1e-6 || math.Abs(evaluated-wantLoss) > 1e-6 {
			t.Errorf("%s: losses %g and %g, want %g (%v)", name, loss, evaluated, wantLoss, err)
		}
		if !slices.Equal(own, model.Params()) {
			t.Fatalf("%s: the model's parameters changed", name)
		}
	}
	for name, err := range map[string]error{
		"no images":       second(network.Loss(own, nil)),
		"an image beyond": second(network.Loss(own, []int{300})),
		"too short":       second(network.Loss(own[1:], []int{0})),
		"gradient":        second(network.At(own, []int{0}, make([]float32, d-1))),
	} {
		if !errors.Is(err, engine.ErrShape) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func second(_ float64, err error) error { return err }

// The gradient noise of a network: C by three estimators and by the noise itself, at all images and by definition in float64.
func TestSpreadOfANetwork(t *testing.T) {
	rng := newRand(4)
	set := pictures(150, 3, tiny, rng)
	model := built(t, tinySpec("mlp", 3), rng)
	network := OnModel(model, set, set.Train)
	images, params, d := FirstImages(150), network.Params(), network.Dim()
	gradients := make([][]float64, 150)
	mean := make([]float64, d)
	one := make([]float32, d)
	for i := range gradients {
		if _, err := network.At(params, []int{i}, one); err != nil {
			t.Fatal(err)
		}
		gradients[i] = make([]float64, d)
		for k, v := range one {
			gradients[i][k] = float64(v)
		}
		addScaled(mean, 1.0/150, gradients[i])
	}
	c2 := 0.0
	for _, g := range gradients {
		addScaled(g, -1, mean)
		c2 += dot(g, g) / 150
	}
	all, err := PerSample(t.Context(), network, params, images, 150, nil)
	if err != nil || math.Abs(all.C2.Value/c2-1) > 1e-5 || all.C2.StdErr != 0 {
		t.Errorf("per sample: %v, %v, want %g", all.C2, err, c2)
	}
	two, err := TwoBatch(t.Context(), network, params, images, Draws{2, 500}, Draws{40, 200}, rng, nil)
	if err != nil || math.Abs(two.C2.Value-c2) > 4*two.C2.StdErr {
		t.Errorf("two batches: %v, %v, want %g", two.C2, err, c2)
	}
	half, err := HalfBatch(t.Context(), network, params, images, Draws{8, 400}, rng, nil)
	if err != nil || math.Abs(half.C2.Value-c2) > 4*half.C2.StdErr {
		t.Errorf("half batches: %v, %v, want %g", half.C2, err, c2)
	}
	sample, err := DrawNoise(t.Context(), network, params, images, NoiseDraws{Batches: 400, Size: 8, Coordinates: d}, rng, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := sample.C2(false); math.Abs(got.Value-c2) > 4*got.StdErr {
		t.Errorf("noise: %v, want %g", got, c2)
	}
}
