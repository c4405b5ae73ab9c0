package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"smoothscape/landscape"
	"smoothscape/landscape/fullspace"
	planes "smoothscape/landscape/slice"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/measure"
)

// streamBatches is the stream of the mini-batches whose noise is recorded.
const streamBatches uint64 = 0x9b05688c2b3e6c1f

// networkSpace computes what smoothing in all dimensions makes of the loss of a network, on the plane of its slice.
type networkSpace struct {
	sliceWork
	run          string
	nodes        int // a side of the view; one more lies beyond it on each side
	law          landscape.Law
	noiseLevel   float64   // δ at the checkpoint, a length in parameter space
	learningRate float64   // η there, which turns recorded noise into steps
	times        []float64 // how many times as wide the noise is, for each pair of pictures
	batchSize    int       // b of the recorded batches, drawn without replacement
	vectors      int       // recorded noise vectors
	population   int       // training images that the batches are drawn from; 0: all
	unmeasured   string    // why there is no measured picture; "": there is one
	stop         fullspace.Stop
	draws        uint64 // seed of the draws and of the batches
}

// compute gives a head, the full and the measured picture for each width of the noise.
func (w networkSpace) compute(ctx context.Context, emit func(any) error) error {
	networks, err := openNetworks(ctx, w.checkpoint, w.engine, w.evaluators, w.tell)
	if err != nil {
		return err
	}
	defer func() { _ = networks.close() }() // the process ends right after
	chosen, err := w.choosePlane(ctx, networks.models[0])
	if err != nil {
		return err
	}
	var vectors [][]float32
	if w.unmeasured == "" {
		if vectors, err = w.record(ctx, networks.models[0]); err != nil {
			return err
		}
	}
	surfaces, err := w.surfaces(ctx, networks, chosen.Plane)
	if err != nil {
		return err
	}
	step := 2 * sliceHalfWidth / float64(w.nodes-1)
	nodes := planes.Steps(-sliceHalfWidth-step, sliceHalfWidth+step, w.nodes+2)
	base, err := losses(ctx, nodes, surfaces)
	if err != nil {
		return err
	}
	d := len(w.checkpoint.Params)
	for _, times := range w.times {
		head := SpaceHead{
			Type: "head", Subject: w.run, Dim: d, Delta: times * w.noiseLevel, Kernel: landscape.Kernel{Law: w.law, Convention: landscape.Vector, Dim: d},
			Nodes: nodes, Base: base, BaseOf: baseRaw, Recorded: w.recorded(times), Device: networks.deviceName(),
		}
		drawn, err := fullspace.Drawn(head.Kernel, head.Delta, networkGrowth)
		if err != nil {
			return err
		}
		if err := emit(head); err != nil {
			return err
		}
		if err := w.sample(ctx, pictureFull, chosen.Plane, nodes, drawn, w.stop, surfaces, emit); err != nil {
			return err
		}
		if w.unmeasured != "" {
			if err := emit(SpaceFrame{Type: "frame", Picture: pictureMeasured, Done: true, Refused: w.unmeasured}); err != nil {
				return err
			}
			continue
		}
		recorded, err := fullspace.Recorded(len(vectors), times*w.learningRate, func(i int, v []float64) error {
			for j, omega := range vectors[i] {
				v[j] = float64(omega)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := w.sample(ctx, pictureMeasured, chosen.Plane, nodes, recorded, fullspace.Stop{Samples: w.vectors}, surfaces, emit); err != nil {
			return err
		}
	}
	return emit(spaceEnd{Type: "end"})
}

// recorded says which noise the measured picture has.
func (w networkSpace) recorded(times float64) string {
	if w.unmeasured != "" {
		return ""
	}
	text := fmt.Sprintf("%d noise vectors of mini-batches of %d at update %d", w.vectors, w.batchSize, w.checkpoint.Step)
	if w.population > 0 && w.population < w.set.Train.Len() {
		text += fmt.Sprintf(" from %d of %d training images", w.population, w.set.Train.Len())
	}
	if times != 1 {
		text += fmt.Sprintf(", each %.4g times as long", times)
	}
	return text
}

// sample runs the Monte Carlo of one picture.
func (w networkSpace) sample(ctx context.Context, picture string, plane planes.Plane[float32], nodes []float64, noise fullspace.Noise, stop fullspace.Stop, surfaces []planes.Surface, emit func(any) error) error {
	estimator, err := fullspace.New(fullspace.Problem[float32]{Plane: plane, X: nodes, Y: nodes, Noise: noise, Seed: w.draws})
	if err != nil {
		return err
	}
	return sampleSpace(ctx, picture, estimator, surfaces, stop, emit)
}

// losses evaluates the loss on the lattice, row by row.
func losses(ctx context.Context, nodes []float64, surfaces []planes.Surface) (numbers, error) {
	var places []planes.Place
	for _, beta := range nodes {
		for _, alpha := range nodes {
			places = append(places, planes.Place{Alpha: alpha, Beta: beta})
		}
	}
	return planes.Losses(ctx, places, surfaces)
}

// record gives the noise of mini-batches at the checkpoint: the gradient of each minus the full one at the same parameters, both in evaluation mode.
func (w networkSpace) record(ctx context.Context, model engine.Model) ([][]float32, error) {
	gradients, n := measure.OnModel(model, w.set, w.set.Train), w.set.Train.Len()
	if w.population > 0 {
		n = min(n, w.population)
	}
	params := w.checkpoint.Params
	full := make([]float32, len(params))
	if _, err := gradients.At(params, measure.FirstImages(n), full); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(w.draws, streamBatches))
	vectors := make([][]float32, w.vectors)
	for i := range vectors {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		vectors[i] = make([]float32, len(params))
		if _, err := gradients.At(params, measure.ChooseImages(n, w.batchSize, rng), vectors[i]); err != nil {
			return nil, err
		}
		for j := range vectors[i] {
			vectors[i][j] -= full[j]
		}
	}
	return vectors, nil
}
