package figure

import (
	"io"
	"testing"
)

// The budget: 257² as PNG at 300 dpi in at most 400 ms.
func BenchmarkPNG257(b *testing.B) {
	s := Default()
	s.Raw, s.Smoothed = gridOf(257, -5, 5, rastrigin(0)), gridOf(257, -5, 5, rastrigin(0.2))
	s.Caption = []string{"Rastrigin on x₁, x₂ ∈ [−5, 5], 257 × 257 points."}
	for b.Loop() {
		if err := PNG(io.Discard, s); err != nil {
			b.Fatal(err)
		}
	}
}
