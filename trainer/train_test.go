package trainer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/loader"
	"smoothscape/trainer/measure"
)

// blobs is a small data set: three classes of 2×2 images around three prototypes, 37 to train and 11 to test.
func blobs() *dataset.Set {
	rng := rand.New(rand.NewPCG(1, 2))
	prototypes := [3][4]int{{200, 30, 30, 120}, {40, 210, 60, 90}, {60, 40, 190, 20}}
	split := func(n int) (s dataset.Split) {
		for i := range n {
			s.Labels = append(s.Labels, uint8(i%3))
			for _, v := range prototypes[i%3] {
				s.Images = append(s.Images, uint8(min(255, v+rng.IntN(60))))
			}
		}
		return s
	}
	return &dataset.Set{
		Name: "blobs", Shape: engine.Shape{C: 1, H: 2, W: 2}, Classes: 3, ClassNames: []string{"a", "b", "c"},
		Mean: []float32{0.4}, Std: []float32{0.3}, Train: split(37), Test: split(11),
	}
}

func blobJob() Job {
	return Job{
		Config: Config{Dataset: "blobs", Model: "mlp", Engine: "cpu", Schedule: Hybrid, LearningRate: 0.2, BatchSize: 3, Epochs: 5, Seed: 7},
		Set:    blobs(), Engine: cpu.New(), Now: func() time.Time { return time.Unix(0, 0) },
	}
}

// record is what a job told: the events without the marks of the job itself, and the checkpoints after a round through a file.
type record struct {
	events      []Event
	checkpoints []*Checkpoint
}

func (r *record) save(c *Checkpoint) (CheckpointRef, error) {
	var buf bytes.Buffer
	if err := c.Encode(&buf); err != nil {
		return CheckpointRef{}, err
	}
	size := int64(buf.Len())
	read, err := DecodeCheckpoint(&buf)
	r.checkpoints = append(r.checkpoints, read)
	return CheckpointRef{SHA256: fmt.Sprint(len(r.checkpoints)), Bytes: size}, err
}

func (r *record) emit(e Event) error {
	if e.Kind == KindUpdate || e.Kind == KindEpoch {
		r.events = append(r.events, e)
	}
	return nil
}

func (r *record) last() *Checkpoint { return r.checkpoints[len(r.checkpoints)-1] }

func mustTrain(t *testing.T, job Job, want Outcome) *record {
	t.Helper()
	r := &record{}
	if outcome, err := Train(context.Background(), job, r.save, r.emit); outcome != want || err != nil {
		t.Fatalf("got %s, %v; want %s", outcome, err, want)
	}
	return r
}

func TestRunTellsItsWholeStory(t *testing.T) {
	job := blobJob()
	var kinds []string
	r := &record{}
	outcome, err := Train(context.Background(), job, r.save, func(e Event) error {
		kinds = append(kinds, string(e.Kind))
		if e.Kind == KindStarted && (e.Started.Parameters != 4*128+128+128*3+3 || e.Started.TotalSteps != TotalSteps(job.Config, 37) || e.Started.Resumed) {
			t.Errorf("started: %+v", e.Started)
		}
		return r.emit(e)
	})
	if outcome != OutcomeDone || err != nil {
		t.Fatal(outcome, err)
	}
	var want []string
	want = append(want, "started")
	schedule, _ := ScheduleFor(job.Config)
	for epoch := range 5 {
		_, b := schedule(epoch)
		for range stepsOfEpoch(37, b) {
			want = append(want, "update")
		}
		want = append(want, "epoch", "checkpoint")
	}
	want = append(want, "ended")
	if !slices.Equal(kinds, want) {
		t.Errorf("got  %v\nwant %v", kinds, want)
	}
	step, seen := 0, 0
	for _, e := range r.events {
		if e.Kind == KindEpoch {
			if seen != 37 || e.Epoch.TestAccuracy < 0 || e.Epoch.TestAccuracy > 1 {
				t.Errorf("epoch of %d images: %+v", seen, e.Epoch)
			}
			seen = 0
			continue
		}
		step++
		seen += e.Update.BatchSize
		if e.Step != step || e.Update.GradStdDev == nil ||
			float64(*e.Update.NoiseLevel) != measure.NoiseLevel(e.Update.LearningRate, float64(*e.Update.GradStdDev), e.Update.BatchSize) {
			t.Errorf("update %d: %+v %+v", step, e, e.Update)
		}
	}
	if result := r.events[len(r.events)-1].Epoch; result.TestAccuracy < 0.9 {
		t.Errorf("the blobs were not learned: %+v", result)
	}
}

