package dataset

import "math"

// moments gathers Σv and Σv² per channel over images of plane = H·W pixels a channel. Integers, so the order of images does
// not matter and the result is exact: n ≤ 2³⁰ pixels give at most 2³⁰·255² < 2⁴⁶.
type moments struct {
	plane    int
	sum, sqr []uint64
	pixels   uint64 // per channel
}

func newMoments(channels, plane int) *moments {
	return &moments{plane: plane, sum: make([]uint64, channels), sqr: make([]uint64, channels)}
}

// add takes whole images in NCHW order.
func (m *moments) add(images []byte) {
	channels := len(m.sum)
	for at := 0; at < len(images); at += channels * m.plane {
		for c := range channels {
			var sum, sqr uint64
			for _, v := range images[at+c*m.plane : at+(c+1)*m.plane] {
				sum += uint64(v)
				sqr += uint64(v) * uint64(v)
			}
			m.sum[c] += sum
			m.sqr[c] += sqr
		}
		m.pixels += uint64(m.plane)
	}
}

// meanStd gives mean and standard deviation of v/255 per channel. A channel without any contrast gets Std 1, so that
// normalising it gives 0 and not 0/0.
func (m *moments) meanStd() (mean, std []float32) {
	mean, std = make([]float32, len(m.sum)), make([]float32, len(m.sum))
	n := float64(m.pixels)
	for c := range m.sum {
		mu := float64(m.sum[c]) / n
		variance := float64(m.sqr[c])/n - float64(mu*mu) // float64() forbids a fused multiply-add: the same bits everywhere
		mean[c], std[c] = float32(mu/255), 1
		if variance > 0 {
			std[c] = float32(math.Sqrt(variance) / 255)
		}
	}
	return mean, std
}
