package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

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
		{"a maximum with padding", Layer{Kind: MaxPool, Kernel: 3, Stride: 2, Padding: 1}, "expected none but the fields of a maxpool layer, found padding 1"},
		{"a maximum with channels", Layer{Kind: MaxPool, Kernel: 3, Stride: 2, Channels: 4}, "found channels 4"},
		{"a ReLU with units", Layer{Kind: ReLU, Units: 3}, "found units 3"},
		{"a norm with a kernel", Layer{Kind: BatchNorm, Kernel: 3}, "found kernel 3"},
		{"a mean with a stride", Layer{Kind: GlobalAvgPool, Stride: 2}, "found stride 2"},
		{"a norm without bias", Layer{Kind: BatchNorm, NoBias: true}, "found noBias"},
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
