package measure

import (
	"errors"
	"math"
	"testing"
)

// phi maximizes a quadratic over the box by brute force: for a convex one at a corner, else on a grid of 201 nodes an axis (two
// dimensions, so within 1/100 half-width of the best).
func phi(s sum, x []float32, epsilon float64, nodes int) float64 {
	center, _ := s.loss(x, []int{0})
	highest := center
	at := make([]float32, len(x))
	total := 1
	for range x {
		total *= nodes
	}
	for code := range total {
		for i, v := range x {
			z := 2*float64(code%nodes)/float64(nodes-1) - 1
			code /= nodes
			at[i] = float32(float64(v) + z*epsilon*(math.Abs(float64(v))+1))
		}
		loss, _ := s.loss(at, []int{0})
		highest = max(highest, loss)
	}
	return 100 * (highest - center) / (1 + center)
}

func TestKeskarSharpnessOfQuadratics(t *testing.T) {
	for _, test := range []struct {
		name    string
		s       sum
		x       []float32
		epsilon float64
		nodes   int
	}{
		{"the bowl of D1", sum{a: [][]float64{{0, 0, 0}}, h: diagonal(3, 1, 10)}, []float32{1, -2, 0.5}, 1e-3, 2},
		{"a wide box", sum{a: [][]float64{{0, 0, 0}}, h: diagonal(3, 1, 10)}, []float32{1, -2, 0.5}, 0.1, 2},
		{"coupled and convex", sum{a: [][]float64{{0.3, -0.1}}, h: [][]float64{{2, 1.5}, {1.5, 2}}}, []float32{0.4, 0.2}, 0.05, 2},
		{"a hill inside the box", sum{a: [][]float64{{0.2, 0.1}}, h: [][]float64{{-2, 0.5}, {0.5, -3}}}, []float32{0, 0}, 1, 201},
		{"a saddle", sum{a: [][]float64{{0.2, 0.1}}, h: [][]float64{{-2, 0.5}, {0.5, 3}}}, []float32{0.1, 0.1}, 0.5, 201},
	} {
		got, err := KeskarSharpness(t.Context(), test.s, test.x, []int{0}, test.epsilon, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := phi(test.s, test.x, test.epsilon, test.nodes)
		// Grids miss an inner maximum by (1/200)² of curvature; ten steps of the method stop within 1 %. float32 parameters round the rise of 1e-2 by 1e-5.
		if math.Abs(got.Phi-want) > 0.01*want {
			t.Errorf("%s: φ = %g after %d steps and %d gradients, want %g", test.name, got.Phi, got.Iterations, got.Gradients, want)
		}
	}
}

func TestKeskarSharpnessAtTheTop(t *testing.T) {
	top := sum{a: [][]float64{{0, 0}}, h: diagonal(-1, -1)}
	got, err := KeskarSharpness(t.Context(), top, []float32{0, 0}, []int{0}, 0.1, nil)
	if err != nil || got.Phi != 0 || !got.Converged || got.Iterations != 0 {
		t.Errorf("at a maximum: %+v, %v", got, err)
	}
	if _, err := KeskarSharpness(t.Context(), top, []float32{0, 0}, []int{0}, -1, nil); !errors.Is(err, ErrArgument) {
		t.Errorf("negative ε: %v", err)
	}
	if _, err := KeskarSharpness(t.Context(), top, []float32{0, 0}, nil, 1, nil); !errors.Is(err, ErrArgument) {
		t.Errorf("no images: %v", err)
	}
}
