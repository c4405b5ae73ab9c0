package gridfile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"smoothscape/landscape/gridfile/hdf5"
)

// The names of the reference implementation.
const (
	xCoordinates = "xcoordinates"
	yCoordinates = "ycoordinates"
	projectedX   = "proj_xcoord"
	projectedY   = "proj_ycoord"
	directionX   = "xdirection"
	directionY   = "ydirection"
	explained    = "explained_variance_ratio_"
	// missingNote is ours: how cells without a value are written, "-1" as the reference does where it is not there, or "nan".
	missingNote = "missing"
)

// notComputed is the value of a cell that the reference has not computed yet.
const notComputed = -1

// readHDF5 reads a surface, a trajectory and directions, whichever are there.
func readHDF5(data []byte) (Contents, error) {
	f, err := hdf5.Open(data)
	if err != nil {
		return Contents{}, err
	}
	root, err := f.Root()
	if err != nil {
		return Contents{}, err
	}
	h := &h5{root: root, used: map[string]bool{}}
	c := Contents{Format: HDF5}
	h.readNotes()
	variance := h.optional(explained)
	if root.Has(xCoordinates) {
		c.Surface = h.surface()
	}
	if root.Has(projectedX) && root.Has(projectedY) {
		c.Trajectory = &Trajectory{X: h.line(projectedX), Y: h.line(projectedY), ExplainedVariance: variance, Notes: h.notes}
		if n := len(c.Trajectory.X); h.err == nil && (n != len(c.Trajectory.Y) || n > maxPoints) {
			h.err = bad("", fmt.Sprintf("as many %s as %s, at most %d", projectedX, projectedY, maxPoints), fmt.Sprintf("%d and %d", n, len(c.Trajectory.Y)))
		}
	}
	if root.IsGroup(directionX) {
		c.Directions = &Directions{X: h.tensors(directionX), ExplainedVariance: variance, Notes: h.notes}
		if root.IsGroup(directionY) {
			c.Directions.Y = h.tensors(directionY)
		}
	}
	switch {
	case h.err != nil:
		return Contents{}, h.err
	case c.Surface == nil && c.Trajectory == nil && c.Directions == nil:
		return Contents{}, bad("", fmt.Sprintf("datasets %s and %s, %s and %s, or groups %s", xCoordinates, yCoordinates, projectedX, projectedY, directionX), h.members())
	}
	for _, name := range root.Names() {
		if !h.used[name] {
			h.skip(name, "not part of the layout")
		}
	}
	c.Skipped = h.skipped
	return c, nil
}

// h5 reads members by name and keeps the first error.
type h5 struct {
	root    *hdf5.Group
	used    map[string]bool
	notes   []Note
	skipped []string
	missing string // what the note says
	err     error
}

func (h *h5) members() string {
	names := h.root.Names()
	if len(names) == 0 {
		return "no members"
	}
	return "the members " + quoted(strings.Join(names, ", "))
}

func (h *h5) skip(name, why string) {
	if len(h.skipped) < MaxGrids {
		h.skipped = append(h.skipped, quoted(name)+": "+why)
	}
}

// open returns a dataset that is needed.
func (h *h5) open(name string) *hdf5.Dataset {
	if h.err != nil {
		return nil
	}
	h.used[name] = true
	d, err := h.root.Dataset(name)
	if err != nil {
		h.err = inMember(name, err)
	}
	return d
}

// line reads numbers in one dimension.
func (h *h5) line(name string) []float64 {
	d := h.open(name)
	if h.err != nil {
		return nil
	}
	if len(d.Shape) > 1 && d.Len() != slices.Max(d.Shape) {
		h.err = bad(quoted(name), "one dimension", shapeText(d.Shape))
		return nil
	}
	v, err := d.Floats()
	if err != nil {
		h.err = inMember(name, err)
	}
	return v
}

