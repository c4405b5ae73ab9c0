package scale

import (
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/landscape"
)

// Under a box f̂″(0) of Rastrigin's function on a line is 2 + 40π²·sin(2πδ)/(2πδ): where it becomes negative the central
// minimum splits. The pairs that appear farther out, and the death of the outermost, are folds, like those of a Gaussian, at
// the same amplitudes of the wave.
func TestBoxMakesMinima(t *testing.T) {
	t.Parallel()
	k := landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Vector, Dim: 1}
	factor := func(delta float64) float64 { return wave(k, delta, 2*math.Pi) }
	lo, hi := 0.45, 0.55
	for range 60 {
		if mid := (lo + hi) / 2; 2+40*math.Pi*math.Pi*factor(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	tree := treeOf(t, closedSource(t, rastrigin(1), 129), k, 0.9)
	split := false
	for _, b := range tree.Branches {
		if b.Start == Split {
			split = true
			if math.Abs(b.Born/lo-1) > 1e-6 || *b.Source != 0 || b.Points[0].X[0] < 0 {
				t.Errorf("%d splits off %d at %.8f, want %.8f; it is on the side of %v", b.ID, *b.Source, b.Born, lo, b.Points[0].X)
			}
		}
		if b.Start == Appeared {
			// Half a wave inward, so that the fold of the inverted wave at k − ½ is at the amplitude that solves tan 2πx = 2πx there.
			x := math.Abs(b.Points[0].X[0])
			if amplitude := 10 * math.Abs(factor(b.Born)); !tangent(amplitude, x) {
				t.Errorf("%d appears at %v, δ = %.8f", b.ID, b.Points[0].X, b.Born)
			}
		}
	}
	if !split {
		t.Error("the central minimum does not split")
	}
	if first := tree.Branches[0].Points; first[len(first)-1].X[0] > 0 {
		t.Error("of two equally low minima the one with the smaller x goes on as the old one")
	}
	for delta, want := range map[float64]int{0.3: 11, 0.48: 3, 0.495: 1, 0.51: 2, 0.53: 4, 0.6: 10, 0.89: 8} {
		if got := len(tree.Alive(delta)); got != want {
			t.Errorf("δ = %g: %d minima, want %d", delta, got, want)
		}
	}
}

// tangent reports whether slope and curvature of x² + a·cos2πx vanish together within 0.3 of x, to 10⁻⁶ in a.
func tangent(a, x float64) bool {
	for f := x - 0.3; f < x+0.3; f += 1e-5 {
		// Where the curvature 2 − 4π²a·cos2πf changes its sign, the slope is 2f − 2πa·sin2πf.
		c := func(f float64) float64 { return 2 - 4*math.Pi*math.Pi*a*math.Cos(2*math.Pi*f) }
		if c(f)*c(f+1e-5) > 0 {
			continue
		}
		lo, hi := f, f+1e-5
		for range 40 {
			if mid := (lo + hi) / 2; c(lo)*c(mid) > 0 {
				lo = mid
			} else {
				hi = mid
			}
		}
		if math.Abs(2*lo-2*math.Pi*a*math.Sin(2*math.Pi*lo)) < 1e-5 {
			return true
		}
	}
	return false
}

// With a disc the center splits into four at once, and the tree counts what landscape.Minima counts, on functions and kernels
// of all sorts. It may count more within 2 % of an event (rule 1 of the package), and both err within the tolerance.
func TestCountsAreThoseOfTheCatalog(t *testing.T) {
	disc := landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Vector, Dim: 2}
	for _, c := range []struct {
		id   string
		n    int
		k    landscape.Kernel
		slow bool
	}{
		{"rastrigin", 101, gauss2, false}, {"rastrigin", 101, disc, false},
		{"rastrigin", 129, landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Coordinate, Dim: 2}, true},
		{"ackley", 101, landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: 2}, false}, {"ackley", 129, disc, true},
		{"griewank", 129, gauss2, true}, {"griewank", 129, disc, true}, {"styblinski-tang", 101, gauss2, false},
		{"himmelblau", 101, gauss2, true}, {"dent", 101, disc, false}, {"drop-wave", 101, gauss2, false},
	} {
		if c.slow && testing.Short() {
			continue
		}
		t.Run(c.id+" "+string(c.k.Law)+" "+string(c.k.Convention), func(t *testing.T) {
			t.Parallel()
			o := mustObjective(t, c.id)
			src, s := gridSource(t, o, c.n)
			tree := treeOf(t, src, c.k, o.DeltaMax)
			compare(t, tree, s, c.k, o.DeltaMax, 0)
			if c.id == "rastrigin" && c.k == disc {
				if got := len(tree.Alive(0.6)); got != 1 {
					t.Errorf("δ = 0.6: %d minima", got)
				}
				four := 0
				for _, b := range tree.Branches {
					if b.Start == Split {
						four++
					}
				}
				if four != 3 || len(tree.Alive(0.63)) != 4 || len(tree.Alive(0.65)) != 16 {
					t.Errorf("%d split off; %d minima at 0.63, %d at 0.65; want 3, 4 and 16", four, len(tree.Alive(0.63)), len(tree.Alive(0.65)))
				}
			}
		})
	}
}

