package fullspace

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"smoothscape/landscape"
)

// What has no mean, and what has a mean but no variance, is refused with the reason.
func TestWhatDoesNotExistIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		kernel landscape.Kernel
		growth float64
		want   string // in the error; empty where it exists
	}{
		{"Rastrigin, Gaussian", gaussian(10), 2, ""},
		{"network of unknown growth, Gaussian", gaussian(10), math.Inf(1), ""},
		{"network of unknown growth, Rayleigh", landscape.Kernel{Law: landscape.Rayleigh, Dim: 10}, math.Inf(1), ""},
		{"network of unknown growth, stable", landscape.Kernel{Law: landscape.Stable, Alpha: 1.9, Dim: 10}, math.Inf(1), "does not exist"},
		{"Rastrigin, stable", landscape.Kernel{Law: landscape.Stable, Alpha: 1.9, Dim: 10}, 2, "does not exist"},
		{"Rastrigin, Cauchy", landscape.Kernel{Law: landscape.Cauchy, Dim: 10}, 2, "does not exist"},
		{"linear, stable: a mean without a variance", landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: 10}, 1, "no standard error"},
		{"root, stable", landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: 10}, 0.5, ""},
		{"bounded, Cauchy", landscape.Kernel{Law: landscape.Cauchy, Dim: 10}, 0, ""},
		{"bounded, Levy", landscape.Kernel{Law: landscape.Levy, Dim: 10}, 0, ""},
	} {
		_, err := Drawn(c.kernel, 0.5, c.growth)
		if (err == nil) != (c.want == "") || err != nil && (!errors.Is(err, landscape.ErrNoSmoothing) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	for name, make := range map[string]func() (Noise, error){
		"NaN degree":      func() (Noise, error) { return Drawn(gaussian(3), math.NaN(), 2) },
		"negative degree": func() (Noise, error) { return Drawn(gaussian(3), -1, 2) },
		"infinite degree": func() (Noise, error) { return Drawn(gaussian(3), math.Inf(1), 2) },
		"NaN growth":      func() (Noise, error) { return Drawn(gaussian(3), 1, math.NaN()) },
		"no law":          func() (Noise, error) { return Drawn(landscape.Kernel{Dim: 2}, 1, 2) },
		"empty record":    func() (Noise, error) { return Recorded(0, 1, nil) },
		"NaN factor":      func() (Noise, error) { return Recorded(1, math.NaN(), nil) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// record is count vectors of d numbers, of a skewed law with mean 0.
func record(seed uint64, count, d int) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	all := make([][]float64, count)
	for i := range all {
		all[i] = make([]float64, d)
		for j := range all[i] {
			all[i][j] = (rng.ExpFloat64() - 1) / math.Sqrt(float64(j+1))
		}
	}
	return all
}

func recorded(t testing.TB, all [][]float64, eta float64) Noise {
	t.Helper()
	n, err := Recorded(len(all), eta, func(i int, v []float64) error {
		copy(v, all[i])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// With a budget for all recorded vectors the measured picture is the mean over them, each once, and the standard error is that of the
// mean of so many draws.
func TestWholeRecordIsItsMean(t *testing.T) {
	t.Parallel()
	const d, count, eta = 5, 40, 0.3
	all := record(1, count, d)
	f := func(x []float64) float64 { return math.Exp(x[0]) + x[1]*x[2] - math.Cos(x[3]+x[4]) }
	p := Problem[float64]{Plane: coordinatePlane[float64](d), X: axes(-1, 1, 9), Y: axes(-1, 1, 8), Noise: recorded(t, all, eta), Seed: 3}
	got := estimate(t, p, f, 1000)
	if got.Samples != count || !got.Complete || got.Antithetic || got.Evaluations != count*72 {
		t.Errorf("got %d samples, complete %v, antithetic %v, %d evaluations", got.Samples, got.Complete, got.Antithetic, got.Evaluations)
	}
	for i, z := range got.Z {
		mean, squares := 0.0, 0.0
		for _, v := range all {
			x := []float64{got.X[i%9] - eta*v[0], got.Y[i/9] - eta*v[1], -eta * v[2], -eta * v[3], -eta * v[4]}
			value := f(x)
			mean += value / count
			squares += value * value / count
		}
		// 40 values of the order 1, summed in another order.
		if stdErr := math.Sqrt((squares - mean*mean) / (count - 1)); math.Abs(z-mean) > 1e-13 || math.Abs(got.StdErr[i]-stdErr) > 1e-12 {
			t.Errorf("got %g ± %g, want %g ± %g", z, got.StdErr[i], mean, stdErr)
		}
	}
	if part := estimate(t, p, f, 39); part.Complete || part.Samples != 39 {
		t.Errorf("got %d samples, complete %v", part.Samples, part.Complete)
	}
}

// A part of the record is n draws of the noise: over many records its mean is that of the law, with the error that is told.
func TestPartOfARecordIsADrawOfTheNoise(t *testing.T) {
	notShort(t)
	t.Parallel()
	const d, count, n, eta, seeds = 3, 60, 30, 0.5, 600
	f := func(x []float64) float64 { return x[0]*x[0] + x[0] + 2*x[1]*x[1] + x[2]*x[2] }
	const want = eta * eta * (1 + 2*0.5 + 1.0/3) // variances 1, 1/2, 1/3
	bias, errors2, told, covered := 0.0, 0.0, 0.0, 0.0
	for seed := range uint64(seeds) {
		p := Problem[float64]{Plane: coordinatePlane[float64](d), X: []float64{0}, Y: []float64{0}, Noise: recorded(t, record(seed, count, d), eta), Seed: seed}
		got := estimate(t, p, f, n)
		miss := got.Z[0] - want
		bias += miss / seeds
		errors2 += miss * miss / seeds
		told += got.StdErr[0] * got.StdErr[0] / seeds
		if math.Abs(miss) <= 2*got.StdErr[0] {
			covered += 1. / seeds
		}
	}
	if math.Abs(bias) > 4*math.Sqrt(errors2/seeds) {
		t.Errorf("bias %g ± %g", bias, math.Sqrt(errors2/seeds))
	}
	// Squares of exponential numbers have a kurtosis of some hundred: the mean square of 600 errors is good to a sixth or so, and
	// 30 samples see the upper tail too seldom, so that 2 standard errors cover less than the 0.945 of the Student law.
	if ratio := told / errors2; math.Abs(ratio-1) > 0.5 || covered < 0.8 || covered > 0.97 {
		t.Errorf("variance told %.2f of the squared error, coverage %.3f", ratio, covered)
	}
}

// Every vector is read once by each worker at most, in an order that the seed makes.
func TestOrderOfTheRecordComesFromTheSeed(t *testing.T) {
	t.Parallel()
	const count = 50
	orders := make([][]int, 3)
	for run, seed := range []uint64{1, 1, 2} {
		var mutex sync.Mutex
		noise, err := Recorded(count, 1, func(i int, v []float64) error {
			mutex.Lock()
			defer mutex.Unlock()
			orders[run] = append(orders[run], i)
			v[0] = float64(i)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		e := begin(t, Problem[float64]{Plane: coordinatePlane[float64](1), X: []float64{0}, Y: []float64{0}, Noise: noise, Seed: seed})
		if _, err := e.Run(context.Background(), evaluators(1, func(x []float64) float64 { return x[0] }), Stop{Samples: count}, nil); err != nil {
			t.Fatal(err)
		}
		sorted := slices.Sorted(slices.Values(orders[run]))
		for i, v := range sorted {
			if v != i || len(sorted) != count {
				t.Fatalf("read %v", sorted)
			}
		}
	}
	if !slices.Equal(orders[0], orders[1]) || slices.Equal(orders[0], orders[2]) || slices.IsSorted(orders[0]) {
		t.Errorf("got %v", orders)
	}
}

func TestRecordThatCannotBeReadEndsTheRun(t *testing.T) {
	t.Parallel()
	sick := errors.New("no such file")
	noise, err := Recorded(10, 1, func(i int, v []float64) error {
		if i == 7 {
			return sick
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e := begin(t, Problem[float64]{Plane: coordinatePlane[float64](2), X: []float64{0}, Y: []float64{0}, Noise: noise})
	_, err = e.Run(context.Background(), evaluators(2, func(x []float64) float64 { return 1 + x[0] }), Stop{Samples: 10}, nil)
	if !errors.Is(err, sick) || !strings.Contains(err.Error(), "vector 7") {
		t.Errorf("got %v", err)
	}
}

// Steps of neighboring samples, of the center alone and of neighboring seeds are not correlated: with 3000 pairs of 2 numbers the
// correlation of independent ones is 0 ± 0.013.
func TestStreamsAreIndependent(t *testing.T) {
	t.Parallel()
	draw := func(seed, stream, index uint64) float64 {
		return rand.New(rand.NewPCG(seedOf(seed, stream, index))).NormFloat64()
	}
	const n = 3000
	for name, other := range map[string]func(i uint64) float64{
		"next sample":      func(i uint64) float64 { return draw(1, streamSample, i+1) },
		"center alone":     func(i uint64) float64 { return draw(1, streamLead, i) },
		"next seed":        func(i uint64) float64 { return draw(2, streamSample, i) },
		"next of the pair": func(i uint64) float64 { return draw(1+i, streamSample, 1+i) },
	} {
		sum := 0.0
		for i := range uint64(n) {
			sum += draw(1, streamSample, i) * other(i)
		}
		if math.Abs(sum/n) > 4.5/math.Sqrt(n) {
			t.Errorf("%s: correlation %g", name, sum/n)
		}
	}
}
