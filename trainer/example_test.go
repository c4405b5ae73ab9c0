package trainer_test

import (
	"context"
	"fmt"

	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
)

// A run of softmax regression on the embedded images, for two epochs and without storing its checkpoints.
func ExampleTrain() {
	cfg := trainer.Default("softmax")
	cfg.Epochs = 2
	set, err := dataset.Embedded()
	if err != nil {
		fmt.Println(err)
		return
	}
	computes, err := trainer.EngineByName(cfg.Engine)
	if err != nil {
		fmt.Println(err)
		return
	}
	save := func(*trainer.Checkpoint) (trainer.CheckpointRef, error) { return trainer.CheckpointRef{}, nil }
	emit := func(e trainer.Event) error {
		if e.Kind == trainer.KindEpoch {
			fmt.Printf("step %d: better than 70 %%: %v\n", e.Step, e.Epoch.TestAccuracy > 0.7)
		}
		return nil
	}
	fmt.Println(trainer.Train(context.Background(), trainer.Job{Config: cfg, Set: set, Engine: computes}, save, emit))
	// Output:
	// step 1000: better than 70 %: true
	// step 2000: better than 70 %: true
	// done <nil>
}
