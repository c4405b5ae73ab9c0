package descent

import (
	"fmt"
	"math"

	"smoothscape/landscape"
)

// Limits, checked before anything is allocated.
const (
	maxStages  = 10_000
	maxSteps   = 1_000_000_000
	maxNumbers = 20_000_000 // of one trajectory or of one set of common random numbers
)

// Stage is a run of steps with one learning rate, batch size and degree of smoothing.
type Stage struct {
	Steps        int     `json:"steps"`               // ≥ 1
	LearningRate float64 `json:"learningRate"`        // η > 0
	BatchSize    float64 `json:"batchSize,omitempty"` // b ≥ 1, not always whole: the noise is made for any b. 0 where no batch is spoken of
	NoiseLevel   float64 `json:"noiseLevel"`          // δ ≥ 0, in the units and the convention of the kernel
}

// The names of the paper's schedules, those of package trainer.
const (
	Constant    = "constant"
	LRDecay     = "lr-decay"
	BatchGrowth = "batch-growth"
	Hybrid      = "hybrid"
	Polynomial  = "polynomial"
)

// Schedule is implicit graduated optimization as data: how η and b move from stage to stage. Stage m = 0 … M−1 has, with
// r = 1 − m/M and the q of δ = ηC·b^−q (1/2 for noise with a variance),
//
//	η = η₁·κ^m·r^(p·s)      b = b₁·λ^m·r^(−p(1−s)/q)      so that δ/δ₁ = (κ/λ^q)^m·r^p.
//
// With p = 0 these are the stages of the paper, with κ = λ = 1 polynomial decay of δ, of which the share s falls to η. The
// authors' mixed decay (igo-aaai25) lets η fall with p/2 and b grow with p·balance, so that δ falls with p(1 + balance)/2: that is
// power p(1 + balance)/2 and share 1/(1 + balance).
type Schedule struct {
	LearningRate float64 `json:"learningRate"` // η₁ > 0
	BatchSize    float64 `json:"batchSize"`    // b₁ ≥ 1
	Stages       int     `json:"stages"`       // M ≥ 1
	StageSteps   int     `json:"stageSteps"`   // steps of each stage, ≥ 1
	Kappa        float64 `json:"kappa"`        // κ in (0, 1], the factor of η
	Lambda       float64 `json:"lambda"`       // λ ≥ 1, the factor of b
	Power        float64 `json:"power"`        // p ≥ 0
	RateShare    float64 `json:"rateShare"`    // s in [0, 1]
	// WholeBatches takes the whole part of b after every stage and goes on from there, as the authors' int(λb): 32, 48, 72,
	// 108, 162 for λ = 1.5. Then δ misses its path a little, and with b < 2 and λ < 2 the batch never grows.
	WholeBatches bool `json:"wholeBatches"`
}

// ScheduleByName returns a schedule of that name with the rest of the paper's setting: η₁ = 0.1, b₁ = 32 and five stages of 40.
// Polynomial has p = 1, all of it on η, and 200 stages of one.
func ScheduleByName(name string) (s Schedule, ok bool) {
	s = Schedule{LearningRate: 0.1, BatchSize: 32, Stages: 5, StageSteps: 40, Kappa: 1, Lambda: 1, RateShare: 1}
	switch name {
	case Constant:
	case LRDecay:
		s.Kappa = math.Sqrt2 / 2
	case BatchGrowth:
		s.Lambda = 2
	case Hybrid:
		s.Kappa, s.Lambda = math.Sqrt(3)/2, 1.5
	case Polynomial:
		s.Power, s.Stages, s.StageSteps = 1, 200, 1
	default:
		return Schedule{}, false
	}
	return s, true
}

