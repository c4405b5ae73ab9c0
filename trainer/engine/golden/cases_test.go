package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"smoothscape/trainer/engine"
)

var update = flag.Bool("update", false, "write the cases; then run golden.py")

// folder holds cases and goldens.
var folder = filepath.Join("..", "..", "testdata", "torch")

// test is a network and the size of a batch. golden.py reads it, and writes down the seed of its numbers.
type test struct {
	Name  string      `json:"name"` // also of the file
	Batch int         `json:"batch"`
	Spec  engine.Spec `json:"spec"`
}

// cases are all tests. A change here needs -update and golden.py.
func cases(t testing.TB) []test {
	t.Helper()
	model := func(name string, c, h, w, classes int) engine.Spec {
		spec, err := engine.SpecFor(name, engine.Shape{C: c, H: h, W: w}, classes)
		if err != nil {
			t.Fatal(err)
		}
		return spec
	}
	small := engine.Shape{C: 3, H: 9, W: 7}
	return []test{
		// Every family. Images are small and batches too, so that golden.py finds numbers without a close call.
		{Name: "softmax", Batch: 5, Spec: model("softmax", 1, 28, 28, 10)},
		{Name: "softmax-100", Batch: 1, Spec: model("softmax", 3, 32, 32, 100)},
		{Name: "mlp", Batch: 7, Spec: model("mlp", 1, 28, 28, 10)},
		{Name: "convnet", Batch: 4, Spec: model("convnet", 1, 28, 28, 10)},
		{Name: "convnet-100", Batch: 3, Spec: model("convnet", 3, 32, 32, 100)},
		{Name: "convnet-odd", Batch: 19, Spec: model("convnet", 2, 9, 7, 3)},
		{Name: "resnet8", Batch: 3, Spec: model("resnet8", 3, 16, 16, 10)},
		{Name: "resnet8-odd", Batch: 19, Spec: model("resnet8", 1, 11, 5, 7)},
		{Name: "resnet20", Batch: 2, Spec: model("resnet20", 3, 16, 16, 100)},
		{Name: "resnet18", Batch: 4, Spec: model("resnet18", 3, 8, 8, 100)},
		{Name: "resnet18-odd", Batch: 4, Spec: model("resnet18", 3, 7, 5, 10)},
		{Name: "wrn-narrow", Batch: 3, Spec: narrow(model("wrn-28-10", 3, 16, 16, 10))},

		// Small networks with something odd about each.
		{Name: "stride-2-3", Batch: 3, Spec: network(small, conv(4, 3, 2, 1), relu, conv(5, 2, 3, 1), relu)},
		{Name: "stride-beyond-kernel", Batch: 3, Spec: network(small, conv(4, 1, 3, 0), relu, conv(3, 2, 3, 1))},
		{Name: "kernel-1", Batch: 2, Spec: network(small, conv(17, 1, 1, 0), relu, conv(3, 1, 2, 0))},
		{Name: "kernel-2", Batch: 2, Spec: network(small, conv(5, 2, 1, 0), relu, conv(3, 2, 2, 1), relu)},
		{Name: "kernel-5", Batch: 2, Spec: network(engine.Shape{C: 1, H: 9, W: 7}, conv(3, 5, 1, 2), relu, conv(3, 5, 2, 4))},
		{Name: "kernel-as-large-as-image", Batch: 3, Spec: network(engine.Shape{C: 2, H: 5, W: 5}, conv(3, 2, 1, 0), conv(5, 4, 1, 0))},
		{Name: "channels-17", Batch: 3, Spec: network(engine.Shape{C: 3, H: 5, W: 6}, conv(17, 3, 2, 1), norm, relu, conv(3, 1, 1, 0))},
		{Name: "channels-1", Batch: 40, Spec: network(engine.Shape{C: 1, H: 3, W: 4}, conv(1, 3, 1, 1), norm, relu)},
		{Name: "no-bias", Batch: 3, Spec: network(small, engine.Layer{Kind: engine.Conv, Channels: 5, Kernel: 3, Stride: 2, Padding: 1, NoBias: true}, relu,
			flatten, engine.Layer{Kind: engine.Linear, Units: 6, NoBias: true}, relu)},
		{Name: "pools-overlap", Batch: 3, Spec: network(small, conv(4, 3, 1, 1), pool(3, 2), relu, conv(3, 2, 1, 1), pool(2, 1))},
		{Name: "pool-with-gaps-and-rest", Batch: 3, Spec: network(small, pool(2, 3), conv(5, 2, 1, 1), relu, pool(3, 4))},
		{Name: "relu-before-any-weight", Batch: 4, Spec: network(small, relu, pool(2, 1), relu)},
		{Name: "norm-of-images", Batch: 5, Spec: network(small, norm, conv(3, 3, 2, 0), relu)},
		{Name: "norm-of-vectors", Batch: 9, Spec: network(engine.Shape{C: 11, H: 1, W: 1}, dense(17), norm, relu, dense(5), norm)},
		{Name: "norm-behind-relu-and-pool", Batch: 6, Spec: network(small, conv(5, 3, 1, 1), relu, norm, pool(2, 2), norm, relu)},
		{Name: "norm-twice", Batch: 6, Spec: network(small, conv(5, 3, 2, 1), norm, norm, relu)},
		{Name: "norm-two-images-one-pixel", Batch: 2, Spec: network(engine.Shape{C: 3, H: 2, W: 2}, conv(5, 2, 1, 0), norm)},
		{Name: "mean-in-the-middle", Batch: 4, Spec: network(small, conv(5, 3, 1, 1), norm, relu, engine.Layer{Kind: engine.GlobalAvgPool}, norm, dense(7), relu)},
		{Name: "logits-from-a-mean", Batch: 6, Spec: engine.Spec{Name: "graph", Input: small, Classes: 3, Layers: []engine.Layer{conv(5, 3, 1, 1), relu, conv(3, 3, 1, 1), {Kind: engine.GlobalAvgPool}}}},
		{Name: "block-identity", Batch: 4, Spec: network(small, named("a", conv(5, 3, 1, 1)), conv(5, 3, 1, 1), norm, relu, conv(5, 3, 1, 1), norm, add("", "a"), relu)},
		{Name: "block-projection", Batch: 4, Spec: network(small, named("a", conv(3, 3, 1, 1)), norm, named("b", relu),
			conv(5, 3, 2, 1), named("main", norm), from("b", conv(5, 1, 2, 0)), named("side", norm), add("main", "side"), relu)},
		{Name: "block-pre-activation", Batch: 4, Spec: network(small, named("x", conv(4, 3, 1, 1)), norm, named("r", relu), conv(5, 3, 1, 1), norm, relu, named("main", conv(5, 3, 1, 1)),
			from("r", named("side", conv(5, 1, 1, 0))), named("sum", add("main", "side")), norm, relu, conv(5, 3, 1, 1), add("", "sum"), norm, relu)},
		{Name: "sum-with-the-images", Batch: 5, Spec: network(small, conv(3, 3, 1, 1), add("", "input"), relu)},
		{Name: "sum-with-itself", Batch: 5, Spec: network(small, named("a", conv(3, 3, 2, 1)), add("a", "a"), norm, relu)},
		{Name: "sum-of-a-norm-read-twice", Batch: 5, Spec: network(small, conv(4, 3, 2, 1), named("n", norm), relu, conv(4, 3, 1, 1), add("", "n"), named("s", relu), add("s", "n"))},
		{Name: "sum-of-vectors", Batch: 6, Spec: network(small, conv(5, 3, 1, 1), named("m", engine.Layer{Kind: engine.GlobalAvgPool}), dense(5), relu, add("", "m"))},
		{Name: "three-ways", Batch: 4, Spec: network(small, named("a", conv(4, 3, 2, 1)), relu, named("b", conv(4, 3, 1, 1)), from("a", named("c", conv(4, 1, 1, 0))), norm,
			add("", "b"), relu, add("", "a"))},
		{Name: "a-layer-that-nobody-reads", Batch: 3, Spec: network(small, named("a", conv(3, 3, 2, 1)), conv(4, 3, 1, 1), norm, from("a", relu))},
	}
}

