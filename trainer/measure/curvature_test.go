package measure

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// softmaxHessian is the Hessian of softmax regression by formula, (1/n) Σ (diag p − ppᵀ) ⊗ x̃x̃ᵀ with x̃ = (x, 1), in float64 and in the
// order of the parameters: weights class by class, then biases.
func softmaxHessian(set *dataset.Set, params []float32) *mat.SymDense {
	inputs, classes, n := set.Shape.Len(), set.Classes, set.Train.Len()
	d := classes * (inputs + 1)
	h := mat.NewSymDense(d, nil)
	x, y := make([]float32, n*inputs), make([]int, n)
	set.Batch(set.Train, FirstImages(n), x, y)
	at := func(class, i int) int { // place of the weight of input i, or of the bias
		if i == inputs {
			return classes*inputs + class
		}
		return class*inputs + i
	}
	for k := range n {
		one := make([]float64, inputs+1)
		for i := range inputs {
			one[i] = float64(x[k*inputs+i])
		}
		one[inputs] = 1
		p := make([]float64, classes)
		total := 0.0
		for c := range p {
			for i, v := range one {
				p[c] += float64(params[at(c, i)]) * v
			}
			p[c] = math.Exp(p[c])
			total += p[c]
		}
		for a := range p {
			for b := range p {
				m := -p[a] * p[b] / (total * total)
				if a == b {
					m += p[a] / total
				}
				for i, v := range one {
					for j, w := range one {
						if r, c := at(a, i), at(b, j); r <= c {
							h.SetSym(r, c, h.At(r, c)+m*v*w/float64(n))
						}
					}
				}
			}
		}
	}
	return h
}

// meanHessian is the Hessian of a small network by central differences of float64 gradients, one parameter at a time.
func meanHessian(t *testing.T, set *dataset.Set, spec engine.Spec, params []float32, step float64) *mat.SymDense {
	t.Helper()
	net, err := cpu.NewNet[float64](spec)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range params {
		net.Params()[i] = float64(v)
	}
	n, d := set.Train.Len(), len(params)
	x32, y := make([]float32, n*set.Shape.Len()), make([]int, n)
	set.Batch(set.Train, FirstImages(n), x32, y)
	x := make([]float64, len(x32))
	for i, v := range x32 {
		x[i] = float64(v)
	}
	plus, minus := make([]float64, d), make([]float64, d)
	h := mat.NewSymDense(d, nil)
	for i := range d {
		center := net.Params()[i]
		for side, into := range [2][]float64{plus, minus} {
			net.Params()[i] = center + step*float64(1-2*side)
			if _, err := net.Grad(x, y, into); err != nil {
				t.Fatal(err)
			}
		}
		net.Params()[i] = center
		for k := range d {
			h.SetSym(i, k, h.At(i, k)+(plus[k]-minus[k])/(4*step)) // each pair twice: half of both
			if i == k {
				h.SetSym(i, k, h.At(i, k)*2)
			}
		}
	}
	return h
}

