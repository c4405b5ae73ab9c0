package trainer

import (
	"context"
	"fmt"
	"hash/crc32"
	"math/rand/v2"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/loader"
)

// gradients computes mean gradients over training images. It belongs to one run.
type gradients struct {
	model  engine.Model
	set    *dataset.Set
	next   func() (*loader.Batch, error) // the next piece of the run
	filler *loader.Filler                // makes the image of a probe, varied like all others

	x       []float32 // of a probe, or of images to test on
	y       []int
	g       []float32 // gradient of the update
	other   []float32 // of a half or a probe; nil before the first measurement
	scratch []float32 // of a chunk; nil before the first
}

func newGradients(model engine.Model, set *dataset.Set, next func() (*loader.Batch, error), filler *loader.Filler) gradients {
	return gradients{model: model, set: set, next: next, filler: filler, g: make([]float32, len(model.Params()))}
}

// room makes x and y as long as n images need.
func (g *gradients) room(n int) {
	if size := n * g.set.Shape.Len(); cap(g.x) < size {
		g.x, g.y = make([]float32, size), make([]int, n)
	}
	g.x, g.y = g.x[:n*g.set.Shape.Len()], g.y[:n]
}

// vector gives *v, made as long as the gradient when it is first asked for.
func (g *gradients) vector(v *[]float32) []float32 {
	if *v == nil {
		*v = make([]float32, len(g.g))
	}
	return *v
}

// mean writes the mean gradient over the next b training images into into. They come in one piece or in several.
func (g *gradients) mean(b int, into []float32) (engine.Metrics, error) {
	var total engine.Metrics
	for seen := 0; seen < b; {
		piece, err := g.next()
		if err != nil {
			return total, err
		}
		if len(piece.Y) == b {
			return g.model.Grad(piece.X, piece.Y, into)
		}
		chunk := g.vector(&g.scratch)
		metrics, err := g.model.Grad(piece.X, piece.Y, chunk)
		if err != nil {
			return total, err
		}
		if seen == 0 {
			clear(into)
		}
		share := float64(len(piece.Y)) / float64(b)
		addScaled(into, share, chunk)
		total.Loss += share * metrics.Loss
		total.Correct += metrics.Correct
		seen += len(piece.Y)
	}
	return total, nil
}

// halves does what mean does into g.g, by way of the two halves of the batch (two or more images), and estimates C² from them. It
// costs what mean costs: the same images pass through the network once.
func (g *gradients) halves(b, trainSize int) (engine.Metrics, float64, error) {
	half := b / 2
	first, err := g.mean(half, g.g)
	if err != nil {
		return first, 0, err
	}
	other := g.vector(&g.other)
	second, err := g.mean(b-half, other)
	if err != nil {
		return first, 0, err
	}
	c2 := squaredSpread(g.g, other, half, b-half, trainSize)
	share := float64(half) / float64(b)
	for i, v := range g.g {
		g.g[i] = float32(share*float64(v)) + float32((1-share)*float64(other[i]))
	}
	return engine.Metrics{Loss: share*first.Loss + (1-share)*second.Loss, Correct: first.Correct + second.Correct}, c2, nil
}

// whole computes the gradient of a batch that comes in one piece into g.g, for a network with batch normalization. If C is measured, the
// halves of the batch pass through the network once more, each normalized by itself, before the whole: the update and the running
// statistics know nothing of it.
func (g *gradients) whole(measured bool, trainSize int) (metrics engine.Metrics, c2 float64, err error) {
	batch, err := g.next()
	if err != nil {
		return metrics, 0, err
	}
	if measured {
		half := len(batch.Y) / 2
		values := half * g.set.Shape.Len()
		if _, err := g.model.Grad(batch.X[:values], batch.Y[:half], g.g); err != nil {
			return metrics, 0, err
		}
		other := g.vector(&g.other)
		if _, err := g.model.Grad(batch.X[values:], batch.Y[half:], other); err != nil {
			return metrics, 0, err
		}
		c2 = squaredSpread(g.g, other, half, len(batch.Y)-half, trainSize)
	}
	metrics, err = g.model.Grad(batch.X, batch.Y, g.g)
	return metrics, c2, err
}

// probed computes the gradient of one image into g.g and estimates C² from it and from that of another image, drawn from rng, which
// has no part in the update.
func (g *gradients) probed(trainSize int, rng *rand.Rand) (engine.Metrics, float64, error) {
	piece, err := g.next()
	if err != nil {
		return engine.Metrics{}, 0, err
	}
	g.room(1)
	g.filler.Fill(piece.Epoch, []int{probe(piece.Indices[0], trainSize, rng)}, g.x, g.y)
	other := g.vector(&g.other)
	if _, err := g.model.Grad(g.x, g.y, other); err != nil {
		return engine.Metrics{}, 0, err
	}
	metrics, err := g.model.Grad(piece.X, piece.Y, g.g)
	return metrics, squaredSpread(g.g, other, 1, 1, trainSize), err
}

// probe draws an image that is not the given one.
func probe(image, trainSize int, rng *rand.Rand) int {
	other := rng.IntN(trainSize - 1)
	if other >= image {
		other++
	}
	return other
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
		g.room(len(indices))
		g.set.Batch(split, indices, g.x, g.y)
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

// dataCRC is the CRC-32C of a split: it tells whether the images of a resumed run are those of its checkpoint.
func dataCRC(split dataset.Split) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(split.Images, table), table, split.Labels)
}
