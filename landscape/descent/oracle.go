package descent

import (
	"math"
	"math/rand/v2"

	"smoothscape/landscape"
)

// The streams of chance. A new draw in one moves nothing in the others.
const (
	streamStart  = iota + 1 // where a run begins
	streamNoise             // the noise of SGD, the fresh samples
	streamCommon            // common random numbers
)

// seedOf turns the seed of a run and a stream into the two words of a PCG. Both are hashed (SplitMix64), as runs have neighboring seeds.
func seedOf(seed uint64, stream uint64) (hi, lo uint64) {
	hi = mix(seed ^ mix(stream))
	return hi, mix(hi ^ seed)
}

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// newStream returns a generator for one use of a run.
func newStream(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seedOf(seed, stream))) }

// oracle answers for the directions of one method. It has buffers of its own and serves one goroutine; nothing is allocated
// after it is made but the common random numbers of a run.
type oracle struct {
	m      Method
	closed []*landscape.Function // by stage; nil where f̂ has no closed form
	pcg    *rand.PCG
	rng    *rand.Rand
	u, z   []float64 // a draw, a place
	probe  []float64 // the place of differences
	one    []float64 // the gradient at one sample
	seed   uint64
	common []float64 // Samples × d, row-major; drawn when first asked for
	filled bool
}

func newOracle(m Method) *oracle {
	d := m.Objective.Dim
	o := &oracle{m: m, closed: make([]*landscape.Function, len(m.Stages)), pcg: rand.NewPCG(0, 0)}
	o.rng = rand.New(o.pcg)
	buffers := make([]float64, 4*d)
	o.u, o.z, o.probe, o.one = buffers[:d:d], buffers[d:2*d:2*d], buffers[2*d:3*d:3*d], buffers[3*d:]
	for i, s := range m.Stages {
		if i > 0 && s.NoiseLevel == m.Stages[i-1].NoiseLevel {
			o.closed[i] = o.closed[i-1]
			continue
		}
		if f, ok := m.closedForm(s.NoiseLevel); ok {
			o.closed[i] = &f
		}
	}
	return o
}

// begin makes the oracle that of the run with a seed.
func (o *oracle) begin(seed uint64) {
	o.seed, o.filled = seed, false
	o.pcg.Seed(seedOf(seed, streamNoise))
}

// gradient writes the direction g of a stage at x into dst.
func (o *oracle) gradient(stage int, x, dst []float64) {
	s := o.m.Stages[stage]
	switch o.m.Gradient {
	case Noisy:
		o.slope(o.m.Objective.Function, x, dst)
		o.m.Kernel.Sample(o.rng, o.u)
		scale := s.NoiseLevel / s.LearningRate // C·b^−q
		for i, u := range o.u {
			dst[i] += scale * u
		}
	case Sampled:
		o.mean(s.NoiseLevel, x, dst, func(int) []float64 { o.m.Kernel.Sample(o.rng, o.u); return o.u })
	case Smoothed:
		if f := o.closed[stage]; f != nil {
			o.slope(*f, x, dst)
			return
		}
		o.draw()
		d := len(x)
		o.mean(s.NoiseLevel, x, dst, func(i int) []float64 { return o.common[i*d : (i+1)*d] })
	default:
		o.slope(o.m.Objective.Function, x, dst)
	}
}

// mean writes the mean of ∇f(x − δuᵢ) over the samples into dst.
func (o *oracle) mean(delta float64, x, dst []float64, u func(i int) []float64) {
	clear(dst)
	for i := range o.m.Samples {
		for j, v := range u(i) {
			o.z[j] = x[j] - delta*v
		}
		o.slope(o.m.Objective.Function, o.z, o.one)
		for j, v := range o.one {
			dst[j] += v
		}
	}
	for j := range dst {
		dst[j] /= float64(o.m.Samples)
	}
}

// slope writes ∇f(x) into dst, by differences where it is asked for or not known.
func (o *oracle) slope(f landscape.Function, x, dst []float64) {
	if o.m.DifferenceStep == 0 && f.Grad != nil {
		f.Grad(x, dst)
		return
	}
	copy(o.probe, x)
	for i, v := range x {
		h := o.m.DifferenceStep
		if h == 0 {
			h = differenceStep * max(1, math.Abs(v))
		}
		o.probe[i] = v + h
		up := f.Func(o.probe)
		o.probe[i] = v - h
		dst[i] = (up - f.Func(o.probe)) / (2 * h)
		o.probe[i] = v
	}
}

// differenceStep is ε^(1/3): there the truncation h²f‴/6 and the rounding εf/h of a central difference are alike.
const differenceStep = 6.055454452393343e-06

// draw fills the common random numbers of this run.
func (o *oracle) draw() {
	if o.filled {
		return
	}
	d := len(o.u)
	if o.common == nil {
		o.common = make([]float64, o.m.Samples*d)
	}
	rng := newStream(o.seed, streamCommon)
	for i := range o.m.Samples {
		o.m.Kernel.Sample(rng, o.common[i*d:(i+1)*d])
	}
	o.filled = true
}

// The ways in which the f̂ of a trajectory was computed.
const (
	closedForm = "closed form"
	monteCarlo = "common random numbers"
)

// source says how smoothed computes f̂: not at all (""), in closed form at all stages, or from samples where it must.
func (o *oracle) source() string {
	if o.m.Gradient == Exact {
		return ""
	}
	for _, f := range o.closed {
		if f != nil {
			continue
		}
		if o.m.Samples < 2 || o.m.Kernel.Exists(o.m.Objective.Growth) != nil {
			return ""
		}
		return monteCarlo
	}
	return closedForm
}

// smoothed returns f̂_δ(x) of a stage and its standard error, 0 in closed form. Only where source is not empty.
func (o *oracle) smoothed(stage int, x []float64) (mean, stdErr float64) {
	if f := o.closed[stage]; f != nil {
		return f.Func(x), 0
	}
	o.draw()
	delta, d, n := o.m.Stages[stage].NoiseLevel, len(x), float64(o.m.Samples)
	squares := 0.0
	for i := range o.m.Samples {
		for j, v := range o.common[i*d : (i+1)*d] {
			o.z[j] = x[j] - delta*v
		}
		f := o.m.Objective.Func(o.z)
		step := f - mean // Welford
		mean += step / float64(i+1)
		squares += step * (f - mean)
	}
	return mean, math.Sqrt(squares / (n - 1) / n)
}
