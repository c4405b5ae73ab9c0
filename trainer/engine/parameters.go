package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Filter is a run of the flat parameter vector that filter normalization treats as one: the weights of one output
// channel or output neuron, or a whole bias vector.
type Filter struct {
	Start, Len int
	Bias       bool
}

// Tensors lists the parameter tensors in the order of the flat vector: layer by layer, weight before bias, without
// gaps. A Spec that Validate refuses gives nil.
func (s Spec) Tensors() []TensorInfo {
	shapes, err := s.Shapes()
	if err != nil {
		return nil
	}
	return s.tensors(shapes, func(l Layer, in Shape) []TensorInfo {
		var all []TensorInfo
		switch l.Kind {
		case Conv:
			all = []TensorInfo{{Name: "weight", Shape: []int{l.Channels, in.C, l.Kernel, l.Kernel}}, {Name: "bias", Shape: []int{l.Channels}}}
		case Linear:
			all = []TensorInfo{{Name: "weight", Shape: []int{l.Units, in.C}}, {Name: "bias", Shape: []int{l.Units}}}
		case BatchNorm:
			return []TensorInfo{{Name: "weight", Shape: []int{in.C}}, {Name: "bias", Shape: []int{in.C}}}
		}
		if len(all) > 0 && l.NoBias {
			return all[:1]
		}
		return all
	})
}

// tensors lays the tensors of all layers one behind the other; of gives those of one, with Name and Shape.
func (s Spec) tensors(shapes []Shape, of func(l Layer, in Shape) []TensorInfo) []TensorInfo {
	sources, err := s.Sources()
	if err != nil {
		return nil
	}
	var all []TensorInfo
	offset := 0
	for i, l := range s.Layers {
		in := s.Input
		if sources[i][0] >= 0 {
			in = shapes[sources[i][0]]
		}
		for _, t := range of(l, in) {
			t.Name = s.prefix(i) + t.Name
			t.Offset, t.Len = offset, 1
			for _, n := range t.Shape {
				t.Len *= n
			}
			offset += t.Len
			all = append(all, t)
		}
	}
	return all
}

// prefix begins the names of a layer's tensors.
func (s Spec) prefix(layer int) string {
	if name := s.Layers[layer].Name; name != "" {
		return name + "."
	}
	return fmt.Sprintf("%d.", layer)
}

// Filters cuts the flat parameter vector into filters, in order and without gaps. A Spec that Validate refuses gives
// nil.
func (s Spec) Filters() []Filter {
	var filters []Filter
	for _, t := range s.Tensors() {
		if len(t.Shape) == 1 {
			filters = append(filters, Filter{Start: t.Offset, Len: t.Len, Bias: true})
			continue
		}
		n := t.Len / t.Shape[0]
		for f := range t.Shape[0] {
			filters = append(filters, Filter{Start: t.Offset + f*n, Len: n})
		}
	}
	return filters
}

// ParameterCount is d, the length of the flat parameter vector; 0 for a Spec that Validate refuses.
func (s Spec) ParameterCount() int {
	d := 0
	for _, t := range s.Tensors() {
		d += t.Len
	}
	return d
}

// Initialize draws a flat parameter vector: every weight and bias of a convolution or linear layer uniform on [−1/√n, 1/√n),
// n inputs to an output. That is Kaiming-uniform with a = √5 (bound √(6/((1+a²)·n))), the default of PyTorch. It draws from
// rng in the order of the vector, one Float64 a parameter; batch norm gets γ = 1 and β = 0 and draws none. A Spec that
// Validate refuses gives nil.
func Initialize(s Spec, rng *rand.Rand) []float32 {
	shapes, err := s.Shapes()
	if err != nil {
		return nil
	}
	sources, err := s.Sources()
	if err != nil {
		return nil
	}
	params := make([]float32, 0, s.ParameterCount())
	for i, l := range s.Layers {
		in, channels := s.Input, shapes[i].C
		if sources[i][0] >= 0 {
			in = shapes[sources[i][0]]
		}
		if l.Kind == BatchNorm {
			params = append(params, slices.Repeat([]float32{1}, channels)...)
			params = append(params, make([]float32, channels)...)
			continue
		}
		bound := 1 / math.Sqrt(float64(max(1, l.FanIn(in))))
		for range channels * l.parameters(in) {
			params = append(params, float32((2*rng.Float64()-1)*bound))
		}
	}
	return params
}
