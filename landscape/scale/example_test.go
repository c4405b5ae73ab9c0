package scale_test

import (
	"context"
	"fmt"
	"log"

	"smoothscape/landscape"
	"smoothscape/landscape/scale"
)

// The 121 minima of Rastrigin's function die in five rings, and the global one inherits all.
func Example() {
	o, _ := landscape.ObjectiveByID("rastrigin", 2)
	src, err := scale.FromObjective(o, 101)
	if err != nil {
		log.Fatal(err)
	}
	kernel := landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 2}
	tree, err := scale.Track(context.Background(), src, kernel, src.Options(0.6))
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range tree.Events {
		fmt.Printf("δ = %.6f: %d die, %d are left\n", e.Delta, len(e.Died), len(tree.Alive(e.Delta)))
	}
	delta, ok, err := scale.Convex(context.Background(), src, kernel, 0.9, 50)
	fmt.Printf("convex from δ = %.6f on: %t, %v\n", delta, ok, err)
	// Output:
	// δ = 0.309411: 40 die, 81 are left
	// δ = 0.328219: 32 die, 49 are left
	// δ = 0.351397: 24 die, 25 are left
	// δ = 0.382758: 16 die, 9 are left
	// δ = 0.436352: 8 die, 1 are left
	// convex from δ = 0.517447 on: true, <nil>
}
