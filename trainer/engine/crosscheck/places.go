package crosscheck

import (
	"fmt"
	"slices"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// places compares losses on a plane whose parameters the model itself forms, by stored and by recomputed statistics, at its center and beside it.
func (p pair) places(x []float32, y []int) error {
	model, ok := p.model.(engine.AffineModel)
	if !ok {
		return nil
	}
	center := slices.Clone(model.Params())
	set := engine.AffineSet{Center: center, Directions: [][]float32{make([]float32, len(center)), make([]float32, len(center)), make([]float32, len(center))}}
	for k, d := range set.Directions {
		for i := range d {
			d[i] = center[(i+k+1)%len(center)] / 4 // different in each parameter and direction
		}
	}
	wanted := []engine.Place{{}, {0.5, -1, 0}, {-0.75, 0.25, 1}}
	for _, recompute := range []bool{false, true} {
		if err := model.Lay(set, x, y, recompute); err != nil {
			return err
		}
		got := make([]engine.Metrics, len(wanted))
		for done := 0; done < len(wanted); {
			n, err := model.EvalAt(wanted[done:], got[done:])
			if err != nil {
				return err
			}
			done += n
		}
		for i, place := range wanted {
			want, err := lossAt(p.witness, set, place, x, y, recompute)
			if err != nil {
				return err
			}
			p.metrics(fmt.Sprintf("place %d of a plane, recomputed statistics %v, ", i+1, recompute), got[i], want)
		}
	}
	return nil
}

// lossAt is the loss at a place in float64.
func lossAt(witness *cpu.Net[float64], set engine.AffineSet, place engine.Place, x []float32, y []int, recompute bool) (engine.Metrics, error) {
	params := witness.Params()
	for i, c := range set.Center {
		params[i] = float64(c)
		for k, d := range set.Directions {
			params[i] += place[k] * float64(d[i])
		}
	}
	if recompute {
		return witness.Grad(widened(x), y, nil)
	}
	return witness.Eval(widened(x), y)
}
