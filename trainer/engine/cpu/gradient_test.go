package cpu

import (
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/trainer/engine"
)

// step of the central difference (f(θ+h) − f(θ−h))/2h. Its error is h²|f‴|/6 of truncation and about ε|f|·c/h of
// rounding, ε = 1.1e-16, |f| ≈ 3, c ≈ 10 roundings that add up: with h = 1e-5 and |f‴| ≤ 100 that is 2e-9 and 3e-10, while the largest
// gradient of a tensor is above 1e-3 in every case below. So 1e-5 of that largest value is a bound with room, and an error of one
// part in a hundred thousand of one term is seen.
const (
	difference = 1e-5
	tolerance  = 1e-5
)

// network is a specification to test on.
func network(shape engine.Shape, classes int, layers ...engine.Layer) engine.Spec {
	return engine.Spec{Name: "test", Input: shape, Classes: classes, Layers: layers}
}

func convLayer(channels, kernel, stride, padding int) engine.Layer {
	return engine.Layer{Kind: engine.Conv, Channels: channels, Kernel: kernel, Stride: stride, Padding: padding}
}

func poolLayer(kernel, stride int) engine.Layer {
	return engine.Layer{Kind: engine.MaxPool, Kernel: kernel, Stride: stride}
}

func named(name string, l engine.Layer) engine.Layer {
	l.Name = name
	return l
}

func from(name string, l engine.Layer) engine.Layer {
	l.From = name
	return l
}

func withoutBias(l engine.Layer) engine.Layer {
	l.NoBias = true
	return l
}

func with(name string) engine.Layer { return engine.Layer{Kind: engine.Add, With: name} }

// testNetworks are networks that take every way through the builder.
func testNetworks(t testing.TB) map[string]engine.Spec {
	model := func(name string, shape engine.Shape, classes int) engine.Spec {
		spec, err := engine.SpecFor(name, shape, classes)
		if err != nil {
			t.Fatal(err)
		}
		return spec
	}
	relu, norm, gap, flat := engine.Layer{Kind: engine.ReLU}, engine.Layer{Kind: engine.BatchNorm}, engine.Layer{Kind: engine.GlobalAvgPool}, engine.Layer{Kind: engine.Flatten}
	linear := func(units int) engine.Layer { return engine.Layer{Kind: engine.Linear, Units: units} }
	odd := engine.Shape{C: 2, H: 7, W: 5}
	custom := func(layers ...engine.Layer) engine.Spec { return network(odd, 3, append(layers, flat, linear(3))...) }
	return map[string]engine.Spec{
		"softmax":                  model("softmax", engine.Shape{C: 3, H: 8, W: 8}, 100),
		"mlp":                      model("mlp", odd, 10),
		"convnet":                  model("convnet", odd, 10),
		"1×1 kernel":               custom(convLayer(4, 1, 1, 0), relu, convLayer(3, 1, 2, 0)),
		"5×5 kernel, full padding": custom(convLayer(2, 5, 1, 4), relu, convLayer(2, 3, 1, 1)),
		"stride 2 and 3":           custom(convLayer(3, 3, 2, 1), relu, convLayer(2, 4, 3, 3)),
		"stride beyond kernel":     custom(convLayer(3, 1, 1, 0), relu, convLayer(2, 2, 3, 1)),
		"2×2 kernels":              custom(convLayer(2, 2, 1, 0), convLayer(5, 2, 2, 1)),
		"overlapping pools":        custom(convLayer(3, 3, 1, 1), poolLayer(3, 2), relu, convLayer(2, 2, 1, 1), poolLayer(2, 1)),
		"pool with a rest":         custom(convLayer(2, 2, 1, 0), poolLayer(2, 3)),
		"nothing before weights":   custom(relu, poolLayer(2, 1), relu),
		"vector":                   network(engine.Shape{C: 6, H: 1, W: 1}, 4, convLayer(4, 1, 1, 0), relu, linear(4)),
		"logits of a convolution":  network(engine.Shape{C: 2, H: 3, W: 3}, 4, convLayer(4, 3, 1, 0)),
		"two flattens":             network(odd, 3, flat, linear(9), relu, flat, withoutBias(linear(3))),
		"17 channels":              custom(convLayer(17, 3, 1, 1), norm, relu, convLayer(5, 3, 2, 1), norm, relu),
		"norm of a vector":         network(odd, 3, flat, linear(9), norm, relu, linear(3), norm),
		"norm first":               custom(norm, convLayer(3, 3, 1, 1), relu, norm),
		"norm behind a pool":       custom(convLayer(3, 3, 1, 1), poolLayer(2, 2), norm, norm, relu),
		"residual":                 custom(convLayer(4, 3, 1, 1), norm, named("a", relu), withoutBias(convLayer(4, 3, 1, 1)), norm, relu, convLayer(4, 3, 1, 1), norm, with("a"), relu),
		"projection":               custom(convLayer(4, 3, 1, 1), named("a", relu), convLayer(6, 3, 2, 1), named("b", norm), from("a", convLayer(6, 1, 2, 0)), named("s", norm), from("b", with("s")), relu, gap),
		"projection first":         custom(named("a", convLayer(4, 3, 1, 1)), convLayer(6, 3, 2, 1), named("s", norm), from("a", convLayer(6, 1, 2, 0)), norm, with("s"), relu),
		"pre-activation":           custom(named("x", convLayer(4, 3, 1, 1)), norm, relu, convLayer(4, 3, 1, 1), norm, relu, convLayer(4, 3, 1, 1), named("y", with("x")), norm, relu, convLayer(4, 3, 1, 1), with("y"), norm, relu),
		"sum of one":               custom(named("x", convLayer(4, 3, 1, 1)), with("x"), named("y", relu), poolLayer(2, 1), named("z", convLayer(4, 2, 1, 1)), with("y")),
		"input twice":              custom(convLayer(2, 3, 1, 1), with("input"), relu, named("v", convLayer(2, 1, 1, 0)), from("input", convLayer(2, 5, 1, 2)), norm, with("v")),
		"norm read twice":          custom(convLayer(3, 3, 1, 1), named("n", norm), relu, convLayer(3, 3, 1, 1), with("n"), named("r", relu), norm, with("r")),
		"branches that end":        custom(named("a", convLayer(3, 3, 1, 1)), convLayer(2, 3, 1, 1), from("a", relu)),
		"relu of a read value":     custom(named("c", convLayer(3, 3, 1, 1)), relu, convLayer(3, 3, 1, 1), with("c")),
	}
}

