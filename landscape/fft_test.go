package landscape

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Rounding errors of a transform grow as ε·log₂n relative to the root mean square, here about √n.
func TestPlanAgreesWithGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{2, 4, 6, 8, 10, 12, 16, 20, 24, 40, 48, 64, 96, 128, 256, 320, 384, 512, 640, 768, 1024} {
		re, im, z := make([]float64, n), make([]float64, n), make([]complex128, n)
		for i := range z {
			re[i], im[i] = rng.NormFloat64(), rng.NormFloat64()
			z[i] = complex(re[i], im[i])
		}
		p := newPlan(n)
		p.forward(re, im)
		tolerance := 4e-16 * math.Sqrt(float64(n)) * (1 + math.Log2(float64(n)))
		for k, want := range fourier.NewCmplxFFT(n).Coefficients(nil, z) {
			if e := cmplx.Abs(complex(re[k], im[k]) - want); e > tolerance*3 {
				t.Errorf("n = %d, frequency %d: off by %.1e", n, k, e)
			}
		}
		p.inverse(re, im)
		for i := range z {
			if e := cmplx.Abs(complex(re[i], im[i])/complex(float64(n), 0) - z[i]); e > tolerance {
				t.Errorf("n = %d, place %d: off by %.1e after both ways", n, i, e)
			}
		}
	}
}

func TestPaddedLength(t *testing.T) {
	for m, want := range map[int]int{1: 2, 3: 4, 5: 6, 7: 8, 9: 10, 11: 12, 129: 160, 245: 256, 257: 320, 489: 512, 513: 640, 641: 768, 769: 1024} {
		if p := PaddedLength(m); p != want {
			t.Errorf("PaddedLength(%d) = %d, want %d", m, p, want)
		}
	}
}

func TestMirrorIsWholeSampleSymmetric(t *testing.T) {
	want := []int{2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1} // m = 4 from −4 on
	for i, w := range want {
		if got := mirror(i-4, 4); got != w {
			t.Errorf("mirror(%d) = %d, want %d", i-4, got, w)
		}
	}
	if mirror(7, 1) != 0 {
		t.Error("a line of one node has one node")
	}
}

func BenchmarkTransform(b *testing.B) {
	const n = 512
	z, re, im := make([]complex128, n), make([]float64, n), make([]float64, n)
	for i := range z {
		re[i] = math.Sin(float64(i * i))
		z[i] = complex(re[i], 0)
	}
	own, theirs := newPlan(n), fourier.NewCmplxFFT(n)
	b.Run("own", func(b *testing.B) {
		for b.Loop() {
			own.forward(re, im)
			own.forward(im, re)
			for i := range re { // keep the numbers small
				re[i], im[i] = re[i]/n, im[i]/n
			}
		}
	})
	b.Run("gonum", func(b *testing.B) {
		for b.Loop() {
			theirs.Coefficients(z, z)
			theirs.Sequence(z, z)
			for i := range z {
				z[i] /= n
			}
		}
	})
}

// BenchmarkBudget smooths by Gaussians of half a cell up to DeltaMax with the halo of every objective of the catalogue, and reports
// the slowest case: one more picture ("again"), and from the samples to the first ("first", with the spectrum where it is
// needed). Of each case it takes the least time of all turns. The budget of "again" on one core is 10 ms at 257 nodes and 150 ms
// at 1025.
//
//	go test ./landscape -run '^$' -bench Budget -benchtime 10x
func BenchmarkBudget(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, n := range []int{257, 1025} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportMetric(0, "ns/op") // of no use here
			var again, first float64
			seen := map[int]bool{}
			for _, o := range Objectives(2) {
				f, err := Sample(o, n)
				if err != nil || seen[f.Cells] { // with the same halo, the same work
					continue
				}
				seen[f.Cells] = true
				s := newSmoother(b, f)
				for _, cells := range []float64{0.5, 1.9, 4, 12, 24, o.DeltaMax / f.Step()} {
					k, delta := coordinateGaussian, cells*f.Step()
					smooth(b, s, k, delta)
					fastAgain, fastFirst := math.Inf(1), math.Inf(1)
					for range b.N {
						start := time.Now()
						smooth(b, s, k, delta)
						fastAgain = min(fastAgain, time.Since(start).Seconds())
						start = time.Now()
						smooth(b, newSmoother(b, f), k, delta)
						fastFirst = min(fastFirst, time.Since(start).Seconds())
					}
					again, first = max(again, fastAgain), max(first, fastFirst)
				}
			}
			b.ReportMetric(again*1e3, "again-ms")
			b.ReportMetric(first*1e3, "first-ms")
		})
	}
}

func BenchmarkSmooth(b *testing.B) {
	o, _ := ObjectiveByID("rastrigin", 2)
	s := smootherOf(b, o, 257)
	for _, k := range []Kernel{coordinateGaussian, {Law: Uniform, Convention: Coordinate, Dim: 2}, {Law: Uniform, Convention: Coordinate, Dim: 1000}, {Law: Stable, Alpha: 1.5, Dim: 2}, {Law: Exponential, Dim: 2}} {
		for _, cells := range []float64{0.5, 4} {
			b.Run(fmt.Sprintf("%s/%d/%gcells", k.Law, k.Dim, cells), func(b *testing.B) {
				for b.Loop() {
					smooth(b, s, k, cells*s.Field().Step())
				}
			})
		}
	}
}

func BenchmarkMinima(b *testing.B) {
	o, _ := ObjectiveByID("rastrigin", 2)
	s, err := smootherOf(b, o, 257).Smooth(Kernel{Law: Gaussian, Convention: Vector, Dim: 2}, 0.05)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s.Minima()
	}
}
