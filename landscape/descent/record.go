package descent

import "slices"

// RecordNoise returns the noise vectors ω of the first count steps of the run of SGD with a seed: what Run with this method and seed adds to
// ∇f at each of them. The method's gradient must be Noisy and it must take so many steps, else the error is a fault of the method. The noise
// of Noisy does not depend on where the run is, so that neither the start nor f matters. The caller owns the vectors.
func RecordNoise(m Method, seed uint64, count int) ([][]float64, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	var f faults
	f.require(m.Gradient == Noisy, "gradient", string(Noisy), m.Gradient, "only SGD has noise")
	f.require(count >= 1 && count <= m.Steps() && count <= max(1, maxNumbers/m.Objective.Dim), "vectors to record", "1 to the number of steps, and no more than memory allows", count, "take for example 200")
	if err := f.join(); err != nil {
		return nil, err
	}
	still := m // with ∇f = 0 the gradient is the noise
	still.Objective.Grad = func(_, dst []float64) { clear(dst) }
	still.DifferenceStep = 0
	o := newOracle(still)
	o.begin(seed)
	x, g := make([]float64, m.Objective.Dim), make([]float64, m.Objective.Dim)
	var all [][]float64
	for i, stage := range m.Stages {
		for range stage.Steps {
			if len(all) == count {
				return all, nil
			}
			o.gradient(i, x, g)
			all = append(all, slices.Clone(g))
		}
	}
	return all, nil
}
