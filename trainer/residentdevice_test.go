package trainer

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/crosscheck"
)

// aDevice is the best device of this machine under guard, a software driver if need be.
func aDevice(t testing.TB) engine.Engine {
	t.Helper()
	if testing.Short() {
		t.Skip("computes on a device")
	}
	adapters, err := device.Local{}.Adapters(t.Context())
	if errors.Is(err, device.ErrNone) {
		t.Skipf("no device here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	opened, err := device.Local{}.Open(adapters[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return device.Guard(opened, device.InfoOf(adapters[0]), nil)
}

// hostOnly hides that an engine's models can keep anything.
type hostOnly struct{ engine.Engine }

func (e hostOnly) Build(spec engine.Spec) (engine.Model, error) {
	m, err := e.Engine.Build(spec)
	return struct{ engine.Model }{m}, err
}

// patches are 29 colored images of 8×8 in three classes to train on, large enough to be varied, and 7 to test.
func patches() *dataset.Set {
	rng := rand.New(rand.NewPCG(8, 8))
	split := func(n int) (s dataset.Split) {
		for i := range n {
			s.Labels = append(s.Labels, uint8(i%3))
			for j := range 3 * 64 {
				s.Images = append(s.Images, uint8(rng.IntN(120)))
				if j/64 == i%3 {
					s.Images[len(s.Images)-1] += 100
				}
			}
		}
		return s
	}
	return &dataset.Set{
		Name: "patches", Shape: engine.Shape{C: 3, H: 8, W: 8}, Classes: 3, ClassNames: []string{"a", "b", "c"},
		Mean: []float32{0.4, 0.4, 0.4}, Std: []float32{0.3, 0.25, 0.2}, Train: split(29), Test: split(7),
	}
}

// agreement is how far the numbers of two runs on one device may be apart, relatively. What differs is where momentum and means are rounded, 6e-8 of a value each
// time, 5e-6 in the 87 updates of the longest run if all of it adds up; a network that learns may enlarge that, and 20 times are granted. At most 4e-7 was
// found, on two software drivers. An error of a tenth in a formula shows.
const agreement = 1e-4

// Training on a device tells what training by its gradients alone, with updates on the host, tells, of every kind of update. A run that is stopped anywhere repeats
// the unbroken one bit for bit there too, although its updates are made in other blocks.
func TestTrainingOnADevice(t *testing.T) {
	there := aDevice(t)
	model, err := there.Build(crosscheck.Network())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := model.(engine.ResidentModel); !ok {
		t.Fatal("models of this device keep nothing")
	}
	if err := model.Close(); err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]Config{
		"one image": {Model: "softmax", Schedule: Constant, BatchSize: 1, LearningRate: 0.02},
		"momentum":  {Model: "mlp", Schedule: Constant, BatchSize: 7, LearningRate: 0.02, Momentum: 0.9, WeightDecay: 1e-3},
		"Nesterov, varied images": {
			Model: "mlp", Schedule: BatchGrowth, BatchSize: 4, LearningRate: 0.02, Momentum: 0.9, Nesterov: true, Augment: PaperAugmentation,
		},
		"batch norm, varied images": {
			Model: CustomModel, Spec: normalizedNetwork(), Schedule: Constant, BatchSize: 5, LearningRate: 0.05, Momentum: 0.5, WeightDecay: 5e-4, Augment: FlipCrop,
		},
	} {
		t.Run(name, func(t *testing.T) {
			job := Job{Config: config, Set: patches(), Engine: there}
			job.Config.Dataset, job.Config.Engine, job.Config.Epochs, job.Config.Seed = "patches", "webgpu", 3, 7
			on := mustTrain(t, job, OutcomeDone)
			if _, last := stopAndGo(t, job, rand.New(rand.NewPCG(5, 6))); !same(last, on.last()) {
				t.Error("stopped and resumed, the last checkpoint differs")
			}
			job.Engine = hostOnly{there}
			by := mustTrain(t, job, OutcomeDone)
			if len(on.events) != len(by.events) {
				t.Fatalf("%d events, want %d", len(on.events), len(by.events))
			}
			measured, worst := 0, 0.0
			compare := func(what string, e Event, a, b Number) {
				t.Helper()
				d := math.Abs(float64(a - b))
				if !(d <= agreement*math.Abs(float64(b))) {
					t.Errorf("step %d: %s %v, by the host %v", e.Step, what, a, b)
				}
				worst = max(worst, d/math.Abs(float64(b)))
			}
			for i, e := range on.events {
				switch a, b := e.Update, by.events[i].Update; {
				case e.Kind != by.events[i].Kind:
					t.Fatalf("event %d is %s, want %s", i, e.Kind, by.events[i].Kind)
				case a == nil:
					compare("test loss", e, e.Epoch.TestLoss, by.events[i].Epoch.TestLoss)
				default:
					compare("loss", e, a.TrainLoss, b.TrainLoss)
					if (a.GradNorm == nil) != (b.GradNorm == nil) {
						t.Fatalf("step %d: %+v, want %+v", e.Step, a, b)
					}
					if a.GradNorm != nil {
						measured++
						compare("length of the gradient", e, *a.GradNorm, *b.GradNorm)
						compare("C", e, *a.GradStdDev, *b.GradStdDev)
					}
				}
			}
			if measured == 0 {
				t.Error("C was never measured")
			}
			t.Logf("%d events, C measured %d times; the numbers differ by %.2g", len(on.events), measured, worst)
		})
	}
}

// An update of the MLP by 16 images of 3×32×32, with images and updates on the device and by its gradients alone.
func BenchmarkUpdateOnADevice(b *testing.B) {
	there := aDevice(b)
	set := patches()
	set.Shape = engine.Shape{C: 3, H: 32, W: 32}
	for _, split := range []*dataset.Split{&set.Train, &set.Test} {
		split.Labels = bytes.Repeat(split.Labels, 16)
		split.Images = bytes.Repeat(split.Images, 16*16)
	}
	steps := (len(set.Train.Labels) + 15) / 16
	for name, e := range map[string]engine.Engine{"kept": there, "gradients": hostOnly{there}} {
		b.Run(name, func(b *testing.B) {
			config := Config{Dataset: "patches", Model: "mlp", Engine: "webgpu", Schedule: Constant, BatchSize: 16, LearningRate: 0.01, Epochs: (b.N + steps - 1) / steps, Seed: 7}
			var first, last time.Time
			updates := -1
			_, err := Train(b.Context(), Job{Config: config, Set: set, Engine: e}, func(*Checkpoint) (CheckpointRef, error) { return CheckpointRef{}, nil }, func(e Event) error {
				if e.Update != nil {
					if last = time.Now(); updates < 0 {
						first = last
					}
					updates++
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(last.Sub(first).Seconds()*1e3/float64(updates), "ms/update")
		})
	}
}
