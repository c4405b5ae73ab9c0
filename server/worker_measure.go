package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/measure"
)

// progressEvery is the shortest time between two lines about how far a measurement is.
const progressEvery = 200 * time.Millisecond

// measureTaskRun measures a checkpoint. The end of ctx ends it without an error; news changes its pace.
func measureTaskRun(ctx context.Context, task measureTask, news <-chan workerNews, tell io.Writer, emit func(measureLine) error) error {
	err := task.measure(ctx, news, tell, emit)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return errors.Join(err, emit(measureLine{Error: err.Error()}))
}

func (task measureTask) measure(ctx context.Context, news <-chan workerNews, tell io.Writer, emit func(measureLine) error) error {
	checkpoint, err := firstCheckpoint(store.Blobs{Folder: task.Blobs}, task.Checkpoints)
	if err != nil {
		return err
	}
	if err := emit(measureLine{Step: &checkpoint.Step}); err != nil {
		return err
	}
	set, err := openDataset(task.Folder)
	if err != nil {
		return err
	}
	request, err := requestOver(measureDefaults(checkpoint.Config, checkpoint.Spec, checkpoint.Epoch, set.Train.Len()), task.Request, set.Train.Len())
	if err != nil {
		return err
	}
	pace := newThrottle(task.Share)
	pace.on.Store(true)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go pace.follow(ctx, news)
	work := measureWork{checkpoint: checkpoint, set: set, request: request, pace: pace, tell: tell}
	last := time.Time{}
	report, err := work.run(ctx, func(p measure.Progress) {
		if now := time.Now(); now.Sub(last) >= progressEvery {
			last = now
			if emit(measureLine{Progress: &MeasureProgress{Group: p.Group, Done: p.Done, Total: p.Total}}) != nil {
				cancel() // nobody listens
			}
		}
	})
	if err != nil {
		return err
	}
	return emit(measureLine{Report: report})
}

// firstCheckpoint reads the first of these checkpoints, newest first, that can be read.
func firstCheckpoint(blobs store.Blobs, hashes []string) (*trainer.Checkpoint, error) {
	err := errors.New("the run has no checkpoint")
	for _, sha := range hashes {
		var checkpoint *trainer.Checkpoint
		if checkpoint, err = readCheckpoint(blobs, sha); err == nil {
			return checkpoint, nil
		}
	}
	return nil, err
}

// measureWork is the measuring of a checkpoint, by a worker or on the command line.
type measureWork struct {
	checkpoint *trainer.Checkpoint
	engine     string // who computes; "" is who computed the checkpoint
	set        *dataset.Set
	request    measure.Request
	pace       *throttle // nil: as fast as can be
	tell       io.Writer // for words about the engine
}

// run gives the report; progress is called often, from one goroutine.
func (w measureWork) run(ctx context.Context, progress func(measure.Progress)) (*measure.Report, error) {
	networks, err := openNetworks(ctx, w.checkpoint, w.engine, 1, w.tell)
	if err != nil {
		return nil, err
	}
	defer func() { _ = networks.close() }() // the process ends right after
	subject := measure.OnModel(networks.models[0], w.set, w.set.Train).Subject()
	if w.pace != nil {
		subject = w.pace.slowSubject(ctx, subject)
	}
	return measure.Run(ctx, w.request, subject, progress)
}

// What a measurement costs by default, in floating-point operations. A core of the CPU engine does some 3e10 to 1e11 a second in single
// precision, and a hundredth of that in double.
const (
	measureFlops       = 2.5e10 // one forward pass over all images
	doubleFlops        = 5e6    // of one image: beyond that, double precision has to be asked for
	leastMeasureImages = 64
)

// measureDefaults is what is measured of a run when nothing else is asked for: at the η, b and momentum of the update that follows epoch's
// beginning, with the counts of the paper. A large network gets fewer images and single precision, so that somebody can wait for it.
func measureDefaults(cfg trainer.Config, spec engine.Spec, epoch, trainSize int) measure.Request {
	request := measure.DefaultRequest()
	each := float64(spec.Flops())
	for request.Images > leastMeasureImages && each*float64(request.Images) > measureFlops {
		request.Images /= 2
	}
	request.Images = min(request.Images, trainSize)
	request.Double = request.Double && each <= doubleFlops
	request.LearningRate, request.BatchSize, request.Momentum = cfg.LearningRate, cfg.BatchSize, cfg.Momentum
	if schedule, err := trainer.ScheduleFor(cfg); err == nil && cfg.Epochs > 0 {
		request.LearningRate, request.BatchSize = schedule(min(epoch, cfg.Epochs-1))
	}
	return request
}

// requestOver changes what is given as JSON in the defaults, and checks the result for n training images. Counts that are not given follow
// the number of images where that is small. What is wrong are faults, joined.
func requestOver(defaults measure.Request, given json.RawMessage, n int) (measure.Request, error) {
	request := defaults
	var named map[string]json.RawMessage
	if len(given) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(given))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&request); err != nil {
			return request, badRequest(err)
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return request, badRequest(errors.New("more after the object"))
		}
		if err := json.Unmarshal(given, &named); err != nil {
			return request, badRequest(err)
		}
	}
	for i, kind := range request.What {
		request.What[i] = measureKind(string(kind))
	}
	images, drawn := max(request.Population(n), 1), max(n, 1)
	if slices.Contains(request.What, measure.Noise) { // whose batches are drawn from the images measured on
		drawn = images
	}
	for field, count := range map[string]struct {
		value *int
		most  int
	}{"batchSize": {&request.BatchSize, drawn}, "samples": {&request.Samples, images}, "curvedImages": {&request.CurvedImages, images}} {
		if _, ok := named[field]; !ok {
			*count.value = min(*count.value, count.most)
		}
	}
	return request, configFaults(request.Validate(n))
}

// badRequest says what is wrong with the body of a request to measure.
func badRequest(err error) error {
	wrong := badJSON(err)
	var f *fault
	if errors.As(wrong, &f) {
		f.Doing, f.Advice = "reading what to measure", `Send {"what":["spread","sharpness"],"images":512}, for example.`
	}
	return wrong
}

// measureKind takes the words that people use for a group of measurements.
func measureKind(word string) measure.Kind {
	switch word {
	case "c", "C", "gradient-spread":
		return measure.Spread
	case "delta", "δ":
		return measure.Smoothing
	case "trace", "eigenvalues":
		return measure.Hessian
	case "noise-scale", "critical-batch":
		return measure.Scale
	}
	return measure.Kind(word)
}
