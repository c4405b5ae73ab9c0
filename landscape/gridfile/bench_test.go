package gridfile

import (
	"bytes"
	"fmt"
	"testing"
)

// What a surface of 513² nodes costs to write and to read, in each format.
func BenchmarkSurface513(b *testing.B) {
	const n = 513
	s := Surface{X: indices(n), Y: indices(n), Values: []Values{{Name: "loss", Z: make([]float64, n*n)}}}
	for i := range s.Values[0].Z {
		s.Values[0].Z[i] = 1 / float64(i+3)
	}
	for _, format := range []Format{NPY, NPZ, CSV, Matrix, HDF5} {
		var file bytes.Buffer
		b.Run(fmt.Sprintf("write/%s", format), func(b *testing.B) {
			for b.Loop() {
				file.Reset()
				if err := Write(&file, format, s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(file.Len()), "bytes")
		})
		b.Run(fmt.Sprintf("read/%s", format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(bytes.NewReader(file.Bytes()), "bench"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
