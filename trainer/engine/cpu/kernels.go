package cpu

import "gonum.org/v1/gonum/blas/gonum"

// Float is the arithmetic of a Net.
type Float interface{ float32 | float64 }

// kernels are the two operations that take nearly all the time. x and y have the same length.
type kernels[T Float] struct {
	axpy func(a T, x, y []T) // y += a·x
	dot  func(x, y []T) T    // Σ x·y
}

// kernelsOf picks gonum's vector code for T.
func kernelsOf[T Float]() kernels[T] {
	var k kernels[T]
	switch p := any(&k).(type) {
	case *kernels[float32]:
		*p = kernels[float32]{
			axpy: func(a float32, x, y []float32) { gonum.Implementation{}.Saxpy(len(x), a, x, 1, y, 1) },
			dot:  func(x, y []float32) float32 { return gonum.Implementation{}.Sdot(len(x), x, 1, y, 1) },
		}
	case *kernels[float64]:
		*p = kernels[float64]{
			axpy: func(a float64, x, y []float64) { gonum.Implementation{}.Daxpy(len(x), a, x, 1, y, 1) },
			dot:  func(x, y []float64) float64 { return gonum.Implementation{}.Ddot(len(x), x, 1, y, 1) },
		}
	}
	return k
}

// newSlice allocates n zeros at an address divisible by 16: the vector code sums up to the first such address one by
// one, so the address would decide the last bit of a result. Go places every object of 32 bytes or more so.
func newSlice[T Float](n int) []T { return make([]T, max(n, 8))[:n:n] }
