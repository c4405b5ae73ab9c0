package slice

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

func randomVector(rng *rand.Rand, d int) []float64 {
	v := make([]float64, d)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

// What each normalization promises of its blocks, its tensors, or its parameters.
func TestNormalizations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	params := randomVector(rng, 20)
	blocks := []Block{{Start: 0, Len: 4}, {Start: 4, Len: 4}, {Start: 8, Len: 2, Fixed: true, Tensor: 1}, {Start: 10, Len: 5, Tensor: 2}, {Start: 15, Len: 4, Tensor: 2}}
	part := func(v []float64, from, to int) float64 { return norm(v[from:to]) }
	draw := func(n Normalization, biases bool) []float64 {
		return Draw(rand.New(rand.NewPCG(3, 4)), params, blocks, Recipe{Normalization: n, Biases: biases})
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9*max(1, want) {
			t.Errorf("%s: got %g, want %g", what, got, want)
		}
	}
	raw := draw(None, false)
	for _, b := range blocks {
		to := b.Start + b.Len
		if b.Fixed {
			continue
		}
		near("filter", part(draw(Filter, false), b.Start, to), part(params, b.Start, to))
		near("dfilter", part(draw(UnitFilter, false), b.Start, to), 1)
	}
	for _, tensor := range [][2]int{{0, 8}, {10, 19}} {
		near("layer", part(draw(Layer, false), tensor[0], tensor[1]), part(params, tensor[0], tensor[1]))
		near("dlayer", part(draw(UnitLayer, false), tensor[0], tensor[1]), 1)
		// Within a tensor the direction is that of g: only its length changes.
		near("layer keeps the direction", draw(Layer, false)[tensor[0]]/raw[tensor[0]], draw(Layer, false)[tensor[1]-1]/raw[tensor[1]-1])
	}
	for i, v := range draw(Weight, false) {
		near("weight", v, raw[i]*params[i])
	}
	for _, n := range Normalizations() {
		if d := draw(n, false); d[8] != 0 || d[9] != 0 || d[19] != 0 {
			t.Errorf("%s: a bias or a parameter in no block moved: %v", n, d)
		}
		d := draw(n, true)
		if n == None && (d[8] == 0 || d[8] == params[8]) || n != None && (d[8] != params[8] || d[9] != params[9]) || d[19] != 0 {
			t.Errorf("%s with biases: %v for %v", n, d[8:10], params[8:10])
		}
	}
}

func TestOrthogonalize(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	a, b, c := randomVector(rng, 50), randomVector(rng, 50), randomVector(rng, 50)
	for i := range b {
		b[i] += 100 * a[i] // nearly parallel: one pass would leave some of it
	}
	before := norm(b)
	Orthogonalize(b, a)
	oblique := slices.Clone(b)
	for i := range oblique {
		oblique[i] += 3 * a[i] // the others need not be orthogonal
	}
	Orthogonalize(c, a, oblique, a)
	for _, pair := range [][2][]float64{{a, b}, {a, c}, {b, c}} {
		if cos := dot(pair[0], pair[1]) / norm(pair[0]) / norm(pair[1]); math.Abs(cos) > 1e-13 {
			t.Errorf("the cosine is %g", cos)
		}
	}
	if math.Abs(norm(b)/before-1) > 1e-12 {
		t.Errorf("the norm went from %g to %g", before, norm(b))
	}
	twice := slices.Clone(a)
	for i := range twice {
		twice[i] *= 2
	}
	if Orthogonalize(twice, a); norm(twice) != 0 {
		t.Errorf("of a parallel direction %g is left", norm(twice))
	}
}

// A place that is built from the plane and a step off it comes back as it was built, in float32 with many parameters, too.
func TestProjectionAndDistance(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const d = 20_000
	narrow := func(v []float64) []float32 {
		out := make([]float32, len(v))
		for i, x := range v {
			out[i] = float32(x)
		}
		return out
	}
	center, d1, d2, off := randomVector(rng, d), randomVector(rng, d), randomVector(rng, d), randomVector(rng, d)
	for i := range d2 {
		d2[i] = 0.8*d1[i] + 0.3*d2[i] // far from orthogonal
	}
	d2o := slices.Clone(d2)
	Orthogonalize(d2o, d1)
	Orthogonalize(off, d1, d2o)
	Scale(off, 3)
	p := Plane[float64]{Center: center, D1: d1, D2: d2}
	place := make([]float64, d)
	p.At(0.25, -1.5, place)
	for i := range place {
		place[i] += off[i]
	}
	got, err := p.Project(place)
	if err != nil || math.Abs(got.Alpha-0.25) > 1e-12 || math.Abs(got.Beta+1.5) > 1e-12 || math.Abs(got.Distance-3) > 1e-10 {
		t.Errorf("got %+v, %v", got, err)
	}
	if want := 3 / norm(Between(center, place)); math.Abs(got.Fraction-want) > 1e-12 {
		t.Errorf("the fraction is %g, want %g", got.Fraction, want)
	}
	// In float32 each coordinate of the place is rounded by up to 2⁻²⁵ of about 2: √d of these, off the plane.
	p32 := Plane[float32]{Center: narrow(center), D1: narrow(d1), D2: narrow(d2)}
	got, err = p32.Project(narrow(place))
	if rounding := 8 * math.Pow(2, -25) * math.Sqrt(d); err != nil || math.Abs(got.Alpha-0.25) > 1e-6 || math.Abs(got.Distance-3) > rounding {
		t.Errorf("float32: got %+v, %v", got, err)
	}
	if at, err := p.Project(center); err != nil || at.Alpha != 0 || at.Beta != 0 || at.Distance != 0 || at.Fraction != 0 {
		t.Errorf("the center: got %+v, %v", at, err)
	}
}

