package device

import (
	"errors"
	"fmt"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/webgpu"
)

// guardedAffine watches over a model that forms parameters on the device, as guardedModel does over its other calls.
type guardedAffine struct {
	*guardedModel
	affine engine.AffineModel // guardedModel.Model

	// What was laid, for the CPU to compute with where the device is doubted.
	set       engine.AffineSet
	x         []float32
	y         []int
	recompute bool
}

func (m *guardedAffine) Lay(set engine.AffineSet, x []float32, y []int, recompute bool) error {
	err := m.watch.during("a plane", len(y), func() error { return m.affine.Lay(set, x, y, recompute) })
	if errors.Is(err, webgpu.ErrMemory) {
		return fmt.Errorf("%v: %w", m.watch.info, err) // no fault: the plane is too large, the run goes on
	}
	if err != nil {
		return m.watch.info.fault(err)
	}
	m.set, m.x, m.y = set, append(m.x[:0], x...), append(m.y[:0], y...)
	m.recompute = recompute && m.Spec().HasBatchNorm()
	return nil
}

func (m *guardedAffine) Turn(k int, direction []float32) error {
	err := m.watch.during("a direction", 1, func() error { return m.affine.Turn(k, direction) })
	if err == nil {
		m.set.Directions[k] = direction
	}
	return m.watch.info.fault(err)
}

func (m *guardedAffine) EvalAt(places []engine.Place, out []engine.Metrics) (int, error) {
	n := 0
	err := m.watch.during("the losses of a plane", len(m.y), func() (err error) {
		n, err = m.affine.EvalAt(places, out)
		return err
	})
	if err != nil {
		return 0, m.watch.info.fault(err)
	}
	for i, place := range places[:n] {
		if finite(out[i].Loss) || m.doubts >= doubts {
			continue
		}
		m.doubts++
		if err := m.doubtPlace(place, out[i]); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// doubtPlace asks the CPU about a place whose loss is not finite.
func (m *guardedAffine) doubtPlace(place engine.Place, found engine.Metrics) error {
	witness, err := cpu.New().Build(m.Spec())
	if err != nil {
		return err
	}
	m.set.At(place, witness.Params())
	copy(witness.State(), m.State())
	compute := witness.Eval
	if m.recompute {
		compute = func(x []float32, y []int) (engine.Metrics, error) { return witness.Grad(x, y, nil) }
	}
	right, err := compute(m.x, m.y)
	if err != nil {
		return err
	}
	if !finite(right.Loss) || right.Loss > overflow {
		return nil // the network, not the device
	}
	return m.watch.info.fault(fmt.Errorf("%w: computing the loss of %d images at the place %v of a plane it gives %v where the CPU finds %.6g", ErrNonsense, len(m.y), place, found.Loss, right.Loss))
}
