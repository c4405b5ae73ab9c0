package trainer

import (
	"math"
	"testing"
)

func TestCheckpointKnowsTheNoiseOfTheNextUpdate(t *testing.T) {
	c := sampleOf(t, func(cfg *Config) { cfg.LearningRate, cfg.BatchSize = 0.5, 4 })
	c.Window = []float64{4, 4}
	if spread, deviation, ok := c.GradStdDev(); spread != 2 || deviation != 0 || !ok {
		t.Errorf("C: got %g ± %g, %v", spread, deviation, ok)
	}
	if delta, ok := c.NoiseLevel(); delta != 0.5 || !ok {
		t.Errorf("δ: got %g, %v; want 0.5·2/√4", delta, ok)
	}
	c.TrainSize = 1 // a batch cannot have more images than there are
	if delta, ok := c.NoiseLevel(); delta != 1 || !ok {
		t.Errorf("δ of all images: got %g, %v", delta, ok)
	}
	c.Window = nil
	if _, ok := c.NoiseLevel(); ok {
		t.Error("δ is known without C")
	}
}

func TestCheckpointKnowsItsImages(t *testing.T) {
	c := mustTrain(t, blobJob(), OutcomeDone).last()
	set := blobs()
	if !c.TrainedOn(set.Train) || c.TrainedOn(set.Test) {
		t.Error("the images are not told apart by their number")
	}
	if set.Train.Labels[3]++; c.TrainedOn(set.Train) {
		t.Error("a changed label was not seen")
	}
}

func TestImpossibleCheckpointsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Checkpoint){
		"no images":           func(c *Checkpoint) { c.TrainSize = 0 },
		"no network":          func(c *Checkpoint) { c.Spec.Layers = nil },
		"image after the end": func(c *Checkpoint) { c.Index = 11 },
		"image after the run": func(c *Checkpoint) { c.Epoch, c.Index = c.Config.Epochs, 4 },
		"a long window":       func(c *Checkpoint) { c.Window = make([]float64, noiseWindow+1) },
		"an infinite window":  func(c *Checkpoint) { c.Window = []float64{math.Inf(1)} },
		"another schedule":    func(c *Checkpoint) { c.Config.Schedule = "other" },
	} {
		c := sample(t)
		change(c)
		if c.validate() == nil {
			t.Errorf("%s: passes", name)
		}
	}
}
