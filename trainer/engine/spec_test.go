package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
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

func TestValidateNamesTheLayer(t *testing.T) {
	image := Shape{2, 6, 5}
	cases := []struct {
		name  string
		layer Layer
		want  string
	}{
		{"a kernel larger than the padded image", Layer{Kind: Conv, Channels: 1, Kernel: 8, Stride: 1, Padding: 1}, "expected a kernel of at most the padded input, 8×7, found kernel 8"},
		{"padding as wide as the kernel", Layer{Kind: Conv, Channels: 1, Kernel: 2, Stride: 1, Padding: 2}, "expected 0 ≤ padding < kernel 2"},
		{"negative padding", Layer{Kind: Conv, Channels: 1, Kernel: 2, Stride: 1, Padding: -1}, "padding -1"},
		{"no stride", Layer{Kind: MaxPool, Kernel: 2}, "stride 0"},
		{"no kernel", Layer{Kind: MaxPool, Stride: 2}, "kernel 0"},
		{"no channels", Layer{Kind: Conv, Kernel: 1, Stride: 1}, "expected at least one channel"},
		{"linear on planes", Layer{Kind: Linear, Units: 3}, "put a flatten layer before it"},
		{"a name that is taken", Layer{Kind: ReLU, Name: InputName}, "expected a name that no other layer has, found input"},
		{"a name that is a number", Layer{Kind: ReLU, Name: "7"}, "a name that is not a number"},
		{"a name too long", Layer{Kind: ReLU, Name: strings.Repeat("x", 101)}, "at most 100 bytes"},
		{"a source that comes later", Layer{Kind: ReLU, From: "later"}, "the name of a layer before it, or input, found later"},
		{"a sum of one", Layer{Kind: Add}, "with: the name of a layer before it"},
		{"a ReLU with another", Layer{Kind: ReLU, With: InputName}, "with in add layers only"},
		{"an unknown kind, quoted and cut", Layer{Kind: LayerKind("\n" + strings.Repeat("x", 99))}, `layer 1 (\nxxx`},
	}
	for _, c := range cases {
		spec := Spec{Input: image, Classes: 3, Layers: []Layer{{Kind: ReLU}, c.layer, {Kind: Flatten}, {Kind: Linear, Units: 3}}}
		err := spec.Validate()
		var se *SpecError
		if !errors.As(err, &se) || se.Layer != 1 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, expected one of layer 1 with %q", c.name, err, c.want)
		}
		if spec.Tensors() != nil || spec.Filters() != nil || spec.ParameterCount() != 0 || Initialize(spec, rand.New(rand.NewPCG(1, 2))) != nil {
			t.Errorf("%s: a refused specification has parameters", c.name)
		}
	}
}

func TestValidateNamesBothShapes(t *testing.T) {
	spec := Spec{Input: Shape{2, 6, 5}, Classes: 3, Layers: []Layer{
		{Kind: Conv, Name: "a", Channels: 4, Kernel: 3, Stride: 2, Padding: 1}, {Kind: Add, Name: "sum", With: InputName}, {Kind: GlobalAvgPool}, {Kind: Linear, Units: 3}}}
	want := "layer 1, sum (add): expected two outputs of one shape, found 4×3×3 from a and 2×6×5 from the images"
	if err := spec.Validate(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, expected one with %q", err, want)
	}
}

func TestReadSpec(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"a network", `{"name":"mine","input":{"c":1,"h":2,"w":2},"classes":3,"layers":[{"kind":"flatten"},{"kind":"linear","units":3}]}`, ""},
		{"a network that takes the images as they come", `{"layers":[{"kind":"flatten"},{"kind":"linear","units":3}]}`, ""},
		{"a field that nobody knows", `{"layers":[{"kind":"relu","unit":3}]}`, `unknown field "unit"`},
		{"a word for a number", `{"classes":"ten"}`, "classes"},
		{"no JSON", `layers: conv`, "found at byte"},
		{"nothing", ``, "found at byte 0"},
		{"two objects", `{"layers":[]} {}`, "nothing behind the object"},
		{"more than the limit", strings.Repeat(" ", MaxSpecBytes+1), "at most 1048576 bytes"},
		{"shapes that do not fit", `{"input":{"c":1,"h":2,"w":2},"classes":3,"layers":[{"kind":"linear","units":3}]}`, "put a flatten layer before it"},
	}
	for _, c := range cases {
		_, err := ReadSpec(strings.NewReader(c.text))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, expected %q", c.name, err, c.want)
		}
	}
}

