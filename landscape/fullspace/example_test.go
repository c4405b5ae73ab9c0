package fullspace_test

import (
	"context"
	"fmt"
	"math"

	"smoothscape/landscape"
	"smoothscape/landscape/fullspace"
	"smoothscape/landscape/slice"
)

// The slice of the smoothed Rastrigin function of 20 variables, beside its closed form.
func ExampleEstimator() {
	const d, delta = 20, 0.5
	rastrigin, _ := landscape.ObjectiveByID("rastrigin", d)
	kernel := landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: d}
	noise, err := fullspace.Drawn(kernel, delta, rastrigin.Growth)
	if err != nil {
		fmt.Println(err)
		return
	}
	plane := slice.Plane[float64]{Center: make([]float64, d), D1: make([]float64, d), D2: make([]float64, d)}
	plane.D1[0], plane.D2[1] = 1, 1
	axis := []float64{-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2}
	e, err := fullspace.New(fullspace.Problem[float64]{Plane: plane, X: axis, Y: axis, Noise: noise, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	f := func(x []float64) (float64, error) { return rastrigin.Func(x), nil }
	reached, err := e.Run(context.Background(), []slice.Evaluator[float64]{f, f}, fullspace.Stop{Relative: 0.02, Samples: 10000}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	got := e.Estimate()
	exact, _ := rastrigin.Smoothed(kernel, delta)
	worst := 0.0
	for i, z := range got.Z {
		x := make([]float64, d)
		x[0], x[1] = got.X[i%len(axis)], got.Y[i/len(axis)]
		worst = max(worst, math.Abs(z-exact.Func(x))/got.StdErr[i])
	}
	fmt.Println("reached:", reached, got.RelativeErr() <= 0.02)
	fmt.Println("within 3 standard errors:", worst < 3)
	// Output:
	// reached: true true
	// within 3 standard errors: true
}
