package loader

import (
	"math/rand/v2"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// streamAugment separates the numbers that vary images from all other uses of a run's seed.
const streamAugment uint64 = 0x3c6ef372fe94f82b

// scratchBytes is about how much memory a Filler works in: it fits into a core's cache beside the images themselves.
const scratchBytes = 1 << 18

// Filler makes varied, normalised training images of one set. It is what a Loader runs in its goroutines, and of use where images are
// wanted here and now. It holds scratch memory, so each goroutine needs a Filler of its own; the set is only read.
type Filler struct {
	set    *dataset.Set
	policy augment.Policy
	seed   uint64

	pcg    rand.PCG
	rng    *rand.Rand    // of pcg
	varied dataset.Split // scratch: varied images and their labels
	places []int         // 0, 1, 2, …: their indices
}

// NewFiller makes a Filler for the training images of set.
func NewFiller(set *dataset.Set, policy augment.Policy, seed uint64) *Filler {
	f := &Filler{set: set, policy: policy, seed: seed}
	f.rng = rand.New(&f.pcg)
	if policy == (augment.Policy{}) {
		return f
	}
	size := set.Shape.Len()
	f.places = make([]int, min(max(scratchBytes/max(size, 1), 1), 64))
	for i := range f.places {
		f.places[i] = i
	}
	f.varied = dataset.Split{Images: make([]byte, len(f.places)*size), Labels: make([]uint8, len(f.places))}
	return f
}

// Fill writes the training images with the given indices, as they look in an epoch (≥ 0), into x (len(indices)·C·H·W, NCHW,
// normalised) and their labels into y (len(indices)), as dataset.Set.Batch does. An image depends on the seed, the epoch and its
// index alone, not on its company. A wrong length or index is the caller's mistake and panics. Fill allocates nothing.
func (f *Filler) Fill(epoch int, indices []int, x []float32, y []int) {
	if f.places == nil {
		f.set.Batch(f.set.Train, indices, x, y)
		return
	}
	size := f.set.Shape.Len()
	for start := 0; start < len(indices); start += len(f.places) {
		some := indices[start:min(start+len(f.places), len(indices))]
		for k, i := range some {
			f.pcg.Seed(f.seed, mix(streamAugment^uint64(epoch)<<32^uint64(i)))
			f.policy.Apply(f.varied.Images[k*size:(k+1)*size], f.set.Train.Images[i*size:(i+1)*size], f.set.Shape, f.rng)
			f.varied.Labels[k] = f.set.Train.Labels[i]
		}
		f.set.Batch(f.varied, f.places[:len(some)], x[start*size:(start+len(some))*size], y[start:start+len(some)])
	}
}

// Views appends to views what Fill makes of the same images, for a device that keeps them: the move of each instead of its pixels.
func (f *Filler) Views(epoch int, indices []int, views []engine.View) []engine.View {
	for _, i := range indices {
		f.pcg.Seed(f.seed, mix(streamAugment^uint64(epoch)<<32^uint64(i)))
		views = append(views, f.policy.Draw(f.rng).View(i, f.set.Shape))
	}
	return views
}

// mix is the finalizer of SplitMix64 (G. Steele, D. Lea, C. Flood, 2014): one to one, and neighbors become far apart.
func mix(v uint64) uint64 {
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
