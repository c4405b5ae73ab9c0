package fullspace

import (
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/landscape"
)

// view is a function of d variables seen on the plane of the first two, n×n nodes on [−1, 1]².
type view struct {
	f      func(x []float64) float64
	d, n   int
	growth float64
}

// inPlane is f on the plane as the smoothing of pictures knows it, sampled 5 beyond the border.
func (v view) inPlane(t testing.TB) *landscape.Smoother {
	t.Helper()
	field, err := landscape.Sample(landscape.Objective{ID: "view", Dim: 2, Lo: -1, Hi: 1, DeltaMax: 1, Growth: v.growth, Function: landscape.Function{
		Func: func(at []float64) float64 {
			x := make([]float64, v.d)
			copy(x, at)
			return v.f(x)
		},
	}}, v.n)
	if err != nil {
		t.Fatal(err)
	}
	s, err := landscape.NewSmoother(field)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The four pictures of one law at one degree, as four functions. The last takes the recorded noise of that law.

func (v view) sliceSmoothing(t testing.TB, law landscape.Law, delta float64) []float64 {
	return v.convolved(t, landscape.Kernel{Law: law, Convention: landscape.Vector, Dim: 2}, delta)
}

func (v view) projected(t testing.TB, law landscape.Law, delta float64) []float64 {
	return v.convolved(t, landscape.Kernel{Law: law, Convention: landscape.Vector, Dim: v.d}, delta)
}

func (v view) convolved(t testing.TB, k landscape.Kernel, delta float64) []float64 {
	t.Helper()
	s, err := v.inPlane(t).Smooth(k, delta)
	if err != nil {
		t.Fatal(err)
	}
	return s.Z
}

func (v view) fullSpace(t testing.TB, law landscape.Law, delta float64, samples int) Estimate {
	t.Helper()
	k := landscape.Kernel{Law: law, Convention: landscape.Vector, Dim: v.d}
	return estimate(t, v.problem(drawn(t, k, delta, v.growth)), v.f, samples)
}

func (v view) measured(t testing.TB, all [][]float64, eta float64) Estimate {
	t.Helper()
	return estimate(t, v.problem(recorded(t, all, eta)), v.f, len(all))
}

func (v view) problem(noise Noise) Problem[float64] {
	return Problem[float64]{Plane: coordinatePlane[float64](v.d), X: axes(-1, 1, v.n), Y: axes(-1, 1, v.n), Noise: noise, Seed: 1}
}

// at is the place of a cell in d dimensions.
func (v view) at(cell int) []float64 {
	x := make([]float64, v.d)
	x[0], x[1] = -1+2*float64(cell%v.n)/float64(v.n-1), -1+2*float64(cell/v.n)/float64(v.n-1)
	return x
}

// lift returns the least and the greatest of the picture minus f.
func (v view) lift(z []float64) (least, greatest float64) {
	least, greatest = math.Inf(1), math.Inf(-1)
	for i, value := range z {
		rise := value - v.f(v.at(i))
		least, greatest = min(least, rise), max(greatest, rise)
	}
	return least, greatest
}

// record of the law of a kernel.
func recordOf(k landscape.Kernel, seed uint64, count int) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	all := make([][]float64, count)
	for i := range all {
		all[i] = make([]float64, k.Dim)
		k.Sample(rng, all[i])
	}
	return all
}

// quadraticView is ½xᵀHx in 50 variables with a random positive definite H of trace 49.5872, of which the block of the plane has 2.088.
func quadraticView() (v view, trace, inPlane, trace2 float64) {
	const d = 50
	const wanted, wantedInPlane = 49.5872, 2.088
	rng := rand.New(rand.NewPCG(50, 1))
	root := make([][]float64, d) // H = root·rootᵀ, rows scaled so that the traces are those
	rows := [2]float64{}
	for i := range root {
		root[i] = make([]float64, d)
		for j := range root[i] {
			root[i][j] = rng.NormFloat64()
			rows[min(i/2, 1)] += root[i][j] * root[i][j]
		}
	}
	for i := range root {
		scale := math.Sqrt(wantedInPlane / rows[0])
		if i >= 2 {
			scale = math.Sqrt((wanted - wantedInPlane) / rows[1])
		}
		for j := range root[i] {
			root[i][j] *= scale
		}
	}
	h := make([]float64, d*d)
	for i := range d {
		for j := range d {
			for k := range d {
				h[i*d+j] += root[i][k] * root[j][k]
			}
			trace2 += h[i*d+j] * h[i*d+j]
		}
		trace += h[i*d+i]
	}
	f := func(x []float64) float64 {
		sum := 0.0
		for i, v := range x {
			row := 0.0
			for j, w := range x {
				row += h[i*d+j] * w
			}
			sum += v * row / 2
		}
		return sum
	}
	return view{f, d, 8, 2}, trace, h[0] + h[d+1], trace2
}
