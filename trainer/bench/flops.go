package bench

import "smoothscape/trainer/engine"

// Flops counts the operations of one image: forward, and in a training step (see the package comment). The error is that of
// spec.Validate.
func Flops(spec engine.Spec) (forward, training int64, err error) {
	shapes, err := spec.Shapes()
	if err != nil {
		return 0, 0, err
	}
	sources, err := spec.Sources()
	if err != nil {
		return 0, 0, err
	}
	learned := make([]bool, len(spec.Layers)) // whether the output of a layer depends on parameters
	for i, l := range spec.Layers {
		in, needed := spec.Input, false
		for _, s := range sources[i] {
			if s >= 0 {
				needed = needed || learned[s]
			}
		}
		if s := sources[i][0]; s >= 0 {
			in = shapes[s]
		}
		layer := 2 * int64(l.FanIn(in)) * int64(shapes[i].Len())
		forward += layer
		training += 2 * layer
		if needed {
			training += layer
		}
		learned[i] = needed || layer > 0 || l.Kind == engine.BatchNorm
	}
	return forward, training, nil
}
