package gorgonia_test

import (
	"testing"

	"smoothscape/trainer/engine/enginetest"
	"smoothscape/trainer/engine/gorgonia"
)

func TestContract(t *testing.T) { enginetest.Contract(t, gorgonia.New()) }

func BenchmarkEngine(b *testing.B) { enginetest.Benchmark(b, gorgonia.New()) }
