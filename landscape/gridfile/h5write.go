package gridfile

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"smoothscape/landscape/gridfile/hdf5"
)

// writeHDF5 writes a surface as the reference does, but in the shape that its plots need: a row for each y.
func writeHDF5(w io.Writer, s Surface) error {
	t := &hdf5.Tree{}
	t.AddFloats(xCoordinates, []int{len(s.X)}, s.X)
	t.AddFloats(yCoordinates, []int{len(s.Y)}, s.Y)
	// −1 stands for a missing value unless it is one itself.
	hasNaN, hasOne := false, false
	for _, v := range s.Values {
		hasNaN = hasNaN || v.Missing() > 0
		hasOne = hasOne || slices.Contains(v.Z, notComputed)
	}
	for _, v := range s.Values {
		z := v.Z
		if hasNaN && !hasOne {
			z = slices.Clone(z)
			for i := range z {
				if math.IsNaN(z[i]) {
					z[i] = notComputed
				}
			}
		}
		t.AddFloats(v.Name, []int{len(s.Y), len(s.X)}, z)
	}
	if hasOne {
		t.AddText(missingNote, "nan")
	}
	addNotes(t, s.Notes)
	return finish(t, w)
}

func addNotes(t *hdf5.Tree, notes []Note) {
	for _, n := range notes {
		t.AddText(n.Name, n.Text)
	}
}

func finish(t *hdf5.Tree, w io.Writer) error {
	_, err := t.WriteTo(w)
	return err
}

// WriteTrajectory writes a projected path as an .h5 file of the reference implementation.
func WriteTrajectory(w io.Writer, p Trajectory) error {
	if len(p.X) != len(p.Y) || len(p.X) > maxPoints {
		return &FileError{Doing: "writing a trajectory", Expected: fmt.Sprintf("as many x as y, at most %d", maxPoints), Found: fmt.Sprintf("%d and %d", len(p.X), len(p.Y))}
	}
	t := &hdf5.Tree{}
	t.AddFloats(projectedX, []int{len(p.X)}, p.X)
	t.AddFloats(projectedY, []int{len(p.Y)}, p.Y)
	if p.ExplainedVariance != nil {
		t.AddFloats(explained, []int{len(p.ExplainedVariance)}, p.ExplainedVariance)
	}
	addNotes(t, p.Notes)
	return finish(t, w)
}

// WriteDirections writes directions as an .h5 file of the reference implementation. Tensors whose values all are float32 are
// written as such.
func WriteDirections(w io.Writer, d Directions) error {
	t := &hdf5.Tree{}
	addTensors(t.AddTree(directionX), d.X)
	if d.Y != nil {
		addTensors(t.AddTree(directionY), d.Y)
	}
	if d.ExplainedVariance != nil {
		t.AddFloats(explained, []int{len(d.ExplainedVariance)}, d.ExplainedVariance)
	}
	addNotes(t, d.Notes)
	return finish(t, w)
}

func addTensors(t *hdf5.Tree, tensors []Tensor) {
	for i, x := range tensors {
		name := strconv.Itoa(i)
		if slices.ContainsFunc(x.Values, func(v float64) bool { return float64(float32(v)) != v && !math.IsNaN(v) }) {
			t.AddFloats(name, x.Shape, x.Values)
			continue
		}
		narrow := make([]float32, len(x.Values))
		for j, v := range x.Values {
			narrow[j] = float32(v)
		}
		t.AddFloat32s(name, x.Shape, narrow)
	}
}
