package slice

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
)

func TestSamplesAsJSON(t *testing.T) {
	s := Samples{HalfWidth: 0.1, Nodes: 9, Points: []Point{{0, 1, 0.1}, {2, 3, math.NaN()}, {4, 5, math.Inf(1)}, {6, 7, math.Inf(-1)}, {8, 8, math.Copysign(0, -1)}, {8, 0, 5e-324}}}
	const want = `{"halfWidth":0.1,"nodes":9,"points":[[0,1,0.1],[2,3,"NaN"],[4,5,"+Inf"],[6,7,"-Inf"],[8,8,-0],[8,0,5e-324]]}`
	text, err := json.Marshal(s)
	if err != nil || string(text) != want {
		t.Fatalf("got %s, %v\nwant %s", text, err, want)
	}
	var back Samples
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	for i, p := range s.Points {
		q := back.Points[i]
		if q.Col != p.Col || q.Row != p.Row || math.Float64bits(q.Z) != math.Float64bits(p.Z) && !math.IsNaN(p.Z) {
			t.Errorf("point %d: got %v, want %v", i, q, p)
		}
	}
}

func TestPointsThatAreNone(t *testing.T) {
	for _, text := range []string{`null`, `{}`, `[]`, `[1,2]`, `[1,2,3,4]`, `[1.5,2,3]`, `["1",2,3]`, `[1,2,"three"]`, `[1,2,null]`, `[1,2,1e999]`, `[1,null,3]`, `[1,2,[]]`, `[1e30,2,3]`} {
		p := Point{7, 7, 7}
		if err := p.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s: read as %v", text, p)
		} else if p != (Point{7, 7, 7}) {
			t.Errorf("%s: refused, yet the point is now %v", text, p)
		}
	}
}

// Whatever is read is written and read to the same again.
func FuzzPoint(f *testing.F) {
	for _, seed := range []string{`[1,2,3]`, `[0,-1,"NaN"]`, `[1,2,"+Inf"]`, `[1,2,-1e-300]`, `[1,2]`, `null`, `[null,1,2]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p, again Point
		if json.Unmarshal(text, &p) != nil {
			return
		}
		once, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		twice, err := json.Marshal(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s, %v", once, twice, err)
		}
	})
}
