package measure

import "math"

// Report holds the results of Run: any subset of the groups, each as named numbers with unit, definition and source, and as
// series for pictures. It survives JSON whatever the numbers are (see Number).
type Report struct {
	Request    Request    `json:"request"`
	Parameters int        `json:"parameters"` // d
	TrainSize  int        `json:"trainSize"`  // n, images of the training set
	Images     int        `json:"images"`     // m, images measured on: expectations are over these
	Quantities []Quantity `json:"quantities"`
	Series     []Series   `json:"series,omitempty"`
	Warnings   []string   `json:"warnings,omitempty"` // what a reader must know beside the numbers; plain sentences
}

// Quantity is one measured number.
type Quantity struct {
	Group      Kind    `json:"group"`
	Name       string  `json:"name"`             // stable key, unique in a report: "gradStdDev"
	Title      string  `json:"title"`            // for people: "Spread of the gradients, per-sample"
	Symbol     string  `json:"symbol,omitempty"` // "C", "δ", "λ₁"
	Unit       string  `json:"unit,omitempty"`   // "1/length", "nats", "images"; "" for a pure number
	Value      Number  `json:"value"`
	StdErr     *Number `json:"stdErr,omitempty"` // standard error or error bound; nil where it is not known; Definition says which
	Definition string  `json:"definition"`       // formula in one line
	Source     string  `json:"source,omitempty"` // who defined it
	Note       string  `json:"note,omitempty"`   // what this very number suffers from
}

// SeriesKind says how a series is drawn.
type SeriesKind string

// How a Series is to be drawn.
const (
	Histogram SeriesKind = "histogram" // X are len(Y)+1 bin borders, Y densities: Σ Y·width = 1 less what lies outside
	Curve     SeriesKind = "curve"     // len(X) = len(Y), X ascending
	Points    SeriesKind = "points"    // len(X) = len(Y): one mark each
)

// Series is one picture's worth of numbers.
type Series struct {
	Group      Kind       `json:"group"`
	Name       string     `json:"name"` // stable key, unique in a report
	Title      string     `json:"title"`
	Kind       SeriesKind `json:"kind"`
	XTitle     string     `json:"xTitle"` // with unit
	YTitle     string     `json:"yTitle"`
	X          []Number   `json:"x"`
	Y          []Number   `json:"y"`
	Definition string     `json:"definition"`
}

// Quantity finds a quantity by name.
func (r *Report) Quantity(name string) (Quantity, bool) {
	for _, q := range r.Quantities {
		if q.Name == name {
			return q, true
		}
	}
	return Quantity{}, false
}

// add appends a quantity; an error that is NaN is not known.
func (r *Report) add(q Quantity, value, err float64) {
	q.Value = Number(value)
	if !math.IsNaN(err) {
		e := Number(err)
		q.StdErr = &e
	}
	r.Quantities = append(r.Quantities, q)
}

// warn appends a sentence, once.
func (r *Report) warn(sentence string) {
	for _, w := range r.Warnings {
		if w == sentence {
			return
		}
	}
	r.Warnings = append(r.Warnings, sentence)
}
