package loader_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/loader"
)

// Two epochs of 8,000 images in batches of at most 3,000, varied as in the paper, two batches ahead.
func Example() {
	set, err := dataset.Embedded()
	if err != nil {
		fmt.Println(err)
		return
	}
	all := make([]int, set.Train.Len())
	for i := range all {
		all[i] = i
	}
	epoch, rest := 0, all
	order := func() (int, []int, bool) {
		if len(rest) == 0 {
			epoch, rest = epoch+1, all
		}
		batch := rest[:min(3000, len(rest))]
		rest = rest[len(batch):]
		return epoch, batch, epoch < 2
	}
	paper, _ := augment.PolicyByName(augment.Paper)
	l := loader.New(context.Background(), set, paper, 1, 2, order)
	defer l.Close()
	for {
		batch, err := l.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("epoch", batch.Epoch, "images", len(batch.Y), "values", len(batch.X))
	}
	// Output:
	// epoch 0 images 3000 values 2352000
	// epoch 0 images 3000 values 2352000
	// epoch 0 images 2000 values 1568000
	// epoch 1 images 3000 values 2352000
	// epoch 1 images 3000 values 2352000
	// epoch 1 images 2000 values 1568000
}
