package trainer

import (
	"context"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"smoothscape/trainer/engine"
)

// variants are jobs that differ in what a checkpoint must hold.
func variants() map[string]Job {
	change := func(f func(*Config)) Job {
		job := blobJob()
		f(&job.Config)
		return job
	}
	return map[string]Job{
		"hybrid":                    blobJob(),
		"one image, C by probes":    change(func(c *Config) { c.Schedule, c.BatchSize = Constant, 1 }),
		"one image, varied":         change(func(c *Config) { c.Schedule, c.BatchSize, c.Augment, c.Epochs = Constant, 1, FlipCrop, 3 }),
		"momentum and weight decay": change(func(c *Config) { c.Momentum, c.WeightDecay, c.LearningRate, c.LateBatch = 0.9, 1e-3, 0.02, true }),
		"Nesterov, varied images": change(func(c *Config) {
			c.Schedule, c.Carrier, c.WarmupEpochs = Cosine, CarryBoth, 2
			c.Momentum, c.Nesterov, c.LearningRate, c.Augment = 0.9, true, 0.02, PaperAugmentation
		}),
		"batch norm": change(func(c *Config) {
			c.Model, c.Spec, c.Schedule, c.BatchSize = CustomModel, normalizedNetwork(), BatchGrowth, 4
		}),
		"batch norm and all the rest": change(func(c *Config) {
			c.Model, c.Spec, c.Schedule, c.Carrier, c.BatchSize = CustomModel, normalizedNetwork(), Polynomial, CarryBatch, 2
			c.Power, c.Momentum, c.Nesterov, c.WeightDecay, c.Augment = 0.5, 0.5, true, 5e-4, FlipCrop
		}),
	}
}

// normalizedNetwork is a small network for the blobs with two batch norms and a residual.
func normalizedNetwork() *engine.Spec {
	return &engine.Spec{Name: "normalized", Layers: []engine.Layer{
		{Kind: engine.Conv, Name: "conv", Channels: 3, Kernel: 3, Stride: 1, Padding: 1, NoBias: true}, {Kind: engine.BatchNorm, Name: "bn"}, {Kind: engine.ReLU, Name: "relu"},
		{Kind: engine.Conv, Channels: 3, Kernel: 1, Stride: 1, NoBias: true}, {Kind: engine.BatchNorm}, {Kind: engine.Add, With: "relu"}, {Kind: engine.ReLU},
		{Kind: engine.GlobalAvgPool}, {Kind: engine.Linear, Units: 3},
	}}
}

// A run that is stopped anywhere, any number of times, repeats the unbroken one: events, vectors and window, bit for bit.
func TestResumedRunIsTheSameRun(t *testing.T) {
	for name, job := range variants() {
		t.Run(name, func(t *testing.T) {
			whole := mustTrain(t, job, OutcomeDone)
			rng := rand.New(rand.NewPCG(3, 4))
			for range 10 {
				events, last := stopAndGo(t, job, rng)
				if !same(last, whole.last()) {
					t.Fatal("the last checkpoint differs")
				}
				if !sameEvents(events, whole.events) {
					t.Fatal("the events differ")
				}
			}
		})
	}
}

// stopAndGo trains to the end with stops after 1 to 25 events, each time from the last checkpoint, which went through a file.
func stopAndGo(t *testing.T, job Job, rng *rand.Rand) (events []Event, last *Checkpoint) {
	t.Helper()
	for range 500 {
		part := &record{}
		ctx, stop := context.WithCancel(context.Background())
		left := 1 + rng.IntN(25)
		// The clock makes checkpoints at other steps in every round.
		tick := 0
		job.CheckpointEvery = time.Duration(1+rng.IntN(9)) * time.Second
		job.Now = func() time.Time { tick++; return time.Unix(int64(tick), 0) }
		outcome, err := Train(ctx, job, part.save, func(e Event) error {
			if left--; left == 0 {
				stop()
			}
			return part.emit(e)
		})
		stop()
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, part.events...)
		if len(part.checkpoints) > 0 { // none when it stopped where it had resumed
			job.Resume = part.last()
		}
		if outcome == OutcomeDone {
			return events, job.Resume
		}
	}
	t.Fatal("no progress")
	return nil, nil
}

func sameEvents(a, b []Event) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		a[i].Time, b[i].Time = 0, 0
		if !reflect.DeepEqual(a[i], b[i]) {
			return false
		}
	}
	return true
}

