//go:build !amd64

package cpu

// bestKernels are the fastest kernels of this machine.
func bestKernels() kernels[float32] { return plainKernels[float32]() }

// kernelPaths are all kernels that this machine can run, the fastest first.
func kernelPaths() []kernels[float32] { return []kernels[float32]{plainKernels[float32]()} }

// burst gives no loop: there is none but in assembly.
func burst(kernels[float32]) (do func(rounds int), operations int) { return nil, 0 }
