package engine

import (
	"fmt"
	"strings"
)

// MaxValues bounds every tensor of a Spec, its parameters and the activations of one image: 2²⁶ values are 256 MiB as
// float32. A Spec may come from a file; the bound is what stands between a damaged one and an allocation of any size.
const MaxValues = 1 << 26

// maxLayers bounds the length of a Spec for the same reason.
const maxLayers = 1 << 10

// SpecError says which layer of a Spec does not fit. It unwraps to ErrShape or ErrUnsupported.
type SpecError struct {
	Layer    int       // index of the layer, −1 when the whole specification is meant
	Name     string    // name of that layer; may be empty
	Kind     LayerKind // kind of that layer
	Expected string
	Found    string
	Err      error // ErrShape or ErrUnsupported
}

func (e *SpecError) Error() string {
	where := "specification"
	if e.Layer >= 0 {
		where = fmt.Sprintf("layer %d (%s)", e.Layer, clip(string(e.Kind)))
		if e.Name != "" {
			where = fmt.Sprintf("layer %d, %s (%s)", e.Layer, clip(e.Name), clip(string(e.Kind)))
		}
	}
	return fmt.Sprintf("%v: checking %s: expected %s, found %s; correct the specification", e.Err, where, e.Expected, e.Found)
}

func (e *SpecError) Unwrap() error { return e.Err }

// clip keeps a word from a file short and printable.
func clip(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return strings.Trim(fmt.Sprintf("%q", s), `"`)
}

// Validate reports the first thing that keeps the specification from being a network: *SpecError, which wraps ErrShape
// or, for a kind of layer that no engine knows, ErrUnsupported.
func (s Spec) Validate() error {
	_, err := s.Shapes()
	return err
}

// Shapes gives the shape of what each layer puts out, in the order of Layers; the last one is {Classes, 1, 1}. The
// error is that of Validate.
func (s Spec) Shapes() ([]Shape, error) {
	whole := func(expected, found string) error {
		return &SpecError{Layer: -1, Expected: expected, Found: found, Err: ErrShape}
	}
	if !fits(s.Input) {
		return nil, whole(fmt.Sprintf("an input of at least one and at most %d values", MaxValues), s.Input.String())
	}
	if s.Classes < 1 || s.Classes > MaxValues {
		return nil, whole("at least one class", fmt.Sprintf("%d classes", s.Classes))
	}
	if len(s.Layers) == 0 || len(s.Layers) > maxLayers {
		return nil, whole(fmt.Sprintf("1 to %d layers", maxLayers), fmt.Sprintf("%d layers", len(s.Layers)))
	}
	sources, err := s.Sources()
	if err != nil {
		return nil, err
	}
	shapes := make([]Shape, len(s.Layers))
	shapeOf := func(source int) Shape {
		if source < 0 {
			return s.Input
		}
		return shapes[source]
	}
	parameters := 0
	for i, l := range s.Layers {
		bad := func(expected, found string, cause error) error {
			return &SpecError{Layer: i, Name: l.Name, Kind: l.Kind, Expected: expected, Found: found, Err: cause}
		}
		if field := l.stray(); field != "" {
			return nil, bad("none but the fields of a "+string(l.Kind)+" layer", field, ErrShape)
		}
		in := shapeOf(sources[i][0])
		out, expected, found := l.output(in)
		if expected != "" {
			err := ErrShape
			if out.C < 0 {
				err = ErrUnsupported
			}
			return nil, bad(expected, found, err)
		}
		if l.Kind == Add {
			if other := shapeOf(sources[i][1]); other != in {
				return nil, bad("two outputs of one shape", fmt.Sprintf("%v from %s and %v from %s", in, s.called(sources[i][0]), other, s.called(sources[i][1])), ErrShape)
			}
		}
		each, fan := l.parameters(in), out.C
		if each > 0 && fan > (MaxValues-parameters)/each {
			return nil, bad(fmt.Sprintf("at most %d parameters in all", MaxValues), fmt.Sprintf("%d before it and %d for each of %d outputs", parameters, each, fan), ErrShape)
		}
		parameters += each * fan
		shapes[i] = out
	}
	if last, want := shapes[len(shapes)-1], (Shape{C: s.Classes, H: 1, W: 1}); last != want {
		return nil, whole(fmt.Sprintf("logits of shape %v, one a class, from the last layer", want), last.String())
	}
	return shapes, nil
}

