package trainer

import (
	"math"
	"strings"
)

// The names of the schedules. The first four are the paper's, the others are paths of δ that Config.Carrier puts on η and b.
const (
	Constant    = "constant"
	LRDecay     = "lr-decay"
	BatchGrowth = "batch-growth"
	Hybrid      = "hybrid"
	Polynomial  = "polynomial"
	Cosine      = "cosine"
	Exponential = "exponential"
	Step        = "step"
)

// Schedules lists the names that ScheduleFor knows.
func Schedules() []string {
	return []string{Constant, LRDecay, BatchGrowth, Hybrid, Polynomial, Cosine, Exponential, Step}
}

// The names of the carriers: what moves when δ = ηC/√b shall become f·δ.
const (
	CarryRate  = "rate"  // η·f, b
	CarryBatch = "batch" // η, b/f²
	CarryBoth  = "both"  // η·√f, b/f
)

// Carriers lists the names that Carry knows.
func Carriers() []string { return []string{CarryRate, CarryBatch, CarryBoth} }

// Schedule gives the learning rate η and the batch size b of an epoch (0-based). b is at least 1 and may exceed the data:
// whoever trains takes min(b, n).
type Schedule func(epoch int) (eta float64, b int)

// ScheduleFor gives the schedule of a valid Config. Stage m = ⌊epoch / Stage()⌋ of the paper's four has
//
//	constant      η₁              b₁
//	lr-decay      η₁·(1/√2)^m     b₁
//	batch-growth  η₁              b₁·2^m
//	hybrid        η₁·(√3/2)^m     ⌊1.5·b⌋ of the stage before
//
// so the last three multiply δ = ηC/√b by 1/√2 a stage (√3/2 / √1.5 = 1/√2; the whole part makes hybrid's ratio exact only
// while 1.5·b is whole). The others follow the Curve of their name, put on η and b by Config.Carrier. Config.WarmupEpochs and
// Config.LateBatch change any of them. An unknown name gives a *FieldError.
func ScheduleFor(cfg Config) (Schedule, error) {
	eta, b, stage := cfg.LearningRate, cfg.BatchSize, cfg.Stage()
	var schedule Schedule
	var curve Curve
	switch cfg.Schedule {
	case Constant:
		schedule = Stages(eta, b, stage, 1, 1)
	case LRDecay:
		schedule = Stages(eta, b, stage, math.Sqrt2/2, 1)
	case BatchGrowth:
		schedule = Stages(eta, b, stage, 1, 2)
	case Hybrid:
		schedule = Stages(eta, b, stage, math.Sqrt(3)/2, 1.5)
	case Polynomial:
		curve = PolynomialCurve(cfg.Power, cfg.Epochs)
	case Cosine:
		curve = CosineCurve(cfg.Epochs)
	case Exponential:
		curve = ExponentialCurve(cfg.Factor)
	case Step:
		curve = StepCurve(cfg.Factor, stage)
	default:
		return nil, &FieldError{Field: "schedule", Doing: "choosing the schedule", Expected: "one of " + strings.Join(Schedules(), ", "), Found: quote(cfg.Schedule), Advice: "choose one of these"}
	}
	if curve != nil {
		var err error
		if schedule, err = Carry(curve, cfg.plain().Carrier, eta, b); err != nil {
			return nil, err
		}
	}
	if cfg.LateBatch {
		schedule = LateBatch(schedule)
	}
	return WarmUp(schedule, cfg.WarmupEpochs), nil
}

// Stages multiplies η by kappa (0 < κ ≤ 1) and b by lambda (λ ≥ 1, the whole part taken at every stage) every stage epochs, so
// δ by κ/√λ: the paper's implicit graduated optimization.
func Stages(eta float64, b, stage int, kappa, lambda float64) Schedule {
	return func(epoch int) (float64, int) {
		m := epoch / stage
		size := b
		if lambda != 1 {
			for range m {
				next := wholeBatch(math.Floor(lambda * float64(size)))
				if next == size {
					break // at the limit, or too small for this λ ever to add a whole image
				}
				size = next
			}
		}
		return eta * math.Pow(kappa, float64(m)), size
	}
}

// Carry makes δ follow curve from its value at (eta, b), by way of the carrier. b is rounded to the nearest whole number, so with
// CarryBatch and CarryBoth δ misses its path by up to 1/(4b) of itself; and where the path asks for more images than there are,
// the batch is all of them. An unknown carrier gives a *FieldError.
func Carry(curve Curve, carrier string, eta float64, b int) (Schedule, error) {
	size := func(growth float64) int { return wholeBatch(math.Round(float64(b) * growth)) }
	switch carrier {
	case CarryRate:
		return func(epoch int) (float64, int) { return eta * curve(epoch), b }, nil
	case CarryBatch:
		return func(epoch int) (float64, int) { f := curve(epoch); return eta, size(1 / (f * f)) }, nil
	case CarryBoth:
		return func(epoch int) (float64, int) { f := curve(epoch); return eta * math.Sqrt(f), size(1 / f) }, nil
	}
	return nil, &FieldError{Field: "carrier", Doing: "choosing which of η and b carries the path of δ", Expected: "one of " + strings.Join(Carriers(), ", "), Found: quote(carrier), Advice: "choose one of these"}
}

// wholeBatch is a batch size as an int, at most 2³¹ − 1: no training set is larger. What is not a number is the limit too.
func wholeBatch(b float64) int {
	if !(b < math.MaxInt32) {
		return math.MaxInt32
	}
	return max(1, int(b))
}

// WarmUp lets η rise linearly in the first epochs: to (epoch+1)/(epochs+1) of what s says, so that the epoch after them is the first at
// the full rate. What s says, stages and curves included, is not shifted. epochs ≤ 0 changes nothing.
func WarmUp(s Schedule, epochs int) Schedule {
	return func(epoch int) (float64, int) {
		eta, b := s(epoch)
		if epoch < epochs {
			eta *= float64(epoch+1) / float64(epochs+1)
		}
		return eta, b
	}
}

// LateBatch lets b follow one epoch after η: the authors' script rebuilds its loader only after the epoch that begins a stage,
// so with 200 epochs in stages of 40 the five batch sizes have 41, 40, 40, 40 and 39 epochs.
func LateBatch(s Schedule) Schedule {
	return func(epoch int) (float64, int) {
		eta, _ := s(epoch)
		_, b := s(max(epoch-1, 0))
		return eta, b
	}
}

// TotalSteps counts the parameter updates of a whole run on trainSize images: Σ over epochs of ⌈n / min(b, n)⌉. It is 0 for
// a Config that Validate refuses.
func TotalSteps(cfg Config, trainSize int) int {
	if trainSize < 1 || cfg.Validate(trainSize) != nil {
		return 0
	}
	schedule, err := ScheduleFor(cfg)
	if err != nil {
		return 0
	}
	steps := 0
	for epoch := range cfg.Epochs {
		_, b := schedule(epoch)
		steps += stepsOfEpoch(trainSize, b)
	}
	return steps
}

func stepsOfEpoch(trainSize, b int) int {
	b = min(b, trainSize)
	return (trainSize + b - 1) / b
}
