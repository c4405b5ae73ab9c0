package measure

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"testing"
)

// bowl is a quadratic: L = ½Σ h_i w_i² at w = (1, −2, ½), h = (3, 1, 10).
func bowl() (sum, []float32) {
	return sum{a: [][]float64{{0, 0, 0}}, h: diagonal(3, 1, 10)}, []float32{1, -2, 0.5}
}

// Near w the worst corner is known: Σ |c_i g_i|ρ + ½ρ²Σ h_i c_i².
func TestWorstSharpnessOfAQuadratic(t *testing.T) {
	s, w := bowl()
	for _, test := range []struct {
		reach Reach
		want  float64
	}{
		{Reach{0.1, true}, 0.9975}, // D1
		{Reach{0.1, false}, 0.1*(3+2+5) + 0.5*0.01*(3+1+10)},
		{Reach{0.0002, false}, 0.0002*10 + 0.5*4e-8*14},
	} {
		got, err := WorstSharpness(t.Context(), s, w, [][]int{{0}, {0}}, test.reach, 20, nil)
		if err != nil {
			t.Fatal(err)
		}
		// The averaging of steps leaves 0.25¹⁰ = 1e-6 of the way to the corner; float32 parameters 1e-7 of w.
		if math.Abs(got.Value-test.want) > 3e-6*test.want+1e-6 {
			t.Errorf("%+v: got %.8f, want %.8f", test.reach, got.Value, test.want)
		}
		loss := 0.0
		for i, h := range []float64{3, 1, 10} {
			loss += h * float64(w[i]) * float64(w[i]) / 2
		}
		if math.Abs(got.Loss-loss) > 1e-12 || len(got.Batches) != 2 || got.StdErr != 0 {
			t.Errorf("%+v: %+v, loss %g", test.reach, got, loss)
		}
	}
}

// Where the maximum lies inside the box: a loss that curves downwards. Halving the step is what finds it.
func TestWorstSharpnessFindsAnInnerMaximum(t *testing.T) {
	s := sum{a: [][]float64{{1, 1}}, h: diagonal(-10, -4)} // maximum at (0.1, 0.25), rise 0.05 + 0.125
	got, err := WorstSharpness(t.Context(), s, []float32{0, 0}, [][]int{{0}}, Reach{1, false}, 60, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The last step is 2ρ/2⁸: both coordinates within 0.004 of the maximum cost ½·10·1.6e-5 + ½·4·1.6e-5 = 1.1e-4.
	if got.Value > 0.175+1e-6 || got.Value < 0.175-2e-3 {
		t.Errorf("got %g, want 0.175", got.Value)
	}
	// It never falls below 0, even at a maximum.
	if top, err := WorstSharpness(t.Context(), s, []float32{0.1, 0.25}, [][]int{{0}}, Reach{1, false}, 20, nil); err != nil || top.Value < 0 || top.Value > 1e-9 {
		t.Errorf("at the maximum: %+v, %v", top, err)
	}
}

func TestCheckpointsOfTheAscent(t *testing.T) {
	got := slices.Sorted(maps.Keys(checkpoints(20)))
	if want := []int{5, 9, 12, 14, 16, 18, 19, 20}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := slices.Sorted(maps.Keys(checkpoints(100))); !slices.Equal(got, []int{22, 41, 57, 70, 80, 87, 93, 99}) {
		t.Errorf("of 100: got %v", got)
	}
}

// D1 and its plain sibling: (ρ²/2) Σ c_i² h_i, exactly, for a quadratic.
func TestAverageSharpnessOfAQuadratic(t *testing.T) {
	s, w := bowl()
	for _, test := range []struct {
		reach Reach
		want  float64
	}{{Reach{0.1, true}, 0.0475}, {Reach{0.1, false}, 0.07}} {
		got, err := AverageSharpness(t.Context(), s.loss, w, [][]int{{0}}, test.reach, 20_000, newRand(1), nil)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Value-test.want) > 0.001 || math.Abs(got.Value-test.want) > 4*got.StdErr {
			t.Errorf("%+v: got %v, want %g", test.reach, got.Estimate, test.want)
		}
	}
	// A linear loss has none: antithetic pairs cancel it to rounding (1e-7 of w and of L).
	linear := sum{a: [][]float64{{3, -7, 2}}}
	if got, err := AverageSharpness(t.Context(), linear.loss, w, [][]int{{0}, {0}}, Reach{0.1, false}, 5, newRand(2), nil); err != nil || math.Abs(got.Value) > 1e-5 {
		t.Errorf("linear: %+v, %v", got, err)
	}
}

func TestSharpnessBatches(t *testing.T) {
	for _, test := range []struct{ images, batches, first int }{{1024, 8, 128}, {1000, 7, 128}, {100, 1, 100}, {128, 1, 128}} {
		got := SharpnessBatches(FirstImages(test.images))
		if len(got) != test.batches || len(got[0]) != test.first {
			t.Errorf("%d images: %d batches of %d", test.images, len(got), len(got[0]))
		}
	}
}

func TestSharpnessRefusesAndStops(t *testing.T) {
	s, w := bowl()
	if _, err := WorstSharpness(t.Context(), s, w, [][]int{{0}}, Reach{0, false}, 20, nil); !errors.Is(err, ErrArgument) {
		t.Errorf("radius 0: %v", err)
	}
	if _, err := WorstSharpness(t.Context(), s, w, nil, Reach{1, false}, 20, nil); !errors.Is(err, ErrArgument) {
		t.Errorf("no batch: %v", err)
	}
	if _, err := AverageSharpness(t.Context(), s.loss, w, [][]int{{0}}, Reach{math.NaN(), false}, 20, newRand(1), nil); !errors.Is(err, ErrArgument) {
		t.Errorf("radius NaN: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	_, err := WorstSharpness(ctx, s, w, [][]int{{0}}, Reach{1, false}, 20, func(done, total int) {
		if seen = done; done == 5 {
			cancel()
		}
		if total != 21 {
			t.Errorf("total %d", total)
		}
	})
	if !errors.Is(err, context.Canceled) || seen != 5 {
		t.Errorf("stopped after %d: %v", seen, err)
	}
}

// script is a Gradients in one dimension that follows a script: its gradient points up at the center and after the first step,
// which is the highest place, and down from then on.
type script struct{ places []float32 }

func (*script) Dim() int { return 1 }

func (s *script) At(params []float32, _ []int, grad []float32) (float64, error) {
	s.places = append(s.places, params[0])
	if grad[0] = -1; len(s.places) <= 2 {
		grad[0] = 1
	}
	if len(s.places) == 2 {
		return 5, nil
	}
	return 0, nil
}

// After the first check without progress the ascent goes on from the best place, by its gradient and with half the step.
func TestTheAscentRestartsFromItsBest(t *testing.T) {
	s := &script{}
	rise, err := WorstSharpness(t.Context(), s, []float32{0}, [][]int{{0}}, Reach{1, false}, 20, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Visits: 0 the center, 1 the best (0.75), then down to −1; the check at iteration 5 follows visit 6. Visit 7 starts at 0.75 and goes up: z = 1.
	if s.places[1] != 0.75 || s.places[6] > 0 || s.places[7] != 0.75*1+0.25*0.75 {
		t.Errorf("visits %v", s.places[:9])
	}
	if rise.Value != 5 {
		t.Errorf("rise %g", rise.Value)
	}
}
