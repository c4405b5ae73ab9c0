package measure

import (
	"math"
	"testing"
)

// Three values worked out by hand.
func TestNoiseLevel(t *testing.T) {
	for _, test := range []struct {
		b    int
		want float64
	}{{128, 0.141421}, {256, 0.1}, {8192, 0.017678}} {
		if got := NoiseLevel(0.1, 16, test.b); math.Abs(got-test.want) > 1e-6 {
			t.Errorf("b = %d: got %g, want %g", test.b, got, test.want)
		}
	}
}

// With the constants of the authors' code.
func TestNoiseLevelWithMomentum(t *testing.T) {
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"β̂", HeavyBallFactor(0.9), 81.9},
		{"SHB ResNet18", NoiseLevelSHB(0.1, math.Sqrt(25.318), 1.77, 0.9, 128), 1.65222},
		{"SHB WRN", NoiseLevelSHB(0.1, math.Sqrt(0.79), 1.66, 0.9, 128), 1.504},
		{"NSHB ResNet18", NoiseLevelNSHB(0.1, math.Sqrt(128), 4.5, 0.9, 128), 0.83576},
		{"NSHB WRN", NoiseLevelNSHB(0.1, 1, 4.262, 0.9, 128), 0.767},
	} {
		if math.Abs(test.got-test.want) > 5e-4 {
			t.Errorf("%s: got %g, want %g", test.name, test.got, test.want)
		}
	}
	plain := NoiseLevel(0.3, 7, 50)
	if shb, nshb := NoiseLevelSHB(0.3, 7, 2, 0, 50), NoiseLevelNSHB(0.3, 7, 2, 0, 50); math.Abs(shb-plain) > 1e-15 || math.Abs(nshb-plain) > 1e-15 {
		t.Errorf("without momentum: %g and %g, want %g", shb, nshb, plain)
	}
}

// The authors' constants follow from their critical batches.
func TestCriticalSpread(t *testing.T) {
	for _, test := range []struct {
		critical int
		want     float64
	}{{1024, 25.31868}, {32, 0.791209}} {
		got := CriticalSpread(test.critical, 0.5, 0.9)
		if math.Abs(got-test.want) > 1e-5 {
			t.Errorf("b* = %d: got %g, want %g", test.critical, got, test.want)
		}
		if back := CriticalBatch(got, 0.5, 0.9); math.Abs(back-float64(test.critical)) > 1e-9 {
			t.Errorf("back: got %g, want %d", back, test.critical)
		}
	}
}

// To halve δ takes a batch 2^(p/(p−1)) times as large.
func TestNoiseLevelOfHeavyTails(t *testing.T) {
	if got, want := NoiseLevelHeavy(0.1, 16, 2, 128), NoiseLevel(0.1, 16, 128); got != want {
		t.Errorf("p = 2: got %g, want %g exactly", got, want)
	}
	for _, test := range []struct{ p, want float64 }{{2, 4}, {1.8, 4.76}, {1.5, 8}, {1.2, 64}, {1.1, 2048}} {
		if got := BatchFactor(0.5, test.p); math.Abs(got/test.want-1) > 1e-3 {
			t.Errorf("p = %g: δ halves at %g times the batch, want %g", test.p, got, test.want)
		}
	}
	// The formula itself obeys BatchFactor: 64 times the batch halves δ_1.2.
	if got := NoiseLevelHeavy(0.1, 3, 1.2, 640) / NoiseLevelHeavy(0.1, 3, 1.2, 10); math.Abs(got-0.5) > 1e-12 {
		t.Errorf("64 times the batch multiplies δ by %g", got)
	}
	if got := MomentFactor(1.5); math.Abs(got-math.Cbrt(2)) > 1e-12 {
		t.Errorf("c_1.5 = %g", got)
	}
}

// At the same path of δ, g and T tell growing batches from decaying rates.
func TestTemperatureAndNoiseScale(t *testing.T) {
	lr, batch := Temperature(0.025, 16, 128)/Temperature(0.1, 16, 128), Temperature(0.1, 16, 2048)/Temperature(0.1, 16, 128)
	if math.Abs(lr-1.0/4) > 1e-12 || math.Abs(batch-1.0/16) > 1e-12 {
		t.Errorf("δ falls to a quarter: T falls to %g by the rate, to %g by the batch; want 1/4 and 1/16", lr, batch)
	}
	delta := NoiseLevel(0.1, 16, 128)
	if got, want := Temperature(0.1, 16, 128), delta*delta/(2*0.1); math.Abs(got-want) > 1e-12 {
		t.Errorf("T = %g, want δ²/(2η) = %g", got, want)
	}
	if got := UpdateNoiseScale(0.1, 0.9, 50_000, 128); math.Abs(got-0.1*(50_000.0/128-1)*10) > 1e-9 {
		t.Errorf("g = %g", got)
	}
}

func TestFinitePopulation(t *testing.T) {
	for _, test := range []struct {
		n, b int
		want float64
	}{{5000, 1, 1}, {5000, 2500, 0.5001}, {5000, 5000, 0}} {
		if got := FinitePopulation(test.n, test.b); math.Abs(got-test.want) > 1e-4 {
			t.Errorf("%+v: got %g", test, got)
		}
	}
}