// The map of Metric.Kernel is that of the displacements: their covariance, by sampling, is s²G⁻¹, also brute force by projecting.
func TestMetricMapsAnIsotropicKernel(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	p := Plane[float64]{Center: make([]float64, 5), D1: []float64{3, 0, 0, 0, 0}, D2: []float64{1, 2, 0, 0, 0}}
	m, err := p.Metric()
	if err != nil || m.G11 != 9 || m.G12 != 3 || m.G22 != 5 {
		t.Fatalf("got %+v, %v", m, err)
	}
	a, b, c := m.Kernel()
	const n, s = 200_000, 0.7
	var xx, xy, yy float64
	for range n {
		z := randomVector(rng, 5)
		for i := range z {
			z[i] *= s
		}
		at, err := p.Project(z)
		if err != nil {
			t.Fatal(err)
		}
		xx += at.Alpha * at.Alpha / n
		xy += at.Alpha * at.Beta / n
		yy += at.Beta * at.Beta / n
	}
	for what, pair := range map[string][2]float64{"var α": {xx, s * s * a * a}, "cov": {xy, s * s * a * b}, "var β": {yy, s * s * (b*b + c*c)}} {
		// The relative standard error of a variance is √(2/n) = 0.3 %; four of them, and a little more for the covariance.
		if math.Abs(pair[0]-pair[1]) > 0.015*s*s*(b*b+c*c+a*a) {
			t.Errorf("%s: sampled %g, map %g", what, pair[0], pair[1])
		}
	}
	if alpha, beta := m.PlotUnits(6); alpha != 2 || math.Abs(beta-6/math.Sqrt(5)) > 1e-15 {
		t.Errorf("δ = 6 is %g and %g in plot units", alpha, beta)
	}
}

// Principal components against the covariance matrix of gonum's stat package, d×d.
func TestPrincipalComponentsAgainstTheCovariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	const n, d = 9, 6
	points := make([][]float64, n)
	data := mat.NewDense(n, d, nil)
	for i := range points {
		points[i] = randomVector(rng, d)
		for k := range d {
			points[i][k] = 50 + points[i][k]*float64(k+1) // far from the origin: uncentered components would be others
			data.Set(i, k, points[i][k])
		}
	}
	got, err := PrincipalComponents(points, 3)
	if err != nil {
		t.Fatal(err)
	}
	var want stat.PC
	if !want.PrincipalComponents(data, nil) {
		t.Fatal("the witness failed")
	}
	vars := want.VarsTo(nil)
	var vectors mat.Dense
	want.VectorsTo(&vectors)
	total := 0.0
	for _, v := range vars {
		total += v
	}
	if math.Abs(got.Total-total) > 1e-9*total {
		t.Errorf("total variance %g, want %g", got.Total, total)
	}
	for c, direction := range got.Directions {
		if math.Abs(got.Variance[c]-vars[c]) > 1e-9*vars[0] || math.Abs(got.Ratio[c]-vars[c]/total) > 1e-9 {
			t.Errorf("component %d: variance %g, ratio %g; want %g, %g", c, got.Variance[c], got.Ratio[c], vars[c], vars[c]/total)
		}
		cos := dot(direction, mat.Col(nil, c, &vectors))
		greatest := slices.MaxFunc(direction, func(a, b float64) int { return int(math.Copysign(1, math.Abs(a)-math.Abs(b))) })
		if math.Abs(math.Abs(cos)-1) > 1e-9 || greatest < 0 {
			t.Errorf("component %d: cosine %g with the witness, greatest entry %g", c, cos, greatest)
		}
	}
}

