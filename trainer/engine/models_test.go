package engine

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestSpecForParameterCounts(t *testing.T) {
	mnist, cifar := Shape{1, 28, 28}, Shape{3, 32, 32}
	cases := []struct {
		model   string
		input   Shape
		classes int
		want    int
	}{
		{"softmax", mnist, 10, 784*10 + 10},
		{"mlp", mnist, 10, 784*128 + 128 + 128*10 + 10},
		{"convnet", mnist, 10, 8*9 + 8 + 16*8*9 + 16 + 16*7*7*10 + 10},
		{"convnet", cifar, 100, 8*27 + 8 + 16*8*9 + 16 + 16*8*8*100 + 100},
		// The paper's two networks (weiaicunzai's ResNet18 for CIFAR, and WideResNet-28-10), as its authors' code counts them.
		{"resnet18", cifar, 100, 11_220_132},
		{"wrn-28-10", cifar, 100, 36_536_884},
		// ResNet-20 of He et al. with 1×1 shortcuts: 16·27 + three stages of three blocks, two norms' values a convolution.
		{"resnet20", cifar, 10, 432 + 32 + 6*(2304+32) + (4608 + 64) + (512 + 64) + 5*(9216+64) + (18432 + 128) + (2048 + 128) + 5*(36864+128) + 650},
		{"resnet8", mnist, 10, 144 + 32 + 2*(2304+32) + (4608 + 64) + (512 + 64) + (9216 + 64) + (18432 + 128) + (2048 + 128) + (36864 + 128) + 650},
		{"convnet", Shape{2, 9, 7}, 3, 8*18 + 8 + 16*8*9 + 16 + 16*2*1*3 + 3}, // 9×7 → 4×3 → 2×1
	}
	for _, c := range cases {
		spec, err := SpecFor(c.model, c.input, c.classes)
		if err != nil {
			t.Errorf("%s %v: %v", c.model, c.input, err)
			continue
		}
		if got := spec.ParameterCount(); got != c.want {
			t.Errorf("%s %v, %d classes: %d parameters, want %d", c.model, c.input, c.classes, got, c.want)
		}
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		var again Spec
		if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(spec, again) {
			t.Errorf("%s: through JSON %+v became %+v (%v)", c.model, spec, again, err)
		}
	}
}

func TestSpecForRefuses(t *testing.T) {
	cases := []struct {
		name, model string
		input       Shape
		classes     int
		want        error
	}{
		{"an unknown model", "resnet", Shape{1, 28, 28}, 10, ErrUnsupported},
		{"no model", "", Shape{1, 28, 28}, 10, ErrUnsupported},
		{"no classes", "softmax", Shape{1, 28, 28}, 0, ErrShape},
		{"an image that the pools use up", "convnet", Shape{1, 3, 28}, 10, ErrShape},
		{"an empty image", "mlp", Shape{0, 28, 28}, 10, ErrShape},
		{"an image whose size overflows", "mlp", Shape{math.MaxInt, math.MaxInt, 4}, 10, ErrShape},
		{"more parameters than memory", "softmax", Shape{1, 8192, 8192}, 1 << 20, ErrShape},
	}
	for _, c := range cases {
		spec, err := SpecFor(c.model, c.input, c.classes)
		if !errors.Is(err, c.want) || !reflect.DeepEqual(spec, Spec{}) {
			t.Errorf("%s: %+v, error %v; expected nothing and %v", c.name, spec, err, c.want)
		}
	}
}

// TestModelsTakeAnySize: the residual networks end in a mean, so the number of their parameters does not depend on the size of the images.
func TestModelsTakeAnySize(t *testing.T) {
	for _, model := range Models()[3:] {
		want := 0
		for _, input := range []Shape{{1, 28, 28}, {1, 32, 32}, {1, 17, 23}, {1, 1, 1}, {1, 64, 3}} {
			spec, err := SpecFor(model, input, 10)
			if err != nil {
				t.Errorf("%s for %v: %v", model, input, err)
				continue
			}
			if got := spec.ParameterCount(); want == 0 {
				want = got
			} else if got != want {
				t.Errorf("%s for %v: %d parameters, want %d", model, input, got, want)
			}
		}
	}
}

// TestTensorNames: as PyTorch's ResNets name theirs, with the index where a layer has no name.
func TestTensorNames(t *testing.T) {
	cases := map[string][]string{
		"convnet":   {"0.weight", "0.bias", "3.weight", "3.bias", "7.weight", "7.bias"},
		"resnet18":  {"conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer2.0.shortcut.0.weight", "layer2.0.shortcut.1.bias", "layer4.1.bn2.bias", "fc.weight", "fc.bias"},
		"wrn-28-10": {"conv1.weight", "block1.0.bn1.weight", "block1.0.shortcut.weight", "block3.3.conv2.weight", "bn.bias", "fc.weight", "fc.bias"},
	}
	for model, names := range cases {
		spec, err := SpecFor(model, Shape{3, 32, 32}, 10)
		if err != nil {
			t.Fatal(err)
		}
		shapes := map[string][]int{}
		for _, tensor := range spec.Tensors() {
			if _, twice := shapes[tensor.Name]; twice {
				t.Errorf("%s: two tensors are called %s", model, tensor.Name)
			}
			shapes[tensor.Name] = tensor.Shape
		}
		for _, name := range names {
			if _, ok := shapes[name]; !ok {
				t.Errorf("%s: no tensor %s", model, name)
			}
		}
		for name := range shapes {
			if model != "convnet" && strings.Contains(name, "conv") && strings.HasSuffix(name, ".bias") {
				t.Errorf("%s: convolution with bias: %s", model, name)
			}
		}
	}
}

// TestSources: of a block with a projection.
func TestSources(t *testing.T) {
	spec, err := SpecFor("resnet8", Shape{3, 8, 8}, 10)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := spec.Sources()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range spec.Layers {
		want := []int{i - 1}
		switch l.Name {
		case "layer2.0.conv1", "layer2.0.shortcut.0":
			want = []int{9} // both read what layer1.0 gives
		case "layer3.0.conv1", "layer3.0.shortcut.0":
			want = []int{18}
		}
		if l.Kind == Add {
			continue
		}
		if !reflect.DeepEqual(sources[i], want) {
			t.Errorf("layer %d, %s (%s) reads %v, want %v", i, l.Name, l.Kind, sources[i], want)
		}
	}
	for i, want := range map[int][]int{8: {7, 2}, 17: {14, 16}} {
		if spec.Layers[i].Kind != Add || !reflect.DeepEqual(sources[i], want) {
			t.Errorf("layer %d (%s) reads %v, want a sum of %v", i, spec.Layers[i].Kind, sources[i], want)
		}
	}
}

func TestFlops(t *testing.T) {
	for model, want := range map[string]int64{
		"softmax": 2 * 3072 * 100,
		"convnet": 2 * (32*32*8*27 + 16*16*16*72 + 1024*100),
		"resnet8": 2 * (32*32*16*27 + 2*32*32*16*144 + 16*16*32*(144+288+16) + 8*8*64*(288+576+32) + 6400),
	} {
		spec, err := SpecFor(model, Shape{3, 32, 32}, 100)
		if err != nil {
			t.Fatal(err)
		}
		if got := spec.Flops(); got != want {
			t.Errorf("%s: %d, want %d", model, got, want)
		}
	}
}
