package descent

import (
	"errors"
	"math"
	"strings"
	"testing"

	"smoothscape/landscape"
)

func plan(t *testing.T, s Schedule, k landscape.Kernel, c float64) []Stage {
	t.Helper()
	stages, err := s.Plan(k, c)
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

// The stages of the paper's experiments; published to six places.
func TestTheFourSchedulesAreThoseOfThePaper(t *testing.T) {
	ratios := []float64{1, 0.70711, 0.5, 0.35355, 0.25}
	const exact = 1e-6 // half a unit of the last published place, and what hybrid's κ, given to 15 digits, adds
	for _, test := range []struct {
		name    string
		b       float64
		etas    []float64
		batches []float64
		ratio   []float64
	}{
		{Constant, 128, []float64{.1, .1, .1, .1, .1}, []float64{128, 128, 128, 128, 128}, []float64{1, 1, 1, 1, 1}},
		{LRDecay, 128, []float64{.1, .070711, .05, .035355, .025}, []float64{128, 128, 128, 128, 128}, ratios},
		{BatchGrowth, 32, []float64{.1, .1, .1, .1, .1}, []float64{32, 64, 128, 256, 512}, ratios},
		{Hybrid, 32, []float64{.1, .086603, .075, .064952, .05625}, []float64{32, 48, 72, 108, 162}, ratios},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, ok := ScheduleByName(test.name)
			if !ok {
				t.Fatal("no such schedule")
			}
			for _, whole := range []bool{true, false} {
				s.BatchSize, s.WholeBatches = test.b, whole
				for m, got := range plan(t, s, vector(10), 16) {
					ratio := got.NoiseLevel / (0.1 * 16 / math.Sqrt(test.b))
					if math.Abs(got.LearningRate-test.etas[m]) > exact || math.Abs(got.BatchSize-test.batches[m]) > 1e-9 || math.Abs(ratio-test.ratio[m]) > 1e-5 || got.Steps != 40 {
						t.Errorf("whole batches %v, stage %d: got %+v, δ/δ₁ = %g", whole, m+1, got, ratio)
					}
				}
			}
		})
	}
}

// From 33 on the whole part of 1.5·b is not 1.5·b: 33, 49, 73, 109, 163 and not 33, 49.5, 74.25, ….
func TestWholeBatchesGoOnFromTheWholePart(t *testing.T) {
	s, _ := ScheduleByName(Hybrid)
	s.BatchSize, s.WholeBatches = 33, true
	for m, got := range plan(t, s, vector(2), 1) {
		if want := []float64{33, 49, 73, 109, 163}[m]; got.BatchSize != want {
			t.Errorf("stage %d: b = %g, want %g", m+1, got.BatchSize, want)
		}
	}
}

func TestDegreesOfSmoothing(t *testing.T) {
	for _, test := range []struct{ eta, b, c, want float64 }{
		{0.1, 128, 16, 0.141421}, {0.1, 256, 16, 0.1}, {0.1, 8192, 16, 0.017678},
		{0.2, 512, 16, 0.141421}, // from (0.1, 128): δ is constant where η grows with √b, not with b
	} {
		s := Schedule{LearningRate: test.eta, BatchSize: test.b, Stages: 1, StageSteps: 1, Kappa: 1, Lambda: 1}
		if got := plan(t, s, vector(3), test.c)[0].NoiseLevel; math.Abs(got-test.want) > 1e-6 {
			t.Errorf("%+v: got %g", test, got)
		}
	}
}

// δ of the last of 200 stages is (1/200)^p of the first, however η and b share the decay.
func TestPolynomialDecay(t *testing.T) {
	for _, test := range []struct{ p, last, half float64 }{
		{1, 0.005, 100}, {0.5, 0.07071067811865475, 150}, {2, 2.5e-5, 58.5786}, {4, 6.25e-10, 31.8207},
	} {
		for _, share := range []float64{1, 0.5, 0.3, 0} {
			s, _ := ScheduleByName(Polynomial)
			s.Power, s.RateShare = test.p, share
			stages := plan(t, s, vector(5), 16)
			first := stages[0].NoiseLevel
			if got := stages[199].NoiseLevel / first; math.Abs(got/test.last-1) > 1e-9 {
				t.Errorf("p = %g, share %g: δ falls to %g", test.p, share, got)
			}
			// δ is halved at 200(1 − 0.5^(1/p)): the first stage that is at most half is the next whole one.
			for m, stage := range stages {
				if stage.NoiseLevel <= first/2*(1+1e-12) {
					if m != int(math.Ceil(test.half-1e-3)) {
						t.Errorf("p = %g, share %g: halved in stage %d, want %g", test.p, share, m, test.half)
					}
					break
				}
			}
			rate := stages[199].LearningRate / stages[0].LearningRate
			if want := math.Pow(1./200, test.p*share); math.Abs(rate/want-1) > 1e-9 {
				t.Errorf("p = %g, share %g: η falls to %g of itself", test.p, share, rate)
			}
		}
	}
}