// compare counts at 60 degrees that are no sampled ones. So many minima may escape the catalog anywhere: on a kinked slice it
// starts Newton's method at a node where the Hessian is not positive definite, and gives up.
func compare(t *testing.T, tree Tree, s *landscape.Smoother, k landscape.Kernel, deltaMax float64, escaped int) {
	t.Helper()
	for i := range 60 {
		delta := deltaMax * (float64(i) + 0.37) / 60
		smoothed, err := s.Smooth(k, delta)
		if err != nil {
			t.Fatal(err)
		}
		want, got := len(smoothed.Minima()), len(tree.Alive(delta))
		distance := math.Inf(1)
		for _, e := range tree.Events {
			distance = min(distance, math.Abs(delta-e.Delta)/max(delta, deltaMax/100))
		}
		if distance > tree.Tolerance && (got < want || got > want+escaped && distance > 0.02) {
			t.Errorf("δ = %.5f: %d minima, the catalog has %d, the next event is %.2g of δ away", delta, got, want, distance)
		}
	}
}

// The loss of a small network with rectified units on a random plane: kinks and no symmetry. Nothing is known but that the
// counts agree and the tree hangs together.
func TestNetworkSlice(t *testing.T) {
	t.Parallel()
	const inputs, units, samples = 2, 8, 40
	rng := rand.New(rand.NewPCG(13, 1))
	normals := func(n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = rng.NormFloat64()
		}
		return out
	}
	x, y := normals(samples*inputs), normals(samples)
	const size = units*(inputs+1) + units
	center, d1, d2 := normals(size), normals(size), normals(size)
	loss := func(theta []float64) float64 {
		sum := 0.0
		for s := range samples {
			out := 0.0
			for u := range units {
				w := theta[u*(inputs+1):]
				a := w[inputs]
				for i := range inputs {
					a += w[i] * x[s*inputs+i]
				}
				out += theta[units*(inputs+1)+u] * max(0, a)
			}
			r := math.Sin(out) - y[s]
			sum += r * r
		}
		return sum / samples
	}
	const n, cells, spread = 81, 48, 0.7
	f := landscape.Field{Domain: landscape.Square(-1, 1), N: n, Cells: cells}
	theta := make([]float64, size)
	for row := range f.M() {
		for col := range f.M() {
			a, b := -1+2*float64(col-cells)/(n-1), -1+2*float64(row-cells)/(n-1)
			for i := range theta {
				theta[i] = center[i] + spread*(a*d1[i]+b*d2[i])
			}
			f.Z = append(f.Z, loss(theta))
		}
	}
	s, err := landscape.NewSmoother(f)
	if err != nil {
		t.Fatal(err)
	}
	src, err := FromSmoother(s)
	if err != nil {
		t.Fatal(err)
	}
	tree := treeOf(t, src, gauss2, 0.24)
	if f.Resolved() != nil || len(tree.Branches) < 10 || len(tree.Alive(0.24)) > 3 {
		t.Errorf("roughness %.3g, %d branches, %d at the end", f.Roughness(), len(tree.Branches), len(tree.Alive(0.24)))
	}
	compare(t, tree, s, gauss2, 0.24, 1)
	// A slice that comes with the least halo is mirrored, as it is when it is smoothed.
	narrow, err := landscape.NewField(f.Domain, n, 4, crop(f, 4))
	if err != nil {
		t.Fatal(err)
	}
	if s, err = landscape.NewSmoother(narrow); err != nil {
		t.Fatal(err)
	}
	if src, err = FromSmoother(s); err != nil {
		t.Fatal(err)
	}
	compare(t, treeOf(t, src, gauss2, 0.02), s, gauss2, 0.02, 1)
}

// crop keeps so many cells of the halo.
func crop(f landscape.Field, cells int) []float64 {
	var z []float64
	m, skip := f.M(), f.Cells-cells
	for row := skip; row < m-skip; row++ {
		z = append(z, f.Z[row*m+skip:(row+1)*m-skip]...)
	}
	return z
}
