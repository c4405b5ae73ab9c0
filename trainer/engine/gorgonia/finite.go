package gorgonia

import (
	"math"

	"smoothscape/trainer/engine"
)

// isFinite reports whether all values are numbers.
func isFinite(values []float32) bool { return largest(values) <= math.MaxFloat32 }

// largest is the largest absolute value, NaN if there is one.
func largest(values []float32) float64 {
	top := 0.0
	for _, v := range values {
		top = max(top, math.Abs(float64(v)))
	}
	return top
}

// bounds follows bounds on the absolute values of what the layers put out:
//
//	conv, linear   max over filters of Σ|weight| · bound + max|bias|
//	batchnorm      max over channels of |γ|·√m + |β| for m values a channel, none of which is farther than √m standard deviations from their mean;
//	               with running statistics |γ|·(bound + |mean|)/√(variance + ε) + |β|
//	add            the sum of both
//
// and the others enlarge nothing.
type bounds struct {
	spec            engine.Spec
	params, state   []float32
	tensors, moving []engine.TensorInfo
}

// staysFinite reports whether no value of a forward pass over images of absolute values up to top can leave the range of float32. A network that
// fails this is either deep or has parameters of 1e10 or so.
func staysFinite(spec engine.Spec, params, state []float32, images int, training bool, top float64) bool {
	sources, err := spec.Sources()
	if err != nil {
		return false
	}
	shapes, err := spec.Shapes()
	if err != nil {
		return false
	}
	b := bounds{spec: spec, params: params, state: state, tensors: spec.Tensors(), moving: spec.StateTensors()}
	outputs := make([]float64, len(spec.Layers))
	bound := func(source int) float64 {
		if source < 0 {
			return top
		}
		return outputs[source]
	}
	for i, l := range spec.Layers {
		out := bound(sources[i][0])
		switch {
		case l.Kind == engine.Conv || l.Kind == engine.Linear:
			out = b.weighted(l, out)
		case l.Kind == engine.BatchNorm:
			m := float64(images * shapes[i].H * shapes[i].W)
			if training && !(4*m*out*out < math.MaxFloat32) { // the sum of squares of differences from the mean
				return false
			}
			out = b.normalized(out, m, training)
		case l.Kind == engine.Add:
			out += bound(sources[i][1])
		}
		if !(out < math.MaxFloat32/2) { // half: room for rounding
			return false
		}
		outputs[i] = out
	}
	return true
}

// next takes the parameters of the next tensor.
func (b *bounds) next() (engine.TensorInfo, []float32) {
	t := b.tensors[0]
	b.tensors = b.tensors[1:]
	return t, b.params[t.Offset : t.Offset+t.Len]
}

// statistics takes those of the next tensor of the state.
func (b *bounds) statistics() []float32 {
	t := b.moving[0]
	b.moving = b.moving[1:]
	return b.state[t.Offset : t.Offset+t.Len]
}

func (b *bounds) weighted(l engine.Layer, in float64) float64 {
	info, w := b.next()
	size, heaviest := info.Len/info.Shape[0], 0.0
	for f := range info.Shape[0] {
		sum := 0.0
		for _, v := range w[f*size : (f+1)*size] {
			sum += math.Abs(float64(v))
		}
		heaviest = max(heaviest, sum)
	}
	out := heaviest * in
	if !l.NoBias {
		_, bias := b.next()
		out += largest(bias)
	}
	return out
}

func (b *bounds) normalized(in, m float64, training bool) float64 {
	_, gamma := b.next()
	_, beta := b.next()
	mean, variance := b.statistics(), b.statistics()
	top := 0.0
	for c, v := range gamma {
		spread := math.Sqrt(m)
		if !training {
			spread = (in + math.Abs(float64(mean[c]))) / math.Sqrt(float64(variance[c])+engine.BatchNormEpsilon)
		}
		top = max(top, math.Abs(float64(v))*spread+math.Abs(float64(beta[c])))
	}
	return top
}
