package main

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"smoothscape/landscape"
	"smoothscape/landscape/fullspace"
	planes "smoothscape/landscape/slice"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/measure"
)

func runSpaceOf(t *testing.T, s *testServer, id, query string) spaceLines {
	t.Helper()
	got := s.send(t, "GET", "/api/runs/"+id+"/fullspace?"+query, "", nil)
	if got.status != http.StatusOK {
		t.Fatalf("%s: status %d: %.300s", query, got.status, got.body)
	}
	return readSpace(t, strings.NewReader(got.body))
}

// What a worker finds comes through and is kept; what goes wrong in it is a sentence at the end, and is tried again.
func TestFullSpaceOfARunComesFromAWorker(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{"": "", "die": "the dog ate the plane", "refuse": "the checkpoint is of another program", "talk": "a line that is none of full space"} {
		s := newTestServer(t, &guard{}, "steps=50 space="+how)
		id := doneRun(t, s.runs)
		awaitSlice(t, s.runs, id, func(s *Slice) bool { return s.Step == 50 })
		got := runSpaceOf(t, s, id, "step=50&delta=0.5&kernel=uniform")
		if got.end == nil || (got.end.Failed == "") != (want == "") || !strings.Contains(got.end.Failed, want) {
			t.Errorf("%q ends with %+v", how, got.end)
		}
		if kept := len(s.spaces.kept); (kept == 1) != (want == "") || s.spaces.load() != 0 {
			t.Errorf("%q: %d kept, %d at work", how, kept, s.spaces.load())
		}
		if how != "" {
			continue
		}
		full, measured := got.frames[pictureFull], got.frames[pictureMeasured]
		if got.head.Delta != 0.5 || len(got.head.Base) != 25 || full.Samples != 16 || !full.Done || measured.Z[12] != 1.5 {
			t.Errorf("head %+v, %d draws, measured %v", got.head, full.Samples, measured.Z)
		}
	}
}

// Who no longer listens ends the worker; so does the end of the program.
func TestFullSpaceOfARunEndsWithItsClient(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "steps=50 space=hang")
	id := doneRun(t, s.runs)
	awaitSlice(t, s.runs, id, func(s *Slice) bool { return s.Step == 50 })
	for _, end := range []func(context.CancelFunc){func(cancel context.CancelFunc) { cancel() }, func(context.CancelFunc) { closeRuns(t, s.runs) }} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		headOf(ctx, t, s, "/api/runs/"+id+"/fullspace?step=50&delta=0.5")
		end(cancel)
		for began := time.Now(); s.spaces.load() != 0; time.Sleep(5 * time.Millisecond) {
			if time.Since(began) > 10*time.Second {
				t.Fatal("the worker goes on without a viewer")
			}
		}
	}
}

