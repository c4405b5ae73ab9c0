package trainer

import (
	"maps"
	"math"
	"slices"
	"testing"

	"smoothscape/trainer/measure"
)

// The configuration of the paper's experiments: 200 epochs, a change every 40.
func paperConfig(schedule string, b int) Config {
	cfg := Default("convnet")
	cfg.Schedule, cfg.LearningRate, cfg.BatchSize, cfg.Epochs, cfg.StageEpochs = schedule, 0.1, b, 200, 40
	return cfg
}

func TestSchedulesAreThoseOfThePaper(t *testing.T) {
	const tol = 1e-6 // the published values are rounded to six places
	ratios := []float64{1, 0.70711, 0.5, 0.35355, 0.25}
	for _, test := range []struct {
		schedule string
		etas     []float64
		batches  []int
		ratio    []float64 // δ/δ₁
	}{
		{Constant, []float64{.1, .1, .1, .1, .1}, []int{16, 16, 16, 16, 16}, []float64{1, 1, 1, 1, 1}},
		{LRDecay, []float64{.1, .070711, .05, .035355, .025}, []int{128, 128, 128, 128, 128}, ratios},
		{BatchGrowth, []float64{.1, .1, .1, .1, .1}, []int{16, 32, 64, 128, 256}, ratios},
		{Hybrid, []float64{.1, .086603, .075, .064952, .05625}, []int{32, 48, 72, 108, 162}, ratios},
	} {
		t.Run(test.schedule, func(t *testing.T) {
			schedule, err := ScheduleFor(paperConfig(test.schedule, test.batches[0]))
			if err != nil {
				t.Fatal(err)
			}
			for epoch := range 200 {
				stage := epoch / 40 // ideal timing: η and b change together, at epoch index 40, not 41
				eta, b := schedule(epoch)
				ratio := measure.NoiseLevel(eta, 16, b) / measure.NoiseLevel(0.1, 16, test.batches[0])
				if math.Abs(eta-test.etas[stage]) > tol || b != test.batches[stage] || math.Abs(ratio-test.ratio[stage]) > 1e-5 {
					t.Errorf("epoch %d: got η %g, b %d, ratio %g", epoch, eta, b, ratio)
				}
			}
		})
	}
}

func TestUpdatesAreThoseOfThePaper(t *testing.T) {
	const cifar, imagenet = 50_000, 1_281_167
	for _, test := range []struct {
		schedule string
		b, n     int
		want     int
		late     int // with the authors' off-by-one
	}{
		{Constant, 128, cifar, 78_200, 78_200},
		{Constant, 256, cifar, 39_200, 39_200},
		{LRDecay, 128, cifar, 78_200, 78_200},
		{BatchGrowth, 16, cifar, 242_280, 245_209},
		{BatchGrowth, 32, cifar, 121_200, 122_665},
		{Hybrid, 32, cifar, 162_880, 164_134},
		{Constant, 256, imagenet, 1_001_000, 1_001_000},
		{BatchGrowth, 32, imagenet, 3_102_960, 3_140_494},
		{Hybrid, 32, imagenet, 4_171_760, 4_203_888},
		{Constant, cifar, cifar, 200, 200},
		{Constant, cifar + 1, cifar, 0, 0}, // refused
	} {
		cfg := paperConfig(test.schedule, test.b)
		if got := TotalSteps(cfg, test.n); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
		cfg.LateBatch = true
		if got := TotalSteps(cfg, test.n); got != test.late {
			t.Errorf("%+v, off by one: got %d", test, got)
		}
	}
}

