package fullspace

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"smoothscape/landscape"
	"smoothscape/landscape/figure"
)

// A quadratic function of 50 variables under the unit ball: the whole lift is δ²·tr(H)/(2(d+2)) = 0.4768; the disc in the plane gives
// δ²·tr(H₂)/8 = 0.2610, the marginal of the ball 0.0201. Full space and measured find the first within three standard errors.
func TestPicturesOfAQuadratic(t *testing.T) {
	notShort(t)
	t.Parallel()
	v, trace, inPlane, trace2 := quadraticView()
	const delta, d, n = 1.0, 50, 400
	for name, c := range map[string]struct {
		law                   landscape.Law
		whole, disc, marginal float64
	}{
		"ball":     {landscape.Uniform, 0.4768, 0.2610, 0.0201},
		"Gaussian": {landscape.Gaussian, 0.4959, 0.5220, 0.0209},
	} {
		// The exact values behind the digits: second moments of a coordinate 1/(d+2) and 1/d in all dimensions, 1/4 and 1/2 in the plane.
		k := landscape.Kernel{Law: c.law, Convention: landscape.Vector, Dim: d}
		plane := landscape.Kernel{Law: c.law, Convention: landscape.Vector, Dim: 2}
		whole, disc, marginal := k.SecondMoment()*trace/2, plane.SecondMoment()*inPlane/2, k.SecondMoment()*inPlane/2
		for _, p := range [][2]float64{{whole, c.whole}, {disc, c.disc}, {marginal, c.marginal}} {
			if math.Abs(p[0]-p[1]) > 6e-5 {
				t.Errorf("%s: the function has %g, wanted %g", name, p[0], p[1])
			}
		}
		for label, p := range map[figure.Picture]struct {
			z    []float64
			want float64
		}{figure.SliceSmoothing: {v.sliceSmoothing(t, c.law, delta), disc}, figure.Projected: {v.projected(t, c.law, delta), marginal}} {
			// The mirror five beyond the border holds what the transform of a parabola can do: 10⁻⁶ of its values there, 36·1 or so.
			if least, greatest := v.lift(p.z); math.Abs(least-p.want) > 4e-5 || math.Abs(greatest-p.want) > 4e-5 {
				t.Errorf("%s, %s: lift of %.6f to %.6f, want %.6f everywhere", name, label, least, greatest, p.want)
			}
		}
		full := v.fullSpace(t, c.law, delta, n)
		least, greatest := v.lift(full.Z)
		// 64 cells have 4 pairs at the center alone to each sample. Their variance is that of δ²uᵀHu/2: E(uᵀHu)² = m₄(2tr(H²) + tr(H)²)
		// with m₄ = E u₁²u₂² = 1/d² and 1/((d+2)(d+4)).
		mean := k.SecondMoment() * trace
		fourth := k.SecondMoment() * k.SecondMoment()
		if c.law == landscape.Uniform {
			fourth = 1. / (d + 2) / (d + 4)
		}
		stdErr := math.Sqrt(fourth*(2*trace2+trace*trace)-mean*mean) / 2 / math.Sqrt(4*n)
		if math.Abs(least-whole) > 3*stdErr || greatest-least > 1e-9 || full.MaxErr > 1.1*stdErr || full.MaxErr < 0.8*stdErr {
			t.Errorf("%s, %s: lift of %.4f to %.4f ± %.4f, want %.4f ± %.4f", name, figure.FullSpace, least, greatest, full.MaxErr, whole, stdErr)
		}
		measured := v.measured(t, recordOf(k, 4, 2*n), delta)
		for i, z := range measured.Z {
			if rise := z - v.f(v.at(i)); math.Abs(rise-whole) > 4*measured.StdErr[i] { // 64 cells that err together
				t.Errorf("%s, %s: lift of %.4f ± %.4f, want %.4f", name, figure.Measured, rise, measured.StdErr[i], whole)
			}
		}
		// The pictures differ by what no error explains. Under the Gaussian slice smoothing and full space are near, as
		// tr(H₂)/2 and tr(H)/d happen to be.
		if math.Abs(whole-marginal) < 20*stdErr || name == "ball" && math.Abs(whole-disc) < 10*stdErr {
			t.Errorf("%s: the pictures cannot be told apart with ± %.4f", name, stdErr)
		}
	}
}