// optional reads numbers that need not be there.
func (h *h5) optional(name string) []float64 {
	if !h.root.Has(name) {
		return nil
	}
	return h.line(name)
}

// inMember says in which member an error lies.
func inMember(name string, err error) error {
	return within(name, inFile(err, ""))
}

// readNotes takes the single texts.
func (h *h5) readNotes() {
	for _, name := range h.root.Names() {
		if len(h.notes) >= MaxGrids || h.root.IsGroup(name) {
			continue
		}
		d, err := h.root.Dataset(name)
		if err != nil || !d.IsText() || d.Len() != 1 {
			continue
		}
		texts, err := d.Texts()
		if err != nil {
			h.skip(name, err.Error())
			h.used[name] = true
			continue
		}
		note := Note{name, strings.ToValidUTF8(texts[0], "\ufffd")}
		switch {
		case name == missingNote:
			h.missing = note.Text
		case note.ok():
			h.notes = append(h.notes, note)
		default:
			continue
		}
		h.used[name] = true
	}
}

// surface reads the axes and every array of as many values as nodes.
func (h *h5) surface() *Surface {
	s := &Surface{X: h.line(xCoordinates), Y: []float64{0}, Notes: h.notes}
	lone := !h.root.Has(yCoordinates) // a line, not a plane
	if !lone {
		s.Y = h.line(yCoordinates)
	}
	nx, ny := len(s.X), len(s.Y)
	if h.err == nil && (nx == 0 || ny == 0 || nx > MaxValues/ny) {
		h.err = bad("", fmt.Sprintf("1 to %d nodes", MaxValues), fmt.Sprintf("%d x and %d y", nx, ny))
	}
	for _, name := range h.root.Names() {
		if h.err != nil {
			return nil
		}
		if h.used[name] || h.root.IsGroup(name) || name == projectedX || name == projectedY {
			continue
		}
		d, err := h.root.Dataset(name)
		switch {
		case err != nil:
			h.skip(name, err.Error())
			h.used[name] = true
			continue
		case d.IsText() || !nameable(name) || axis(name) != 0 || len(s.Values) == MaxGrids:
			continue
		}
		// The order of the values counts, whichever way round the shape is.
		ok := slices.Equal(d.Shape, []int{nx, ny}) || slices.Equal(d.Shape, []int{ny, nx}) || lone && slices.Equal(d.Shape, []int{nx})
		if !ok {
			h.used[name] = true
			h.skip(name, fmt.Sprintf("the shape %s where there are %d x and %d y", shapeText(d.Shape), nx, ny))
			continue
		}
		h.used[name] = true
		z, err := d.Floats()
		if err != nil {
			h.err = inMember(name, err)
			return nil
		}
		if h.missing != "nan" {
			for i, v := range z {
				if v == notComputed {
					z[i] = math.NaN()
				}
			}
		}
		s.Values = append(s.Values, Values{name, z})
	}
	if h.err == nil && len(s.Values) == 0 {
		h.err = bad("", fmt.Sprintf("an array of %d by %d values beside %s and %s, such as train_loss", ny, nx, xCoordinates, yCoordinates), h.members())
	}
	return s
}

// tensors reads the numbered members of a group: 0, 1, 2 …
func (h *h5) tensors(name string) []Tensor {
	if h.err != nil {
		return nil
	}
	h.used[name] = true
	g, err := h.root.Group(name)
	if err != nil {
		h.err = inMember(name, err)
		return nil
	}
	tensors := []Tensor{}
	for i := range g.Names() {
		number := strconv.Itoa(i)
		d, err := g.Dataset(number)
		if err != nil {
			h.err = inMember(name+"/"+number, err)
			return nil
		}
		v, err := d.Floats()
		if err != nil {
			h.err = inMember(name+"/"+number, err)
			return nil
		}
		tensors = append(tensors, Tensor{Shape: d.Shape, Values: v})
	}
	return tensors
}
