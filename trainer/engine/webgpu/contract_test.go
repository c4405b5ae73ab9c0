package webgpu

import (
	"errors"
	"testing"

	"smoothscape/trainer/engine/enginetest"
)

// anyEngine opens the best device of this machine.
func anyEngine(t testing.TB) *Engine {
	t.Helper()
	adapters, err := Adapters()
	if errors.Is(err, ErrNoLoader) || errors.Is(err, ErrNoAdapter) {
		t.Skipf("skipped: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(adapters[0], "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestContract(t *testing.T) { enginetest.Contract(t, anyEngine(t)) }
