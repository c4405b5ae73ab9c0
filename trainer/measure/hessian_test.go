package measure

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
)

// A known matrix with a negative eigenvalue of largest magnitude.
func negativeFirst() (matrix, []float64) {
	eigenvalues := []float64{-9, 6, 4.5, 2, 1, 0.5, 0.25, 0, -0.5, -1}
	return rotated(eigenvalues, newRand(1)), eigenvalues
}

func TestPowerIterationFindsTheLargestMagnitudes(t *testing.T) {
	m, _ := negativeFirst()
	found, err := PowerIteration(t.Context(), m, 3, 2000, 1e-12, newRand(2), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{-9, 6, 4.5} {
		// A change of 1e-12 a step leaves 1e-12/(1−(ratio)²) of the eigenvalue; vectors err by the root of that.
		if got := found[i]; math.Abs(got.Value-want) > 1e-8 || !got.Converged || got.Residual > 1e-3 {
			t.Errorf("eigenvalue %d: %g (residual %g, %d iterations), want %g", i+1, got.Value, got.Residual, got.Iterations, want)
		}
	}
	for i, a := range found {
		for k, b := range found[:i] {
			if overlap := math.Abs(dot(a.Vector, b.Vector)); overlap > 1e-12 {
				t.Errorf("vectors %d and %d overlap by %g", i, k, overlap)
			}
		}
	}
	// PyHessian's own settings: within 1 % of the eigenvalue.
	loose, err := PowerIteration(t.Context(), m, 1, 100, 1e-3, newRand(3), nil)
	if err != nil || math.Abs(loose[0].Value+9) > 0.09 {
		t.Errorf("at 1e-3: %+v, %v", loose[0].Value, err)
	}
}

func TestLanczosFindsBothEnds(t *testing.T) {
	m, want := negativeFirst()
	found, err := Lanczos(t.Context(), m, RandomStart(10, newRand(4)), 30, nil)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if len(found.Values) != 10 {
		t.Fatalf("%d Ritz values in 10 dimensions", len(found.Values))
	}
	for i, v := range found.Values {
		if math.Abs(v-want[i]) > 1e-12*9*10 || found.Residuals[i] > 1e-9 {
			t.Errorf("eigenvalue %d: %.14g ± %g, want %g", i, v, found.Residuals[i], want[i])
		}
		y, image := found.Vector(i), make([]float64, 10)
		m.Apply(t.Context(), image, y)
		addScaled(image, -want[i], y)
		if norm(image) > 1e-9 || math.Abs(norm(y)-1) > 1e-12 {
			t.Errorf("vector %d: residual %g, length %g", i, norm(image), norm(y))
		}
	}
	top := found.Top(2, true)
	if math.Abs(top[0].Value-6) > 1e-10 || math.Abs(top[1].Value-4.5) > 1e-10 || math.Abs(found.Bottom(false).Value+9) > 1e-10 || !top[0].Converged {
		t.Errorf("top %g, %g, bottom %g", top[0].Value, top[1].Value, found.Bottom(false).Value)
	}
}

// Before it has converged, every Ritz value has an eigenvalue within its residual, and the residual is the true one.
func TestLanczosBoundsItsError(t *testing.T) {
	rng := newRand(5)
	eigenvalues := make([]float64, 300)
	for i := range eigenvalues {
		eigenvalues[i] = 100/float64((i+1)*(i+1)) - 0.5*float64(i%7)/7
	}
	m := matrix(diagonal(eigenvalues...))
	found, err := Lanczos(t.Context(), m, RandomStart(300, rng), 12, nil)
	if err != nil {
		t.Fatal(err)
	}
	weights := 0.0
	for i, theta := range found.Values {
		nearest := math.Inf(1)
		for _, v := range eigenvalues {
			nearest = min(nearest, math.Abs(theta-v))
		}
		if nearest > found.Residuals[i]+1e-12 {
			t.Errorf("θ = %g: nearest eigenvalue %g away, residual %g", theta, nearest, found.Residuals[i])
		}
		y, image := found.Vector(i), make([]float64, 300)
		m.Apply(t.Context(), image, y)
		addScaled(image, -theta, y)
		if math.Abs(norm(image)-found.Residuals[i]) > 1e-9 {
			t.Errorf("θ = %g: residual %g, by definition %g", theta, found.Residuals[i], norm(image))
		}
		weights += found.Weights[i]
	}
	if math.Abs(weights-1) > 1e-12 {
		t.Errorf("weights sum to %g", weights)
	}
	if top := found.Top(1, false)[0]; math.Abs(top.Value-100) > 1e-9 {
		t.Errorf("largest: %g", top.Value)
	}
}

// A start inside an invariant subspace ends early with exact values; the identity ends at once.
func TestLanczosEndsWithTheKrylovSpace(t *testing.T) {
	m := matrix(diagonal(1, 2, 3, 4))
	found, err := Lanczos(t.Context(), m, []float64{1, 0, 1, 0}, 4, nil)
	if err != nil || len(found.Values) != 2 || math.Abs(found.Values[0]-1) > 1e-12 || math.Abs(found.Values[1]-3) > 1e-12 {
		t.Errorf("got %+v, %v", found, err)
	}
	found, err = Lanczos(t.Context(), matrix(diagonal(5, 5, 5)), []float64{1, 2, 3}, 3, nil)
	if err != nil || len(found.Values) != 1 || math.Abs(found.Values[0]-5) > 1e-12 {
		t.Errorf("identity: got %+v, %v", found, err)
	}
}

func TestTraceIsUnbiased(t *testing.T) {
	rng := newRand(6)
	m, eigenvalues := negativeFirst()
	want := 0.0
	for _, v := range eigenvalues {
		want += v
	}
	got, err := Trace(t.Context(), m, 4000, rng, nil)
	if err != nil || math.Abs(got.Value-want) > 4*got.StdErr {
		t.Errorf("got %v, %v, want %g", got, err, want)
	}
	// Var vᵀAv = 2(‖A‖² − Σ A_ii²).
	variance := 0.0
	for r, row := range m {
		for k, v := range row {
			if r != k {
				variance += 2 * v * v
			}
		}
	}
	if want := math.Sqrt(variance / 4000); math.Abs(got.StdErr/want-1) > 0.1 {
		t.Errorf("error %g, want %g", got.StdErr, want)
	}
	// A diagonal matrix has its trace in every vector.
	if exact, err := Trace(t.Context(), matrix(diagonal(1, -2, 7)), 2, rng, nil); err != nil || exact.Value != 6 || exact.StdErr != 0 {
		t.Errorf("diagonal: %v, %v", exact, err)
	}
}

// With as many steps as dimensions a start of ±1 meets every eigenvector of a diagonal matrix equally: the density is exact.
func TestSpectralDensityIsTheSpectrum(t *testing.T) {
	eigenvalues := []float64{-3, -1, -0.5, 0, 0.25, 1, 2, 5, 8, 13}
	s, err := SpectralDensity(t.Context(), matrix(diagonal(eigenvalues...)), 2, 10, newRand(7), nil)
	if err != nil {
		t.Fatal(err)
	}
	integral, moment, step := 0.0, 0.0, s.X[1]-s.X[0]
	for p, x := range s.X {
		want := 0.0
		for _, v := range eigenvalues {
			z := (x - v) / s.Sigma
			want += math.Exp(-z*z/2) / (s.Sigma * math.Sqrt(2*math.Pi)) / 10
		}
		if math.Abs(s.Y[p]-want) > 1e-8 {
			t.Fatalf("φ(%g) = %g, want %g", x, s.Y[p], want)
		}
		integral += s.Y[p] * step
		moment += 10 * s.Y[p] * x * step
	}
	if math.Abs(integral-1) > 1e-4 || math.Abs(moment-24.75) > 1e-2 || math.Abs(s.Trace.Value-24.75) > 1e-9 || s.Low > -3+1e-9 || s.High < 13-1e-9 || math.Abs(s.Sigma-0.16) > 1e-9 {
		t.Errorf("integral %g, first moment %g, trace %v, range %g to %g", integral, moment, s.Trace, s.Low, s.High)
	}
}

// A step h that is not small: central differences of a quadratic are exact at any length.
func TestCurvatureOfAQuadratic(t *testing.T) {
	rng := newRand(8)
	m, _ := negativeFirst()
	s := sum{a: make([][]float64, 3), h: m}
	for i := range s.a {
		s.a[i] = randomUnit(10, rng)
	}
	h := HessianOf(s, make([]float32, 10), FirstImages(3))
	v, got, want := randomUnit(10, rng), make([]float64, 10), make([]float64, 10)
	scale(v, 12)
	if err := h.Apply(t.Context(), got, v); err != nil {
		t.Fatal(err)
	}
	m.Apply(t.Context(), want, v)
	// Gradients of length 1 in float32 (6e-8), divided by h = 1e-3, times ‖v‖ = 12: 12·6e-5 at most.
	addScaled(got, -1, want)
	if norm(got) > 1e-3 {
		t.Errorf("off by %g", norm(got))
	}
	check, err := h.Error(t.Context(), v)
	if err != nil || check.Relative > 1e-3 || check.Rayleigh > 1e-3 {
		t.Errorf("stated error %+v, %v", check, err)
	}
	if err := h.Apply(t.Context(), got, make([]float64, 10)); err != nil || norm(got) != 0 {
		t.Errorf("H·0 = %v, %v", got, err)
	}
}

func TestHessianMethodsRefuse(t *testing.T) {
	m, _ := negativeFirst()
	ctx := t.Context()
	for name, measure := range map[string]func() error{
		"no eigenvalue":        func() error { _, err := PowerIteration(ctx, m, 0, 10, 1e-3, newRand(1), nil); return err },
		"no product":           func() error { _, err := PowerIteration(ctx, m, 1, 0, 1e-3, newRand(1), nil); return err },
		"no step":              func() error { _, err := Lanczos(ctx, m, RandomStart(10, newRand(1)), 0, nil); return err },
		"start 0":              func() error { _, err := Lanczos(ctx, m, make([]float64, 10), 3, nil); return err },
		"one vector":           func() error { _, err := Trace(ctx, m, 1, newRand(1), nil); return err },
		"no run":               func() error { _, err := SpectralDensity(ctx, m, 0, 3, newRand(1), nil); return err },
		"a basis beyond 4 GiB": func() error { _, err := Lanczos(ctx, huge{}, nil, 500, nil); return err },
	} {
		if err := measure(); !errors.Is(err, ErrArgument) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Lanczos(ctx, broken{}, []float64{1, 1}, 2, nil); !errors.Is(err, ErrNotFinite) {
		t.Errorf("NaN: got %v", err)
	}
}

type huge struct{ matrix }

func (huge) Dim() int { return 40_000_000 }

type broken struct{}

func (broken) Dim() int { return 2 }
func (broken) Apply(_ context.Context, dst, _ []float64) error {
	dst[0], dst[1] = math.NaN(), 1
	return nil
}