// Hessian-vector products, eigenvalues, trace and B_noise of a softmax regression against its Hessian by formula.
func TestCurvatureOfSoftmaxRegression(t *testing.T) {
	rng := newRand(2)
	set := pictures(200, 4, tiny, rng)
	model := built(t, tinySpec("softmax", 4), rng)
	network := OnModel(model, set, set.Train)
	images, params := FirstImages(200), network.Params()
	exact := softmaxHessian(set, params)
	d := network.Dim()
	precise := preciseHessian(t, network, images)
	single := HessianOf(network, params, images)
	v, got := randomUnit(d, rng), make([]float64, d)
	var want mat.VecDense
	want.MulVec(exact, mat.NewVecDense(d, v))
	for _, test := range []struct {
		name      string
		h         *Curvature
		tolerance float64
	}{
		// Truncation in single precision: a few times h² = 2.5e-5, with a scale of 1 for the third derivatives. In double: rounding 1e-16/1e-10.
		{"single", single, 1e-3}, {"double", precise, 1e-5},
	} {
		if err := test.h.Apply(t.Context(), got, v); err != nil {
			t.Fatal(err)
		}
		check, err := test.h.Error(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		addScaled(got, -1, want.RawVector().Data)
		// The stated error is 3/4 of the truncation error or about the rounding error; three of it must do.
		relative := norm(got) / mat.Norm(&want, 2)
		t.Logf("%s, h = %g: product off by %.2g, stated %.2g", test.name, test.h.Step(), relative, check.Relative)
		if relative > 3*check.Relative || relative > test.tolerance {
			t.Errorf("%s: product off by %g, stated %g", test.name, relative, check.Relative)
		}
	}
	h := single

	var eigen mat.EigenSym
	if !eigen.Factorize(exact, false) {
		t.Fatal("no eigenvalues")
	}
	eigenvalues := eigen.Values(nil)
	found, err := Lanczos(t.Context(), h, RandomStart(d, rng), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	top := found.Top(5, true)
	for i, p := range top {
		if want := eigenvalues[d-1-i]; math.Abs(p.Value-want) > 1e-3*eigenvalues[d-1] {
			t.Errorf("eigenvalue %d: %g, want %g", i+1, p.Value, want)
		}
	}
	// Softmax regression is convex, with a null space: the smallest eigenvalue is 0.
	if low := found.Bottom(false).Value; math.Abs(low-eigenvalues[0]) > 1e-3*eigenvalues[d-1] {
		t.Errorf("smallest: %g, want %g", low, eigenvalues[0])
	}
	trace, err := Trace(t.Context(), h, 200, rng, nil)
	if err != nil || math.Abs(trace.Value-mat.Trace(exact)) > 4*trace.StdErr {
		t.Errorf("trace %v, %v, want %g", trace, err, mat.Trace(exact))
	}

	// B_noise with all images as samples is exact: compare with tr(HΣ)/(GᵀHG) by dense algebra.
	scaled, err := CurvedNoiseScale(t.Context(), network, h, params, images, 200, rng, nil)
	if err != nil {
		t.Fatal(err)
	}
	gradients := make([]*mat.VecDense, 200)
	mean := mat.NewVecDense(d, nil)
	one := make([]float32, d)
	for i := range gradients {
		if _, err := network.At(params, []int{i}, one); err != nil {
			t.Fatal(err)
		}
		gradients[i] = mat.NewVecDense(d, nil)
		for k, v := range one {
			gradients[i].SetVec(k, float64(v))
		}
		mean.AddScaledVec(mean, 1.0/200, gradients[i])
	}
	sigma := mat.NewSymDense(d, nil)
	for _, g := range gradients {
		g.SubVec(g, mean)
		sigma.SymRankOne(sigma, 1.0/200, g)
	}
	var product mat.Dense
	product.Mul(exact, sigma)
	curved := mat.Inner(mean, exact, mean)
	if want := mat.Trace(&product) / curved; math.Abs(scaled.NoiseScale.Value/want-1) > 2e-3 || scaled.NoiseScale.StdErr != 0 {
		t.Errorf("B_noise %v, want %g", scaled.NoiseScale, want)
	}
	if want := mat.Dot(mean, mean) / curved; math.Abs(scaled.LargestStep/want-1) > 2e-3 {
		t.Errorf("η_max %g, want %g", scaled.LargestStep, want)
	}
	// A sample of the images agrees within its error.
	part, err := CurvedNoiseScale(t.Context(), network, h, params, images, 50, rng, nil)
	if err != nil || math.Abs(part.NoiseScale.Value-scaled.NoiseScale.Value) > 4*part.NoiseScale.StdErr {
		t.Errorf("sampled: %v, %v, want %g", part.NoiseScale, err, scaled.NoiseScale.Value)
	}
}

// preciseHessian is the double-precision Hessian of a network.
func preciseHessian(t *testing.T, network *Network, images []int) *Curvature {
	t.Helper()
	precise, err := network.Subject().Precise()
	if err != nil {
		t.Fatal(err)
	}
	return PreciseHessianOf(precise, network.Params(), images)
}

// A network with ReLU has negative curvature, and kinks that a difference step must not meet: the whole spectrum against that of the dense
// Hessian made of float64 gradients, one parameter at a time.
func TestCurvatureOfANetwork(t *testing.T) {
	rng := newRand(3)
	set := pictures(400, 3, tiny, rng)
	spec := tinySpec("mlp", 3)
	model := built(t, spec, rng)
	network := OnModel(model, set, set.Train)
	params, images := network.Params(), FirstImages(400)
	d := network.Dim()
	h := preciseHessian(t, network, images)
	exact := meanHessian(t, set, spec, params, 1e-7)
	var eigen mat.EigenSym
	if !eigen.Factorize(exact, false) {
		t.Fatal("no eigenvalues")
	}
	eigenvalues := eigen.Values(nil)
	found, err := Lanczos(t.Context(), h, RandomStart(d, rng), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Products are good to 1e-5 of the largest eigenvalue; an eigenvalue errs by no more than the matrix.
	tolerance := 1e-4 * eigenvalues[d-1]
	for i, p := range found.Top(10, false) {
		if want := eigenvalues[d-1-i]; math.Abs(p.Value-want) > tolerance {
			t.Errorf("eigenvalue %d: %g, want %g", i+1, p.Value, want)
		}
	}
	if bottom := found.Bottom(false).Value; math.Abs(bottom-eigenvalues[0]) > tolerance {
		t.Errorf("smallest: %g, want %g", bottom, eigenvalues[0])
	}
	if eigenvalues[0] > -0.01 {
		t.Errorf("the test network has no negative curvature: %g", eigenvalues[0])
	}
	check, err := h.Error(t.Context(), found.Vector(d-1))
	if err != nil || check.Relative > 1e-4 || h.Crossed > 0 {
		t.Errorf("stated error %+v, %d products met kinks (%v)", check, h.Crossed, err)
	}
	trace, err := Trace(t.Context(), h, 100, rng, nil)
	if err != nil || math.Abs(trace.Value-mat.Trace(exact)) > 4*trace.StdErr {
		t.Errorf("trace %v, %v, want %g", trace, err, mat.Trace(exact))
	}
	// Single precision says itself that it is rough here: it meets kinks of 400 images, and its stated error shows it.
	rough := HessianOf(network, params, images)
	said, err := rough.Error(t.Context(), found.Vector(d-1))
	if err != nil || said.Relative < 0.02 {
		t.Errorf("single precision states an error of %+v (%v)", said, err)
	}
}

// kinked is a loss whose gradient jumps by 1 at a known place of its first parameter: x² + 2y² + max(x − place, 0).
type kinked struct{ place float64 }

func (k kinked) PreciseAt(params []float64, _ []int, grad []float64) (float64, error) {
	x, y := params[0], params[1]
	grad[0], grad[1] = 2*x, 4*y
	if x > k.place {
		grad[0]++
	}
	return 0, nil
}

// A kink within the step is noticed and stepped round; one at θ itself leaves the difference of the smooth side.
func TestPreciseCurvatureKeepsOffKinks(t *testing.T) {
	for _, test := range []struct {
		name    string
		place   float64
		crossed int
	}{{"no kink near", 1, 0}, {"within h", 5e-11, 0}, {"at θ", 0, 1}} {
		h := PreciseHessianOf(kinked{test.place}, make([]float32, 2), []int{0})
		got := make([]float64, 2)
		if err := h.Apply(t.Context(), got, []float64{3, 4}); err != nil {
			t.Fatal(err)
		}
		// Gradients of size 1e-10 lose nothing; beside a jump of 1 rounding of 1e-16 leaves 1e-16/1e-12.
		if math.Abs(got[0]-6) > 1e-3 || math.Abs(got[1]-16) > 1e-3 || h.Crossed != test.crossed {
			t.Errorf("%s: got %v, %d crossed, want 6 and 16", test.name, got, h.Crossed)
		}
	}
}

// A stop between two gradients.
func TestCurvatureStops(t *testing.T) {
	rng := newRand(5)
	set := pictures(400, 3, tiny, rng)
	network := OnModel(built(t, tinySpec("mlp", 3), rng), set, set.Train)
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	_, err := Trace(ctx, HessianOf(network, network.Params(), FirstImages(400)), 10, rng, func(done, total int) {
		if seen = done; done == 2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || seen != 2 {
		t.Errorf("after %d: %v", seen, err)
	}
}
