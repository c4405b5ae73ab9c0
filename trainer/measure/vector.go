package measure

import (
	"context"
	"math"
)

// dot is Σ a_i b_i in float64.
func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// norm is the Euclidean length.
func norm(a []float64) float64 { return math.Sqrt(dot(a, a)) }

// addScaled adds s·src to dst.
func addScaled(dst []float64, s float64, src []float64) {
	for i, v := range src {
		dst[i] += s * v
	}
}

// scale multiplies a by s.
func scale(a []float64, s float64) {
	for i := range a {
		a[i] *= s
	}
}

// norm32 is the Euclidean length of a float32 vector, summed in float64.
func norm32(a []float32) float64 {
	sum := 0.0
	for _, v := range a {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// squaredDistance is ‖a − b‖², summed in float64.
func squaredDistance(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return sum
}

// mean computes mean gradients image chunk by image chunk, so that the context is looked at between them. It belongs to one call.
type mean struct {
	gradients Gradients
	scratch   []float32
	seen      func(images int) // after each chunk; may be nil
}

func newMean(g Gradients) *mean { return &mean{gradients: g, scratch: make([]float32, g.Dim())} }

// at writes the gradient of the mean loss over images at params into grad (float64) and gives the loss.
func (m *mean) at(ctx context.Context, params []float32, images []int, grad []float64) (float64, error) {
	clear(grad)
	loss := 0.0
	for start := 0; start < len(images); start += chunkImages {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		chunk := images[start:min(start+chunkImages, len(images))]
		l, err := m.gradients.At(params, chunk, m.scratch)
		if err != nil {
			return 0, err
		}
		share := float64(len(chunk)) / float64(len(images))
		loss += share * l
		for i, v := range m.scratch {
			grad[i] += share * float64(v)
		}
		if m.seen != nil {
			m.seen(len(chunk))
		}
	}
	return loss, nil
}

// at32 is at, with the gradient rounded to float32.
func (m *mean) at32(ctx context.Context, params []float32, images []int, grad []float32) (float64, error) {
	if len(images) <= chunkImages {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		loss, err := m.gradients.At(params, images, grad)
		if err == nil && m.seen != nil {
			m.seen(len(images))
		}
		return loss, err
	}
	sum := make([]float64, len(grad))
	loss, err := m.at(ctx, params, images, sum)
	for i, v := range sum {
		grad[i] = float32(v)
	}
	return loss, err
}
