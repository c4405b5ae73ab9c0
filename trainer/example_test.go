package trainer_test

import (
	"context"
	"fmt"

	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/measure"
)

// A run of softmax regression on the embedded images, for two epochs and without storing its checkpoints.
func ExampleTrain() {
	cfg := trainer.Default("softmax")
	cfg.Epochs, cfg.Engine = 2, "cpu"
	set, err := dataset.Embedded()
	if err != nil {
		fmt.Println(err)
		return
	}
	job := trainer.Job{Config: cfg, Set: set}
	opened, err := job.Open(context.Background(), nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer opened.Close()
	save := func(*trainer.Checkpoint) (trainer.CheckpointRef, error) { return trainer.CheckpointRef{}, nil }
	emit := func(e trainer.Event) error {
		if e.Kind == trainer.KindEpoch {
			fmt.Printf("step %d: better than 70 %%: %v\n", e.Step, e.Epoch.TestAccuracy > 0.7)
		}
		return nil
	}
	fmt.Println(trainer.Train(context.Background(), job, save, emit))
	// Output:
	// step 1000: better than 70 %: true
	// step 2000: better than 70 %: true
	// done <nil>
}

// The path of δ that the authors' explicit graduated optimization takes, put on the batch size: δ halves, b quadruples.
func ExampleCarry() {
	schedule, err := trainer.Carry(trainer.PolynomialCurve(1, 200), trainer.CarryBatch, 0.1, 16)
	if err != nil {
		fmt.Println(err)
		return
	}
	warmed := trainer.WarmUp(schedule, 4)
	for _, epoch := range []int{0, 100, 150} {
		eta, b := warmed(epoch)
		fmt.Printf("epoch %d: η %.3g, b %d, δ/C %.4g\n", epoch, eta, b, measure.NoiseLevel(eta, 1, b))
	}
	// Output:
	// epoch 0: η 0.02, b 16, δ/C 0.005
	// epoch 100: η 0.1, b 64, δ/C 0.0125
	// epoch 150: η 0.1, b 256, δ/C 0.00625
}
