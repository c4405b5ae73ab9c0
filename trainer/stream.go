package trainer

import "math/rand/v2"

// Each use of chance has a PCG stream of its own, so that a new draw in one moves nothing in another. The numbers have no
// meaning besides being far apart.
const (
	streamInitialize uint64 = 0x1f3d5b79a2c4e680 // initial parameters
	streamShuffle    uint64 = 0x6a09e667f3bcc908 // order of the training images; index: epoch
	streamProbe      uint64 = 0xbb67ae8584caa73b // second image of a measurement of C at b = 1; index: step
)

// stream is the index-th generator of one use: a function of its arguments alone, so a resumed run needs no saved state.
func stream(seed, use, index uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, use^index))
}
