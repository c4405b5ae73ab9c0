package slice

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"smoothscape/landscape"
)

var onePercent = Refinement{HalfWidth: 1, Nodes: 65, Tolerance: 0.01}

// truthOf is a function on all nodes.
func truthOf(r Refinement, f func(alpha, beta float64) (float64, error)) []float64 {
	x := newLattice(r).x
	z := make([]float64, r.Nodes*r.Nodes)
	for i := range z {
		z[i], _ = f(x[i%r.Nodes], x[i/r.Nodes])
	}
	return z
}

func plain(f func(x, y float64) float64) func(x, y float64) (float64, error) {
	return func(x, y float64) (float64, error) { return f(x, y), nil }
}

// wavy is rough enough for many rounds, and has one scale for the whole view and another for the middle.
var wavy = plain(func(x, y float64) float64 {
	return 5*x*x*x*x + 3*y*y + 0.3*math.Sin(9*x*y+4*y) + math.Abs(x+0.3*y-0.1)
})

func TestRefinedFunctionsReachTheTolerance(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(x, y float64) (float64, error)
		most int // evaluations, of 4225 nodes
	}{
		{"quadratic", plain(func(x, y float64) float64 { return x*x - 3*x*y + 2*y*y + x }), 81},
		{"plane", plain(func(x, y float64) float64 { return 2*x - y }), 81},
		{"constant", plain(func(x, y float64) float64 { return 0.1 }), 81},
		{"zero", plain(func(x, y float64) float64 { return 0 }), 81},
		{"Gaussian well", plain(func(x, y float64) float64 { return -math.Exp(-3 * (x*x + y*y)) }), 325},
		{"exponential wall", plain(func(x, y float64) float64 { return math.Exp(6*x) + 5*(x*x+y*y) }), 867},
		{"kink", plain(func(x, y float64) float64 { return math.Abs(x - 0.1 + 0.2*y) }), 867},
		{"wavy, with a crease", wavy, 1056},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := SampleRefined(context.Background(), onePercent, Samples{}, both(c.f), nil)
			if err != nil {
				t.Fatal(err)
			}
			truth := truthOf(onePercent, c.f)
			whole, inner := errorsOf(onePercent.Nodes, got.Grid.Z, truth)
			t.Logf("%d evaluations, errors %.4f and %.4f, expected %.4f and %.4f", got.Evaluated, whole, inner, got.Whole, got.Inner)
			if whole > 0.01 || inner > 0.01 || got.Evaluated > c.most || !got.Done || got.Whole > 0.01 || got.Inner > 0.01 {
				t.Errorf("got errors %g and %g, expected %g and %g, after %d evaluations (%v); want at most 0.01 after %d", whole, inner, got.Whole, got.Inner, got.Evaluated, got.Done, c.most)
			}
		})
	}
}

