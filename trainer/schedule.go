package trainer

import (
	"math"
	"strings"
)

// The names of the schedules.
const (
	Constant    = "constant"
	LRDecay     = "lr-decay"
	BatchGrowth = "batch-growth"
	Hybrid      = "hybrid"
)

// Schedules lists the names that ScheduleFor knows.
func Schedules() []string { return []string{Constant, LRDecay, BatchGrowth, Hybrid} }

// Schedule gives the learning rate η and the batch size b of an epoch (0-based). b is at least 1 and may exceed the data:
// whoever trains takes min(b, n).
type Schedule func(epoch int) (eta float64, b int)

// ScheduleFor gives the schedule of a valid Config. Stage m = ⌊epoch / Stage()⌋ has
//
//	constant      η₁              b₁
//	lr-decay      η₁·(1/√2)^m     b₁
//	batch-growth  η₁              b₁·2^m
//	hybrid        η₁·(√3/2)^m     ⌊1.5·b⌋ of the stage before
//
// so the last three multiply δ = ηC/√b by 1/√2 a stage (√3/2 / √1.5 = 1/√2; the whole part makes hybrid's ratio exact only
// while 1.5·b is whole). Both η and b change at the first step of an epoch; the authors' script changes b one epoch late.
// An unknown name gives a *FieldError.
func ScheduleFor(cfg Config) (Schedule, error) {
	eta, b, stage := cfg.LearningRate, cfg.BatchSize, cfg.Stage()
	decayed := func(factor float64) func(int) float64 {
		return func(epoch int) float64 { return eta * math.Pow(factor, float64(epoch/stage)) }
	}
	switch cfg.Schedule {
	case Constant:
		return func(int) (float64, int) { return eta, b }, nil
	case LRDecay:
		rate := decayed(math.Sqrt2 / 2)
		return func(epoch int) (float64, int) { return rate(epoch), b }, nil
	case BatchGrowth:
		return func(epoch int) (float64, int) {
			return eta, grown(b, epoch/stage, func(b int) int { return 2 * b })
		}, nil
	case Hybrid:
		rate := decayed(math.Sqrt(3) / 2)
		return func(epoch int) (float64, int) {
			return rate(epoch), grown(b, epoch/stage, func(b int) int { return b + b/2 })
		}, nil
	}
	return nil, &FieldError{Field: "schedule", Doing: "choosing the schedule", Expected: "one of " + strings.Join(Schedules(), ", "), Found: quote(cfg.Schedule), Advice: "choose one of these"}
}

// grown applies next m times to b, and stops growing at 2³¹: no training set is larger.
func grown(b, m int, next func(int) int) int {
	for range m {
		if b >= math.MaxInt32 {
			return math.MaxInt32
		}
		b = next(b)
	}
	return b
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