// The authors' timing: η at epoch 40, b at 41; so hybrid has four epochs in which they do not fit.
func TestLateBatchIsOneEpochLate(t *testing.T) {
	cfg := paperConfig(Hybrid, 32)
	cfg.LateBatch = true
	schedule, err := ScheduleFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	epochs, mismatched := map[int]int{}, 0
	for epoch := range 200 {
		eta, b := schedule(epoch)
		epochs[b]++
		if ratio := measure.NoiseLevel(eta, 16, b) / measure.NoiseLevel(0.1, 16, 32) * math.Pow(math.Sqrt2, float64(epoch/40)); math.Abs(ratio-1) > 1e-12 {
			mismatched++
		}
	}
	if want := map[int]int{32: 41, 48: 40, 72: 40, 108: 40, 162: 39}; !maps.Equal(epochs, want) || mismatched != 4 {
		t.Errorf("got %v, %d mismatched", epochs, mismatched)
	}
}

// Every path of δ of the schedules with a carrier arrives at η/√b, whichever of the two carries it.
func TestCarriersGiveTheSamePathOfNoise(t *testing.T) {
	for _, name := range []string{Polynomial, Cosine, Exponential, Step} {
		for _, carrier := range Carriers() {
			cfg := paperConfig(name, 4096)
			cfg.Power, cfg.Factor, cfg.Carrier, cfg.Epochs, cfg.StageEpochs = 0.5, 0.8, carrier, 20, 4
			schedule, err := ScheduleFor(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for epoch := range 20 {
				e := float64(epoch)
				want := map[string]float64{
					Polynomial: math.Sqrt(1 - e/20), Cosine: math.Pow(math.Cos(math.Pi*e/40), 2), // half-angle form
					Exponential: math.Pow(0.8, e), Step: math.Pow(0.8, float64(epoch/4)),
				}[name]
				eta, b := schedule(epoch)
				// b is rounded: δ is off by at most 1/(4b), and b ≥ 4096 at f ≤ 1.
				if got := measure.NoiseLevel(eta, 16, b) / measure.NoiseLevel(0.1, 16, 4096); math.Abs(got-want) > want/(4*4096)+1e-12 {
					t.Errorf("%s by %s, epoch %d: η %g, b %d, δ/δ₁ %g; want %g", name, carrier, epoch, eta, b, got, want)
				}
				if (carrier == CarryRate && b != 4096) || (carrier == CarryBatch && eta != 0.1) || (carrier == CarryBoth && epoch >= 4 && (b == 4096 || eta == 0.1)) {
					t.Errorf("%s by %s, epoch %d: η %g, b %d", name, carrier, epoch, eta, b)
				}
			}
		}
	}
}

// Polynomial decay against the paper's products of γ_m, and the epochs at which the rate halves.
func TestPolynomialIsTheProductOfItsStages(t *testing.T) {
	for _, test := range []struct{ power, last, half float64 }{{1, 0.005, 100}, {0.5, 0.0707107, 150}, {2, 2.5e-5, 58.58}, {4, math.Pow(1.0/200, 4), 31.82}} {
		curve := PolynomialCurve(test.power, 200)
		product := 1.0
		for m := 1; m < 200; m++ {
			product *= math.Pow(float64(200-m)/float64(200-(m-1)), test.power)
			// Two hundred factors, each off by a few 2⁻⁵³.
			if got := curve(m); math.Abs(got/product-1) > 1e-9 {
				t.Fatalf("p = %g, epoch %d: got %g, want %g", test.power, m, got, product)
			}
		}
		if math.Abs(product/test.last-1) > 1e-6 { // the published values have six digits
			t.Errorf("p = %g: ends at %g, want %g", test.power, product, test.last)
		}
		before, after := curve(int(test.half)), curve(int(math.Floor(test.half))+1)
		if before < 0.5-1e-12 || after >= 0.5 {
			t.Errorf("p = %g: %g and %g about epoch %g, want 0.5 between them", test.power, before, after, test.half)
		}
	}
	if PolynomialCurve(1, 200)(300) != 0 || CosineCurve(200)(300) > 1e-30 {
		t.Error("a curve after its end is not 0")
	}
}

// What the published curves of the learning rate in the last epoch say, by PyTorch's schedulers.
func TestCurvesEndWherePyTorchDoes(t *testing.T) {
	for _, test := range []struct {
		name  string
		curve Curve
		epoch int
		want  float64
	}{
		{"PolynomialLR 0.1", PolynomialCurve(0.1, 200), 199, 0.589},
		{"CosineAnnealingLR", CosineCurve(200), 100, 0.5},
		{"CosineAnnealingLR at its end", CosineCurve(200), 199, 6.1685e-5}, // (1 − cos(π/200))/2
		{"ExponentialLR", ExponentialCurve(0.9), 10, 0.348678},
		{"StepLR before a step", StepCurve(0.5, 40), 39, 1},
		{"StepLR at a step", StepCurve(0.5, 40), 40, 0.5},
		{"constant", ConstantCurve(), 199, 1},
	} {
		if got := test.curve(test.epoch); math.Abs(got/test.want-1) > 1e-3 { // three published digits
			t.Errorf("%s: got %g, want %g", test.name, got, test.want)
		}
	}
}

func TestWarmUpRisesToTheFullRate(t *testing.T) {
	cfg := paperConfig(LRDecay, 128)
	cfg.WarmupEpochs, cfg.StageEpochs = 4, 2
	schedule, err := ScheduleFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	root := math.Sqrt2 / 2
	for epoch, want := range []float64{0.02, 0.04, 0.06 * root, 0.08 * root, 0.1 * 0.5, 0.1 * 0.5} { // the stages are not shifted
		if eta, b := schedule(epoch); math.Abs(eta-want) > 1e-15 || b != 128 {
			t.Errorf("epoch %d: got η %g, b %d; want %g", epoch, eta, b, want)
		}
	}
}

func TestGrowthOfABatchThatNeverAddsAnImageEnds(t *testing.T) {
	if _, b := Stages(0.1, 1, 1, 1, 1.5)(MaxEpochs); b != 1 {
		t.Errorf("got b = %d", b)
	}
	if _, err := Carry(ConstantCurve(), "mule", 0.1, 1); len(FieldErrors(err)) != 1 {
		t.Errorf("got %v", err)
	}
	vanishing, _ := Carry(ExponentialCurve(1e-9), CarryBatch, 0.1, 32)
	if eta, b := vanishing(1000); eta != 0.1 || b != math.MaxInt32 {
		t.Errorf("δ → 0: got η %g, b %d", eta, b)
	}
}

// The lines of equal noise through (0.1, 128): δ and the scale η/b of Smith and Le disagree on where they lead.
func TestLinesOfEqualNoise(t *testing.T) {
	if got, want := measure.NoiseLevel(0.2, 16, 512), measure.NoiseLevel(0.1, 16, 128); math.Abs(got-want) > 1e-15 {
		t.Errorf("δ: got %g, want %g", got, want)
	}
	if got, want := 0.4/512, 0.1/128; math.Abs(got-want) > 1e-18 {
		t.Errorf("η/b: got %g, want %g", got, want)
	}
}

func TestBatchGrowthStopsAtTheData(t *testing.T) {
	cfg := paperConfig(BatchGrowth, 16)
	cfg.Epochs, cfg.StageEpochs = MaxEpochs, 1
	schedule, err := ScheduleFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, b := schedule(MaxEpochs - 1); b != math.MaxInt32 {
		t.Errorf("got b = %d", b)
	}
	// b = 16, 32, 64, then all 100 images: 7 + 4 + 2 + 1 + 1 + … updates.
	if got, want := TotalSteps(cfg, 100), 7+4+2+(MaxEpochs-3); got != want {
		t.Errorf("got %d updates, want %d", got, want)
	}
}

func TestUnknownScheduleIsRefused(t *testing.T) {
	if _, err := ScheduleFor(paperConfig("cosinus", 16)); len(FieldErrors(err)) != 1 {
		t.Errorf("got %v", err)
	}
	if !slices.Contains(Schedules(), Default("mlp").Schedule) {
		t.Error("the preset's schedule is unknown")
	}
}