// drawn gives a network with drawn parameters, statistics and images.
func drawn(t testing.TB, spec engine.Spec, batch int) (net *Net[float64], x []float64, y []int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 11))
	net, err := NewNet[float64](spec)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range engine.Initialize(spec, rng) {
		net.params[i] = float64(v) + 0.1*rng.NormFloat64()
	}
	for i := range net.state {
		net.state[i] += 0.3 * rng.Float64()
	}
	x, y = make([]float64, batch*spec.Input.Len()), make([]int, batch)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	for i := range y {
		y[i] = rng.IntN(spec.Classes)
	}
	return net, x, y
}

// Gradients in float64 are held to central differences of the network's own loss. ReLU and maximum have kinks, where a difference
// says nothing: a coordinate is left out where differences over h and h/4 do not agree.
func TestGradCentralDifferences(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: thousands of losses, one after another, are not part of -short")
	}
	for name, spec := range testNetworks(t) {
		for _, batch := range []int{1, 2, 7} {
			if batch == 1 && spec.HasBatchNorm() && spec.Layers[len(spec.Layers)-1].Kind == engine.BatchNorm {
				continue // the norm of one value is 0, whatever it is
			}
			net, x, y := drawn(t, spec, batch)
			grad, other := make([]float64, len(net.params)), make([]float64, len(net.params))
			for mode, gradient := range map[string]func([]float64, []int, []float64) (engine.Metrics, error){"training": net.Grad, "frozen": net.FrozenGrad} {
				first, err := gradient(x, y, grad)
				if err != nil {
					t.Fatal(err)
				}
				if mode == "frozen" {
					eval, err := net.Eval(x, y)
					if err != nil || math.Abs(eval.Loss-first.Loss) > 1e-12*first.Loss || eval.Correct != first.Correct {
						t.Errorf("%s, %d images: Eval gives %+v (%v), FrozenGrad %+v", name, batch, eval, err, first)
					}
				}
				rng := rand.New(rand.NewPCG(1, 2))
				checked, skipped := 0, 0
				for _, tensor := range spec.Tensors() {
					scale := 1e-3
					for _, g := range grad[tensor.Offset : tensor.Offset+tensor.Len] {
						scale = max(scale, math.Abs(g))
					}
					for range min(tensor.Len, 12) {
						j := tensor.Offset + rng.IntN(tensor.Len)
						slope := func(h float64) float64 {
							keep := net.params[j]
							net.params[j] = keep + h
							up, _ := gradient(x, y, other)
							net.params[j] = keep - h
							down, _ := gradient(x, y, other)
							net.params[j] = keep
							return (up.Loss - down.Loss) / (2 * h)
						}
						want := slope(difference)
						if math.Abs(slope(difference/4)-want) > tolerance*scale {
							skipped++
							continue
						}
						checked++
						if math.Abs(grad[j]-want) > tolerance*scale {
							t.Errorf("%s, %d images, %s: %s[%d]: gradient %.12g, central difference %.12g (scale %.3g)", name, batch, mode, tensor.Name, j-tensor.Offset, grad[j], want, scale)
						}
					}
				}
				if skipped > checked/3 {
					t.Errorf("%s: %d coordinates crossed a kink, %d did not: too few are checked", name, skipped, checked)
				}
			}
		}
	}
}