// called is what a message calls a source.
func (s Spec) called(source int) string {
	switch {
	case source < 0:
		return "the images"
	case s.Layers[source].Name != "":
		return clip(s.Layers[source].Name)
	}
	return fmt.Sprintf("layer %d", source)
}

// parameters is how many parameters one output channel of the layer has.
func (l Layer) parameters(in Shape) int {
	switch fan := l.FanIn(in); {
	case l.Kind == BatchNorm:
		return 2
	case fan > 0 && l.NoBias:
		return fan
	case fan > 0:
		return fan + 1
	}
	return 0
}

// FanIn is how many inputs one output of the layer weighs, 0 for a layer without parameters: C·k² for a convolution of C
// channels, the input's length for a linear layer.
func (l Layer) FanIn(in Shape) int {
	switch l.Kind {
	case Conv:
		return in.C * l.Kernel * l.Kernel
	case Linear:
		return in.Len()
	}
	return 0
}

// output gives the shape behind the layer, or what was expected and what was found instead; an unknown kind gives a
// negative channel count.
func (l Layer) output(in Shape) (out Shape, expected, found string) {
	switch l.Kind {
	case ReLU, BatchNorm, Add:
		out = in
	case GlobalAvgPool:
		out = Shape{C: in.C, H: 1, W: 1}
	case Flatten:
		out = Shape{C: in.Len(), H: 1, W: 1}
	case Linear:
		if in.H != 1 || in.W != 1 {
			return out, "a flat input (put a flatten layer before it)", in.String()
		}
		if l.Units < 1 {
			return out, "at least one unit", fmt.Sprintf("%d units", l.Units)
		}
		out = Shape{C: l.Units, H: 1, W: 1}
	case Conv, MaxPool:
		if l.Kernel < 1 || l.Kernel > MaxValues || l.Stride < 1 {
			return out, "kernel ≥ 1 and stride ≥ 1", fmt.Sprintf("kernel %d, stride %d", l.Kernel, l.Stride)
		}
		channels, padding := in.C, 0
		if l.Kind == Conv {
			if l.Channels < 1 {
				return out, "at least one channel", fmt.Sprintf("%d channels", l.Channels)
			}
			if l.Padding < 0 || l.Padding >= l.Kernel {
				return out, fmt.Sprintf("0 ≤ padding < kernel %d", l.Kernel), fmt.Sprintf("padding %d", l.Padding)
			}
			channels, padding = l.Channels, l.Padding
		}
		h, w := in.H+2*padding-l.Kernel, in.W+2*padding-l.Kernel
		if h < 0 || w < 0 {
			return out, fmt.Sprintf("a kernel of at most the padded input, %d×%d", in.H+2*padding, in.W+2*padding), fmt.Sprintf("kernel %d", l.Kernel)
		}
		out = Shape{C: channels, H: h/l.Stride + 1, W: w/l.Stride + 1}
		// The kernel now fits the input, so C·k² can be formed without overflow.
		if l.Kind == Conv && in.C > MaxValues/l.Kernel/l.Kernel {
			return out, fmt.Sprintf("filters of at most %d values", MaxValues), fmt.Sprintf("%d×%d×%d", in.C, l.Kernel, l.Kernel)
		}
	default:
		return Shape{C: -1}, "one of conv, maxpool, relu, batchnorm, add, gap, flatten, linear", clip(string(l.Kind))
	}
	if !fits(out) {
		return out, fmt.Sprintf("an output of at most %d values", MaxValues), out.String()
	}
	return out, "", ""
}

// fits reports whether the shape holds between 1 and MaxValues values, without forming a product that may overflow.
func fits(s Shape) bool {
	return s.C >= 1 && s.H >= 1 && s.W >= 1 && s.C <= MaxValues && s.H <= MaxValues/s.C && s.W <= MaxValues/s.C/s.H
}
