package engine

import (
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
	f.Fuzz(func(t *testing.T, text []byte) {
		var spec Spec
		if json.Unmarshal(text, &spec) != nil {
			return
		}
		if err := spec.Validate(); err != nil {
			if !errors.Is(err, ErrShape) && !errors.Is(err, ErrUnsupported) {
				t.Fatalf("error %v of neither kind", err)
			}
			return
		}
		if spec.Classes > 1<<16 || spec.ParameterCount() > 1<<20 {
			return // fine, but slow to walk
		}
		checkTiling(t, spec)
	})
}
