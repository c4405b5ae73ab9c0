package descent_test

import (
	"context"
	"fmt"

	"smoothscape/landscape"
	"smoothscape/landscape/descent"
)

// How often does descent find the lowest of Rastrigin's minima, with and without smoothing?
func ExampleEnsemble() {
	o, _ := landscape.ObjectiveByID("rastrigin", 2)
	kernel := landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 2}
	trial := descent.DefaultTrial(o)
	trial.Runs = 100
	for _, m := range []descent.Method{
		descent.Descent(o, 0.001, 2000),
		descent.SmoothedDescent(o, kernel, 0.55, 0.05, 500),
	} {
		outcome, err := descent.Ensemble(context.Background(), m, trial)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %.0f %%\n", m.Gradient, 100*outcome.Success.Rate)
	}
	// Output:
	// exact: 1 %
	// smoothed: 100 %
}