// Quadratics are reproduced but for rounding by the cubics on both sides of the border: the third differences that the limiter compares are 0.
func TestRefinedQuadraticsAreExact(t *testing.T) {
	f := plain(func(x, y float64) float64 { return 1 + x - 2*y + 3*x*x - 4*x*y + 5*y*y })
	got, err := SampleRefined(context.Background(), onePercent, Samples{}, both(f), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, z := range truthOf(onePercent, f) {
		if math.Abs(got.Grid.Z[i]-z) > 16*roundoff { // |f| ≤ 16
			t.Fatalf("node %d: got %g, want %g", i, got.Grid.Z[i], z)
		}
	}
}

func TestRefinedPictureSaysWhatWasComputed(t *testing.T) {
	var mu sync.Mutex
	calls := map[[2]float64]int{}
	rounds, before := 0, 0
	got, err := SampleRefined(context.Background(), onePercent, Samples{}, both(func(x, y float64) (float64, error) {
		mu.Lock()
		calls[[2]float64{x, y}]++
		mu.Unlock()
		return wavy(x, y)
	}), func(p Refined) error {
		rounds++
		if p.Evaluated <= before || p.Evaluated != len(p.Samples.Points) {
			t.Errorf("round %d: %d evaluations after %d, %d samples", rounds, p.Evaluated, before, len(p.Samples.Points))
		}
		before = p.Evaluated
		p.Grid.Z[0], p.Computed[0], p.Expected[0], p.Samples.Points[0].Z = -1, false, 9, -1 // a copy: this harms nobody
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	computed := 0
	for i, z := range truthOf(onePercent, wavy) {
		if got.Computed[i] {
			computed++
			if got.Grid.Z[i] != z || got.Expected[i] != 0 {
				t.Fatalf("computed node %d: got %g ± %g, want %g", i, got.Grid.Z[i], got.Expected[i], z)
			}
		}
	}
	if computed != got.Evaluated || computed != len(calls) || rounds < 3 {
		t.Errorf("%d nodes marked, %d evaluated, %d called, in %d rounds", computed, got.Evaluated, len(calls), rounds)
	}
	for at, n := range calls {
		if n != 1 {
			t.Errorf("%v was computed %d times", at, n)
		}
	}
}

func TestRefinedPictureDoesNotDependOnTheNumberOfEvaluators(t *testing.T) {
	f := func(p []float32) (float64, error) { return wavy(float64(p[0])-1, float64(p[1])-2) }
	var first Refined
	for _, n := range []int{1, 2, 7} {
		got, err := SampleRefined(context.Background(), onePercent, Samples{}, surfaces(n, f), nil)
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			first = got
		} else if !reflect.DeepEqual(got, first) {
			t.Errorf("%d evaluators give another picture", n)
		}
	}
}

// A run that is cut anywhere, its samples written and read as JSON, goes on to the same bits and computes nothing twice.
func TestRefinementResumes(t *testing.T) {
	f := plain(func(x, y float64) float64 {
		if x < -0.7 && y > 0.5 {
			return math.NaN()
		}
		z, _ := wavy(x, y)
		return z
	})
	var total atomic.Int64
	count := func(x, y float64) (float64, error) { total.Add(1); return f(x, y) }
	want, err := SampleRefined(context.Background(), onePercent, Samples{}, both(count), nil)
	if err != nil {
		t.Fatal(err)
	}
	all := total.Load()
	for _, cut := range []int64{1, 50, 81, 100, 200, all - 1} {
		ctx, cancel := context.WithCancel(context.Background())
		total.Store(0)
		part, err := SampleRefined(ctx, onePercent, Samples{}, both(func(x, y float64) (float64, error) {
			switch n := total.Add(1); {
			case n == cut:
				cancel()
			case n > cut: // begun before the request: the only one the other evaluator may make
				<-ctx.Done()
			}
			return f(x, y)
		}), nil)
		if !errors.Is(err, context.Canceled) || part.Grid.Z != nil || int64(len(part.Samples.Points)) != total.Load() || total.Load() > cut+1 {
			t.Fatalf("cut at %d: got %v, %d samples of %d evaluations", cut, err, len(part.Samples.Points), total.Load())
		}
		text, err := json.Marshal(part.Samples)
		if err != nil {
			t.Fatal(err)
		}
		var known Samples
		if err := json.Unmarshal(text, &known); err != nil {
			t.Fatal(err)
		}
		got, err := SampleRefined(context.Background(), onePercent, known, both(count), nil)
		if err != nil {
			t.Fatal(err)
		}
		if total.Load() != all {
			t.Errorf("cut at %d: %d evaluations in both parts, want %d", cut, total.Load(), all)
		}
		for i, z := range want.Grid.Z {
			if math.Float64bits(got.Grid.Z[i]) != math.Float64bits(z) || got.Computed[i] != want.Computed[i] {
				t.Fatalf("cut at %d: node %d: got %g, want %g", cut, i, got.Grid.Z[i], z)
			}
		}
	}
}

// Samples of a coarser picture, or of a finer tolerance, serve another one of the same view.
func TestRefinementUsesSamplesOfOtherPictures(t *testing.T) {
	coarse := onePercent
	coarse.Nodes = 33
	first, err := SampleRefined(context.Background(), coarse, Samples{}, both(wavy), nil)
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int64
	got, err := SampleRefined(context.Background(), onePercent, first.Samples, both(func(x, y float64) (float64, error) { calls.Add(1); return wavy(x, y) }), nil)
	if err != nil || got.Evaluated != first.Evaluated+int(calls.Load()) {
		t.Errorf("%d evaluated, %d before and %d anew, %v", got.Evaluated, first.Evaluated, calls.Load(), err)
	}
	calls.Store(0)
	loose := onePercent
	loose.Tolerance = 0.05
	again, err := SampleRefined(context.Background(), loose, got.Samples, both(func(x, y float64) (float64, error) { calls.Add(1); return wavy(x, y) }), nil)
	if err != nil || calls.Load() != 0 || again.Evaluated != got.Evaluated || !reflect.DeepEqual(again.Grid, got.Grid) {
		t.Errorf("what was known is lost: %d evaluated, %d anew, %v", again.Evaluated, calls.Load(), err)
	}
}

// Beyond a circle the loss is NaN, +∞ or −∞. Within, more than two cells of level 3 from the circle, the picture is as good as elsewhere; the border costs
// no more than the nodes of the first three levels.
func TestRefinementKeepsWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		f := plain(func(x, y float64) float64 {
			if math.Hypot(x, y) > 0.8 {
				return bad
			}
			return x*x + 2*y*y + 0.1*math.Sin(3*x)
		})
		got, err := SampleRefined(context.Background(), onePercent, Samples{}, both(f), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Evaluated > 33*33/2 || !got.Done {
			t.Errorf("%g: %d evaluations, %v", bad, got.Evaluated, got.Done)
		}
		for i, z := range truthOf(onePercent, f) {
			r := math.Hypot(got.Grid.X[i%65], got.Grid.Y[i/65])
			const cells = 2 * 2. / 32
			switch v := got.Grid.Z[i]; {
			case r < 0.8-cells && !(math.Abs(v-z) <= 0.02*1.3), r > 0.8+cells && finiteValue(v):
				t.Fatalf("%g: at radius %g: got %g, want %g", bad, r, v, z)
			case !finiteValue(v) && !got.Computed[i] && !math.IsInf(got.Expected[i], 1):
				t.Fatalf("%g: the doubt about node %d is %g", bad, i, got.Expected[i])
			}
		}
	}
	got, err := SampleRefined(context.Background(), onePercent, Samples{}, both(plain(func(x, y float64) float64 { return math.NaN() })), nil)
	if err != nil || got.Evaluated != 81 || !math.IsNaN(got.Grid.Z[5]) {
		t.Errorf("nothing but NaN: %d evaluations, %v", got.Evaluated, err)
	}
}

func TestRefinementKeepsItsBudget(t *testing.T) {
	for budget, want := range map[int]int{1: 81, 81: 81, 90: 90, 200: 200} {
		r := onePercent
		r.Tolerance, r.Budget = 1e-6, budget
		got, err := SampleRefined(context.Background(), r, Samples{}, both(wavy), nil)
		if err != nil || got.Evaluated != want || got.Done {
			t.Errorf("budget %d: %d evaluations, %v, %v", budget, got.Evaluated, got.Done, err)
		}
	}
	r := onePercent
	r.Tolerance = 1e-15
	noise := plain(func(x, y float64) float64 { return math.Mod(1e6*math.Sin(1e4*x+3e5*y), 1) })
	got, err := SampleRefined(context.Background(), r, Samples{}, both(noise), nil)
	if err != nil || got.Evaluated < 65*65*99/100 || !got.Done {
		t.Errorf("noise: %d evaluations, %v, %v", got.Evaluated, got.Done, err)
	}
}

func TestRefinementEndsOnErrors(t *testing.T) {
	broken := errors.New("broken")
	_, err := SampleRefined(context.Background(), onePercent, Samples{}, both(func(x, y float64) (float64, error) { return 0, broken }), nil)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "α = ") {
		t.Errorf("failing evaluator: got %v", err)
	}
	got, err := SampleRefined(context.Background(), onePercent, Samples{}, both(wavy), func(Refined) error { return broken })
	if !errors.Is(err, broken) || len(got.Samples.Points) != 81 {
		t.Errorf("failing receiver: got %v and %d samples", err, len(got.Samples.Points))
	}
	if _, err := SampleRefined(context.Background(), onePercent, Samples{}, nil, nil); err == nil {
		t.Error("no evaluator: no error")
	}
}

