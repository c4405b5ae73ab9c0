package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
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
	var tensors []TensorInfo
	offset := 0
	add := func(layer int, name string, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		tensors = append(tensors, TensorInfo{Name: fmt.Sprintf("%d.%s", layer, name), Shape: shape, Offset: offset, Len: n})
		offset += n
	}
	in := s.Input
	for i, l := range s.Layers {
		switch l.Kind {
		case Conv:
			add(i, "weight", l.Channels, in.C, l.Kernel, l.Kernel)
			add(i, "bias", l.Channels)
		case Linear:
			add(i, "weight", l.Units, in.C)
			add(i, "bias", l.Units)
		}
		in = shapes[i]
	}
	return tensors
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

// Initialize draws a flat parameter vector: every weight and bias of a layer uniform on [−1/√n, 1/√n), n inputs to an
// output. That is Kaiming-uniform with a = √5 (bound √(6/((1+a²)·n))), the default of PyTorch for convolutions and linear
// layers. It draws from rng in the order of the vector, one Float64 a parameter. A Spec that Validate refuses gives nil.
func Initialize(s Spec, rng *rand.Rand) []float32 {
	shapes, err := s.Shapes()
	if err != nil {
		return nil
	}
	params := make([]float32, 0, s.ParameterCount())
	in := s.Input
	for i, l := range s.Layers {
		if fan := l.FanIn(in); fan > 0 {
			bound := 1 / math.Sqrt(float64(fan))
			for range shapes[i].C * (fan + 1) {
				params = append(params, float32((2*rng.Float64()-1)*bound))
			}
		}
		in = shapes[i]
	}
	return params
}
