package fullspace

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/landscape"
	"smoothscape/landscape/slice"
)

func gaussian(d int) landscape.Kernel {
	return landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: d}
}

// drawn is Drawn for kernels and degrees that are known to be right.
func drawn(t testing.TB, k landscape.Kernel, delta, growth float64) Noise {
	t.Helper()
	n, err := Drawn(k, delta, growth)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func begin[T slice.Float](t testing.TB, p Problem[T]) *Estimator[T] {
	t.Helper()
	e, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// estimate runs n samples on two workers.
func estimate[T slice.Float](t testing.TB, p Problem[T], f func(x []T) float64, n int) Estimate {
	t.Helper()
	e := begin(t, p)
	if _, err := e.Run(context.Background(), evaluators(2, f), Stop{Samples: n}, nil); err != nil {
		t.Fatal(err)
	}
	return e.Estimate()
}

func at[T slice.Float](p slice.Plane[T], alpha, beta float64) []T {
	x := make([]T, len(p.Center))
	p.At(alpha, beta, x)
	return x
}

// rough makes a problem of 9×8 cells with a function that tells its evaluators' calls apart.
func rough(t testing.TB) (Problem[float32], func(x []float32) float64) {
	const d = 7
	rng := rand.New(rand.NewPCG(3, 1))
	plane := slice.Plane[float32]{Center: make([]float32, d), D1: make([]float32, d), D2: make([]float32, d)}
	for _, v := range [][]float32{plane.Center, plane.D1, plane.D2} {
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
	}
	f := func(x []float32) float64 {
		s := 0.0
		for i, v := range x {
			s += math.Cos(float64(i+1)*float64(v)) + float64(v)*float64(v)
		}
		return s
	}
	return Problem[float32]{Plane: plane, X: axes(-1, 1, 9), Y: axes(-1, 1, 8), Noise: drawn(t, gaussian(d), 0.8, 2), Seed: 77}, f
}

// axes returns n nodes on [lo, hi].
func axes(lo, hi float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + (hi-lo)*float64(i)/float64(max(1, n-1))
	}
	return x
}

// coordinatePlane is that of the first two coordinates through 0.
func coordinatePlane[T slice.Float](d int) slice.Plane[T] {
	p := slice.Plane[T]{Center: make([]T, d), D1: make([]T, d), D2: make([]T, d)}
	p.D1[0], p.D2[min(1, d-1)] = 1, 1
	return p
}

// evaluators returns n of the same function, which needs no memory of its own.
func evaluators[T slice.Float](n int, f func(x []T) float64) []slice.Evaluator[T] {
	all := make([]slice.Evaluator[T], n)
	for i := range all {
		all[i] = func(x []T) (float64, error) { return f(x), nil }
	}
	return all
}

func abs(v float64) float64 { return max(v, -v) }

// notShort skips what takes long under the race detector and shows it nothing new.
func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("many evaluations")
	}
}
