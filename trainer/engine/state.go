package engine

// StateTensors lists the running statistics of batch norm in the order of the flat state vector: for each such layer
// "running_mean" and then "running_var", one value a channel. A Spec that Validate refuses gives nil.
func (s Spec) StateTensors() []TensorInfo {
	shapes, err := s.Shapes()
	if err != nil {
		return nil
	}
	return s.tensors(shapes, func(l Layer, in Shape) []TensorInfo {
		if l.Kind != BatchNorm {
			return nil
		}
		return []TensorInfo{{Name: "running_mean", Shape: []int{in.C}}, {Name: "running_var", Shape: []int{in.C}}}
	})
}

// StateCount is the length of the flat state vector.
func (s Spec) StateCount() int {
	n := 0
	for _, t := range s.StateTensors() {
		n += t.Len
	}
	return n
}

// InitialState is the state of a network that has seen nothing: means 0, variances 1.
func InitialState(s Spec) []float32 {
	tensors := s.StateTensors()
	state := make([]float32, s.StateCount())
	for i := 1; i < len(tensors); i += 2 {
		for j := range tensors[i].Len {
			state[tensors[i].Offset+j] = 1
		}
	}
	return state
}

// HasBatchNorm reports whether some layer is a batch norm: then the images of a batch are not independent in training.
func (s Spec) HasBatchNorm() bool {
	for _, l := range s.Layers {
		if l.Kind == BatchNorm {
			return true
		}
	}
	return false
}

// Flops counts the floating-point operations of a forward pass on one image, two for each multiplication and addition of a
// convolution or linear layer; all else is left out. A gradient takes about three times as many. 0 for a Spec that Validate refuses.
func (s Spec) Flops() int64 {
	shapes, err := s.Shapes()
	if err != nil {
		return 0
	}
	sources, err := s.Sources()
	if err != nil {
		return 0
	}
	flops := int64(0)
	for i, l := range s.Layers {
		in := s.Input
		if sources[i][0] >= 0 {
			in = shapes[sources[i][0]]
		}
		flops += 2 * int64(shapes[i].Len()) * int64(l.FanIn(in))
	}
	return flops
}
