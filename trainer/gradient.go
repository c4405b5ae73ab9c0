package trainer

import (
	"context"
	"fmt"
	"hash/crc32"
	"math/rand/v2"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// chunkImages is how many images an engine sees at a time; a larger batch is the weighted mean of its chunks. It bounds the memory of
// a run (Gorgonia takes 0.5 GB for a small convnet on 128 images) and the wait for a stop, whatever the batch size.
const chunkImages = 128

// gradients computes mean gradients over training images. It belongs to one run.
type gradients struct {
	model   engine.Model
	set     *dataset.Set
	x       []float32
	y       []int
	g       []float32 // gradient of the update
	other   []float32 // of a half or a probe
	scratch []float32 // of a chunk
}

func newGradients(model engine.Model, set *dataset.Set) gradients {
	d := len(model.Params())
	return gradients{model: model, set: set, g: make([]float32, d), other: make([]float32, d)}
}

// load fills x and y with images of a split.
func (g *gradients) load(split dataset.Split, indices []int) {
	size := len(indices) * g.set.Shape.Len()
	if cap(g.x) < size {
		g.x, g.y = make([]float32, size), make([]int, len(indices))
	}
	g.x, g.y = g.x[:size], g.y[:len(indices)]
	g.set.Batch(split, indices, g.x, g.y)
}

// mean writes the mean gradient over the training images of batch into into.
func (g *gradients) mean(ctx context.Context, batch []int, into []float32) (engine.Metrics, error) {
	if len(batch) <= chunkImages {
		g.load(g.set.Train, batch)
		return g.model.Grad(g.x, g.y, into)
	}
	if g.scratch == nil {
		g.scratch = make([]float32, len(into))
	}
	clear(into)
	var total engine.Metrics
	for start := 0; start < len(batch); start += chunkImages {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		chunk := batch[start:min(start+chunkImages, len(batch))]
		g.load(g.set.Train, chunk)
		metrics, err := g.model.Grad(g.x, g.y, g.scratch)
		if err != nil {
			return total, err
		}
		share := float64(len(chunk)) / float64(len(batch))
		addScaled(into, share, g.scratch)
		total.Loss += share * metrics.Loss
		total.Correct += metrics.Correct
	}
	return total, nil
}

// halves does what mean does into g.g, by way of the two halves of the batch (two or more images), and estimates C² from them. It
// costs what mean costs: the same images pass through the network once.
func (g *gradients) halves(ctx context.Context, batch []int, trainSize int) (engine.Metrics, float64, error) {
	half := len(batch) / 2
	first, err := g.mean(ctx, batch[:half], g.g)
	if err != nil {
		return first, 0, err
	}
	second, err := g.mean(ctx, batch[half:], g.other)
	if err != nil {
		return first, 0, err
	}
	c2 := squaredSpread(g.g, g.other, half, len(batch)-half, trainSize)
	share := float64(half) / float64(len(batch))
	for i, v := range g.g {
		g.g[i] = float32(share*float64(v)) + float32((1-share)*float64(g.other[i]))
	}
	return engine.Metrics{Loss: share*first.Loss + (1-share)*second.Loss, Correct: first.Correct + second.Correct}, c2, nil
}

// probed computes the gradient of one image into g.g and estimates C² from it and from that of another image, drawn from rng, which
// has no part in the update.
func (g *gradients) probed(ctx context.Context, image, trainSize int, rng *rand.Rand) (engine.Metrics, float64, error) {
	probe := rng.IntN(trainSize - 1)
	if probe >= image {
		probe++
	}
	if _, err := g.mean(ctx, []int{probe}, g.other); err != nil {
		return engine.Metrics{}, 0, err
	}
	metrics, err := g.mean(ctx, []int{image}, g.g)
	return metrics, squaredSpread(g.g, g.other, 1, 1, trainSize), err
}

// evaluate gives the mean loss over a whole split, and how many images are classified rightly.
func (g *gradients) evaluate(ctx context.Context, split dataset.Split) (engine.Metrics, error) {
	var total engine.Metrics
	n := split.Len()
	indices := make([]int, 0, chunkImages)
	for start := 0; start < n; start += chunkImages {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		indices = indices[:0]
		for i := start; i < min(start+chunkImages, n); i++ {
			indices = append(indices, i)
		}
		g.load(split, indices)
		metrics, err := g.model.Eval(g.x, g.y)
		if err != nil {
			return total, fmt.Errorf("images %d to %d: %w", start, start+len(indices)-1, err)
		}
		total.Loss += metrics.Loss * float64(len(indices)) / float64(n)
		total.Correct += metrics.Correct
	}
	return total, nil
}

// addScaled adds share·src to dst.
func addScaled(dst []float32, share float64, src []float32) {
	for i, v := range src {
		dst[i] += float32(share * float64(v))
	}
}

// permutation fills order with a random permutation of 0 … n−1.
func permutation(order []int, n int, rng *rand.Rand) []int {
	order = order[:0]
	for i := range n {
		order = append(order, i)
	}
	rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// dataCRC is the CRC-32C of a split: it tells whether the images of a resumed run are those of its checkpoint.
func dataCRC(split dataset.Split) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(split.Images, table), table, split.Labels)
}
