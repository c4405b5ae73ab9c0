package slice

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Two filters of 5, a bias of 2, a filter of zeros, a parameter in no block.
func filterCase() ([]float32, []Block) {
	params := []float32{1, -2, 3, 0.5, 0, 10, 20, -30, 40, 50, 7, 8, 0, 0, 0, 9}
	return params, []Block{{Start: 0, Len: 5}, {Start: 5, Len: 5}, {Start: 10, Len: 2, Fixed: true}, {Start: 12, Len: 3}}
}

func TestFilterNormalizedHasTheNormsOfTheFilters(t *testing.T) {
	params, blocks := filterCase()
	d := FilterNormalized(rand.New(rand.NewPCG(1, 2)), params, blocks)
	weights := 0.0
	for _, b := range blocks {
		got, want := norm(d[b.Start:b.Start+b.Len]), norm(params[b.Start:b.Start+b.Len])
		if b.Fixed {
			want = 0
		}
		weights += want * want
		if math.Abs(got-want) > 1e-6*want { // float32: 2⁻²⁴ a component
			t.Errorf("block at %d: got norm %g, want %g", b.Start, got, want)
		}
	}
	if got := norm(d); math.Abs(got-math.Sqrt(weights)) > 1e-6*got {
		t.Errorf("got ‖d‖ = %g, want %g", got, math.Sqrt(weights))
	}
	if d[15] != 0 {
		t.Errorf("a parameter in no block moved by %g", d[15])
	}
}

func TestFilterNormalizedIsSeeded(t *testing.T) {
	params, blocks := filterCase()
	a := NewPlane(rand.New(rand.NewPCG(1, 2)), params, blocks)
	b := NewPlane(rand.New(rand.NewPCG(1, 2)), params, blocks)
	for i := range params {
		if a.D1[i] != b.D1[i] || a.D2[i] != b.D2[i] {
			t.Fatalf("parameter %d differs", i)
		}
	}
	params[0] = 99
	if a.Center[0] == 99 {
		t.Error("the center shares memory with the parameters")
	}
}

func TestPlaneKnowsItsMetric(t *testing.T) {
	p := Plane[float32]{Center: []float32{1, 1, 1}, D1: []float32{3, 4, 0}, D2: []float32{0, 2, 0}}
	if n1, n2 := p.Norms(); n1 != 5 || n2 != 2 {
		t.Errorf("norms: got %g, %g", n1, n2)
	}
	if g11, g12, g22 := p.Gram(); g11 != 25 || g12 != 8 || g22 != 4 {
		t.Errorf("Gram: got %g, %g, %g", g11, g12, g22)
	}
	if got := p.Cosine(); math.Abs(got-0.8) > 1e-15 {
		t.Errorf("cosine: got %g", got)
	}
	at := make([]float32, 3)
	if p.At(2, -1, at); at[0] != 7 || at[1] != 7 || at[2] != 1 {
		t.Errorf("at (2, −1): got %v", at)
	}
	if got := (Plane[float32]{D1: []float32{0}, D2: []float32{1}}).Cosine(); got != 0 {
		t.Errorf("cosine of a vanishing direction: got %g", got)
	}
}

// Random directions in d dimensions are nearly orthogonal: |cos| has standard deviation 1/√d, so 4/√d holds for this seed.
func TestRandomDirectionsAreNearlyOrthogonal(t *testing.T) {
	const d = 10_000
	params := make([]float32, d)
	for i := range params {
		params[i] = 1
	}
	p := NewPlane(rand.New(rand.NewPCG(5, 6)), params, []Block{{Len: d}})
	if got := math.Abs(p.Cosine()); got == 0 || got > 4/math.Sqrt(d) {
		t.Errorf("got |cos| = %g", got)
	}
}