func TestInitialState(t *testing.T) {
	spec, err := SpecFor("resnet8", Shape{3, 32, 32}, 10)
	if err != nil {
		t.Fatal(err)
	}
	tensors, state := spec.StateTensors(), InitialState(spec)
	if want := 2 * (16*3 + 32*3 + 64*3); len(state) != want || spec.StateCount() != want {
		t.Fatalf("%d values of state, want %d", len(state), want)
	}
	if tensors[0].Name != "bn1.running_mean" || tensors[1].Name != "bn1.running_var" || state[0] != 0 || state[16] != 1 {
		t.Errorf("state begins with %+v, %+v, values %v and %v", tensors[0], tensors[1], state[0], state[16])
	}
	if !spec.HasBatchNorm() {
		t.Error("it has batch norm")
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

// TestFiltersTile: tensors and filters each cover the flat vector in order, without gap or overlap.
func TestFiltersTile(t *testing.T) {
	for _, model := range Models() {
		spec, err := SpecFor(model, Shape{3, 32, 32}, 100)
		if err != nil {
			t.Fatal(err)
		}
		checkTiling(t, spec)
	}
	spec, _ := SpecFor("convnet", Shape{1, 28, 28}, 10)
	filters := spec.Filters()
	if want := 8 + 1 + 16 + 1 + 10 + 1; len(filters) != want {
		t.Errorf("%d filters, want %d", len(filters), want)
	}
	if want := (Filter{Start: 80 + 72, Len: 72}); filters[10] != want {
		t.Errorf("second filter of the second convolution %+v, want %+v", filters[10], want)
	}
}

func checkTiling(t *testing.T, spec Spec) {
	t.Helper()
	at := 0
	for _, tensor := range spec.Tensors() {
		n := 1
		for _, d := range tensor.Shape {
			n *= d
		}
		if tensor.Offset != at || tensor.Len != n {
			t.Fatalf("tensor %+v does not start at %d", tensor, at)
		}
		at += n
	}
	if at != spec.ParameterCount() {
		t.Fatalf("tensors cover %d of %d parameters", at, spec.ParameterCount())
	}
	at = 0
	for _, f := range spec.Filters() {
		if f.Start != at || f.Len < 1 {
			t.Fatalf("filter %+v does not start at %d", f, at)
		}
		at += f.Len
	}
	if at != spec.ParameterCount() {
		t.Fatalf("filters cover %d of %d parameters", at, spec.ParameterCount())
	}
}

// TestInitialize: each layer uniform on ±1/√fan-in, by its bounds and its variance bound²/3.
func TestInitialize(t *testing.T) {
	spec, err := SpecFor("convnet", Shape{1, 28, 28}, 100)
	if err != nil {
		t.Fatal(err)
	}
	params := Initialize(spec, rand.New(rand.NewPCG(1, 2)))
	if again := Initialize(spec, rand.New(rand.NewPCG(1, 2))); !reflect.DeepEqual(params, again) {
		t.Error("the same seed gives other parameters")
	}
	if len(params) != spec.ParameterCount() {
		t.Fatalf("%d parameters, want %d", len(params), spec.ParameterCount())
	}
	fanIn := []float64{9, 9, 72, 72, 784, 784}
	for i, tensor := range spec.Tensors() {
		bound, sum := 1/math.Sqrt(fanIn[i]), 0.0
		for _, v := range params[tensor.Offset : tensor.Offset+tensor.Len] {
			if math.Abs(float64(v)) > bound*(1+1e-6) { // 1e-6: rounding to float32
				t.Fatalf("%s: %v lies outside ±%v", tensor.Name, v, bound)
			}
			sum += float64(v) * float64(v)
		}
		// v² has mean bound²/3 and standard deviation bound²·√(1/5−1/9) = 0.298·bound²; four of those of the mean.
		n := float64(tensor.Len)
		if got, tol := sum/n/(bound*bound), 4*0.298/math.Sqrt(n); math.Abs(got-1.0/3) > tol {
			t.Errorf("%s: mean square %v of the squared bound, want 1/3 ± %v", tensor.Name, got, tol)
		}
	}
}

// FuzzSpec: whatever a file holds, a Spec is refused with one of the two errors or is a network whose parts fit.
func FuzzSpec(f *testing.F) {
	for _, model := range Models() {
		spec, _ := SpecFor(model, Shape{1, 28, 28}, 10)
		text, _ := json.Marshal(spec)
		f.Add(text)
	}
	f.Add([]byte(`{"input":{"c":9223372036854775807,"h":2,"w":2},"classes":1,"layers":[{"kind":"flatten"}]}`))
	f.Add([]byte(`{"input":{"c":1,"h":1,"w":1},"classes":1,"layers":[{"kind":"conv","channels":1,"kernel":67108864,"stride":1,"padding":67108863}]}`))
	f.Add([]byte(`{"input":{"c":2,"h":3,"w":3},"classes":2,"layers":[{"kind":"batchnorm","name":"a"},{"kind":"add","with":"input"},{"kind":"gap"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		spec, err := ReadSpec(bytes.NewReader(text))
		if err == nil {
			err = spec.Validate()
		}
		if err != nil {
			if !errors.Is(err, ErrShape) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrSpecJSON) {
				t.Fatalf("error %v of no known kind", err)
			}
			return
		}
		if spec.Classes > 1<<16 || spec.ParameterCount() > 1<<20 {
			return // fine, but slow to walk
		}
		checkTiling(t, spec)
	})
}