// cos(Σxᵢ) in 50 variables at δ = 1: the ball leaves 0.6156 and the Gaussian 0.6065 of it; slice smoothing by the disc 0.770 (by the Gaussian
// 0.6065 too, since the vector convention spreads the same length over the axes there are), and the marginals 0.980.
func TestPicturesOfAPlaneWave(t *testing.T) {
	notShort(t)
	t.Parallel()
	v := view{func(x []float64) float64 {
		s := 0.0
		for _, w := range x {
			s += w
		}
		return math.Cos(s)
	}, 50, 33, 0}
	for _, c := range []struct {
		law                    landscape.Law
		slice, projected, full float64
	}{
		{landscape.Uniform, 0.770, 0.981, 0.6156},
		{landscape.Gaussian, 0.6065, 0.980, 0.6065},
	} {
		whole := landscape.Kernel{Law: c.law, Convention: landscape.Vector, Dim: v.d}
		plane := landscape.Kernel{Law: c.law, Convention: landscape.Vector, Dim: 2}
		full := v.fullSpace(t, c.law, 1, 300)
		measured := v.measured(t, recordOf(whole, 8, 1000), 1)
		for label, p := range map[figure.Picture]struct {
			z, stdErr    []float64 // nil: a transform
			factor, want float64   // to all digits; to those that are printed
		}{
			figure.SliceSmoothing: {v.sliceSmoothing(t, c.law, 1), nil, plane.Transfer(1, math.Sqrt2), c.slice},
			figure.Projected:      {v.projected(t, c.law, 1), nil, whole.Transfer(1, math.Sqrt2), c.projected},
			figure.FullSpace:      {full.Z, full.StdErr, whole.Transfer(1, math.Sqrt(50)), c.full},
			figure.Measured:       {measured.Z, measured.StdErr, whole.Transfer(1, math.Sqrt(50)), c.full},
		} {
			if math.Abs(p.factor-p.want) > 5e-4 {
				t.Errorf("%s, %s: a factor of %g, want %g", c.law, label, p.factor, p.want)
			}
			for i, z := range p.z {
				tolerance := 1e-6 // of the transform
				if p.stdErr != nil {
					tolerance = 4.5 * p.stdErr[i]
				}
				if want := p.factor * v.f(v.at(i)); math.Abs(z-want) > tolerance {
					t.Errorf("%s, %s: got %.5f, want %.5f within %.2g", c.law, label, z, want, tolerance)
					break
				}
			}
		}
		if full.MaxErr > 0.02 || measured.MaxErr > 0.03 {
			t.Errorf("%s: largest errors %g and %g tell nothing apart", c.law, full.MaxErr, measured.MaxErr)
		}
	}
}

// In two variables slice smoothing in the vector convention, projected and full space are one picture, called exact.
func TestPicturesOfTwoVariablesAreOne(t *testing.T) {
	notShort(t)
	t.Parallel()
	for _, id := range []string{"rastrigin", "himmelblau", "griewank", "drop-wave"} {
		o, ok := landscape.ObjectiveByID(id, 2)
		if !ok {
			t.Fatalf("there is no %s", id)
		}
		v := view{o.Func, 2, 65, o.Growth}
		for _, law := range []landscape.Law{landscape.Gaussian, landscape.Uniform} {
			const delta = 0.3
			flat, projected := v.sliceSmoothing(t, law, delta), v.projected(t, law, delta)
			full := v.fullSpace(t, law, delta, 200)
			off := 0
			for i := range flat {
				if flat[i] != projected[i] {
					t.Fatalf("%s, %s: slice smoothing and projected differ in cell %d", id, law, i)
				}
				miss := math.Abs(full.Z[i]-flat[i]) - 1e-5*full.Range // of the transform, at most
				if miss > 5*full.StdErr[i] {
					t.Fatalf("%s, %s: cell %d has %g ± %g, the transform %g", id, law, i, full.Z[i], full.StdErr[i], flat[i])
				}
				if miss > 2*full.StdErr[i] {
					off++
				}
			}
			// Common random numbers: neighbors are off together, so the share may be some times the 5 % of independent cells.
			if off > len(flat)/4 {
				t.Errorf("%s, %s: %d of %d cells are off by more than two standard errors", id, law, off, len(flat))
			}
		}
	}
}

