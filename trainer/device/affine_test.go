package device

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/crosscheck"
	"smoothscape/trainer/engine/webgpu"
)

// planar is a device that forms parameters itself: the CPU, which does something of its own at each place.
type planar struct {
	faulty
	at func(m *engine.Metrics) error
}

func (p planar) Build(spec engine.Spec) (engine.Model, error) {
	m, err := p.Engine.Build(spec)
	return &planarModel{Model: m, at: p.at}, err
}

type planarModel struct {
	engine.Model
	at  func(m *engine.Metrics) error
	set engine.AffineSet
	x   []float32
	y   []int
}

func (m *planarModel) Clone() (engine.Model, error) {
	c, err := m.Model.Clone()
	return &planarModel{Model: c, at: m.at}, err
}

func (m *planarModel) Lay(set engine.AffineSet, x []float32, y []int, _ bool) error {
	if len(y) > 10 {
		return webgpu.ErrMemory
	}
	m.set, m.x, m.y = set, x, y
	return set.Check(m.Spec())
}

func (m *planarModel) Turn(k int, direction []float32) error {
	m.set.Directions[k] = direction
	return nil
}

func (m *planarModel) EvalAt(places []engine.Place, out []engine.Metrics) (int, error) {
	m.set.At(places[0], m.Params())
	metrics, err := m.Eval(m.x, m.y)
	out[0] = metrics
	return 1, errors.Join(err, m.at(&out[0]))
}

// plane lays a plane on a guarded device that does at.
func plane(t *testing.T, at func(m *engine.Metrics) error, hung func(string)) engine.AffineModel {
	t.Helper()
	spec := crosscheck.Network()
	model, err := Guard(planar{faulty{cpu.New(), nothing}, at}, someDevice, hung).Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = model.Close() })
	set := engine.AffineSet{Center: make([]float32, len(model.Params())), Directions: [][]float32{make([]float32, len(model.Params()))}}
	for i := range set.Center {
		set.Center[i], set.Directions[0][i] = float32(i%7)/7-0.4, float32(i%5)/50
	}
	affine := model.(engine.AffineModel)
	if err := affine.Lay(set, slices.Repeat([]float32{1, 0.5, -1}, spec.Input.Len()), []int{0, 1, 2}, false); err != nil {
		t.Fatal(err)
	}
	return affine
}

// A guarded model has the places of the device's model, as its clones do, and has none where that has none.
func TestPlacesPassTheGuard(t *testing.T) {
	affine := plane(t, func(*engine.Metrics) error { return nil }, nil)
	clone, err := affine.Clone()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := clone.(engine.AffineModel); !ok {
		t.Error("a clone forms no parameters")
	}
	plain, err := Guard(faulty{cpu.New(), nothing}, someDevice, nil).Build(crosscheck.Network())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := plain.(engine.AffineModel); ok {
		t.Error("a model whose device cannot do it says that it forms parameters")
	}
	out := make([]engine.Metrics, 2)
	if n, err := affine.EvalAt([]engine.Place{{}, {1}}, out); n != 1 || err != nil || !finite(out[0].Loss) {
		t.Errorf("%d places, %v, %v", n, out[0], err)
	}
	if err := affine.Turn(0, make([]float32, len(affine.Params()))); err != nil {
		t.Fatal(err)
	}
	before := out[0]
	if _, err := affine.EvalAt([]engine.Place{{1}}, out); err != nil || out[0] != before {
		t.Errorf("along a direction that is 0 it has %v, at the center %v (%v)", out[0], before, err)
	}
}

func TestFaultsAtPlaces(t *testing.T) {
	var fault *Fault
	nan := func(m *engine.Metrics) error { m.Loss = math.NaN(); return nil }
	out := make([]engine.Metrics, 1)
	_, err := plane(t, nan, nil).EvalAt([]engine.Place{{0.5}}, out)
	if !errors.As(err, &fault) || !errors.Is(err, ErrNonsense) || !strings.Contains(err.Error(), "where the CPU finds") {
		t.Errorf("NaN of the device alone: %v", err)
	}
	affine := plane(t, nan, nil)
	for range 2 * doubts {
		if _, err := affine.EvalAt([]engine.Place{{math.NaN()}}, out); err != nil || !math.IsNaN(out[0].Loss) {
			t.Fatalf("NaN of both: %v, %v", out[0], err)
		}
	}
	if n := affine.(*guardedAffine).doubts; n != doubts {
		t.Errorf("the CPU was asked %d times, expected %d", n, doubts)
	}
	if err := affine.Lay(affine.(*guardedAffine).set, nil, make([]int, 11), false); !errors.Is(err, webgpu.ErrMemory) || errors.As(err, new(*Fault)) || !strings.Contains(err.Error(), "Radeon") {
		t.Errorf("a plane that is too large: %v", err)
	}
	lost := errors.New("lost")
	if _, err := plane(t, func(*engine.Metrics) error { return lost }, nil).EvalAt([]engine.Place{{}}, out); !errors.As(err, &fault) || !errors.Is(err, lost) {
		t.Errorf("an error of the device: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		told := ""
		affine := plane(t, func(*engine.Metrics) error { time.Sleep(time.Hour); return nil }, func(sentence string) { told = sentence })
		_, err := affine.EvalAt([]engine.Place{{}}, out)
		synctest.Wait()
		if err != nil || !strings.Contains(told, "the losses of a plane of 3 images") {
			t.Errorf("a device that hangs: %q, %v", told, err)
		}
	})
}
