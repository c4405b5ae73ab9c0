package descent

import (
	"math"
	"testing"
)

// The values follow from the constants in the authors' code, which calls C² what it names C.
func TestMomentumDegrees(t *testing.T) {
	if got := heavyBallFactor(0.9); math.Abs(got-81.9) > 1e-9 {
		t.Errorf("β̂(0.9) = %g, want 81.9", got)
	}
	for _, test := range []struct {
		name       string
		normalized bool
		c2, k      float64
		want       float64
		tol        float64 // half a unit of the last place given
	}{
		{"heavy ball, ResNet18", false, 25.318, 1.77, 1.65222, 5e-6},
		{"heavy ball, WideResNet-28-10", false, 0.79, 1.66, 1.504, 5e-4},
		{"normalized, ResNet18", true, 128, 4.5, 0.83576, 5e-6},
		{"normalized, WideResNet-28-10", true, 1, 4.262, 0.767, 5e-4},
	} {
		if got := MomentumDegree(test.normalized, 0.1, 128, math.Sqrt(test.c2), 0.9, test.k); math.Abs(got-test.want) > test.tol {
			t.Errorf("%s: got %g, want %g", test.name, got, test.want)
		}
		if got := MomentumDegree(test.normalized, 0.1, 128, 16, 0, 9); math.Abs(got-0.1*16/math.Sqrt(128)) > 1e-15 {
			t.Errorf("%s: without momentum δ = %g", test.name, got)
		}
	}
}