// Validate returns every fault, joined.
func (s Schedule) Validate() error {
	var f faults
	f.require(s.LearningRate > 0 && s.LearningRate <= math.MaxFloat64, "learning rate η₁", "a positive number", s.LearningRate, "take for example 0.01")
	f.require(s.BatchSize >= 1 && s.BatchSize <= math.MaxFloat64, "batch size b₁", "1 or more", s.BatchSize, "take for example 32")
	f.require(s.Stages >= 1 && s.Stages <= maxStages, "stages", fmt.Sprintf("1 to %d", maxStages), s.Stages, "the paper has 5")
	f.require(s.StageSteps >= 1 && s.StageSteps <= maxSteps/max(1, min(s.Stages, maxStages)), "steps of a stage", fmt.Sprintf("1 or more, and %d in all at most", maxSteps), s.StageSteps, "take fewer steps or stages")
	f.require(s.Kappa > 0 && s.Kappa <= 1, "factor κ of the learning rate", "0 < κ ≤ 1", s.Kappa, "1 keeps it")
	f.require(s.Lambda >= 1 && s.Lambda <= math.MaxFloat64, "factor λ of the batch size", "1 or more", s.Lambda, "1 keeps it")
	f.require(s.Power >= 0 && s.Power <= math.MaxFloat64, "power p", "0 or more", s.Power, "the paper asks for 0 < p ≤ 1; 0 is no decay")
	f.require(s.RateShare >= 0 && s.RateShare <= 1, "share of the learning rate", "0 to 1", s.RateShare, "1 leaves the batch alone")
	return f.join()
}

// Plan returns the stages under the kernel's law and gradient spread C ≥ 0. The caller owns them. Besides the faults of
// Validate it refuses a schedule whose numbers leave the range of a float64, and a polynomial decay by batch growth under a law
// whose mean over a batch is no narrower than one sample (Cauchy, Pareto, Levy).
func (s Schedule) Plan(k landscape.Kernel, c float64) ([]Stage, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	q := batchExponent(k)
	var f faults
	f.require(c >= 0 && c <= math.MaxFloat64, "gradient spread C", "0 or more", c, "C² is the variance of one sample's gradient")
	f.require(q > 0 || s.Power == 0 || s.RateShare == 1, "share of the learning rate", "1 under this law, whose mean over a batch is no narrower than one sample", s.RateShare, "let the learning rate carry the decay")
	if err := f.join(); err != nil {
		return nil, err
	}
	batchPower := 0.0
	if s.Power > 0 && s.RateShare < 1 {
		batchPower = s.Power * (1 - s.RateShare) / q
	}
	stages := make([]Stage, s.Stages)
	b := s.BatchSize
	if s.WholeBatches {
		b = math.Floor(b)
	}
	for m := range stages {
		r := float64(s.Stages-m) / float64(s.Stages)
		eta := s.LearningRate * math.Pow(s.Kappa, float64(m)) * math.Pow(r, s.Power*s.RateShare)
		switch {
		case !s.WholeBatches:
			b = s.BatchSize * math.Pow(s.Lambda, float64(m)) * math.Pow(r, -batchPower)
		case m > 0:
			// A whole number that the power missed by a rounding error must not lose one; 10⁻⁹ is far above that error.
			last := float64(s.Stages-m+1) / float64(s.Stages)
			b = math.Floor(b * s.Lambda * math.Pow(last/r, batchPower) * (1 + 1e-9))
		}
		delta := landscape.Degree(k, eta, b, c)
		if !(eta > 0 && b <= math.MaxFloat64 && delta <= math.MaxFloat64) {
			f.require(false, "schedule", "numbers a float64 can hold", fmt.Sprintf("η = %g, b = %g, δ = %g in stage %d", eta, b, delta, m+1), "take fewer stages or factors nearer 1")
			return nil, f.join()
		}
		stages[m] = Stage{Steps: s.StageSteps, LearningRate: eta, BatchSize: b, NoiseLevel: delta}
	}
	return stages, nil
}

// batchExponent returns the q of δ = ηC·b^−q.
func batchExponent(k landscape.Kernel) float64 { return -math.Log2(landscape.Degree(k, 1, 2, 1)) }