func TestRefinementRefuses(t *testing.T) {
	with := func(change func(r *Refinement)) Refinement {
		r := onePercent
		change(&r)
		return r
	}
	for name, r := range map[string]Refinement{
		"nothing":          {},
		"no width":         with(func(r *Refinement) { r.HalfWidth = 0 }),
		"infinite width":   with(func(r *Refinement) { r.HalfWidth = math.Inf(1) }),
		"even nodes":       with(func(r *Refinement) { r.Nodes = 64 }),
		"no levels":        with(func(r *Refinement) { r.Nodes = 7 }),
		"51 nodes":         with(func(r *Refinement) { r.Nodes = 51 }),
		"too many":         with(func(r *Refinement) { r.Nodes = 2049 }),
		"negative":         with(func(r *Refinement) { r.Nodes = -64 }),
		"no tolerance":     with(func(r *Refinement) { r.Tolerance = 0 }),
		"tolerance NaN":    with(func(r *Refinement) { r.Tolerance = math.NaN() }),
		"tolerance of all": with(func(r *Refinement) { r.Tolerance = 1 }),
		"negative budget":  with(func(r *Refinement) { r.Budget = -1 }),
		"not a lattice":    with(func(r *Refinement) { r.Nodes = 53 }),
	} {
		var typed *landscape.GridError
		if _, err := SampleRefined(context.Background(), r, Samples{}, both(wavy), nil); !errors.As(err, &typed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, s := range map[string]Samples{
		"another view":  {HalfWidth: 2, Nodes: 65, Points: []Point{{0, 0, 1}}},
		"other nodes":   {HalfWidth: 1, Nodes: 50, Points: []Point{{0, 0, 1}}},
		"no nodes":      {HalfWidth: 1, Points: []Point{{0, 0, 1}}},
		"finer":         {HalfWidth: 1, Nodes: 129, Points: []Point{{0, 0, 1}}},
		"column beyond": {HalfWidth: 1, Nodes: 65, Points: []Point{{65, 0, 1}}},
		"row before":    {HalfWidth: 1, Nodes: 65, Points: []Point{{0, -1, 1}}},
		"twice":         {HalfWidth: 1, Nodes: 65, Points: []Point{{3, 4, 1}, {3, 4, 1}}},
	} {
		var typed *landscape.GridError
		if _, err := SampleRefined(context.Background(), onePercent, s, both(wavy), nil); !errors.As(err, &typed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, n := range []int{9, 11, 13, 15, 17, 49, 57, 65, 97, 129, 1025} {
		if err := with(func(r *Refinement) { r.Nodes = n }).Validate(); err != nil {
			t.Errorf("%d nodes: %v", n, err)
		}
	}
}