// In two variables measured is what the transform of the picture by the same recorded vectors gives: no sampling is left in it.
func TestMeasuredOfTwoVariablesIsTheTransform(t *testing.T) {
	t.Parallel()
	o, _ := landscape.ObjectiveByID("rastrigin", 2)
	v := view{o.Func, 2, 65, o.Growth}
	all := record(3, 50, 2)
	const eta = 0.2
	got := v.measured(t, all, eta)
	p := coordinatePlane[float64](2)
	kernel, err := landscape.NewEmpirical([][]float64{p.D1, p.D2}, all, 1)
	if err != nil {
		t.Fatal(err)
	}
	want, err := v.inPlane(t).SmoothEmpirical(kernel, eta)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Complete {
		t.Error("not every vector was used")
	}
	for i, z := range got.Z {
		// The transform shifts a function that it knows from 32 nodes to a wave and unit, mirrored 5 beyond the border, by up to 0.2·4.
		if math.Abs(z-want.Z[i]) > 1e-4*got.Range {
			t.Errorf("cell %d: got %.6f, the transform %.6f", i, z, want.Z[i])
		}
	}
}

// What the noise does outside of the plane is in the measured picture and in no transform of the plane's picture.
func TestNoiseBesideThePlaneIsSeenByMeasuredAlone(t *testing.T) {
	notShort(t)
	t.Parallel()
	v, trace, inPlane, _ := quadraticView()
	all := recordOf(gaussian(v.d), 5, 1000)
	for _, w := range all {
		w[0], w[1] = 0, 0
	}
	got := v.measured(t, all, 1)
	p := coordinatePlane[float64](v.d)
	kernel, err := landscape.NewEmpirical([][]float64{p.D1, p.D2}, all, 1)
	if err != nil {
		t.Fatal(err)
	}
	projected, err := v.inPlane(t).SmoothEmpirical(kernel, 1)
	if err != nil {
		t.Fatal(err)
	}
	if least, greatest := v.lift(projected.Z); math.Abs(least) > 1e-6 || math.Abs(greatest) > 1e-6 {
		t.Errorf("projected: lift of %g to %g, want none", least, greatest)
	}
	want := (trace - inPlane) / (2 * float64(v.d))
	center := v.n*v.n/2 + v.n/2
	rise := got.Z[center] - v.f(v.at(center))
	if math.Abs(rise-want) > 3*got.StdErr[center] || want < 20*got.StdErr[center] {
		t.Errorf("measured: lift of %g ± %g, want %g", rise, got.StdErr[center], want)
	}
}

// Where f is a sum of functions of one variable, full space is projected plus a constant, d−2 times the lift of one axis.
func TestSeparableFunctionIsProjectedUpToAConstant(t *testing.T) {
	notShort(t)
	t.Parallel()
	const d, delta = 10, 0.6
	o, _ := landscape.ObjectiveByID("rastrigin", d)
	v := view{o.Func, d, 65, o.Growth}
	for _, law := range []landscape.Law{landscape.Gaussian, landscape.Uniform} {
		k := landscape.Kernel{Law: law, Convention: landscape.Vector, Dim: d}
		// One axis under the marginal: x² gains δ²·SecondMoment, the wave shrinks by the transfer function.
		constant := (d - 2) * (delta*delta*k.SecondMoment() + 10*(1-k.Transfer(delta, 2*math.Pi)))
		projected, full := v.projected(t, law, delta), v.fullSpace(t, law, delta, 200)
		exact, ok := o.Smoothed(k, delta)
		if !ok {
			t.Fatalf("%s: no closed form", law)
		}
		for i, z := range full.Z {
			if want := exact.Func(v.at(i)); math.Abs(projected[i]+constant-want) > 1e-4 { // range 60, accuracy of the mirrored transform
				t.Fatalf("%s: cell %d: projected and the constant have %g, the closed form %g", law, i, projected[i]+constant, want)
			}
			if math.Abs(z-projected[i]-constant) > 4.5*full.StdErr[i]+1e-4 {
				t.Fatalf("%s: cell %d: full space is projected and %g ± %g, want %g", law, i, z-projected[i], full.StdErr[i], constant)
			}
		}
		if constant < 20*full.MaxErr {
			t.Errorf("%s: a constant of %g is hidden by ± %g", law, constant, full.MaxErr)
		}
	}
}

