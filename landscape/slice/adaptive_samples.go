package slice

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"smoothscape/landscape"
)

// Samples is what a refinement computed, as plain data: nodes of [−HalfWidth, HalfWidth]² by their exact indices, and their values.
// The zero value is nothing.
type Samples struct {
	HalfWidth float64 `json:"halfWidth"`
	Nodes     int     `json:"nodes"`  // n a side
	Points    []Point `json:"points"` // row by row
}

// Point is the value at a node: α = HalfWidth·(2·Col − (n−1))/(n−1), and so β of Row. In JSON it is the array [col, row, z], where z is a number or
// one of the strings "NaN", "+Inf" and "-Inf"; numbers keep all their bits.
type Point struct {
	Col, Row int
	Z        float64
}

// MarshalJSON writes the array.
func (p Point) MarshalJSON() ([]byte, error) {
	z := strconv.FormatFloat(p.Z, 'g', -1, 64)
	if !finiteValue(p.Z) {
		z = strconv.Quote(z)
	}
	return fmt.Appendf(nil, "[%d,%d,%s]", p.Col, p.Row, z), nil
}

// UnmarshalJSON reads the array.
func (p *Point) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	if len(parts) != 3 {
		return fmt.Errorf("reading a point of a slice: expected [column, row, value], found %d items; compute the slice anew", len(parts))
	}
	for _, part := range parts {
		if string(part) == "null" {
			return errors.New("reading a point of a slice: expected [column, row, value], found null; compute the slice anew")
		}
	}
	var read Point
	if err := json.Unmarshal(parts[0], &read.Col); err != nil {
		return err
	}
	if err := json.Unmarshal(parts[1], &read.Row); err != nil {
		return err
	}
	var word string
	if json.Unmarshal(parts[2], &word) == nil {
		z, ok := map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)}[word]
		if !ok {
			return fmt.Errorf("reading a point of a slice: expected a number, NaN, +Inf or -Inf, found %q; compute the slice anew", word)
		}
		read.Z = z
	} else if err := json.Unmarshal(parts[2], &read.Z); err != nil {
		return err
	}
	*p = read
	return nil
}

// on gives the values by the nodes of a refinement over the same view: of as many nodes, or of a whole multiple of the cells.
func (s Samples) on(r Refinement) (map[int]float64, error) {
	memo := map[int]float64{}
	if len(s.Points) == 0 {
		return memo, nil
	}
	const doing = "going on from samples of a slice"
	if s.HalfWidth != r.HalfWidth || s.Nodes < 2 || s.Nodes > r.Nodes || (r.Nodes-1)%(s.Nodes-1) != 0 {
		return nil, &landscape.GridError{Doing: doing, Expected: fmt.Sprintf("half-width %g and %d nodes a side, or every second of them, every third, …", r.HalfWidth, r.Nodes),
			Found: fmt.Sprintf("half-width %g and %d nodes", s.HalfWidth, s.Nodes), Advice: "ask for the view of the samples, or start anew"}
	}
	ratio := (r.Nodes - 1) / (s.Nodes - 1)
	for _, p := range s.Points {
		if p.Col < 0 || p.Row < 0 || p.Col >= s.Nodes || p.Row >= s.Nodes {
			return nil, &landscape.GridError{Doing: doing, Expected: fmt.Sprintf("columns and rows from 0 to %d", s.Nodes-1), Found: fmt.Sprintf("(%d, %d)", p.Col, p.Row), Advice: "start anew"}
		}
		i := p.Row*ratio*r.Nodes + p.Col*ratio
		if _, twice := memo[i]; twice {
			return nil, &landscape.GridError{Doing: doing, Expected: "each node once", Found: fmt.Sprintf("(%d, %d) twice", p.Col, p.Row), Advice: "start anew"}
		}
		memo[i] = p.Z
	}
	return memo, nil
}

// samples lists all values that are known.
func (l *lattice) samples(memo map[int]float64) Samples {
	s := Samples{HalfWidth: l.HalfWidth, Nodes: l.n, Points: make([]Point, 0, len(memo))}
	for i, z := range memo {
		s.Points = append(s.Points, Point{Col: i % l.n, Row: i / l.n, Z: z})
	}
	slices.SortFunc(s.Points, func(a, b Point) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	return s
}
