package main

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"smoothscape/landscape"
)

// The plane is f there to seven digits of its differences, however far from 0, and no more planes are kept than there is room for.
func TestPlanesAreSampled(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	for _, c := range []struct {
		query, id string
		dim       int
	}{{"?f=ackley&dim=50&n=129", "ackley", 50}, {"?f=styblinski-tang&dim=200&n=129", "styblinski-tang", 200}} {
		got := s.send(t, "GET", "/api/plane"+c.query, "", nil)
		o, _ := landscape.ObjectiveByID(c.id, c.dim)
		field, err := landscape.Sample(o.Plane(), 129)
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(got.body)
		if len(body) != 8+4*field.M()*field.M() {
			t.Fatalf("%s: %d bytes for %d nodes a side", c.query, len(body), field.M())
		}
		offset := math.Float64frombits(binary.LittleEndian.Uint64(body))
		lo, hi, _ := field.Inner().Range()
		for i, want := range field.Z {
			z := offset + float64(math.Float32frombits(binary.LittleEndian.Uint32(body[8+4*i:])))
			if math.Abs(z-want) > 1e-9*(hi-lo)+1e-7*math.Abs(want-offset) {
				t.Fatalf("%s, node %d: %g, want %g", c.query, i, z, want)
			}
		}
	}
	ps := newPlaneGrids()
	for i := range 2 * mostPlanes {
		ps.keep(planeKey{dim: i}, nil)
	}
	if len(ps.kept) != mostPlanes {
		t.Errorf("%d planes are kept", len(ps.kept))
	}
}

// A view of many variables is an analogue in its figure, too, and grows the tree of its own plane.
func TestViewsOfManyVariables(t *testing.T) {
	t.Parallel()
	state, err := parseView("f=ackley&dim=50&n=129")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := figureOfView(state, nil)
	if err != nil {
		t.Fatal(err)
	}
	o, _ := landscape.ObjectiveByID("ackley", 50)
	if got, want := spec.Raw.Z[0], o.Plane().Func([]float64{-5, -5}); got != want {
		t.Errorf("the corner is %g, want %g", got, want)
	}
	if text := spec.Caption[0] + spec.Caption[1]; !strings.Contains(text, "first two of 50 variables") || !strings.Contains(text, "slice smoothing") || !strings.Contains(text, "analogue") {
		t.Errorf("the caption says %q", text)
	}
	for query, field := range map[string]string{"f=himmelblau&dim=3": "dim", "f=rastrigin&dim=1": "dim"} {
		if _, err := parseView(query); len(faults(err)) != 1 || faults(err)[0].Field != field {
			t.Errorf("%s: %v", query, err)
		}
	}
}
