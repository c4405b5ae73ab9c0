package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"smoothscape/landscape/gridfile"
)

// checkOut looks at --out before the work.
func (o *smoothOptions) checkOut() error {
	if o.out == "" {
		return nil
	}
	if err := checkWritable("out", o.out); err != nil {
		return err
	}
	if isJSON(o.out) {
		return nil
	}
	format, err := gridfile.FormatOf(o.out)
	if err != nil {
		return &fault{Field: "out", Doing: "reading --out", Expected: "a name that ends in .npz, .npy, .csv, .h5 or .json", Found: quoted(o.out), Advice: "NPZ is a good choice."}
	}
	if format == gridfile.NPY && (len(o.deltas) != 1 || o.picture == "full") {
		return &fault{Field: "out", Doing: "reading --out", Expected: "a format for several grids", Found: quoted(o.out) + ", which holds one", Advice: "Take .npz, or one δ."}
	}
	return nil
}

func isJSON(name string) bool { return strings.EqualFold(filepath.Ext(name), ".json") }

// write writes f, every f̂_δ and, of Monte Carlo, its standard error. Every file carries the label of its pictures; .npy, which
// has no place for it, gets a .json beside it.
func (o *smoothOptions) write(s *smoothSubject, result smoothed) error {
	surface, err := s.output(result)
	if err != nil {
		return err
	}
	if isJSON(o.out) {
		return o.replace(o.out, func(w io.Writer) error { return json.NewEncoder(w).Encode(newSmoothedFile(result, surface)) })
	}
	format, err := gridfile.FormatOf(o.out)
	if err != nil {
		return err
	}
	if format == gridfile.NPY {
		if err := o.replace(result.Beside, func(w io.Writer) error { return json.NewEncoder(w).Encode(result) }); err != nil {
			return err
		}
		surface.Values = surface.Values[1:]
	}
	return o.replace(o.out, func(w io.Writer) error { return gridfile.Write(w, format, surface) })
}

func (o *smoothOptions) replace(name string, write func(io.Writer) error) error {
	if err := replaceFile(name, write); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// output makes the surface of a result, with notes on what it is.
func (s *smoothSubject) output(result smoothed) (gridfile.Surface, error) {
	raw := s.grid
	if raw == "" {
		raw = "f"
	}
	surface := gridfile.Surface{X: s.values.X, Y: s.values.Y, Values: []gridfile.Values{{Name: raw, Z: s.values.Z}}}
	for _, p := range result.Pictures {
		surface.Values = append(surface.Values, gridfile.Values{Name: p.Name, Z: p.z})
		if p.stdError != nil {
			surface.Values = append(surface.Values, gridfile.Values{Name: strings.Replace(p.Name, "smoothed", "stderr", 1), Z: p.stdError})
		}
	}
	record, err := json.Marshal(result)
	if err != nil {
		return surface, fmt.Errorf("writing the result: %w", err)
	}
	label := string(result.Pictures[0].Label)
	surface.Notes = []gridfile.Note{{Name: "label", Text: label}, {Name: "subject", Text: result.Subject}, {Name: "record", Text: string(record)}}
	return surface, nil
}

// smoothedFile is the JSON of -o FILE.json: the result and all grids.
type smoothedFile struct {
	smoothed
	Xs    []float64  `json:"xs"` // coordinates of the columns
	Ys    []float64  `json:"ys"` // and of the rows
	Grids []jsonGrid `json:"grids"`
}

// jsonGrid is a grid, z[row·columns + column].
type jsonGrid struct {
	Name string        `json:"name"`
	Z    doubleNumbers `json:"z"`
}

func newSmoothedFile(result smoothed, s gridfile.Surface) smoothedFile {
	file := smoothedFile{smoothed: result, Xs: s.X, Ys: s.Y}
	for _, v := range s.Values {
		file.Grids = append(file.Grids, jsonGrid{v.Name, v.Z})
	}
	return file
}

// doubleNumbers are float64 as JSON: null where they are not finite, the shortest text that gives the same number elsewhere.
type doubleNumbers []float64

// MarshalJSON implements json.Marshaler.
func (z doubleNumbers) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, v := range z {
		if i > 0 {
			b.WriteByte(',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			b.WriteString("null")
			continue
		}
		b.Write(strconv.AppendFloat(b.AvailableBuffer(), v, 'g', -1, 64))
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}
