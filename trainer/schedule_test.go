package trainer

import (
	"math"
	"slices"
	"testing"
)

// The configuration of the paper's experiments: 200 epochs, a change every 40.
func paperConfig(schedule string, b int) Config {
	cfg := Default("convnet")
	cfg.Schedule, cfg.LearningRate, cfg.BatchSize, cfg.Epochs, cfg.StageEpochs = schedule, 0.1, b, 200, 40
	return cfg
}

func TestSchedulesAreThoseOfThePaper(t *testing.T) {
	const tol = 1e-6 // the published values are rounded to six places
	ratios := []float64{1, 0.70711, 0.5, 0.35355, 0.25}
	for _, test := range []struct {
		schedule string
		etas     []float64
		batches  []int
		ratio    []float64 // δ/δ₁
	}{
		{Constant, []float64{.1, .1, .1, .1, .1}, []int{16, 16, 16, 16, 16}, []float64{1, 1, 1, 1, 1}},
		{LRDecay, []float64{.1, .070711, .05, .035355, .025}, []int{128, 128, 128, 128, 128}, ratios},
		{BatchGrowth, []float64{.1, .1, .1, .1, .1}, []int{16, 32, 64, 128, 256}, ratios},
		{Hybrid, []float64{.1, .086603, .075, .064952, .05625}, []int{32, 48, 72, 108, 162}, ratios},
	} {
		t.Run(test.schedule, func(t *testing.T) {
			schedule, err := ScheduleFor(paperConfig(test.schedule, test.batches[0]))
			if err != nil {
				t.Fatal(err)
			}
			for epoch := range 200 {
				stage := epoch / 40 // ideal timing: η and b change together, at epoch index 40, not 41
				eta, b := schedule(epoch)
				ratio := NoiseLevel(eta, 16, b) / NoiseLevel(0.1, 16, test.batches[0])
				if math.Abs(eta-test.etas[stage]) > tol || b != test.batches[stage] || math.Abs(ratio-test.ratio[stage]) > 1e-5 {
					t.Errorf("epoch %d: got η %g, b %d, ratio %g", epoch, eta, b, ratio)
				}
			}
		})
	}
}

func TestUpdatesAreThoseOfThePaper(t *testing.T) {
	const cifar, imagenet = 50_000, 1_281_167
	for _, test := range []struct {
		schedule string
		b, n     int
		want     int
	}{
		{Constant, 128, cifar, 78_200},
		{Constant, 256, cifar, 39_200},
		{LRDecay, 128, cifar, 78_200},
		{BatchGrowth, 16, cifar, 242_280},
		{BatchGrowth, 32, cifar, 121_200},
		{Hybrid, 32, cifar, 162_880},
		{Constant, 256, imagenet, 1_001_000},
		{BatchGrowth, 32, imagenet, 3_102_960},
		{Hybrid, 32, imagenet, 4_171_760},
		{Constant, cifar, cifar, 200},
		{Constant, cifar + 1, cifar, 0}, // refused
	} {
		if got := TotalSteps(paperConfig(test.schedule, test.b), test.n); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}

func TestBatchGrowthStopsAtTheData(t *testing.T) {
	cfg := paperConfig(BatchGrowth, 16)
	cfg.Epochs, cfg.StageEpochs = MaxEpochs, 1
	schedule, err := ScheduleFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, b := schedule(MaxEpochs - 1); b != math.MaxInt32 {
		t.Errorf("got b = %d", b)
	}
	// b = 16, 32, 64, then all 100 images: 7 + 4 + 2 + 1 + 1 + … updates.
	if got, want := TotalSteps(cfg, 100), 7+4+2+(MaxEpochs-3); got != want {
		t.Errorf("got %d updates, want %d", got, want)
	}
}

func TestUnknownScheduleIsRefused(t *testing.T) {
	if _, err := ScheduleFor(paperConfig("cosine", 16)); len(FieldErrors(err)) != 1 {
		t.Errorf("got %v", err)
	}
	if !slices.Contains(Schedules(), Default("mlp").Schedule) {
		t.Error("the preset's schedule is unknown")
	}
}
