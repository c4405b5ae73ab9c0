package landscape

import (
	"errors"
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.10g, want %.10g ± %.0e", what, got, want, tolerance)
	}
}

// Known case A1: δ = ηC/√b.
func TestDegreeOfSmoothing(t *testing.T) {
	gaussian := Kernel{Law: Gaussian, Convention: Vector, Dim: 2}
	for _, c := range []struct{ eta, b, c, want float64 }{
		{0.1, 128, 16, 0.141421}, {0.1, 256, 16, 0.1}, {0.1, 8192, 16, 0.017678}, {0, 128, 16, 0},
	} {
		near(t, "δ", Degree(gaussian, c.eta, c.b, c.c), c.want, 1e-6)
	}
}

// Known case A9: the growth of the batch that halves δ under heavy tails.
func TestHeavyTailsNeedGreaterBatches(t *testing.T) {
	for _, c := range []struct{ alpha, growth float64 }{{1.5, 8}, {1.2, 64}} {
		k := Kernel{Law: Stable, Alpha: c.alpha, Dim: 2}
		near(t, "δ after over δ before", Degree(k, 0.1, 32*c.growth, 5)/Degree(k, 0.1, 32, 5), 0.5, 1e-14)
	}
	limit := Degree(Kernel{Law: Stable, Alpha: 2, Dim: 2}, 0.1, 77, 5)
	near(t, "δ at α = 2", limit, Degree(Kernel{Law: Gaussian, Dim: 2}, 0.1, 77, 5), 1e-15)
}

func TestLearningRateForInvertsDegree(t *testing.T) {
	for _, k := range []Kernel{{Law: Gaussian, Convention: Vector, Dim: 2}, {Law: Uniform, Convention: Coordinate, Dim: 2}, {Law: Stable, Alpha: 1.3, Dim: 2}} {
		near(t, "η", LearningRateFor(k, Degree(k, 0.03, 48, 7), 48, 7), 0.03, 1e-16)
	}
}

// Known case B2 (d = 2) and B7; Transfer itself takes any α, so Cauchy's 1 too.
func TestTransferKnownValues(t *testing.T) {
	disc := Kernel{Law: Uniform, Convention: Vector, Dim: 2}
	near(t, "disc at z = 2", disc.Transfer(1, 2), 0.576725, 1e-6)
	near(t, "disc at z = 5", disc.Transfer(0.5, 10), -0.13103, 1e-5)
	for alpha, want := range map[float64]float64{1: 0.533488, 1.2: 0.564083, 1.5: 0.607717, 1.8: 0.648408} {
		near(t, "stable factor", Kernel{Law: Stable, Alpha: alpha, Dim: 2}.Transfer(0.1, 2*math.Pi), want, 1e-6)
	}
}

// The curvature of the transfer function at 0 is minus the variance per axis, whatever the law: B1 for d = 2.
func TestStdDevIsTheCurvatureOfTheTransfer(t *testing.T) {
	for _, c := range []struct {
		k    Kernel
		want float64
	}{
		{Kernel{Law: Gaussian, Convention: Vector, Dim: 2}, math.Sqrt(0.5)}, {Kernel{Law: Gaussian, Convention: Coordinate, Dim: 2}, 1},
		{Kernel{Law: Uniform, Convention: Vector, Dim: 2}, 0.5}, {Kernel{Law: Uniform, Convention: Coordinate, Dim: 2}, 1},
	} {
		const wave = 1e-3
		near(t, "standard deviation", c.k.StdDev(3), 3*c.want, 1e-15)
		near(t, "curvature", math.Sqrt(2*(1-c.k.Transfer(3, wave)))/wave, 3*c.want, 1e-5)
	}
	if s := (Kernel{Law: Stable, Alpha: 1.5, Dim: 2}).StdDev(1); !math.IsInf(s, 1) {
		t.Errorf("the stable law has a standard deviation of %g", s)
	}
}

func TestMassOutside(t *testing.T) {
	near(t, "5σ", Kernel{Law: Gaussian, Convention: Coordinate, Dim: 2}.MassOutside(0.2, 1), math.Exp(-12.5), 1e-18)
	near(t, "vector", Kernel{Law: Gaussian, Convention: Vector, Dim: 2}.MassOutside(1, 1), math.Exp(-1), 1e-15)
	near(t, "disc", Kernel{Law: Uniform, Convention: Vector, Dim: 2}.MassOutside(1, 0.8), 0.36, 1e-15)
	near(t, "beyond the disc", Kernel{Law: Uniform, Convention: Coordinate, Dim: 2}.MassOutside(1, 2.1), 0, 0)
	near(t, "no smoothing", Kernel{Law: Stable, Alpha: 1.5, Dim: 2}.MassOutside(0, 0.1), 0, 0)
	// α = 1 is Cauchy's law in the plane, 1/√(1+ρ²), and α = 2 is N(0, 2I), exp(−ρ²/4): the ends of the quadrature.
	for _, rho := range []float64{0, 0.01, 0.5, 2, 7.3, 39.9} {
		near(t, "Cauchy", stableMassOutside(2, 1, rho), 1/math.Sqrt(1+rho*rho), 1e-8)
		near(t, "normal", stableMassOutside(2, 2, rho), math.Exp(-rho*rho/4), 1e-8)
	}
	for _, rho := range []float64{40.1, 200, 1e6} {
		near(t, "Cauchy", stableMassOutside(2, 1, rho), 1/math.Sqrt(1+rho*rho), 1e-8)
	}
	for _, alpha := range []float64{1.01, 1.5, 1.99} {
		below, above := stableMassOutside(2, alpha, 40), stableMassOutside(2, alpha, math.Nextafter(40, 41))
		near(t, "series against quadrature", above, below, 1e-8)
	}
}

func TestKernelValidate(t *testing.T) {
	for name, k := range map[string]Kernel{
		"no law": {}, "unknown law": {Law: "box", Convention: Vector, Dim: 2}, "no convention": {Law: Gaussian, Dim: 2},
		"unknown convention": {Law: Uniform, Convention: "radius", Dim: 2}, "Cauchy": {Law: Stable, Alpha: 1, Dim: 2},
		"normal as stable": {Law: Stable, Alpha: 2, Dim: 2}, "NaN": {Law: Stable, Alpha: math.NaN(), Dim: 2},
	} {
		var field *KernelError
		if err := k.Validate(); !errors.As(err, &field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, k := range []Kernel{{Gaussian, Vector, 0, 2}, {Uniform, Coordinate, -3, 2}, {Stable, "", 1.5, 2}} {
		if err := k.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// Only Ackley, Drop-Wave and Schwefel of the catalogue admit an α-stable kernel, and nothing else limits a kernel.
func TestStableKernelNeedsSlowGrowth(t *testing.T) {
	admitted := map[string]bool{"ackley": true, "drop-wave": true, "schwefel": true}
	for _, o := range Explored() {
		for _, alpha := range []float64{1.01, 1.5, 1.99} {
			err := Kernel{Law: Stable, Alpha: alpha, Dim: 2}.Exists(o.Growth)
			if (err == nil) != admitted[o.ID] || err != nil && !errors.Is(err, ErrNoSmoothing) {
				t.Errorf("%s, α = %g: %v", o.ID, alpha, err)
			}
		}
		if err := (Kernel{Law: Gaussian, Convention: Vector, Dim: 2}).Exists(o.Growth); err != nil {
			t.Error(err)
		}
	}
}