func TestClockSpacesCheckpointsAndChangesNothing(t *testing.T) {
	job := blobJob()
	plain := mustTrain(t, job, OutcomeDone)
	seconds := int64(0)
	job.Now = func() time.Time { seconds++; return time.Unix(seconds, 0) }
	job.CheckpointEvery = 4 * time.Second
	timed := mustTrain(t, job, OutcomeDone)
	if len(timed.checkpoints) <= len(plain.checkpoints) {
		t.Errorf("got %d checkpoints, want more than %d", len(timed.checkpoints), len(plain.checkpoints))
	}
	if !same(timed.last(), plain.last()) || !sameEvents(timed.events, plain.events) {
		t.Error("the clock changed the run")
	}
}

// smallModels are those that a test can train on the embedded images.
var smallModels = []string{"softmax", "mlp", "convnet"}

func TestFarTooHighLearningRateEndsAsDiverged(t *testing.T) {
	set, err := dataset.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range smallModels {
		for _, b := range []int{1, 16, 512} {
			job := Job{Config: Default(model), Set: set, Engine: cpu.New()}
			job.Config.LearningRate, job.Config.BatchSize = 100, b
			var ended Ended
			r := &record{}
			outcome, err := Train(context.Background(), job, r.save, func(e Event) error {
				if e.Kind == KindUpdate && (math.IsNaN(float64(e.Update.TrainLoss)) || math.IsInf(float64(e.Update.TrainLoss), 0)) {
					t.Errorf("%s: a loss of %v was reported as an update", model, e.Update.TrainLoss)
				}
				if e.Kind == KindEnded {
					ended = *e.Ended
				}
				return r.emit(e)
			})
			if outcome != OutcomeDiverged || err != nil || ended.Outcome != OutcomeDiverged || !strings.Contains(ended.Reason, "loss") {
				t.Fatalf("%s, b = %d: got %s, %v, %+v", model, b, outcome, err, ended)
			}
			for i, v := range r.last().Params {
				if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
					t.Fatalf("%s, b = %d: parameter %d of the kept state is %v", model, b, i, v)
				}
			}
			if want := r.events[len(r.events)-1].Step - 1; r.last().Step != want {
				t.Errorf("%s, b = %d: kept the state of step %d, want %d, the last with a good loss", model, b, r.last().Step, want)
			}
		}
	}
}

func TestLargeBatchIsTheMeanOfItsChunks(t *testing.T) {
	set := blobs()
	for range 6 { // 37·2⁶ = 2,368 images: chunks of 128 and a rest of 64
		set.Train.Images = append(set.Train.Images, set.Train.Images...)
		set.Train.Labels = append(set.Train.Labels, set.Train.Labels...)
	}
	spec, err := engine.SpecFor("softmax", set.Shape, set.Classes)
	if err != nil {
		t.Fatal(err)
	}
	model, err := cpu.New().Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	copy(model.Params(), engine.Initialize(spec, stream(1, streamInitialize, 0)))
	all, few := permutation(nil, set.Train.Len(), stream(1, streamShuffle, 0)), permutation(nil, 37, stream(1, streamShuffle, 0))
	g := newGradients(model, set, inPieces(set, few, []int{37}), nil)
	into := make([]float32, len(g.g))
	small, err := g.mean(37, into)
	if err != nil {
		t.Fatal(err)
	}
	g.next = inPieces(set, all, cut(nil, len(all), false, false))
	large, err := g.mean(len(all), g.g)
	if err != nil {
		t.Fatal(err)
	}
	// Both are the mean over the same 37 images; float32 sums of thousands of terms of size 1 agree to about 1e-6.
	if math.Abs(small.Loss-large.Loss) > 1e-5 || large.Correct != 64*small.Correct {
		t.Errorf("got %+v and %+v", small, large)
	}
	for i := range g.g {
		if math.Abs(float64(g.g[i]-into[i])) > 1e-5 {
			t.Errorf("gradient %d: %g and %g", i, g.g[i], into[i])
		}
	}
}

