package cpu_test

import (
	"testing"

	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/enginetest"
)

func TestContract(t *testing.T) { enginetest.Contract(t, cpu.New()) }

func BenchmarkEngine(b *testing.B) { enginetest.Benchmark(b, cpu.New()) }
