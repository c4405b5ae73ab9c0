package gorgonia

import (
	"math"

	"smoothscape/trainer/engine"
)

// staysFinite reports whether no value of a forward pass can leave the range of float32, by the bound
//
//	max|out| ≤ max over filters of Σ|weight| · max|in| + max|bias|
//
// through the layers (the others do not enlarge a value). It is false when an input or a parameter is not finite.
//
// It guards the machine: a maximum whose window holds nothing above −3.4e38, as one of NaN does not, remembers the place
// −1, and its derivative then panics in a goroutine where nobody can catch it. A network that fails this bound has
// parameters of 1e10 or more and has long diverged, so its loss is given as NaN.
func staysFinite(spec engine.Spec, params, x []float32) bool {
	bound := largest(x)
	tensors := spec.Tensors()
	for i := 0; i+1 < len(tensors); i += 2 {
		w, b := tensors[i], tensors[i+1]
		size, heaviest := w.Len/w.Shape[0], 0.0
		for f := range w.Shape[0] {
			sum := 0.0
			for _, v := range params[w.Offset+f*size : w.Offset+(f+1)*size] {
				sum += math.Abs(float64(v))
			}
			heaviest = max(heaviest, sum)
		}
		bound = heaviest*bound + largest(params[b.Offset:b.Offset+b.Len])
		if !(bound < math.MaxFloat32/2) { // half: room for rounding
			return false
		}
	}
	return bound < math.MaxFloat32/2
}

// largest is the largest absolute value, NaN if there is one.
func largest(x []float32) float64 {
	top := 0.0
	for _, v := range x {
		top = max(top, math.Abs(float64(v)))
	}
	return top
}
