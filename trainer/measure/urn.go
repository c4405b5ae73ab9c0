package measure

import (
	"math/rand/v2"
	"slices"
)

// urn draws images without replacement; every draw begins with a full urn.
type urn struct{ order []int }

func newUrn(images []int) *urn { return &urn{slices.Clone(images)} }

// draw gives b different images, each set of b equally likely. The slice is the urn's until the next draw. b ≤ the number of images.
func (u *urn) draw(b int, rng *rand.Rand) []int {
	for i := range b {
		j := i + rng.IntN(len(u.order)-i)
		u.order[i], u.order[j] = u.order[j], u.order[i]
	}
	return u.order[:b]
}

// drawAgain gives b images, each drawn from the full urn: they may repeat. The caller owns dst, which is grown as needed.
func (u *urn) drawAgain(dst []int, b int, rng *rand.Rand) []int {
	dst = dst[:0]
	for range b {
		dst = append(dst, u.order[rng.IntN(len(u.order))])
	}
	return dst
}

// FirstImages is 0 … n−1: the images of a training set, in order.
func FirstImages(n int) []int {
	images := make([]int, n)
	for i := range images {
		images[i] = i
	}
	return images
}

// ChooseImages draws m of n images without replacement, in ascending order; all of them for m = 0 or m ≥ n. The caller owns the result.
func ChooseImages(n, m int, rng *rand.Rand) []int {
	all := FirstImages(n)
	if m <= 0 || m >= n {
		return all
	}
	chosen := slices.Clone(newUrn(all).draw(m, rng))
	slices.Sort(chosen)
	return chosen
}