// Killing is harsher than stopping: the run goes on from a checkpoint of long ago and repeats what followed it.
func TestRunResumedFromAnyCheckpointRepeatsTheRest(t *testing.T) {
	for name, job := range variants() {
		t.Run(name, func(t *testing.T) {
			seconds := int64(0)
			job.Now = func() time.Time { seconds++; return time.Unix(seconds, 0) }
			job.CheckpointEvery = 7 * time.Second // every few updates
			whole := mustTrain(t, job, OutcomeDone)
			for i, c := range whole.checkpoints {
				if i%3 != 0 {
					continue
				}
				job.Resume = c
				rest := mustTrain(t, job, OutcomeDone)
				if !sameEvents(rest.events, whole.events[len(whole.events)-len(rest.events):]) {
					t.Errorf("from step %d: the events differ", c.Step)
				}
				if len(rest.checkpoints) > 0 && !same(rest.last(), whole.last()) {
					t.Errorf("from step %d: the vectors differ", c.Step)
				}
			}
		})
	}
}

// A run with batch normalization and momentum against a loop of its own, which measures nothing: batches of the permutation, whole,
// Model.Grad, the recursion of the momentum, and 0.1 of the way from the running statistics to those of the batch.
func TestRunIsPlainSGD(t *testing.T) {
	job := variants()["batch norm"]
	job.Config.Schedule, job.Config.BatchSize, job.Config.Momentum = Constant, 5, 0.5
	got := mustTrain(t, job, OutcomeDone).last()

	spec, err := job.Config.Network(job.Set.Shape, job.Set.Classes)
	if err != nil {
		t.Fatal(err)
	}
	model, err := job.Engine.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	params := model.Params()
	copy(params, engine.Initialize(spec, stream(job.Config.Seed, streamInitialize, 0)))
	grad, velocity := make([]float32, len(params)), make([]float32, len(params))
	for epoch := range job.Config.Epochs {
		order := permutation(nil, 37, stream(job.Config.Seed, streamShuffle, uint64(epoch)))
		for batch := range slices.Chunk(order, 5) {
			x, y := make([]float32, len(batch)*job.Set.Shape.Len()), make([]int, len(batch))
			job.Set.Batch(job.Set.Train, batch, x, y)
			if _, err := model.Grad(x, y, grad); err != nil {
				t.Fatal(err)
			}
			for i, g := range grad {
				product := 0.5 * velocity[i]
				velocity[i] = g + product
				product = float32(job.Config.LearningRate) * velocity[i]
				params[i] -= product
			}
			for i, v := range model.BatchStats() {
				product := 0.1 * (v - model.State()[i])
				model.State()[i] += product
			}
		}
	}
	want := *got
	want.Params, want.State, want.Velocity = params, model.State(), velocity
	if !same(got, &want) {
		t.Errorf("got  %v\n     %v\nwant %v\n     %v", got.Params, got.State, params, model.State())
	}
	if len(got.State) != 12 || slices.Equal(got.State, engine.InitialState(spec)) {
		t.Errorf("running statistics: %v", got.State)
	}
}

// On however many processors: one and two give the same bits.
func TestProcessorsChangeNothing(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, name := range []string{"hybrid", "batch norm and all the rest"} {
		job := variants()[name]
		runtime.GOMAXPROCS(1)
		one := mustTrain(t, job, OutcomeDone)
		runtime.GOMAXPROCS(max(before, 2))
		two := mustTrain(t, job, OutcomeDone)
		if !same(one.last(), two.last()) || !sameEvents(one.events, two.events) {
			t.Errorf("%s: the runs differ", name)
		}
	}
}

// What a measurement brings: at b = 1, from halves and beside batch normalization.
func TestMeasuredUpdatesTellTheNormOfTheirGradient(t *testing.T) {
	for name, every := range map[string]int{"hybrid": 16, "one image, C by probes": 16, "batch norm": measureWholeEvery} {
		r := mustTrain(t, variants()[name], OutcomeDone)
		for i, e := range slices.DeleteFunc(r.events, func(e Event) bool { return e.Update == nil })[:17] {
			if measured := i%every == 0; (e.Update.GradNorm != nil) != measured || measured && !(*e.Update.GradNorm > 0) {
				t.Errorf("%s, update %d: %+v", name, i, e.Update.GradNorm)
			}
		}
	}
}
