package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// Subject is what Run measures.
type Subject struct {
	Gradients Gradients
	Loss      Loss
	Params    []float32 // θ, len Gradients.Dim(); only read
	TrainSize int       // n: images are named 0 … n−1

	// Precise makes the float64 gradients that Request.Double asks for, when they are needed; nil where there are none.
	Precise func() (PreciseGradients, error)
}

// Subject is the network as it is.
func (n *Network) Subject() Subject {
	return Subject{Gradients: n, Loss: n.Loss, Params: n.Params(), TrainSize: n.Len(), Precise: func() (PreciseGradients, error) {
		return InDouble(n.model.Spec(), n.model.State(), n.set, n.split)
	}}
}

// Progress says how far Run is. Done and Total count images passed through the network; Total is an estimate, Done never exceeds
// it and never falls.
type Progress struct {
	Group Kind // at work
	Done  int
	Total int
}

// Run measures what the request asks for, in the order of Kinds(), and reports it. Each group draws from a stream of its own, seeded by
// Request.Seed, so asking for one more changes no other number. progress may be nil; it is called from the caller's goroutine.
//
// A request that does not fit is refused with joined *FieldError. When the context ends or a gradient fails, Run gives the groups
// finished so far together with the error.
func Run(ctx context.Context, request Request, subject Subject, progress func(Progress)) (*Report, error) {
	if err := request.Validate(subject.TrainSize); err != nil {
		return nil, err
	}
	if d := subject.Gradients.Dim(); d != len(subject.Params) || d == 0 {
		return nil, argument("measuring", fmt.Sprintf("%d parameters, one or more", d), len(subject.Params))
	}
	n := subject.TrainSize
	j := &job{
		ctx: ctx, request: request, makePrecise: subject.Precise, params: subject.Params, trainSize: n,
		report: &Report{Request: request, Parameters: len(subject.Params), TrainSize: n, Images: request.Population(n)},
		meter:  meter{tell: progress},
	}
	j.gradients = counted{subject.Gradients, &j.meter}
	j.loss = func(params []float32, images []int) (float64, error) {
		loss, err := subject.Loss(params, images)
		j.meter.add(len(images))
		return loss, err
	}
	j.images = ChooseImages(n, request.Population(n), j.stream("images"))
	for _, kind := range Kinds() {
		if request.asks(kind) {
			j.meter.total += j.cost(kind)
		}
	}
	if j.report.Images < n {
		j.report.warn(fmt.Sprintf("Noise, sharpness, curvature and B_noise are those of the mean loss over %d of the %d training images; their errors do not hold the choice of images.", j.report.Images, n))
	}
	for _, kind := range Kinds() {
		if !request.asks(kind) {
			continue
		}
		j.meter.begin(kind, j.cost(kind))
		finished := *j.report // a group that fails leaves nothing half done
		if err := j.group(kind); err != nil {
			return &finished, fmt.Errorf("measuring %s: %w", kind, err)
		}
		j.meter.end()
	}
	if h := j.hessianOf; h != nil && h.Crossed > 0 {
		j.report.warn(fmt.Sprintf("%d of %d Hessian-vector products met a kink at every length of step tried; their one-sided differences were used.", h.Crossed, h.Products))
	}
	return j.report, nil
}

// job is one call of Run.
type job struct {
	ctx       context.Context
	request   Request
	params    []float32
	trainSize int
	images    []int // measured on
	gradients Gradients
	loss      Loss
	report    *Report
	meter     meter

	makePrecise func() (PreciseGradients, error)
	sampled     *SampleSpread // of the groups that need it, made once
	hessianOf   *Curvature    // likewise
}

func (j *job) group(kind Kind) error {
	switch kind {
	case Spread:
		return j.spread()
	case Smoothing:
		return j.smoothing()
	case Noise:
		return j.noise()
	case Sharpness:
		return j.sharpness()
	case Keskar:
		return j.keskar()
	case Hessian:
		return j.hessian()
	case Density:
		return j.density()
	case Scale:
		return j.scale()
	}
	return argument("measuring", "a known group", kind)
}

