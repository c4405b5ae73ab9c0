package crosscheck

import (
	"strings"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// planar is the CPU engine, whose models form parameters themselves, by factors that change may spoil.
type planar struct {
	engine.Engine
	change func(p *engine.Place)
}

func (e planar) Build(spec engine.Spec) (engine.Model, error) {
	m, err := e.Engine.Build(spec)
	return &planarModel{Model: m, change: e.change}, err
}

type planarModel struct {
	engine.Model
	change    func(p *engine.Place)
	set       engine.AffineSet
	x         []float32
	y         []int
	recompute bool
}

func (m *planarModel) Lay(set engine.AffineSet, x []float32, y []int, recompute bool) error {
	m.set, m.x, m.y, m.recompute = set, x, y, recompute
	return nil
}

func (m *planarModel) Turn(int, []float32) error { return nil }

func (m *planarModel) EvalAt(places []engine.Place, out []engine.Metrics) (int, error) {
	p := places[0]
	m.change(&p)
	m.set.At(p, m.Params())
	var err error
	if m.recompute {
		out[0], err = m.Grad(m.x, m.y, nil)
	} else {
		out[0], err = m.Eval(m.x, m.y)
	}
	return 1, err
}

// A model that forms parameters is held to places of a plane, too; one that loses a direction is found out.
func TestPlacesAreChecked(t *testing.T) {
	right, err := Run(t.Context(), planar{cpu.New(), func(*engine.Place) {}})
	if err != nil || !right.Passed || !strings.Contains(right.String(), "place 3 of a plane, recomputed statistics true, loss") || !(right.Worst.L2 <= Tolerance/20) {
		t.Errorf("%v, %v", right, err)
	}
	for k := range engine.MaxDirections {
		wrong, err := Run(t.Context(), planar{cpu.New(), func(p *engine.Place) { p[k] *= 1.1 }})
		if err != nil || wrong.Passed || !strings.Contains(wrong.Worst.What, "of a plane") {
			t.Errorf("direction %d a tenth too long: %v, %v", k, wrong, err)
		}
	}
}
