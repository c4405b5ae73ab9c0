package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"smoothscape/trainer/engine"
)

// Sizes of the networks that MatmulPeak times: linear layers of as many units as inputs, the same number of layers in each.
const (
	matmulLayers = 8
	leastUnits   = 128
	mostUnits    = 1024
	leastImages  = 64
	mostImages   = 8192
	matmulTime   = 200 * time.Millisecond // of the larger pass, if mostImages allow it
	matmulTries  = 3                      // the fastest of so many counts
)

// MatmulPeak measures how fast an engine multiplies matrices, in 1e9 operations a second: the most that its convolutions, which are such products, could
// reach. It times losses of a chain of square linear layers for few images and for many; the difference holds neither what a call costs by
// itself, nor the way of the weights to a device, but for 4 bytes an input value, which are 1/4000 of the operations.
func MatmulPeak(ctx context.Context, e engine.Engine) (float64, error) {
	var m *matmul
	for units := leastUnits; units <= mostUnits; units *= 2 {
		next, err := newMatmul(e, units)
		if err != nil {
			return 0, fmt.Errorf("bench: multiplying matrices: %w", err)
		}
		if m != nil {
			m.close()
		}
		m = next
		took, err := m.fastest(ctx, leastImages)
		if err != nil {
			m.close()
			return 0, fmt.Errorf("bench: multiplying matrices: %w", err)
		}
		if took > matmulTime/8 { // larger matrices would take too long
			break
		}
	}
	defer m.close()
	few, err := m.fastest(ctx, leastImages)
	if err != nil {
		return 0, fmt.Errorf("bench: multiplying matrices: %w", err)
	}
	for images := 4 * leastImages; ; images *= 2 {
		many, err := m.fastest(ctx, images)
		if err != nil {
			return 0, fmt.Errorf("bench: multiplying matrices: %w", err)
		}
		if many < matmulTime && images < mostImages {
			continue
		}
		operations := float64(m.spec.Flops()) * float64(images-leastImages)
		return operations / max(many-few, time.Nanosecond).Seconds() / 1e9, nil
	}
}

// matmul is one such chain.
type matmul struct {
	spec  engine.Spec
	model engine.Model
	x     []float32
	y     []int
}

func newMatmul(e engine.Engine, units int) (*matmul, error) {
	m := &matmul{spec: engine.Spec{Name: "matmul", Input: engine.Shape{C: units, H: 1, W: 1}, Classes: units}}
	for range matmulLayers {
		m.spec.Layers = append(m.spec.Layers, engine.Layer{Kind: engine.Linear, Units: units, NoBias: true})
	}
	var err error
	if m.model, err = e.Build(m.spec); err != nil {
		return nil, err
	}
	copy(m.model.Params(), engine.Initialize(m.spec, rand.New(rand.NewPCG(1, 2))))
	return m, nil
}

func (m *matmul) close() { _ = m.model.Close() }

// fastest is the least time of a loss for so many images, after one that allocates and compiles.
func (m *matmul) fastest(ctx context.Context, images int) (time.Duration, error) {
	for len(m.y) < images {
		m.x, m.y = append(m.x, make([]float32, m.spec.Input.Len())...), append(m.y, 0)
	}
	for i := range m.x {
		m.x[i] = float32(i%7) - 3
	}
	least := time.Duration(0)
	for try := range 1 + matmulTries {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		began := time.Now()
		if _, err := m.model.Eval(m.x[:images*m.spec.Input.Len()], m.y[:images]); err != nil {
			return 0, err
		}
		if took := time.Since(began); try > 0 && (least == 0 || took < least) {
			least = took
		}
	}
	return least, nil
}
