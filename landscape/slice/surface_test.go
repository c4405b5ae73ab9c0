package slice

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// blocks is a function of the plane that computes up to so many places at once.
type blocks struct {
	f     func(p Place) float64
	most  int
	fails int // call that fails, from 1; 0: none
	calls []int
}

func (b *blocks) Step([]float64) error { return nil }

func (b *blocks) Losses(places []Place, z []float64) (int, error) {
	n := min(len(places), b.most)
	if b.calls = append(b.calls, n); len(b.calls) == b.fails {
		return 0, errors.New("broken")
	}
	for i, p := range places[:n] {
		z[i] = b.f(p)
	}
	return n, nil
}

// However many places a surface takes at once, the pictures are the same, bit for bit, and one surface gets all that are left.
func TestPicturesDoNotDependOnBlocks(t *testing.T) {
	f := func(p Place) float64 { z, _ := wavy(p.Alpha, p.Beta); return z }
	var grids, refined [][]float64
	for _, most := range []int{1, 7, 1000} {
		for _, count := range []int{1, 3} {
			all := make([]Surface, count)
			for i := range all {
				all[i] = &blocks{f: f, most: most}
			}
			g, err := Sample(context.Background(), DefaultLevels(1), all, nil)
			if err != nil {
				t.Fatal(err)
			}
			grids = append(grids, g.Z)
			r, err := SampleRefined(context.Background(), onePercent, Samples{}, all, nil)
			if err != nil {
				t.Fatal(err)
			}
			refined = append(refined, r.Grid.Z)
			if one := all[0].(*blocks); count == 1 && most == 1000 && !reflect.DeepEqual(one.calls[:4], []int{49, 13*13 - 49, 25*25 - 13*13, 1000}) {
				t.Errorf("calls of %v places", one.calls)
			}
		}
	}
	for i := range grids {
		if !reflect.DeepEqual(grids[i], grids[0]) || !reflect.DeepEqual(refined[i], refined[0]) {
			t.Errorf("picture %d differs from the first", i)
		}
	}
}

// The place of an error, the end of ctx between two blocks, and no surface at all.
func TestBlocksThatEndEarly(t *testing.T) {
	_, err := Sample(context.Background(), DefaultLevels(1), []Surface{&blocks{f: func(Place) float64 { return 1 }, most: 7, fails: 2}}, nil)
	if err == nil || !strings.Contains(err.Error(), "at α = -1, β = -0.66") || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	once := &blocks{most: 5}
	once.f = func(Place) float64 { cancel(); return 1 }
	if _, err := Losses(ctx, make([]Place, 20), []Surface{once}); !errors.Is(err, context.Canceled) || len(once.calls) != 1 {
		t.Errorf("canceled: got %v after %d blocks", err, len(once.calls))
	}
	if _, err := Losses(context.Background(), make([]Place, 1), nil); err == nil {
		t.Error("no surface: no error")
	}
}

// A step leaves the plane by as much as γ says.
func TestStepsOutOfThePlane(t *testing.T) {
	plane := Plane[float64]{Center: []float64{1, 2, 3}, D1: []float64{1, 0, 0}, D2: []float64{0, 1, 0}}
	var at []float64
	s := OnPlane(plane, []Evaluator[float64]{func(p []float64) (float64, error) { at = append([]float64(nil), p...); return 0, nil }})[0]
	if err := s.Step([]float64{0.5, 0, 4}); err != nil {
		t.Fatal(err)
	}
	for gamma, want := range map[float64][]float64{0: {3, 5, 3}, 1: {3.5, 5, 7}, -1: {2.5, 5, -1}, 0.5: {3.25, 5, 5}} {
		if n, err := s.Losses([]Place{{2, 3, -gamma}, {2, 3, gamma}}, make([]float64, 2)); gamma != 0 && (n != 2 || err != nil || !reflect.DeepEqual(at, want)) {
			t.Errorf("γ = ±%g: at %v, expected %v (%d, %v)", gamma, at, want, n, err)
		}
		if n, err := s.Losses([]Place{{2, 3, gamma}, {math.NaN(), 0, 0}}, make([]float64, 2)); n != 1 || err != nil || !reflect.DeepEqual(at, want) {
			t.Errorf("γ = %g: at %v, expected %v (%d, %v)", gamma, at, want, n, err)
		}
	}
}
