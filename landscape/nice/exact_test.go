package nice

import (
	"context"
	"math"
	"testing"

	"smoothscape/landscape"
)

var coordinate = landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Coordinate, Dim: 1}

// smooth returns the family of a catalogue function under the Gaussian kernel, δ per coordinate.
func smooth(t *testing.T, id string, d int) Family {
	t.Helper()
	o, ok := landscape.ObjectiveByID(id, d)
	if !ok {
		t.Fatalf("no objective %s", id)
	}
	k := coordinate
	k.Dim = d
	family, err := FamilyOf(o, k)
	if err != nil {
		t.Fatal(err)
	}
	return family
}

func check(t *testing.T, def Definition, family Family, deltas []float64, radii ...float64) Report {
	t.Helper()
	r, err := Check(context.Background(), def, family, deltas, radii, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func scanned(t *testing.T, def Definition, family Family, from, to, radius float64, n int) ScanReport {
	t.Helper()
	r, err := Scan(context.Background(), def, family, from, to, radius, n, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: %.9g, not %.9g ± %.1g", what, got, want, tol)
	}
}

// Rastrigin in one variable: ĝ″ = 2 + 40π²·exp(−2π²δ²)·cos 2πx, x*_δ = 0. The least value on |x| ≤ δ, in the digits that
// a table of it has, and exactly.
func TestRastriginsModulusOnOneRadius(t *testing.T) {
	table := []struct{ delta, modulus, digit float64 }{
		{1, 2.000, 1e-3}, {0.7, 1.975, 1e-3}, {0.6, 1.676, 1e-3}, {0.55, 0.99, 0.01}, {0.5, -0.84, 0.01}, {0.4, -11.6, 0.1}, {0.3, -18.6, 0.1},
		{0.26, -4.5, 0.1}, {0.25, 2.000, 1e-3}, {0.2, 57.4, 0.1}, {0.1, 264.2, 0.1},
	}
	var deltas []float64
	for _, row := range table {
		deltas = append(deltas, row.delta)
	}
	for _, d := range []int{1, 2} { // in two variables λ_min is the lesser of two such terms, and its least value the same
		r := check(t, SigmaMNice, smooth(t, "rastrigin", d), deltas, 1)
		for m, row := range table {
			s := r.Stages[m]
			cosine := math.Cos(2 * math.Pi * min(row.delta, 0.5))
			exact := 2 + 40*math.Pi*math.Pi*math.Exp(-2*math.Pi*math.Pi*row.delta*row.delta)*cosine
			near(t, "tabulated modulus", s.Modulus, row.modulus, row.digit/2*1.01)
			near(t, "exact modulus", s.Modulus, exact, 1e-9*math.Max(1, math.Abs(exact)))
			if len(s.Minimizers) != 1 || norm(s.Minimizers[0].X) > 1e-9 {
				t.Errorf("δ = %g has the minimizers %v", row.delta, s.Minimizers)
			}
		}
		if r.Holds || len(r.Failures) != 4 || r.Failures[0].Stage != 5 || r.Failures[0].Condition != Convexity || !r.Included {
			t.Errorf("holds %t, failures %v", r.Holds, r.Failures)
		}
	}
}

// On the radius 3δ strong convexity ends earlier.
func TestRastriginsModulusOnThreeRadii(t *testing.T) {
	r := check(t, NewSigmaNice, smooth(t, "rastrigin", 1), []float64{0.1, 0.083}, 3)
	near(t, "δ = 0.1", r.Stages[0].Modulus, -98, 0.5)
	near(t, "δ = 0.083", r.Stages[1].Modulus, 4.2, 0.05)
}

// With d = 1 no positive σ exists for δ from 0.2528 to 0.517447, where Rastrigin becomes convex as a whole. The ends are
// the zeros of 1 + 20π²·exp(−2π²δ²)·cos 2πδ and of 1 − 20π²·exp(−2π²δ²), the bottom that of its minimum.
func TestRastriginsGap(t *testing.T) {
	r := scanned(t, NewSigmaNice, smooth(t, "rastrigin", 1), 0.01, 1, 1, 120)
	if len(r.Failures) != 1 || r.Holds || r.Failures[0].Condition != Convexity {
		t.Fatalf("failures %+v", r.Failures)
	}
	modulus := func(delta float64) float64 {
		return 2 + 40*math.Pi*math.Pi*math.Exp(-2*math.Pi*math.Pi*delta*delta)*math.Cos(2*math.Pi*min(delta, 0.5))
	}
	gap := r.Failures[0]
	near(t, "modulus at the lower end", modulus(gap.From), 0, 1e-3) // the slope there is −1500, the end known to 10⁻⁶
	near(t, "lower end", gap.From, 0.252848, 2e-6)
	near(t, "upper end", gap.To, math.Sqrt(math.Log(20*math.Pi*math.Pi)/(2*math.Pi*math.Pi)), 2e-6)
	near(t, "upper end", gap.To, 0.517447, 2e-6)
	lowest := math.Inf(1)
	for delta := 0.25; delta < 0.5; delta += 1e-6 {
		lowest = min(lowest, modulus(delta))
	}
	near(t, "the bottom", r.Sigma, lowest, 1e-6)
	near(t, "the worst of the interval", gap.Found, r.Sigma, 0)
}

// The dent x²/2 − 0.3·exp(−(x−1)²/0.02) on δ = 1, ½, ¼, …: σ-nice by Hazan's conditions with σ = 0.314. Over all δ it is
// not.
func TestTheDentDependsOnTheQuestion(t *testing.T) {
	family := smooth(t, "dent", 1)
	r := check(t, SigmaNice, family, Halving(2, 5))
	places := []float64{0.0180, 0.0366, 0.0016, 0, 0}
	moduli := []float64{0.987, 0.899, 0.314, 0.949, 1.0}
	for m, s := range r.Stages {
		near(t, "x*", s.Minimizers[0].X[0], places[m], 5e-5)
		near(t, "modulus", s.Modulus, moduli[m], 5e-4)
		if h := s.HandOver; h != nil && (h.Bound != s.Delta/2 || h.Ratio > 0.15 || h.NextDelta != s.Delta/2) {
			t.Errorf("δ = %g hands over by %+v", s.Delta, h)
		}
	}
	if !r.Holds || len(r.Failures) != 0 || !r.Included || r.Stages[4].HandOver != nil {
		t.Errorf("%+v", r)
	}
	near(t, "σ", r.Sigma, 0.314, 5e-4)

	all := scanned(t, SigmaNice, family, 0.01, 1, 3, 120)
	near(t, "the dip", all.Sigma, -0.232, 5e-4)
	near(t, "its δ", all.SigmaAt, 0.192, 5e-4)
	if all.Holds || len(all.Failures) != 1 || all.Failures[0].From > 0.1924 || all.Failures[0].To < 0.1924 {
		t.Errorf("failures %+v", all.Failures)
	}

	// A schedule that goes around the dip is one of new σ-nice, with the hand-over bound δ_m − δ_{m+1}.
	around := check(t, NewSigmaNice, family, []float64{1, 0.5, 0.25, 0.15, 0.05}, 3)
	if !around.Holds || around.Stages[2].HandOver.Bound != 0.1 {
		t.Errorf("%+v", around)
	}
	through := check(t, NewSigmaNice, family, []float64{1, 0.5, 0.192, 0.05}, 3)
	if through.Holds || through.Failures[0].Stage != 3 {
		t.Errorf("%+v", through.Failures)
	}
	near(t, "through the dip", through.Failures[0].Found, -0.232, 5e-4)
}

// The dent's f̂″ = 1 + (A/v)(1 − u²/v)·exp(−u²/2v), with u = x − 1, v = 0.01 + δ², A = 0.03/√v, is least at u² = 3v: 1 −
// 0.06·exp(−3/2)/v^(3/2). So f̂ is convex as a whole from δ = 0.21536 on; a ball of radius 2 holds the whole dent and
// must say the same.
func TestWhereTheDentBecomesConvex(t *testing.T) {
	exact := math.Sqrt(math.Pow(0.06*math.Exp(-1.5), 2./3) - 0.01)
	near(t, "δ of convexity", exact, 0.21536, 1e-5)
	family := smooth(t, "dent", 1)
	for _, c := range []struct {
		delta float64
		holds bool
	}{{exact + 1e-6, true}, {exact - 1e-6, false}} {
		if got := check(t, SigmaMNice, family, []float64{c.delta}, 2/c.delta); got.Holds != c.holds {
			t.Errorf("δ = %g: modulus %g", c.delta, got.Sigma)
		}
	}
}

// f = (x² − 1)² under the Gaussian kernel: f̂ = x⁴ + (6s² − 2)x² + 3s⁴ − 2s² + 1. Two minimizers ±√(1 − 3s²) of the same
// depth until s = 1/√3, one at 0 from there on; f̂″ = 12x² + 12s² − 4.
func twoWells() Family {
	return Family{Dim: 1, Lo: -2, Hi: 2, Kernel: coordinate, Smoothed: func(s float64) (landscape.Function, error) {
		return landscape.Function{
			Func: func(x []float64) float64 {
				q := x[0] * x[0]
				return q*q + (6*s*s-2)*q + 3*s*s*s*s - 2*s*s + 1
			},
			Grad: func(x, dst []float64) { dst[0] = 4*x[0]*x[0]*x[0] + 2*(6*s*s-2)*x[0] },
			Hess: func(x, dst []float64) bool { dst[0] = 12*x[0]*x[0] + 12*s*s - 4; return true },
		}, nil
	}}
}

func TestTwoWells(t *testing.T) {
	place := func(s float64) float64 { return math.Sqrt(max(0, 1-3*s*s)) }
	deltas := []float64{1, 0.6, 0.3, 0.15}
	r := check(t, NewSigmaNice, twoWells(), deltas, 1.5)
	for m, s := range r.Stages {
		x, radius := place(s.Delta), 1.5*s.Delta
		inner := max(0, x-radius)
		near(t, "modulus", s.Modulus, 12*inner*inner+12*s.Delta*s.Delta-4, 1e-9)
		if x > 0 && (len(s.Minimizers) != 2 || math.Abs(s.Minimizers[0].X[0]+x) > 1e-9 || math.Abs(s.Minimizers[1].X[0]-x) > 1e-9) ||
			x == 0 && (len(s.Minimizers) != 1 || math.Abs(s.Minimizers[0].X[0]) > 1e-6) {
			t.Errorf("δ = %g: minimizers %v, not ±%g", s.Delta, s.Minimizers, x)
		}
		if m+1 < len(deltas) {
			next := place(deltas[m+1])
			near(t, "distance", s.HandOver.Distance, math.Abs(next-x), 1e-6)
			near(t, "ratio", s.HandOver.Ratio, math.Abs(next-x)/(s.Delta-deltas[m+1]), 1e-5)
			near(t, "inclusion", s.HandOver.Inclusion, math.Abs(next-x)/(1.5*deltas[m+1]), 1e-5)
		}
	}
	// From 0 at δ = 0.6 the minimizers jump to ±0.854 at 0.3, further than 0.3 allows and further than the neighborhood
	// of radius 0.45 reaches.
	if r.Holds || r.Included {
		t.Errorf("holds %t, included %t", r.Holds, r.Included)
	}
	var jump *Failure
	for i := range r.Failures {
		if r.Failures[i].Condition == HandingOver {
			jump = &r.Failures[i]
		}
	}
	if jump == nil || jump.Stage != 2 || math.Abs(jump.Found-0.8544) > 1e-4 || math.Abs(jump.Bound-0.3) > 1e-12 {
		t.Errorf("failures %v", r.Failures)
	}
}

// The path of the minimizer has the slope −3s/√(1 − 3s²), which exceeds 1 from s = 1/√12 to 1/√3. Neighbors of the scan
// are a factor 1.006 apart.
func TestThePathOfTheMinimizer(t *testing.T) {
	const n = 500
	r := scanned(t, NewSigmaNice, twoWells(), 0.05, 1, 0.5, n)
	var paths []Interval
	for _, f := range r.Failures {
		if f.Condition == HandingOver {
			paths = append(paths, f)
		}
	}
	step := math.Pow(20, 1./(n-1)) - 1
	if len(paths) != 1 {
		t.Fatalf("failures %+v", r.Failures)
	}
	near(t, "lower end", paths[0].From, 1/math.Sqrt(12), step/math.Sqrt(12))
	near(t, "upper end", paths[0].To, 1/math.Sqrt(3), step)
	if paths[0].Found < 10 { // the slope is infinite at the upper end
		t.Errorf("%+v", paths[0])
	}
}

// In two variables: the modulus of the dent on discs, against a dense lattice of the Hessian written out here.
func TestTheDentInThePlane(t *testing.T) {
	family := smooth(t, "dent", 2)
	for _, delta := range []float64{0.25, 0.15} {
		s := check(t, SigmaMNice, family, []float64{delta}, 3).Stages[0]
		v := 0.01 + delta*delta
		least := func(x, y float64) float64 { // the eigenvalues of I + bell·(I − uuᵀ/v): across u and along it
			u2 := (x-1)*(x-1) + y*y
			bell := 0.3 * 0.01 / v * math.Exp(-u2/(2*v)) / v
			return min(1+bell, 1+bell*(1-u2/v))
		}
		want, c := math.Inf(1), s.Minimizers[0].X
		const n = 2000
		for i := range n + 1 {
			for j := range n + 1 {
				x, y := (2*float64(i)/n-1)*3*delta, (2*float64(j)/n-1)*3*delta
				if x*x+y*y <= 9*delta*delta {
					want = min(want, least(c[0]+x, c[1]+y))
				}
			}
		}
		// The lattice of the witness is 3δ/1000 wide and the third derivative below 10: its least value is at most
		// 10·3δ/1000 above the true one, and beside a smooth minimum far less.
		if !(s.Modulus <= want+1e-9) || want-s.Modulus > 0.03*delta {
			t.Errorf("δ = %g: modulus %.9g at %v, by brute force %.9g", delta, s.Modulus, s.WeakestAt, want)
		}
		near(t, "the returned point", least(s.WeakestAt[0], s.WeakestAt[1]), s.Modulus, 1e-9)
	}
}
