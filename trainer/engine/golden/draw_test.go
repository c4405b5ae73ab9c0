package golden

import (
	"strings"

	"smoothscape/trainer/engine"
)

// draw makes the numbers that draw.py makes: SplitMix64 (Steele, Lea and Flood 2014). All of them are the same in float32 and float64.
type draw struct{ seed, drawn uint64 }

func (d *draw) bits() uint64 {
	d.drawn++
	z := d.seed + d.drawn*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// value is in [−1, 1), a multiple of 2⁻¹⁹.
func (d *draw) value() float64 { return float64(d.bits()>>44)/(1<<19) - 1 }

// vector draws scale·value, n times.
func (d *draw) vector(n int, scale float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = scale * d.value()
	}
	return v
}

func (d *draw) labels(n, classes int) []int {
	y := make([]int, n)
	for i := range y {
		y[i] = int(d.bits() >> 32 % uint64(classes))
	}
	return y
}

// tensors draws parameters or running statistics: weights in ±2⁻ᵏ, the next power of two below He's √(6/fan-in); γ and variances in
// [0.5, 1.5); biases, β and means in [−0.5, 0.5).
func (d *draw) tensors(infos []engine.TensorInfo) []float64 {
	var all []float64
	for _, t := range infos {
		scale, offset := 0.5, 0.0
		switch {
		case len(t.Shape) > 1:
			scale = 1
			for fan := t.Len / t.Shape[0]; float64(fan)*scale*scale > 6; {
				scale /= 2
			}
		case strings.HasSuffix(t.Name, ".weight"), strings.HasSuffix(t.Name, ".running_var"):
			offset = 1
		}
		for range t.Len {
			all = append(all, offset+scale*d.value())
		}
	}
	return all
}
