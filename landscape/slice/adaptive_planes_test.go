package slice

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// reference is a plane of a trained network, computed on all nodes: see testdata/planes/README.md.
type reference struct {
	Name      string
	HalfWidth float64
	Nodes     int
	Budget    int
	z         []float64
}

func references(t *testing.T) []reference {
	t.Helper()
	const folder = "testdata/planes"
	list, err := os.ReadFile(filepath.Join(folder, "planes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var planes []reference
	if err := json.Unmarshal(list, &planes); err != nil {
		t.Fatal(err)
	}
	for i, p := range planes {
		packed, err := os.ReadFile(filepath.Join(folder, p.Name+".f32.gz"))
		if err != nil {
			t.Fatal(err)
		}
		zip, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(zip)
		if err != nil {
			t.Fatal(err)
		}
		values := make([]float32, p.Nodes*p.Nodes)
		if err := binary.Read(bytes.NewReader(raw), binary.LittleEndian, values); err != nil || len(raw) != 4*len(values) {
			t.Fatalf("%s: %d bytes for %d² values, %v", p.Name, len(raw), p.Nodes, err)
		}
		for _, v := range values {
			planes[i].z = append(planes[i].z, float64(v))
		}
	}
	return planes
}

// at is the loss at a node.
func (p reference) at(alpha, beta float64) (float64, error) {
	index := func(x float64) int { return int(math.Round((x/p.HalfWidth + 1) / 2 * float64(p.Nodes-1))) }
	return p.z[index(beta)*p.Nodes+index(alpha)], nil
}

// errorsOf are the greatest errors of a picture, as shares of the range of the truth over the view and over its inner quarter.
func errorsOf(n int, got, truth []float64) (whole, inner float64) {
	var off [2]float64
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, z := range truth {
		far := max(math.Abs(2*float64(i%n)/float64(n-1)-1), math.Abs(2*float64(i/n)/float64(n-1)-1))
		for part, reach := range [2]float64{1, 0.5} {
			if far <= reach {
				lo[part], hi[part], off[part] = min(lo[part], z), max(hi[part], z), max(off[part], math.Abs(got[i]-z))
			}
		}
	}
	return off[0] / (hi[0] - lo[0]), off[1] / (hi[1] - lo[1])
}

// The goal: on every plane of a trained network the error is at most 1 % of the range, of the whole view and of its inner quarter, after an eighth of the
// evaluations of 51² on smooth planes and a third on rough ones. On four of the seven the sampler, which does not know that, would go on.
func TestRefinedPlanesReachOnePercent(t *testing.T) {
	for _, p := range references(t) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			got, err := SampleRefined(context.Background(), Refinement{HalfWidth: p.HalfWidth, Nodes: p.Nodes, Tolerance: 0.01, Budget: p.Budget}, Samples{}, both(p.at), nil)
			if err != nil {
				t.Fatal(err)
			}
			whole, inner := errorsOf(p.Nodes, got.Grid.Z, p.z)
			t.Logf("%d evaluations, error %.2f %% of the range and %.2f %% within, expected %.2f %% and %.2f %%", got.Evaluated, 100*whole, 100*inner, 100*got.Whole, 100*got.Inner)
			if !(whole <= 0.01 && inner <= 0.01) || got.Evaluated > p.Budget {
				t.Errorf("got errors %.4f and %.4f after %d evaluations, expected %.4f and %.4f; want 0.01 after at most %d", whole, inner, got.Evaluated, got.Whole, got.Inner, p.Budget)
			}
		})
	}
}

func both(f func(alpha, beta float64) (float64, error)) []Surface { return []Surface{flat(f), flat(f)} }

// flat is a function of the plane, computed one place at a time.
type flat func(alpha, beta float64) (float64, error)

func (f flat) Step([]float64) error { panic("flat: a step out of it") }

func (f flat) Losses(places []Place, z []float64) (int, error) {
	loss, err := f(places[0].Alpha, places[0].Beta)
	if err != nil {
		return 0, err
	}
	z[0] = loss
	return 1, nil
}

// The cost of refinement itself, for the losses are next to free.
func BenchmarkRefine(b *testing.B) {
	r := Refinement{HalfWidth: 1, Nodes: 97, Tolerance: 0.01}
	for b.Loop() {
		if _, err := SampleRefined(context.Background(), r, Samples{}, both(wavy), nil); err != nil {
			b.Fatal(err)
		}
	}
}