var (
	relu    = engine.Layer{Kind: engine.ReLU}
	norm    = engine.Layer{Kind: engine.BatchNorm}
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

// network ends layers with a linear one to three classes.
func network(input engine.Shape, layers ...engine.Layer) engine.Spec {
	return engine.Spec{Name: "graph", Input: input, Classes: 3, Layers: append(layers, flatten, dense(3))}
}

// narrow keeps the graph of a wide residual network and takes a twentieth of its channels.
func narrow(spec engine.Spec) engine.Spec {
	spec.Name = "wrn-narrow"
	spec.Layers = append([]engine.Layer(nil), spec.Layers...)
	for i, l := range spec.Layers {
		if l.Channels > 16 {
			spec.Layers[i].Channels /= 20
		}
	}
	return spec
}

// TestCasesAreCurrent: what golden.py read is what the tests below build.
func TestCasesAreCurrent(t *testing.T) {
	for _, c := range cases(t) {
		if err := c.Spec.Validate(); err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		text, err := json.MarshalIndent(c, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(folder, "cases", c.Name+".json")
		text = append(text, '\n')
		if *update {
			if err := os.WriteFile(name, text, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if stored, err := os.ReadFile(name); err != nil || !bytes.Equal(stored, text) {
			t.Errorf("%s is not current (%v): run go test ./trainer/engine/golden -run Cases -update, then trainer/testdata/torch/golden.py", name, err)
		}
	}
}
