package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"smoothscape/trainer/engine"
)

// step of the central difference (f(θ+h) − f(θ−h))/2h. Its error is h²|f‴|/6 of truncation and about ε|f|·c/h of
// rounding, ε = 1.1e-16, |f| ≈ 3, c ≈ 10 roundings that add up: with h = 1e-5 and |f‴| ≤ 10 that is 2e-10 and 3e-10,
// while the largest gradient of a tensor is above 1e-3 in every case below. So 1e-6 of that largest value is a bound with
// room, and an error of one part in a million of one term is seen.
const (
	step      = 1e-5
	tolerance = 1e-6
)

// TestGradCentralDifferences holds the float64 network to central differences of its own loss. ReLU and maximum have
// kinks, where the difference says nothing: a coordinate is left out if any ReLU's sign or any maximum's place differs
// between θ−h and θ+h.
func TestGradCentralDifferences(t *testing.T) {
	model := func(name string, shape engine.Shape, classes int) engine.Spec {
		spec, err := engine.SpecFor(name, shape, classes)
		if err != nil {
			t.Fatal(err)
		}
		return spec
	}
	custom := func(shape engine.Shape, layers ...engine.Layer) engine.Spec {
		layers = append(layers, engine.Layer{Kind: engine.Flatten}, engine.Layer{Kind: engine.Linear, Units: 3})
		return engine.Spec{Name: "custom", Input: shape, Classes: 3, Layers: layers}
	}
	conv := func(channels, kernel, stride, padding int) engine.Layer {
		return engine.Layer{Kind: engine.Conv, Channels: channels, Kernel: kernel, Stride: stride, Padding: padding}
	}
	pool := func(kernel, stride int) engine.Layer {
		return engine.Layer{Kind: engine.MaxPool, Kernel: kernel, Stride: stride}
	}
	relu := engine.Layer{Kind: engine.ReLU}
	mnist, cifar, odd := engine.Shape{C: 1, H: 28, W: 28}, engine.Shape{C: 3, H: 32, W: 32}, engine.Shape{C: 2, H: 7, W: 5}
	cases := []struct {
		name  string
		spec  engine.Spec
		batch int
	}{
		{"softmax 28×28", model("softmax", mnist, 10), 5},
		{"softmax 32×32, one image, 100 classes", model("softmax", cifar, 100), 1},
		{"mlp 28×28", model("mlp", mnist, 10), 7},
		{"mlp odd input, two chunks", model("mlp", odd, 10), 17},
		{"convnet 28×28", model("convnet", mnist, 10), 3},
		{"convnet 32×32, 100 classes", model("convnet", cifar, 100), 2},
		{"convnet odd input, one image", model("convnet", odd, 10), 1},
		{"convnet odd input, three chunks", model("convnet", odd, 10), 34},
		{"1×1 kernel", custom(odd, conv(4, 1, 1, 0), relu, conv(3, 1, 2, 0)), 2},
		{"5×5 kernel, full padding", custom(odd, conv(2, 5, 1, 4), relu, conv(2, 3, 1, 1)), 2},
		{"stride 2 and 3 with padding", custom(odd, conv(3, 3, 2, 1), relu, conv(2, 4, 3, 3)), 3},
		{"kernel as large as the image", custom(engine.Shape{C: 2, H: 5, W: 5}, conv(3, 2, 1, 0), conv(2, 4, 1, 0)), 3},
		{"overlapping pools", custom(odd, conv(3, 3, 1, 1), pool(3, 2), relu, conv(2, 2, 1, 1), pool(2, 1)), 3},
		{"pool with a rest and gaps", custom(odd, conv(2, 2, 1, 0), pool(2, 3)), 3},
		{"ReLU, pool and flatten before any weight", custom(odd, relu, pool(2, 1), relu), 3},
		{"convolution of a vector", custom(engine.Shape{C: 6, H: 1, W: 1}, conv(4, 1, 1, 0), relu), 4},
		{"linear right behind a 1×1 plane", engine.Spec{Name: "custom", Input: engine.Shape{C: 2, H: 6, W: 5}, Classes: 2, Layers: []engine.Layer{
			conv(3, 5, 3, 0), relu, pool(1, 1), {Kind: engine.Conv, Channels: 4, Kernel: 1, Stride: 1}, {Kind: engine.Linear, Units: 2}}}, 3},
		{"logits from a convolution", engine.Spec{Name: "custom", Input: engine.Shape{C: 2, H: 3, W: 3}, Classes: 4, Layers: []engine.Layer{conv(4, 3, 1, 0)}}, 18},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 11))
			net, err := NewNet[float64](c.spec)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range engine.Initialize(c.spec, rng) {
				net.params[i] = float64(v)
			}
			x, y := make([]float64, c.batch*c.spec.Input.Len()), make([]int, c.batch)
			for i := range x {
				x[i] = rng.NormFloat64()
			}
			for i := range y {
				y[i] = rng.IntN(c.spec.Classes)
			}
			grad := make([]float64, len(net.params))
			if _, err := net.Grad(x, y, grad); err != nil {
				t.Fatal(err)
			}
			at := func(j int, v float64) (float64, []int32) {
				keep := net.params[j]
				net.params[j] = v
				m, err := net.Eval(x, y)
				net.params[j] = keep
				if err != nil {
					t.Fatal(err)
				}
				return m.Loss, net.pattern()
			}
			checked, skipped := 0, 0
			for _, tensor := range c.spec.Tensors() {
				scale := 0.0
				for _, g := range grad[tensor.Offset : tensor.Offset+tensor.Len] {
					scale = max(scale, math.Abs(g))
				}
				if scale < 1e-3 {
					t.Fatalf("%s: largest gradient %g is too small for the derivation of the tolerance", tensor.Name, scale)
				}
				for range min(tensor.Len, 40) {
					j := tensor.Offset + rng.IntN(tensor.Len)
					up, above := at(j, net.params[j]+step)
					down, below := at(j, net.params[j]-step)
					if !slices.Equal(above, below) {
						skipped++
						continue
					}
					checked++
					want := (up - down) / (2 * step)
					if math.Abs(grad[j]-want) > tolerance*scale {
						t.Errorf("%s[%d]: gradient %.12g, central difference %.12g (scale %.3g)", tensor.Name, j-tensor.Offset, grad[j], want, scale)
					}
				}
			}
			if skipped > checked/4 {
				t.Errorf("%d coordinates crossed a kink, %d did not: too few are checked", skipped, checked)
			}
		})
	}
}