// stream is the random stream of one use.
func (j *job) stream(use string) *rand.Rand {
	id := uint64(0)
	for _, c := range []byte(use) { // FNV-1a: a number of its own for each word
		id = (id ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(j.request.Seed, id))
}

// perSample measures C on single images, once a job: on Request.Samples images drawn from all of the training set.
func (j *job) perSample() (*SampleSpread, error) {
	if j.sampled == nil {
		chosen := ChooseImages(j.trainSize, j.request.Samples, j.stream("samples"))
		sampled, err := PerSample(j.ctx, j.gradients, j.params, chosen, j.trainSize, nil)
		if err != nil {
			return nil, err
		}
		j.sampled = &sampled
	}
	return j.sampled, nil
}

// curvature is the Hessian over the images measured on, made once: in double precision if the request says so.
func (j *job) curvature() (*Curvature, error) {
	switch {
	case j.hessianOf != nil:
	case !j.request.Double:
		j.hessianOf = HessianOf(j.gradients, j.params, j.images)
		j.report.warn("The Hessian was taken by differences of single-precision gradients: where units with a kink (ReLU, maxima) switch within the step, eigenvalues are curvature over that length, and the trace and the inner spectrum may be off by a factor. Double precision has no such trouble.")
	case j.makePrecise == nil:
		return nil, argument("measuring the Hessian", "gradients in double precision, or a request without them", "none")
	default:
		precise, err := j.makePrecise()
		if err != nil {
			return nil, err
		}
		j.hessianOf = PreciseHessianOf(countedPrecise{precise, &j.meter}, j.params, j.images)
	}
	return j.hessianOf, nil
}

// batchSizes are the two of TwoBatch: the run's b and an eighth of it, at least 2 and 1.
func (j *job) batchSizes() (small, large int) {
	large = min(max(j.request.BatchSize, 2), j.trainSize)
	return max(large/8, 1), large
}

// cost is about how many images a group passes through the network.
func (j *job) cost(kind Kind) int {
	r, m := j.request, len(j.images)
	samples := 2 * min(r.Samples, j.trainSize)
	small, large := j.batchSizes()
	switch kind {
	case Spread:
		return samples + r.Pairs*(small+2*large)
	case Smoothing:
		return samples
	case Noise:
		return m + r.NoiseBatches*r.BatchSize
	case Sharpness:
		batches := max(m/SharpnessBatch, 1)
		return 2 * batches * min(m, SharpnessBatch) * (r.Iterations + 1 + 2*r.Perturbations + 1)
	case Keskar:
		return m * (KeskarIterations + 2)
	case Hessian:
		return 2 * m * (min(r.LanczosSteps, len(j.params)) + r.TraceVectors + 2)
	case Density:
		return 2 * m * r.DensityRuns * min(r.LanczosSteps, len(j.params))
	case Scale:
		return samples + m + (2*m+1)*(r.CurvedImages+1)
	}
	return 0
}

// meter turns images passed into Progress.
type meter struct {
	tell                      func(Progress)
	kind                      Kind
	before, inGroup, expected int
	total                     int
}

func (m *meter) begin(kind Kind, expected int) {
	m.kind, m.inGroup, m.expected = kind, 0, expected
	m.add(0)
}

func (m *meter) add(images int) {
	m.inGroup += images
	if m.tell != nil {
		m.tell(Progress{m.kind, m.before + min(m.inGroup, m.expected), m.total})
	}
}

func (m *meter) end() {
	m.inGroup = m.expected
	m.add(0)
	m.before += m.expected
}

// counted tells a meter of every image.
type counted struct {
	Gradients
	meter *meter
}

func (c counted) At(params []float32, images []int, grad []float32) (float64, error) {
	loss, err := c.Gradients.At(params, images, grad)
	c.meter.add(len(images))
	return loss, err
}

// countedPrecise is counted for float64.
type countedPrecise struct {
	PreciseGradients
	meter *meter
}

func (c countedPrecise) PreciseAt(params []float64, images []int, grad []float64) (float64, error) {
	loss, err := c.PreciseGradients.PreciseAt(params, images, grad)
	c.meter.add(len(images))
	return loss, err
}