// Noise with covariance Σ ∝ H, eigenvalues 1/i², in 1000 dimensions: the measured lift is η²·tr(HΣ)/2, which is d·tr(HΣ)/(tr H·tr Σ) = 400.5
// times that of isotropic noise with the same C² = tr Σ.
func TestAnisotropicNoiseLifts400Times(t *testing.T) {
	notShort(t)
	t.Parallel()
	const d = 1000
	h := make([]float64, d)
	trace, traceH2 := 0.0, 0.0
	for i := range h {
		h[i] = 1 / float64(i+1) / float64(i+1)
		trace += h[i]
		traceH2 += h[i] * h[i]
	}
	if ratio := d * traceH2 / (trace * trace); math.Abs(ratio-400.5) > 0.05 {
		t.Errorf("got the ratio %g, want 400.5", ratio)
	}
	f := func(x []float64) float64 {
		s := 0.0
		for i, v := range x {
			s += h[i] * v * v / 2
		}
		return s
	}
	const eta, samples = 0.1, 4000
	anisotropic, err := Recorded(samples, eta, func(index int, v []float64) error { // Σ = H: made when it is asked for
		rng := rand.New(rand.NewPCG(9, uint64(index)))
		for i := range v {
			v[i] = rng.NormFloat64() / float64(i+1)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	isotropic := drawn(t, gaussian(d), eta*math.Sqrt(trace), 2) // δ = ηC
	lift := func(noise Noise) Estimate {
		return estimate(t, Problem[float64]{Plane: coordinatePlane[float64](d), X: []float64{0}, Y: []float64{0}, Noise: noise, Seed: 1}, f, samples)
	}
	many, one := lift(anisotropic), lift(isotropic)
	for _, c := range []struct {
		name string
		got  Estimate
		want float64
	}{{"Σ ∝ H", many, eta * eta * traceH2 / 2}, {"isotropic", one, eta * eta * trace * trace / (2 * d)}} {
		if math.Abs(c.got.Z[0]-c.want) > 3*c.got.StdErr[0] {
			t.Errorf("%s: got %g ± %g, want %g", c.name, c.got.Z[0], c.got.StdErr[0], c.want)
		}
	}
	ratio := many.Z[0] / one.Z[0]
	if stdErr := ratio * math.Hypot(many.StdErr[0]/many.Z[0], one.StdErr[0]/one.Z[0]); math.Abs(ratio-400.5) > 3*stdErr || stdErr > 20 {
		t.Errorf("got the ratio %g ± %g, want 400.5", ratio, stdErr)
	}
}

// The noise of full-space pictures is in the units of the parameters: a plane with longer directions shows the same picture closer.
func TestDegreeIsInUnitsOfTheParameters(t *testing.T) {
	t.Parallel()
	const d, length = 6, 5.0
	o, _ := landscape.ObjectiveByID("rastrigin", d)
	near, far := coordinatePlane[float64](d), coordinatePlane[float64](d)
	far.D1[0], far.D2[1] = length, length
	noise := drawn(t, gaussian(d), 0.5, 2)
	a := estimate(t, Problem[float64]{Plane: near, X: axes(-1, 1, 9), Y: axes(-1, 1, 9), Noise: noise}, o.Func, 20)
	b := estimate(t, Problem[float64]{Plane: far, X: axes(-1/length, 1/length, 9), Y: axes(-1/length, 1/length, 9), Noise: noise}, o.Func, 20)
	for i, z := range a.Z {
		if math.Abs(z-b.Z[i]) > 1e-9*a.Range { // places equal but for rounding
			t.Errorf("cell %d: got %g and %g", i, z, b.Z[i])
		}
	}
}

// Each picture says which it is.
func TestPicturesAreLabeled(t *testing.T) {
	t.Parallel()
	labels := map[figure.Picture]bool{}
	for _, p := range []figure.Picture{figure.Exact, figure.SliceSmoothing, figure.Projected, figure.FullSpace, figure.Measured} {
		labels[p] = true
		c := figure.Caption{Subject: "f", Picture: p, Kernel: gaussian(50), NoiseLevel: 1, LearningRate: math.NaN(), GradStdDev: math.NaN(), BatchSize: math.NaN(), Magnification: 1, InPlane: math.NaN()}
		if text := strings.Join(c.Lines(), " "); !strings.Contains(text, fmt.Sprintf("Picture: %s", p)) || (p == figure.SliceSmoothing) != strings.Contains(text, "analogue") {
			t.Errorf("%s: the caption is %q", p, text)
		}
	}
	if len(labels) != 5 {
		t.Errorf("got %d labels, want 5", len(labels))
	}
}