// A trajectory in a plane: two components explain all of it, and its points project on the plane at no distance.
func TestPathPlane(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	const d = 300
	a, b, origin := randomVector(rng, d), randomVector(rng, d), randomVector(rng, d)
	points := make([][]float32, 12)
	for i := range points {
		s := float64(i)
		points[i] = make([]float32, d)
		for k := range d {
			points[i][k] = float32(origin[k] + s*a[k] + math.Sin(s)*b[k])
		}
	}
	p, c, err := PathPlane(points)
	if err != nil || math.Abs(c.Ratio[0]+c.Ratio[1]-1) > 1e-9 || c.Ratio[0] < c.Ratio[1] {
		t.Fatalf("ratios %v, %v", c.Ratio, err)
	}
	for i, place := range points {
		at, err := p.Project(place)
		if err != nil || at.Distance > 1e-3 || i == len(points)-1 && at != (Projection{}) {
			t.Errorf("point %d: %+v, %v", i, at, err)
		}
	}
	if _, _, err := PathPlane(points[:2]); err == nil {
		t.Error("two points make a plane")
	}
	if _, err := PrincipalComponents([][]float32{points[0], points[0], points[0]}, 1); err == nil {
		t.Error("equal points have a component")
	}
	line := [][]float32{points[0], make([]float32, d), make([]float32, d)}
	for k, v := range points[0] {
		line[1][k], line[2][k] = 2*v, 3*v
	}
	var bad *PlaneError
	if _, err := PrincipalComponents(line, 2); !errors.As(err, &bad) {
		t.Errorf("points on a line have two components: %v", err)
	}
}

func TestPlaneThroughThreePlaces(t *testing.T) {
	a, b, c := []float64{1, 1, 1}, []float64{2, 1, 1}, []float64{1, 3, 1}
	p, err := Through(a, b, c)
	at := make([]float64, 3)
	if err != nil {
		t.Fatal(err)
	}
	if p.At(1, 0, at); !slices.Equal(at, b) {
		t.Errorf("(1, 0) is %v", at)
	}
	if p.At(0, 1, at); !slices.Equal(at, c) {
		t.Errorf("(0, 1) is %v", at)
	}
	nan := math.NaN()
	for name, three := range map[string][3][]float64{
		"on a line": {{0, 0}, {1, 1}, {3, 3}}, "two equal": {{0, 0}, {0, 0}, {1, 0}}, "of two lengths": {{0, 0}, {1}, {1, 0}}, "not finite": {{0, 0}, {nan, 0}, {1, 0}},
	} {
		var bad *PlaneError
		if _, err := Through(three[0], three[1], three[2]); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The losses between two places, and beyond both.
func TestLossesAlongALine(t *testing.T) {
	from, to := []float32{0, 0}, []float32{3, 4}
	plane := Plane[float32]{Center: from, D1: Between(from, to), D2: from}
	alphas := Steps(-0.5, 1.5, 5)
	if !slices.Equal(alphas, []float64{-0.5, 0, 0.5, 1, 1.5}) {
		t.Fatalf("steps %v", alphas)
	}
	var line []Place
	for _, alpha := range alphas {
		line = append(line, Place{Alpha: alpha})
	}
	along := func(ctx context.Context, workers int, f Evaluator[float32]) ([]float64, error) {
		return Losses(ctx, line, OnPlane(plane, evaluators(workers, f)))
	}
	far := func(p []float32) (float64, error) { return norm(p), nil }
	for _, workers := range []int{1, 3} {
		z, err := along(context.Background(), workers, far)
		if err != nil || !slices.Equal(z, []float64{2.5, 0, 2.5, 5, 7.5}) {
			t.Errorf("%d workers: %v, %v", workers, z, err)
		}
	}
	broken := errors.New("broken")
	if _, err := along(context.Background(), 2, func([]float32) (float64, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := along(canceled, 1, far); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkPrincipalComponents(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	points := make([][]float32, 20)
	for i := range points {
		points[i] = make([]float32, 100_000)
		for k := range points[i] {
			points[i][k] = float32(rng.NormFloat64())
		}
	}
	for b.Loop() {
		if _, err := PrincipalComponents(points, 2); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRandomPlanes(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	params := randomVector(rng, 30)
	blocks := []Block{{Len: 30}}
	p := RandomPlane(rng, params, blocks, Recipe{Normalization: Filter, Orthogonal: true})
	if n1, n2 := p.Norms(); math.Abs(p.Cosine()) > 1e-14 || math.Abs(n1-norm(params)) > 1e-9 || math.Abs(n2-norm(params)) > 1e-9 {
		t.Errorf("norms %g and %g of %g, cosine %g", n1, n2, norm(params), p.Cosine())
	}
	var bad *PlaneError
	if err := (Recipe{Normalization: "row"}).Validate(); !errors.As(err, &bad) {
		t.Errorf("got %v", err)
	}
	for _, n := range Normalizations() {
		if err := (Recipe{Normalization: n}).Validate(); err != nil {
			t.Error(err)
		}
	}
}

// On directions with a sine of 10⁻⁵ between them a place of the plane still comes back to 10⁻⁸.
func TestProjectionOnANearlyParallelPlane(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	d1, off := randomVector(rng, 1000), randomVector(rng, 1000)
	d2 := slices.Clone(d1)
	for i := range d2 {
		d2[i] += 1e-5 * off[i]
	}
	p := Plane[float64]{Center: make([]float64, 1000), D1: d1, D2: d2}
	place := make([]float64, 1000)
	p.At(0.5, 2, place)
	if at, err := p.Project(place); err != nil || math.Abs(at.Alpha-0.5) > 1e-8 || math.Abs(at.Beta-2) > 1e-8 {
		t.Errorf("got %+v, %v", at, err)
	}
}
