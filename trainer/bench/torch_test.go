package bench

import (
	"errors"
	"testing"

	"smoothscape/trainer/engine/crosscheck"
)

func TestTorch(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	r, err := Torch(t.Context(), crosscheck.Network(), Options{Batch: 4, Steps: 2})
	if errors.Is(err, ErrNoTorch) {
		t.Skip("no PyTorch here")
	}
	if err != nil || r.Version == "" || r.Device == "" || r.MedianMS <= 0 || r.ImagesPerSecond <= 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWithoutTorch(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Torch(t.Context(), crosscheck.Network(), Options{Batch: 4, Steps: 2}); !errors.Is(err, ErrNoTorch) {
		t.Errorf("got %v", err)
	}
}
