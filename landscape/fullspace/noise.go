package fullspace

import (
	"fmt"
	"math"
	"math/rand/v2"

	"smoothscape/landscape"
)

// Noise is the law of the step v in E f(x − v). Many goroutines may use one Noise.
type Noise struct {
	name      string // names the law in the mark of a State
	dim       int    // number of coordinates; 0 for any
	symmetric bool   // v and −v have one law
	count     int    // how many samples there are; 0 without end
	// draw writes the step of a sample into v. Laws draw from rng, records look the index up.
	draw func(rng *rand.Rand, index int, v []float64) error
}

// Drawn is δu under a kernel of all d dimensions, for functions that grow as |x|^growth; math.Inf(1) where that is not known, which only
// kernels with all moments admit. It returns the error of Kernel.Validate, one that wraps landscape.ErrNoSmoothing where f̂ does
// not exist or f has no variance under the kernel (2·growth is what must exist), and *Error for a δ that is not finite and ≥ 0.
func Drawn(k landscape.Kernel, delta, growth float64) (Noise, error) {
	if err := k.Validate(); err != nil {
		return Noise{}, err
	}
	if !(delta >= 0) || math.IsInf(delta, 0) {
		return Noise{}, refuse("reading the degree of smoothing", "a finite δ of at least 0", delta, "give δ in the units of the parameters")
	}
	if !(growth >= 0) {
		return Noise{}, refuse("reading the growth order of a function", "a number of at least 0, or +Inf where it is not known", growth, "0 for a bounded function, 2 for a parabola")
	}
	if err := k.Exists(growth); err != nil {
		return Noise{}, err
	}
	if err := k.Exists(2 * growth); err != nil {
		return Noise{}, fmt.Errorf("the smoothed function exists, but sampling it has no standard error, for which the mean of f² must exist too: %w", err)
	}
	return Noise{
		name: fmt.Sprintf("%s %s α=%v d=%d δ=%v", k.Law, k.Convention, k.Alpha, k.Dim, delta),
		dim:  k.Dim,
		// The laws with independent positive coordinates have a mean above 0, the isotropic ones have not.
		symmetric: k.Mean() == 0,
		draw: func(rng *rand.Rand, _ int, v []float64) error {
			k.Sample(rng, v)
			for i := range v {
				v[i] *= delta
			}
			return nil
		},
	}, nil
}

// Recorded is ηω for count recorded noise vectors ω (a batch's gradient minus the full one), each used at most once. read writes vector i
// into v, whose length is d, and may be called by many goroutines; its error ends the run. It returns an *Error for no vectors
// and for a factor that is not finite.
func Recorded(count int, eta float64, read func(i int, v []float64) error) (Noise, error) {
	if count < 1 {
		return Noise{}, refuse("reading recorded noise", "at least one vector", count, "record some first")
	}
	if math.IsNaN(eta) || math.IsInf(eta, 0) {
		return Noise{}, refuse("reading the factor of recorded noise", "a finite number", eta, "give the learning rate")
	}
	return Noise{
		name: fmt.Sprintf("recorded %d η=%v", count, eta), count: count,
		draw: func(_ *rand.Rand, index int, v []float64) error {
			if err := read(index, v); err != nil {
				return fmt.Errorf("reading recorded noise, vector %d: %w", index, err)
			}
			for i := range v {
				v[i] *= eta
			}
			return nil
		},
	}, nil
}

// The streams of chance. A new draw in one moves nothing in the others.
const (
	streamSample = iota + 1 // steps of the samples
	streamLead              // steps at the center alone
	streamOrder             // order of recorded vectors
)

// seedOf turns a seed, a stream and an index in it into the two words of a PCG, hashed as indices are neighbors.
func seedOf(seed, stream, index uint64) (hi, lo uint64) {
	hi = mix(seed ^ mix(stream))
	return hi, mix(hi ^ mix(index))
}

// mix is the output function of SplitMix64 (Steele, Lea, Flood 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