// inPieces gives the images in pieces of the given sizes, over and over.
func inPieces(set *dataset.Set, images, sizes []int) func() (*loader.Batch, error) {
	at, piece := 0, 0
	return func() (*loader.Batch, error) {
		if piece == len(sizes) {
			at, piece = 0, 0
		}
		indices := images[at : at+sizes[piece]]
		at, piece = at+sizes[piece], piece+1
		b := &loader.Batch{Indices: indices, X: make([]float32, len(indices)*set.Shape.Len()), Y: make([]int, len(indices))}
		set.Batch(set.Train, indices, b.X, b.Y)
		return b, nil
	}
}

func TestJobsThatCannotRunSayWhy(t *testing.T) {
	whole := mustTrain(t, blobJob(), OutcomeDone)
	for _, test := range []struct {
		name   string
		change func(*Job)
		want   string
	}{
		{"bad field", func(j *Job) { j.Config.BatchSize = 38 }, "1 to 37"},
		{"another configuration", func(j *Job) { j.Resume = whole.checkpoints[0]; j.Config.Seed++ }, "configuration"},
		{"another network", func(j *Job) { c := *whole.checkpoints[0]; c.Spec.Name = "x"; j.Resume = &c }, "network is not that"},
		{"momentum lost", func(j *Job) {
			c := *whole.checkpoints[0]
			c.Config.Momentum, j.Config.Momentum = 0.9, 0.9
			j.Resume = &c
		}, "momentum values, found 0"},
		{"own network for other images", func(j *Job) {
			j.Config.Model, j.Config.Spec = CustomModel, normalizedNetwork()
			j.Config.Spec.Classes = 4
		}, "in 3 classes"},
		{"other images", func(j *Job) { j.Resume = whole.checkpoints[0]; j.Set.Train.Images[5] ^= 1 }, "changed"},
		{"no test images", func(j *Job) { j.Set.Test = dataset.Split{} }, "test images"},
		{"engine that fails", func(j *Job) { j.Engine = failing{} }, "smoke"},
	} {
		job := blobJob()
		test.change(&job)
		var ended *Ended
		outcome, err := Train(context.Background(), job, (&record{}).save, func(e Event) error { ended = e.Ended; return nil })
		if outcome != OutcomeFailed || err == nil || !strings.Contains(err.Error(), test.want) || ended == nil || ended.Reason != err.Error() {
			t.Errorf("%s: got %s, %v, %+v", test.name, outcome, err, ended)
		}
	}
}

// failing is an engine whose third gradient fails.
type failing struct{}

func (failing) Name() string { return "failing" }
func (failing) Path() string { return "failing" }
func (failing) Build(spec engine.Spec) (engine.Model, error) {
	m, err := cpu.New().Build(spec)
	return &failingModel{Model: m}, err
}

type failingModel struct {
	engine.Model
	calls int
}

func (m *failingModel) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	if m.calls++; m.calls > 2 {
		return engine.Metrics{}, errors.New("smoke")
	}
	return m.Model.Grad(x, y, grad)
}

func TestOtherPathIsSaid(t *testing.T) {
	job := blobJob()
	job.Resume = mustTrain(t, job, OutcomeDone).checkpoints[0]
	job.Resume.Path, job.Resume.Config.Engine = "abacus", "gorgonia"
	var started Started
	outcome, err := Train(context.Background(), job, (&record{}).save, func(e Event) error {
		if e.Started != nil {
			started = *e.Started
		}
		return nil
	})
	if outcome != OutcomeDone || err != nil || !started.Resumed || !strings.Contains(started.Warning, "abacus") {
		t.Errorf("got %s, %v, %+v", outcome, err, started)
	}
}