// The authors' mixed decay: η falls with p/2 and b grows with p·balance.
func TestTheAuthorsMixedDecay(t *testing.T) {
	const p, steps = 0.9, 50
	for _, balance := range []float64{1.503, 1, 0.5} {
		s := Schedule{LearningRate: 0.1, BatchSize: 16, Stages: steps, StageSteps: 1, Kappa: 1, Lambda: 1, Power: p * (1 + balance) / 2, RateShare: 1 / (1 + balance)}
		eta, b := 0.1, 16.0
		for m, got := range plan(t, s, vector(5), 1) {
			if math.Abs(got.LearningRate/eta-1) > 1e-12 || math.Abs(got.BatchSize/b-1) > 1e-12 {
				t.Fatalf("balance %g, stage %d: got %+v, want η %g, b %g", balance, m, got, eta, b)
			}
			r := float64(steps-m-1) / float64(steps-m) // their factors, multiplied up
			eta *= math.Pow(r, p/2)
			b *= math.Pow(1/r, p*balance)
		}
	}
}

// The batch factor that halves δ is 2^(p/(p−1)) under noise whose moment of order p is finite.
func TestHeavyTailsAskForMoreGrowth(t *testing.T) {
	for alpha, lambda := range map[float64]float64{1.8: 4.756828460010884, 1.5: 8, 1.2: 64, 1.1: 2048} {
		k := landscape.Kernel{Law: landscape.Stable, Alpha: alpha, Dim: 7}
		s := Schedule{LearningRate: 0.1, BatchSize: 1, Stages: 4, StageSteps: 1, Kappa: 1, Lambda: lambda}
		for m, got := range plan(t, s, k, 3) {
			if want := 0.3 * math.Pow(0.5, float64(m)); math.Abs(got.NoiseLevel/want-1) > 1e-9 {
				t.Errorf("α = %g, stage %d: δ = %g, want %g", alpha, m+1, got.NoiseLevel, want)
			}
		}
		// Polynomial decay by batches alone keeps its promise for this law too.
		s = Schedule{LearningRate: 0.1, BatchSize: 1, Stages: 5, StageSteps: 1, Kappa: 1, Lambda: 1, Power: 1}
		if got := plan(t, s, k, 3)[4].NoiseLevel; math.Abs(got/0.06-1) > 1e-9 {
			t.Errorf("α = %g: δ falls to %g, want 0.06", alpha, got)
		}
	}
}

func TestSchedulesNameAllFaults(t *testing.T) {
	err := Schedule{LearningRate: math.NaN(), Kappa: 2, Power: -1, RateShare: math.Inf(1)}.Validate()
	for _, field := range []string{"learning rate η₁", "batch size b₁", "stages", "steps of a stage", "factor κ", "factor λ", "power p", "share"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in: %v", field, err)
		}
	}
	var fault *FieldError
	if !errors.As(err, &fault) || fault.Expected == "" || fault.Found == "" || fault.Advice == "" {
		t.Errorf("no complete FieldError in %v", err)
	}
	for name, s := range map[string]Schedule{
		"η underflows":      {LearningRate: 0.1, BatchSize: 1, Stages: 100, StageSteps: 1, Kappa: 1e-10, Lambda: 1},
		"b overflows":       {LearningRate: 0.1, BatchSize: 1, Stages: 100, StageSteps: 1, Kappa: 1, Lambda: 1e10},
		"too many steps":    {LearningRate: 0.1, BatchSize: 1, Stages: 1000, StageSteps: 1e8, Kappa: 1, Lambda: 1},
		"too many stages":   {LearningRate: 0.1, BatchSize: 1, Stages: 1e9, StageSteps: 1, Kappa: 1, Lambda: 1},
		"power out of hand": {LearningRate: 0.1, BatchSize: 1, Stages: 100, StageSteps: 1, Kappa: 1, Lambda: 1, Power: 1e300, RateShare: 0.5},
	} {
		if _, err := s.Plan(vector(1), 1); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, ok := ScheduleByName("unheard-of"); ok {
		t.Error("an unknown name has a schedule")
	}
}
