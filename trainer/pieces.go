package trainer

import "math/rand/v2"

// chunkImages is how many images an engine sees at a time; a larger batch is the weighted mean of its chunks. It bounds the memory of
// a run (Gorgonia takes 0.5 GB for a small convnet on 128 images) and the wait for a stop, whatever the batch size. A network with
// batch normalization is the exception: its batch is normalized as a whole, so it is never cut.
const chunkImages = 128

// pieces walks through the images of a run in the order in which the engine sees them: batch after batch, each cut into pieces. It
// belongs to the loader's goroutine, which is ahead of the run.
type pieces struct {
	seed     uint64
	epochs   int
	n        int // training images
	whole    bool
	schedule Schedule

	epoch, index, step int   // place of the next batch
	order              []int // permutation of epoch orderOf
	orderOf            int
	rest               []int // of the batch that is being cut
	sizes              []int // of its pieces
	given              int   // how many of them were given out
}

// newPieces begins at the place of c. whole: batches are not cut.
func newPieces(c *Checkpoint, schedule Schedule, whole bool) *pieces {
	return &pieces{
		seed: c.Config.Seed, epochs: c.Config.Epochs, n: c.TrainSize, whole: whole, schedule: schedule,
		epoch: c.Epoch, index: c.Index, step: c.Step, orderOf: -1,
	}
}

// next gives the next piece; it is a loader.Order.
func (p *pieces) next() (epoch int, indices []int, ok bool) {
	if p.given == len(p.sizes) {
		if p.index == p.n {
			p.epoch, p.index = p.epoch+1, 0
		}
		if p.epoch >= p.epochs {
			return 0, nil, false
		}
		if p.orderOf != p.epoch {
			p.order = permutation(p.order, p.n, stream(p.seed, streamShuffle, uint64(p.epoch)))
			p.orderOf = p.epoch
		}
		_, scheduled := p.schedule(p.epoch)
		b := min(scheduled, p.n-p.index)
		p.rest = p.order[p.index : p.index+b]
		p.given, p.sizes = 0, cut(p.sizes[:0], b, measures(p.step, scheduled, b, p.n, p.whole), p.whole)
		p.index += b
		p.step++
	}
	size := p.sizes[p.given]
	indices, p.rest = p.rest[:size], p.rest[size:]
	p.given++
	return p.epoch, indices, true
}

// measures says whether C is measured at update step (0-based), whose batch has b ≥ 1 images where the schedule wants scheduled. n is the
// number of training images; whole: the network has batch normalization. Its halves need two images each: one alone is
// normalized to nothing where a plane has a single pixel.
func measures(step, scheduled, b, n int, whole bool) bool {
	if whole {
		return b >= 4 && step%measureWholeEvery == 0
	}
	return n > 1 && step%measureEvery(scheduled) == 0
}

// cut appends to sizes how many images the pieces of a batch of b have: chunks of the batch, or, where C is measured from the two
// halves of the batch, chunks of the first and then of the second half.
func cut(sizes []int, b int, measured, whole bool) []int {
	if whole {
		return append(sizes, b)
	}
	first := b
	if measured && b > 1 {
		first = b / 2
	}
	for _, part := range [2]int{first, b - first} {
		for ; part > 0; part -= chunkImages {
			sizes = append(sizes, min(part, chunkImages))
		}
	}
	return sizes
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
