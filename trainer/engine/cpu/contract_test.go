package cpu_test

import (
	"testing"

	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/enginetest"
)

func TestContract(t *testing.T) {
	for _, e := range cpu.Paths() {
		t.Run(e.Path(), func(t *testing.T) { enginetest.Contract(t, e) })
	}
}

func BenchmarkEngine(b *testing.B) {
	for _, e := range cpu.Paths() {
		b.Run(e.Path(), func(b *testing.B) { enginetest.Benchmark(b, e) })
	}
}
