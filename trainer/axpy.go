//go:build !amd64 || noasm || safe || gccgo

package trainer

// axpy adds a·x to y, each product rounded before it is added. (Gonum's portable code leaves the compiler free to fuse the two.)
func axpy(a float32, x, y []float32) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += float32(a * v)
	}
}
