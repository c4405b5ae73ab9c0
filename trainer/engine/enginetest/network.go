package enginetest

import (
	"strings"
	"testing"

	"smoothscape/trainer/engine"
)

var (
	mnist = engine.Shape{C: 1, H: 28, W: 28}
	odd   = engine.Shape{C: 2, H: 9, W: 7}
)

// models are those on which what does not depend on layers is tested: without batch norm and with it.
var models = []string{"softmax", "mlp", "convnet", "resnet8"}

// network is a specification, and the batch sizes to test it with.
type network struct {
	spec    engine.Spec
	batches []int
}

// networks are chains and graphs that use every layer in every role.
func networks(t testing.TB) []network {
	t.Helper()
	var all []network
	inputs := []engine.Shape{odd, mnist, {C: 3, H: 32, W: 32}}
	if testing.Short() {
		inputs = inputs[:1]
	}
	for _, name := range []string{"softmax", "mlp", "convnet"} {
		for _, input := range inputs {
			batches := []int{1, 2, 33}
			if input == odd {
				batches = append(batches, 70)
			}
			for _, classes := range []int{10, 100} {
				all = append(all, network{spec(t, name, input, classes), batches})
			}
		}
	}
	all = append(all,
		network{spec(t, "resnet8", odd, 10), []int{2, 33}},
		network{spec(t, "resnet20", engine.Shape{C: 1, H: 12, W: 10}, 7), []int{6}})
	if !testing.Short() {
		all = append(all, network{spec(t, "resnet8", mnist, 10), []int{3}})
	}
	for _, s := range chains() {
		all = append(all, network{s, []int{1, 5, 33}})
	}
	for _, s := range graphs() {
		all = append(all, network{s, []int{5, 70}}) // batch norm needs more values than one
	}
	return all
}

// chains have no batch norm.
func chains() []engine.Spec {
	return []engine.Spec{
		ending("strides", conv(4, 3, 2, 1), relu, conv(6, 2, 1, 0), pool(2, 1)),
		ending("5×5 kernel, overlapping pools", conv(4, 5, 1, 2), pool(3, 2), relu),
		ending("stride beyond the kernel", conv(4, 1, 3, 0), relu, conv(3, 2, 3, 1)),
		ending("mean over pixels", conv(5, 3, 2, 1), relu, gap),
		ending("without bias", noBias(conv(5, 3, 2, 1)), relu, flatten, noBias(dense(6)), relu),
		ending("sum with the images", conv(2, 3, 1, 1), add("", engine.InputName), relu),
		ending("sum with itself", named("a", conv(3, 3, 2, 1)), add("a", "a"), relu),
		ending("sum of vectors", conv(5, 3, 1, 1), named("m", gap), dense(5), relu, add("", "m")),
	}
}

// graphs have batch norm.
func graphs() []engine.Spec {
	norm := engine.Layer{Kind: engine.BatchNorm}
	return []engine.Spec{
		ending("norm of the images", norm, conv(3, 3, 2, 0), relu),
		ending("norm of vectors", flatten, dense(17), norm, relu, dense(5), norm),
		ending("norm behind a pool", conv(5, 3, 1, 1), relu, norm, pool(2, 2), norm, relu),
		ending("norm of a mean", conv(5, 3, 1, 1), gap, norm, dense(7), relu),
		ending("two norms of one value", named("a", conv(4, 3, 1, 1)), named("n", norm), relu, from("a", named("m", norm)), add("", "n"), relu),
		ending("identity", named("a", conv(5, 3, 1, 1)), conv(5, 3, 1, 1), norm, relu, conv(5, 3, 1, 1), norm, add("", "a"), relu),
		ending("projection", named("a", conv(3, 3, 1, 1)), norm, named("b", relu), conv(5, 3, 2, 1), named("main", norm), from("b", conv(5, 1, 2, 0)), named("side", norm), add("main", "side"), relu),
		ending("pre-activation", named("x", conv(4, 3, 1, 1)), norm, named("r", relu), conv(5, 3, 1, 1), norm, relu, named("main", conv(5, 3, 1, 1)),
			from("r", named("side", conv(5, 1, 1, 0))), named("sum", add("main", "side")), norm, relu, conv(5, 3, 1, 1), add("", "sum"), norm, relu),
		ending("three ways", named("a", conv(4, 3, 2, 1)), relu, named("b", conv(4, 3, 1, 1)), from("a", conv(4, 1, 1, 0)), norm, add("", "b"), relu, add("", "a")),
		ending("a layer that nobody reads", named("a", conv(3, 3, 2, 1)), conv(4, 3, 1, 1), norm, from("a", relu)),
	}
}

var (
	relu    = engine.Layer{Kind: engine.ReLU}
	gap     = engine.Layer{Kind: engine.GlobalAvgPool}
	flatten = engine.Layer{Kind: engine.Flatten}
)

func conv(channels, kernel, stride, padding int) engine.Layer {
	return engine.Layer{Kind: engine.Conv, Channels: channels, Kernel: kernel, Stride: stride, Padding: padding}
}

func pool(kernel, stride int) engine.Layer {
	return engine.Layer{Kind: engine.MaxPool, Kernel: kernel, Stride: stride}
}

func dense(units int) engine.Layer { return engine.Layer{Kind: engine.Linear, Units: units} }

func add(from, with string) engine.Layer {
	return engine.Layer{Kind: engine.Add, From: from, With: with}
}

func named(name string, l engine.Layer) engine.Layer {
	l.Name = name
	return l
}

func from(name string, l engine.Layer) engine.Layer {
	l.From = name
	return l
}

func noBias(l engine.Layer) engine.Layer {
	l.NoBias = true
	return l
}

// ending lets layers on images of odd shape end in three logits.
func ending(name string, layers ...engine.Layer) engine.Spec {
	return engine.Spec{Name: name, Input: odd, Classes: 3, Layers: append(layers, flatten, dense(3))}
}

// layerOf is what a tensor's name begins with.
func layerOf(tensor engine.TensorInfo) string {
	return tensor.Name[:strings.LastIndexByte(tensor.Name, '.')]
}
