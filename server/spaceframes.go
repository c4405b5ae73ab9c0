package main

import (
	"encoding/json"
	"fmt"
	"math"

	"smoothscape/landscape"
	"smoothscape/landscape/fullspace"
)

// Pictures that take in what f does outside of its plane. The others, slice smoothing and projected, the browser makes by itself.
const (
	pictureFull     = "full"     // E f(x − δu) with the kernel of all d dimensions
	pictureMeasured = "measured" // the same with recorded noise vectors, times η
)

// What SpaceHead.Base holds.
const (
	baseProjected = "projected" // the picture of the plane, smoothed by what the kernel of all d dimensions leaves in it
	baseRaw       = "raw"       // the picture of the plane itself
)

// SpaceHead is the first line of what GET /api/fullspace sends, and of the files that ship with the program: what the pictures after it are
// about. They live on a lattice of the nodes and reach a little beyond the view, so that minima at its border can be found. Between the
// nodes a picture is its base plus its difference from Base there, which is smoother than the picture.
type SpaceHead struct {
	Type     string           `json:"type"`             // "head"
	Subject  string           `json:"subject"`          // name of the function or the run
	Dim      int              `json:"dim"`              // d
	Delta    float64          `json:"delta"`            // δ of the pictures: in units of the variables, of a network a length in parameter space
	Kernel   landscape.Kernel `json:"kernel"`           // of d dimensions
	Nodes    []float64        `json:"nodes"`            // places of the columns and of the rows, rising, in units of the picture
	Base     numbers          `json:"base"`             // row by row
	BaseOf   string           `json:"baseOf"`           // "projected" or "raw"
	Exact    numbers          `json:"exact"`            // the full picture in closed form; null where none is known
	Recorded string           `json:"recorded"`         // which noise "measured" has, in words: "200 noise vectors of a simulated SGD run, seed 1"
	Device   string           `json:"device,omitempty"` // of a network, that computed the losses; "": the processors
}

// SpaceFrame is what is known of one picture. A newer frame replaces an older one.
type SpaceFrame struct {
	Type       string   `json:"type"`    // "frame"
	Picture    string   `json:"picture"` // "full" or "measured"
	Samples    int      `json:"samples"` // draws so far
	Antithetic bool     `json:"antithetic"`
	Z          numbers  `json:"z"`       // means, row by row; null in cells that met a value that is not finite
	StdErr     numbers  `json:"stdErr"`  // standard error of each; null where there is none
	RelErr     *float64 `json:"relErr"`  // the greatest of them as a share of the range
	Done       bool     `json:"done"`    // no better one will come
	Reached    bool     `json:"reached"` // the error that was asked for was reached, or every recorded vector was used
	Refused    string   `json:"refused"` // why there is no such picture; then there is no Z
}

// spaceEnd is the last line: all is said. Failed is a sentence where something went wrong on the way.
type spaceEnd struct {
	Type   string `json:"type"` // "end"
	Failed string `json:"failed,omitempty"`
}

// spaceFrameOf is an estimate as it is sent.
func spaceFrameOf(picture string, e fullspace.Estimate, done, reached bool) SpaceFrame {
	return SpaceFrame{
		Type: "frame", Picture: picture, Samples: e.Samples, Antithetic: e.Antithetic, Z: e.Z, StdErr: threeDigits(e.StdErr), RelErr: finite(e.RelativeErr()),
		Done: done, Reached: reached,
	}
}

// threeDigits rounds what is an error itself.
func threeDigits(values []float64) numbers {
	out := make(numbers, len(values))
	for i, v := range values {
		if out[i] = v; v > 0 && !math.IsInf(v, 1) {
			unit := math.Pow(10, math.Floor(math.Log10(v))-2)
			out[i] = math.Round(v/unit) * unit
		}
	}
	return out
}

// lineOf is a value as a line of JSON.
func lineOf(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("writing a picture: %w", err)
	}
	return append(text, '\n'), nil
}