// pattern tells the linear pieces of the network apart: the sign behind every ReLU and the place of every maximum, of
// the chunks that each worker computed last. It covers every image only for one chunk a worker, so the differences
// above may cross an unseen kink in larger batches; then they fail, and do not pass.
func (n *Net[T]) pattern() []int32 {
	var p []int32
	for _, w := range n.workers {
		for _, l := range w.layers {
			switch l := l.(type) {
			case *maxpool[T]:
				p = append(p, l.from...)
			case relu[T]:
				for _, v := range l.at.x {
					if v > 0 {
						p = append(p, 1)
					} else {
						p = append(p, 0)
					}
				}
			}
		}
	}
	return p
}

// TestStepAllocatesNothing: after the first call of a size, training and evaluation live off their work space.
func TestStepAllocatesNothing(t *testing.T) {
	for _, name := range engine.Models() {
		spec, err := engine.SpecFor(name, engine.Shape{C: 1, H: 28, W: 28}, 10)
		if err != nil {
			t.Fatal(err)
		}
		net, err := NewNet[float32](spec)
		if err != nil {
			t.Fatal(err)
		}
		x, y, grad := make([]float32, 50*784), make([]int, 50), make([]float32, len(net.params))
		net.Grad(x, y, grad)
		got := testing.AllocsPerRun(5, func() {
			net.Grad(x, y, grad)
			net.Eval(x, y)
		})
		if got != 0 {
			t.Errorf("%s: %v allocations a step, expected none", name, got)
		}
	}
}

func TestCrossEntropy(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct {
		name    string
		logits  []float64
		label   int
		loss    float64
		correct bool
	}{
		{"two equal logits, the first counts", []float64{0, 0}, 0, math.Ln2, true},
		{"two equal logits, the second does not", []float64{0, 0}, 1, math.Ln2, false},
		{"logits beyond exp", []float64{1000, 0}, 1, 1000, false},
		{"very negative logits", []float64{-1e4, -1e4}, 0, math.Ln2, true},
		{"one class", []float64{3}, 0, 0, true},
		{"a NaN is not correct", []float64{nan, 0}, 0, nan, false},
		{"an infinity is not a number", []float64{inf, 0}, 0, nan, false},
	}
	for _, c := range cases {
		loss, correct := crossEntropy(c.logits, c.label)
		if fmt.Sprint(loss) != fmt.Sprint(c.loss) && math.Abs(loss-c.loss) > 1e-15 || correct != c.correct {
			t.Errorf("%s: got %v, %v, want %v, %v", c.name, loss, correct, c.loss, c.correct)
		}
	}
}
