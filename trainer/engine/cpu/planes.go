package cpu

import "smoothscape/trainer/engine"

// planes hold a value of the network for a batch of images: channel-last, each pixel padded with channels that are never read as
// such, each image with a border of zeros at the top (and behind the last one at the bottom) and at the left. The border on the
// right of a row is the one on the left of the next, and the border below an image is the one above the next.
// Pixel (h, w) of image m begins at lead + m·image + h·row + w·channels.
type planes[T Float] struct {
	shape    engine.Shape
	channels int // shape.C, padded
	border   int // pixels
	row      int
	image    int
	lead     int
	data     []T
}

// slack is how many values behind the last pixel a kernel may read and throw away: one widest outer product.
const slack = 128

func newPlanes[T Float](shape engine.Shape, lanes, border int) *planes[T] {
	p := &planes[T]{shape: shape, channels: roundUp(shape.C, lanes), border: border}
	p.row = (shape.W + border) * p.channels
	p.image = (shape.H + border) * p.row
	p.lead = border * (p.row + p.channels)
	return p
}

// reserve makes room for a batch. What was there is lost; the border is zero.
func (p *planes[T]) reserve(images int) {
	if need := p.lead + images*p.image + p.lead + slack; len(p.data) < need {
		p.data = make([]T, need)
	}
}

// at is the memory from the first pixel of an image on.
func (p *planes[T]) at(image int) []T { return p.data[p.lead+image*p.image:] }

// before is the memory from the pixel (−border, −border) of an image on.
func (p *planes[T]) before(image int) []T { return p.data[image*p.image:] }

// pixel is the offset of (h, w) of image m from at(0), or of (h+border, w+border) from before(0).
func (p *planes[T]) pixel(m, h, w int) int { return m*p.image + h*p.row + w*p.channels }

// fits reports whether the memory of one can serve as that of the other.
func (p *planes[T]) fits(q *planes[T]) bool {
	return p.shape == q.shape && p.border == q.border && p.channels == q.channels
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// clear sets some images to zero.
func (p *planes[T]) clear(first, images int) {
	for m := first; m < first+images; m++ {
		for h := range p.shape.H {
			clear(p.at(m)[h*p.row:][:p.shape.W*p.channels])
		}
	}
}
