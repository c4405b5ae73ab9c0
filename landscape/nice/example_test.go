package nice_test

import (
	"context"
	"fmt"

	"smoothscape/landscape"
	"smoothscape/landscape/nice"
)

// Rastrigin passes on a schedule that leaves out the δ between 0.2528 and 0.5174, and fails on one that does not.
func ExampleCheck() {
	o, _ := landscape.ObjectiveByID("rastrigin", 1)
	family, err := nice.FamilyOf(o, landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, deltas := range [][]float64{{1, 0.6, 0.2, 0.05}, {1, 0.5, 0.2, 0.05}} {
		r, err := nice.Check(context.Background(), nice.NewSigmaNice, family, deltas, []float64{1}, nice.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("σ = %.4g, holds: %t", r.Sigma, r.Holds)
		for _, f := range r.Failures {
			fmt.Printf("; %s", f)
		}
		fmt.Println()
	}
	fmt.Println(nice.NewSigmaNice.Source())
	// Output:
	// σ = 1.676, holds: true
	// σ = -0.8392, holds: false; stage 2, δ = 0.5: the Hessian has the eigenvalue -0.8392 at [-0.5]
	// arXiv 2311.08745, versions 1 to 4, as reported; the wording is not confirmed
}

func ExampleScan() {
	o, _ := landscape.ObjectiveByID("dent", 1)
	family, err := nice.FamilyOf(o, landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := nice.Scan(context.Background(), nice.SigmaNice, family, 0.01, 1, nice.HazanRadius, 100, nice.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("for every δ: holds %t, modulus %.3f at δ = %.3f; it fails from %.3f to %.3f\n", r.Holds, r.Sigma, r.SigmaAt, r.Failures[0].From, r.Failures[0].To)
	// Output: for every δ: holds false, modulus -0.232 at δ = 0.192; it fails from 0.173 to 0.215
}
