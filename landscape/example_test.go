package landscape_test

import (
	"fmt"
	"log"

	"smoothscape/landscape"
)

// The waves of Rastrigin's function melt, and with them its minima.
func Example() {
	o, _ := landscape.ObjectiveByID("rastrigin", 2)
	field, err := landscape.Sample(o, 129)
	if err != nil {
		log.Fatal(err)
	}
	smoother, err := landscape.NewSmoother(field)
	if err != nil {
		log.Fatal(err)
	}
	kernel := landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 2}
	for _, b := range []float64{64, 4, 1} {
		delta := landscape.Degree(kernel, 0.1, b, 5)
		smoothed, err := smoother.Smooth(kernel, delta)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("batch size %2.0f: δ = %.4f, %d minima\n", b, delta, len(smoothed.Minima()))
	}
	// Output:
	// batch size 64: δ = 0.0625, 121 minima
	// batch size  4: δ = 0.2500, 121 minima
	// batch size  1: δ = 0.5000, 1 minima
}
