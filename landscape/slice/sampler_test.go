package slice

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"smoothscape/landscape"
)

var tiltedPlane = Plane[float32]{Center: []float32{1, 2}, D1: []float32{1, 0}, D2: []float32{0, 1}}

// bowl is (θ₁−1)² + 2(θ₂−2)²: α² + 2β² on tiltedPlane.
func bowl(params []float32) (float64, error) {
	x, y := float64(params[0])-1, float64(params[1])-2
	return x*x + 2*y*y, nil
}

func evaluators(n int, f Evaluator[float32]) []Evaluator[float32] {
	list := make([]Evaluator[float32], n)
	for i := range list {
		list[i] = f
	}
	return list
}

// surfaces are n of one function on tiltedPlane.
func surfaces(n int, f Evaluator[float32]) []Surface { return OnPlane(tiltedPlane, evaluators(n, f)) }

func TestSliceComputesEveryNodeOnceAndKeepsIt(t *testing.T) {
	var mu sync.Mutex
	calls := map[[2]float32]int{}
	counting := func(params []float32) (float64, error) {
		mu.Lock()
		calls[[2]float32{params[0], params[1]}]++
		mu.Unlock()
		return bowl(params)
	}
	var sizes []int
	var first landscape.Grid
	grid, err := Sample(context.Background(), DefaultLevels(1.5), surfaces(3, counting), func(level int, g landscape.Grid) error {
		sizes = append(sizes, len(g.X))
		if level == 0 {
			first = copyGrid(g)
		}
		for i := range g.Z {
			g.Z[i] = -1 // the grid is a copy: this harms nobody
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sizes) != 4 || sizes[0] != 7 || sizes[1] != 13 || sizes[2] != 25 || sizes[3] != 49 || len(calls) != 49*49 {
		t.Errorf("got levels %v and %d nodes", sizes, len(calls))
	}
	for at, n := range calls {
		if n != 1 {
			t.Errorf("%v was computed %d times", at, n)
		}
	}
	for i, z := range grid.Z {
		x, y := grid.X[i%49], grid.Y[i/49]
		// Parameters are float32 of size 3: an error of 2⁻²³·3 in x, times the slope 2·1.5 + 4·1.5.
		if want := x*x + 2*y*y; math.Abs(z-want) > 4e-6 {
			t.Fatalf("at (%g, %g): got %g, want %g", x, y, z, want)
		}
	}
	for i, z := range first.Z {
		col, row := i%7, i/7
		if z != grid.Z[row*8*49+col*8] || first.X[col] != grid.X[col*8] {
			t.Fatalf("node (%d, %d) of the first level was not kept", col, row)
		}
	}
	if grid.X[0] != -1.5 || grid.X[24] != 0 || grid.X[48] != 1.5 {
		t.Errorf("got ends %g, %g and middle %g", grid.X[0], grid.X[48], grid.X[24])
	}
}

func TestSliceDoesNotDependOnTheNumberOfEvaluators(t *testing.T) {
	var grids []landscape.Grid
	for _, n := range []int{1, 2, 5} {
		g, err := Sample(context.Background(), DefaultLevels(1), surfaces(n, bowl), nil)
		if err != nil {
			t.Fatal(err)
		}
		grids = append(grids, g)
	}
	for _, g := range grids[1:] {
		for i := range g.Z {
			if g.Z[i] != grids[0].Z[i] {
				t.Fatalf("value %d differs", i)
			}
		}
	}
}

func TestSliceKeepsWhatIsNotFinite(t *testing.T) {
	g, err := Sample(context.Background(), Levels{HalfWidth: 1, First: 3, Count: 2}, surfaces(2, func(p []float32) (float64, error) {
		switch {
		case p[0] < 1 && p[1] < 2:
			return math.NaN(), nil
		case p[0] > 1 && p[1] > 2:
			return math.Inf(1), nil
		}
		return 0, nil
	}), nil)
	if err != nil || !math.IsNaN(g.Z[0]) || !math.IsInf(g.Z[24], 1) || g.Z[12] != 0 {
		t.Errorf("got %v, %v", g.Z, err)
	}
}

func TestSliceEndsOnErrorsAndOnRequest(t *testing.T) {
	broken := errors.New("broken")
	_, err := Sample(context.Background(), DefaultLevels(1), surfaces(2, func([]float32) (float64, error) { return 0, broken }), nil)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "α = ") {
		t.Errorf("failing evaluator: got %v", err)
	}
	_, err = Sample(context.Background(), DefaultLevels(1), surfaces(1, bowl), func(level int, g landscape.Grid) error {
		if level == 1 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) {
		t.Errorf("failing receiver: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var calls atomic.Int64
	_, err = Sample(ctx, DefaultLevels(1), surfaces(2, func(p []float32) (float64, error) {
		switch n := calls.Add(1); {
		case n == 100:
			cancel()
		case n > 100: // begun before the request: the only one the other evaluator may make
			<-ctx.Done()
		}
		return bowl(p)
	}), nil)
	if !errors.Is(err, context.Canceled) || calls.Load() > 101 {
		t.Errorf("canceled: got %v after %d calls", err, calls.Load())
	}
	for _, levels := range []Levels{{}, {HalfWidth: math.NaN(), First: 7, Count: 4}, {HalfWidth: 1, First: 7, Count: 60}, {HalfWidth: 1, First: 1, Count: 1}} {
		var typed *landscape.GridError
		if _, err := Sample(context.Background(), levels, surfaces(1, bowl), nil); !errors.As(err, &typed) {
			t.Errorf("%+v: got %v", levels, err)
		}
	}
	if _, err := Sample(context.Background(), DefaultLevels(1), nil, nil); err == nil {
		t.Error("no evaluator: no error")
	}
}
