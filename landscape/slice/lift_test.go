package slice

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// liftOf is that of a function at a place.
func liftOf(ctx context.Context, f Evaluator[float32], params []float32, delta float64, pairs int, rng *rand.Rand) (Lift, error) {
	none := make([]float32, len(params))
	surface := OnPlane(Plane[float32]{Center: params, D1: none, D2: none}, []Evaluator[float32]{f})[0]
	return MonteCarloLift(ctx, surface, len(params), delta, pairs, rng)
}

// f = g·θ + ½ Σ h_i θ_i²: the lift is δ²·tr(H)/(2d) whatever g and θ, with standard error δ²·√(tr(H²)/2)/(d·√pairs).
func TestLiftOfAQuadraticIsItsTrace(t *testing.T) {
	const d, pairs, delta = 50, 4000, 0.7
	params := make([]float32, d)
	trace, trace2 := 0.0, 0.0
	h := make([]float64, d)
	for i := range params {
		params[i] = float32(i%7) - 3
		h[i] = float64(i%5) - 0.5
		trace += h[i]
		trace2 += h[i] * h[i]
	}
	f := func(p []float32) (float64, error) {
		z := 0.0
		for i, v := range p {
			z += 1000*float64(v) + 0.5*h[i]*float64(v)*float64(v)
		}
		return z, nil
	}
	got, err := liftOf(context.Background(), f, params, delta, pairs, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	want := delta * delta * trace / (2 * d)
	stdErr := delta * delta * math.Sqrt(trace2/2) / d / math.Sqrt(pairs)
	// Four standard errors, and float32 rounding of the parameters under the slope 1000: 2⁻²³·4 a coordinate in each of two
	// points, √50 of them, averaged over the pairs.
	if rounding := 1000 * 4 * math.Pow(2, -23) * math.Sqrt(d/pairs); math.Abs(got.Mean-want) > 4*stdErr+4*rounding {
		t.Errorf("got %g ± %g, want %g", got.Mean, got.StdErr, want)
	}
	// The estimate of a standard error from 4,000 values is good to a few per cent.
	if math.Abs(got.StdErr-stdErr) > 0.1*stdErr {
		t.Errorf("got standard error %g, want %g", got.StdErr, stdErr)
	}
}

func TestLiftOfNoSmoothingIsZero(t *testing.T) {
	got, err := liftOf(context.Background(), bowl, []float32{3, 4}, 0, 10, rand.New(rand.NewPCG(1, 2)))
	if err != nil || got.Mean != 0 || got.StdErr != 0 || got.Pairs != 10 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLiftPassesOnWhatIsNotFinite(t *testing.T) {
	got, err := liftOf(context.Background(), func([]float32) (float64, error) { return math.NaN(), nil }, []float32{1}, 1, 2, rand.New(rand.NewPCG(1, 2)))
	if err != nil || !math.IsNaN(got.Mean) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLiftRefusesAndStops(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, delta := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := liftOf(context.Background(), bowl, []float32{1, 2}, delta, 10, rng); err == nil {
			t.Errorf("δ = %g: no error", delta)
		}
	}
	if _, err := liftOf(context.Background(), bowl, []float32{1, 2}, 1, 1, rng); err == nil {
		t.Error("one pair has no standard error: no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := liftOf(ctx, bowl, []float32{1, 2}, 1, 10, rng); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v", err)
	}
}
