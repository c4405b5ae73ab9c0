//go:build !noasm && !safe && !gccgo

package trainer

import "gonum.org/v1/gonum/blas/gonum"

// axpy adds a·x to y, each product rounded before it is added: gonum's SSE code has no fused multiply-add.
func axpy(a float32, x, y []float32) { gonum.Implementation{}.Saxpy(len(y), a, x, 1, y, 1) }