func TestBatchThatCannotBeCutIsSaid(t *testing.T) {
	spec, err := engine.SpecFor("resnet18", engine.Shape{C: 3, H: 32, W: 32}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if w := largeBatchWarning(spec, 128); w != "" {
		t.Errorf("128 images: got %q", w)
	}
	// 2.03 million outputs of layers an image, four bytes each: 81 GB.
	if w := largeBatchWarning(spec, 10_000); !strings.Contains(w, "10000 images") || !strings.Contains(w, "81 GB") {
		t.Errorf("10,000 images: got %q", w)
	}
}

func TestDeafListenerAndFullDiskEndTheJob(t *testing.T) {
	cause := errors.New("out of order")
	for fail := 1; fail < 50; fail += 7 {
		calls := 0
		outcome, err := Train(context.Background(), blobJob(), (&record{}).save, func(Event) error {
			if calls++; calls == fail {
				return cause
			}
			return nil
		})
		if outcome != OutcomeFailed || !errors.Is(err, cause) || calls != fail {
			t.Errorf("listener %d: got %s, %v after %d calls", fail, outcome, err, calls)
		}
	}
	saves, ended := 0, Ended{}
	outcome, err := Train(context.Background(), blobJob(), func(*Checkpoint) (CheckpointRef, error) {
		if saves++; saves == 2 {
			return CheckpointRef{}, cause
		}
		return CheckpointRef{}, nil
	}, func(e Event) error {
		if e.Ended != nil {
			ended = *e.Ended
		}
		return nil
	})
	if outcome != OutcomeFailed || !errors.Is(err, cause) || ended.Outcome != OutcomeFailed || !strings.Contains(ended.Reason, "out of order") || saves != 2 {
		t.Errorf("disk: got %s, %v, %+v after %d saves", outcome, err, ended, saves)
	}
}

// What an update costs besides its gradient: the loop around an engine that computes nothing, 3,700 updates a round.
func BenchmarkUpdatesWithoutGradient(b *testing.B) {
	job := blobJob()
	job.Engine = idle{}
	job.Config.Schedule, job.Config.Epochs, job.Config.BatchSize, job.Config.Model = Constant, 100, 1, "softmax"
	b.ReportAllocs()
	for b.Loop() {
		_, err := Train(context.Background(), job, func(*Checkpoint) (CheckpointRef, error) { return CheckpointRef{}, nil }, func(Event) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/3700, "ns/update")
}

// What measuring C at every update costs: the gradient of a batch at once, and by its halves.
func BenchmarkGradientAndItsHalves(b *testing.B) {
	set, err := dataset.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range smallModels {
		spec, err := engine.SpecFor(name, set.Shape, set.Classes)
		if err != nil {
			b.Fatal(err)
		}
		model, err := cpu.New().Build(spec)
		if err != nil {
			b.Fatal(err)
		}
		copy(model.Params(), engine.Initialize(spec, stream(1, streamInitialize, 0)))
		for _, size := range []int{2, 16, 128} {
			batch := permutation(nil, set.Train.Len(), stream(1, streamShuffle, 0))[:size]
			b.Run(fmt.Sprintf("%s/b=%d/whole", name, size), func(b *testing.B) {
				g := newGradients(model, set, inPieces(set, batch, cut(nil, size, false, false)), nil)
				for b.Loop() {
					if _, err := g.mean(size, g.g); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("%s/b=%d/halves", name, size), func(b *testing.B) {
				g := newGradients(model, set, inPieces(set, batch, cut(nil, size, true, false)), nil)
				for b.Loop() {
					if _, _, err := g.halves(size, set.Train.Len()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

type idle struct{ failing }

func (idle) Build(spec engine.Spec) (engine.Model, error) {
	m, err := cpu.New().Build(spec)
	return idleModel{m}, err
}

type idleModel struct{ engine.Model }

func (idleModel) Grad([]float32, []int, []float32) (engine.Metrics, error) {
	return engine.Metrics{Loss: 1}, nil
}