// A trained network: the height of f̂ in the center is that of the lift's own estimate, and that of measured is the mean loss after
// steps by the noise of batches of another seed.
func TestFullSpaceOfARealRun(t *testing.T) {
	slow(t)
	t.Parallel()
	s := serveRuns(t, realRuns(t, t.TempDir()), &guard{})
	cfg := testConfig()
	cfg.Epochs, cfg.BatchSize = 1, 32
	id := mustCreate(t, s.runs, cfg)
	awaitStatus(t, s.runs, id, StatusDone)
	awaitSlice(t, s.runs, id, func(s *Slice) bool { return s.Step == 250 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	line := headOf(ctx, t, s, "/api/runs/"+id+"/fullspace?step=250&delta=2")
	sent := readSpace(t, strings.NewReader(line))
	if sent.head.Dim != 7850 || math.Abs(sent.head.Delta-2) > 1e-12 {
		t.Fatalf("the head is %.200s", line)
	}
	cancel()
	moment, err := s.runs.store.Moment(t.Context(), id, 250)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := readCheckpoint(s.runs.store.Blobs, moment.Parameters.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	closeRuns(t, s.runs) // its slices are worth no time here

	// The same, less of it.
	set, err := openDataset("")
	if err != nil {
		t.Fatal(err)
	}
	const times = 20
	delta := times * *moment.NoiseLevel
	work := fullspaceTask{Law: landscape.Gaussian, Delta: delta, Own: moment.NoiseLevel, Evaluators: 2}.space(checkpoint, set)
	work.nodes, work.images, work.stop, work.tell = 5, 128, fullspace.Stop{Samples: 16}, &lockedBuffer{}
	got := spaceLines{frames: map[string]SpaceFrame{}}
	err = work.compute(t.Context(), func(value any) error {
		switch v := value.(type) {
		case SpaceHead:
			got.head = v
		case SpaceFrame:
			got.frames[v.Picture] = v
		}
		return nil
	})
	full, measured, middle := got.frames[pictureFull], got.frames[pictureMeasured], len(got.head.Base)/2
	if err != nil || math.Abs(got.head.Delta/delta-1) > 1e-12 || !strings.Contains(got.head.Recorded, "each 20 times as long") || !full.Done || !measured.Done {
		t.Fatalf("%+v, %q, %v", got.head.Kernel, got.head.Recorded, err)
	}
	models, err := openNetworks(t.Context(), checkpoint, "", 1, &lockedBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = models.close() }()
	evaluate := fixedImages(set, work.images).evaluator(models.models[0], false)
	plane, err := planeOfRun(t.Context(), checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	there, err := evaluate(checkpoint.Params)
	if err != nil || math.Abs(got.head.Base[middle]-there) > 1e-6 {
		t.Errorf("the loss in the center is %v, want %v (%v)", got.head.Base[middle], there, err)
	}
	lift, err := planes.MonteCarloLift(t.Context(), planes.OnPlane(plane, []planes.Evaluator[float32]{evaluate})[0], len(checkpoint.Params), delta, 256, rand.New(rand.NewPCG(5, 6)))
	if err != nil {
		t.Fatal(err)
	}
	if miss := full.Z[middle] - there - lift.Mean; math.Abs(miss) > 4*math.Hypot(full.StdErr[middle], lift.StdErr) {
		t.Errorf("full lies %v ± %v above the loss, want %v ± %v", full.Z[middle]-there, full.StdErr[middle], lift.Mean, lift.StdErr)
	}
	want, wantErr := meanAfterNoise(t, checkpoint.Params, measure.OnModel(models.models[0], set, set.Train), set.Train.Len(), cfg.BatchSize, times*cfg.LearningRate, evaluate)
	if miss := measured.Z[middle] - want; math.Abs(miss) > 4*math.Hypot(measured.StdErr[middle], wantErr) || !(want > there) {
		t.Errorf("measured is %v ± %v, want %v ± %v", measured.Z[middle], measured.StdErr[middle], want, wantErr)
	}
}

// meanAfterNoise is the mean loss at θ − scale·ω over 64 batches' noise ω, with its standard error.
func meanAfterNoise(t *testing.T, params []float32, gradients *measure.Network, n, batchSize int, scale float64, evaluate planes.Evaluator[float32]) (mean, stdErr float64) {
	t.Helper()
	full, omega, moved := make([]float32, len(params)), make([]float32, len(params)), make([]float32, len(params))
	if _, err := gradients.At(params, measure.FirstImages(n), full); err != nil {
		t.Fatal(err)
	}
	const count = 64
	rng, sum, squares := rand.New(rand.NewPCG(7, 8)), 0.0, 0.0
	for range count {
		if _, err := gradients.At(params, measure.ChooseImages(n, batchSize, rng), omega); err != nil {
			t.Fatal(err)
		}
		for j := range moved {
			moved[j] = params[j] - float32(scale*float64(omega[j]-full[j]))
		}
		z, err := evaluate(moved)
		if err != nil {
			t.Fatal(err)
		}
		sum, squares = sum+z, squares+z*z
	}
	mean = sum / count
	return mean, math.Sqrt((squares/count - mean*mean) / (count - 1))
}

// Steps whose parameters were thinned out have a picture, but none in full space.
func TestFullSpaceNeedsParameters(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "steps=50")
	space, err := s.runs.spaceOf(t.Context(), doneRun(t, s.runs))
	if err != nil {
		t.Fatal(err)
	}
	awaitSlice(t, s.runs, space.row.ID, func(s *Slice) bool { return s.Step == 50 })
	for _, step := range []int{50, 51} {
		space.step = step
		if err := space.find(t.Context()); (err == nil) != (step == 50) {
			t.Errorf("step %d: %v", step, err)
		}
	}
}

// The larger a network, the less is computed of it; but always the same.
func TestPlanOfFullSpace(t *testing.T) {
	for model, want := range map[string]spacePlan{
		"softmax": {13, 512, 2768, 64}, "mlp": {13, 256, 427, 64}, "convnet": {9, 256, 278, 64}, "resnet8": {9, 32, 51, 64}, "resnet18": {5, 32, 16, 8},
	} {
		shape := engine.Shape{C: 1, H: 28, W: 28}
		if strings.HasPrefix(model, "resnet") {
			shape = engine.Shape{C: 3, H: 32, W: 32}
		}
		spec, err := engine.SpecFor(model, shape, 10)
		if err != nil {
			t.Fatal(err)
		}
		if got := planSpace(spec, spec.ParameterCount()); got != want {
			t.Errorf("%s: %+v, want %+v", model, got, want)
		}
		if n := spacePopulation(spec, 128, 50_000); n < 1024 || n > 50_000 {
			t.Errorf("%s: batches of 128 from %d images", model, n)
		}
	}
}
