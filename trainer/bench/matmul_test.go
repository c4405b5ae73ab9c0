package bench

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// paced is an engine whose losses take a time of their own for each call and each weight, and the rest at a speed.
type paced struct {
	engine.Engine
	gflops float64
	call   time.Duration
}

func (p paced) Build(spec engine.Spec) (engine.Model, error) {
	m, err := cpu.New().Build(spec)
	return pacedModel{m, p}, err
}

type pacedModel struct {
	engine.Model
	paced
}

func (m pacedModel) Eval(_ []float32, y []int) (engine.Metrics, error) {
	operations := float64(m.Spec().Flops()) * float64(len(y))
	time.Sleep(m.call + time.Duration(len(m.Params())) + time.Duration(operations/m.gflops))
	return engine.Metrics{}, nil
}

// The clock of the test is false, so that the engines have exactly the speed that they say.
func TestMatmulPeakIsTheSpeedOfTheEngine(t *testing.T) {
	for _, e := range []paced{{gflops: 0.5, call: time.Millisecond}, {gflops: 90}, {gflops: 20_000, call: 3 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			got, err := MatmulPeak(t.Context(), e)
			// Times are whole nanoseconds, of some 1e7 at least.
			if err != nil || !(math.Abs(got/e.gflops-1) < 1e-5) {
				t.Errorf("got %v, %v; the engine does %v", got, err, e.gflops)
			}
		})
	}
}
