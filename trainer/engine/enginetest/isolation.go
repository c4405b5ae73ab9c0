package enginetest

import (
	"runtime"
	"slices"
	"sync"
	"testing"

	"smoothscape/trainer/engine"
)

func batchChanges(t *testing.T, e engine.Engine) {
	sizes := []int{5, 2, 33, 5, 1, 4, 3, 6, 7, 5, 100}
	if testing.Short() {
		sizes = []int{5, 70, 1, 5}
	}
	for _, name := range models {
		m := Model(t, e, name, odd, 10)
		for _, n := range sizes {
			x, y := Batch(m.Spec(), n, 1)
			fresh := Model(t, e, name, odd, 10)
			got, gotMetrics := take(t, m.Grad, m, x, y)
			want, wantMetrics := take(t, fresh.Grad, fresh, x, y)
			if gotMetrics != wantMetrics || !slices.Equal(got, want) || !slices.Equal(m.BatchStats(), fresh.BatchStats()) {
				t.Errorf("%s: after other batch sizes, the gradient of %d images differs from that of a new model", name, n)
			}
			fresh = Model(t, e, name, odd, 10)
			if metrics, err := fresh.Grad(x, y, nil); err != nil || metrics != wantMetrics || !slices.Equal(m.BatchStats(), fresh.BatchStats()) {
				t.Errorf("%s: %d images without a gradient give %+v (%v), with one %+v; or other statistics", name, n, metrics, err, wantMetrics)
			}
			if got, want := evaluate(t, m, x, y), evaluate(t, fresh, x, y); got != want {
				t.Errorf("%s: after other batch sizes, %d images evaluate to %+v, in a new model to %+v", name, n, got, want)
			}
		}
	}
}

func clones(t *testing.T, e engine.Engine) {
	const parallel = 3
	for _, name := range models {
		m := Model(t, e, name, odd, 10)
		x, y := Batch(m.Spec(), 20, 1)
		before, metrics := take(t, m.Grad, m, x, y)
		evaluation, stats := evaluate(t, m, x, y), slices.Clone(m.BatchStats())
		results := make([]engine.Metrics, parallel)
		var running sync.WaitGroup
		for i := range parallel {
			c, err := m.Clone()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if !slices.Equal(c.Params(), m.Params()) || !slices.Equal(c.State(), m.State()) {
				t.Fatalf("%s: the clone has other parameters or running statistics", name)
			}
			running.Go(func() {
				g := make([]float32, len(c.Params()))
				for range 3 {
					metrics, err := c.Grad(x, y, g)
					if err != nil {
						t.Error(err)
						return
					}
					results[i] = metrics
					for j := range g {
						c.Params()[j] -= 0.1 * float32(i+1) * g[j]
					}
					for j, s := range c.BatchStats() {
						c.State()[j] += engine.BatchNormMomentum * (s - c.State()[j])
					}
				}
			})
		}
		running.Wait()
		if !slices.Equal(stats, m.BatchStats()) {
			t.Errorf("%s: training its clones changed the model's statistics of the batch", name)
		}
		if again := evaluate(t, m, x, y); again != evaluation {
			t.Errorf("%s: training its clones changed the model's evaluation from %+v to %+v", name, evaluation, again)
		}
		after, again := take(t, m.Grad, m, x, y)
		if again != metrics || !slices.Equal(before, after) {
			t.Errorf("%s: training its clones changed the model", name)
		}
		if results[0] == results[1] || results[1] == results[2] {
			t.Errorf("%s: clones that took different steps give the same loss: %v", name, results)
		}
	}
}

// cores must not run beside other tests, as GOMAXPROCS belongs to the process.
func cores(t *testing.T, e engine.Engine) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	counts := []int{1, 2, 3, 8}
	if testing.Short() {
		counts = []int{1, 3}
	}
	for _, name := range models {
		input, images := mnist, 67
		if name == "resnet8" {
			input, images = engine.Shape{C: 2, H: 14, W: 11}, 35
		}
		var first, frozen, stats []float32
		var metrics, evaluation engine.Metrics
		for _, procs := range counts {
			runtime.GOMAXPROCS(procs)
			m := Model(t, e, name, input, 10)
			x, y := Batch(m.Spec(), images, 1)
			g, got := take(t, m.Grad, m, x, y)
			s := slices.Clone(m.BatchStats())
			f, _ := take(t, m.FrozenGrad, m, x, y)
			eval := evaluate(t, m, x, y)
			if first == nil {
				first, frozen, stats, metrics, evaluation = g, f, s, got, eval
			}
			if got != metrics || eval != evaluation || !slices.Equal(g, first) || !slices.Equal(f, frozen) || !slices.Equal(s, stats) {
				t.Errorf("%s: %d cores give other numbers than one", name, procs)
			}
		}
	}
}
