package descent

import (
	"math"
	"testing"

	"smoothscape/landscape"
)

// Rastrigin's slope has the Lipschitz constant 2 + 40π² = 396.8, and in one variable 200 pairs come near it.
func TestDefaultLearningRates(t *testing.T) {
	// The slopes hx of a bowl on [−1, 1] have the mean square h²/3, so that η = 0.2√3/h is the lesser bound; 600 numbers err by some 4 %.
	if got, want := DefaultLearningRate(bowl(3, 4)), 0.2*math.Sqrt(3)/4; math.Abs(got/want-1) > 0.1 {
		t.Errorf("on a bowl of curvature 4: %g, want %g", got, want)
	}
	if got, want := DefaultLearningRate(rastriginOf(1)), 1/(2*396.8); got < want*0.999 || got > 1.02*want {
		t.Errorf("on Rastrigin: %g, want %g", got, want)
	}
	flat := bowl(2, 0)
	if got := DefaultLearningRate(flat); got != 0.01 {
		t.Errorf("on a plain: %g", got)
	}
	// On every objective of the catalogue it descends: no run leaves the domain for good, and the mean f falls.
	for _, d := range []int{2, 10} {
		for _, o := range landscape.Objectives(d) {
			trial := DefaultTrial(o)
			trial.Runs, trial.Lo, trial.Hi = 20, o.Lo, o.Hi
			eta := DefaultLearningRate(o)
			before, after := ensemble(t, Descent(o, 1e-300, 1), trial), ensemble(t, Descent(o, eta, 200), trial)
			if after.Diverged > 0 || !(after.Mean < before.Mean) {
				t.Errorf("%s in %d dimensions, η = %g: mean f from %g to %g, %d diverged", o.ID, d, eta, before.Mean, after.Mean, after.Diverged)
			}
		}
	}
}
