// Package curve keeps what the charts of a run draw in levels, so that a million updates open and zoom as fast as a thousand.
//
// The log of a run is cut into chunks of ChunkEvents events. Piece 0/n holds every point of chunk n; piece 1/n a selection of them, and piece
// k/n one of Fan pieces of level k−1. A selection keeps of each group of neighbors the smallest and the largest value and the first that is
// not finite, at their true places: so no spike and no NaN is lost at any level. A piece is a function of the log before its end and of
// nothing else; the log never shrinks, so a piece never changes. What has been lost or was never made is made again from the log.
package curve

import (
	"encoding/json"
	"iter"
	"math"
	"slices"
)

// The shape of the levels.
const (
	ChunkEvents = 4096
	Fan         = 16
	groups      = ChunkEvents / Fan // of a quantity in a piece above level 0
	epochsKept  = 512               // rows of the table of epochs in a piece: the newest
)

// Quantity is a curve of a run.
type Quantity int

// The quantities.
const (
	TrainLoss Quantity = iota
	NoiseLevel
	GradStdDev
	LearningRate // where it changes
	BatchSize    // likewise
	Ratio        // η/√b, likewise
	TestLoss
	TestAccuracy
	Quantities // how many there are
)

// String is the name in JSON.
func (q Quantity) String() string {
	return [Quantities]string{"trainLoss", "noiseLevel", "gradStdDev", "learningRate", "batchSize", "ratio", "testLoss", "testAccuracy"}[q]
}

// Column is one quantity: points in the order of their steps.
type Column struct {
	Step   []int
	Value  []float64 // NaN and ±Inf as they were logged
	Spread []float64 // of a measured value; nil where there is none

	// Of the finite values that a point was picked from, their mean and number; nil where each point stands for itself.
	Mean, Weight []float64

	Received, NotFinite int // values, those included that are not among the points
}

// Places say where updates lie on each axis; between two of them all grow evenly.
type Places struct {
	Step    []int // updates
	Epoch   []int // 0-based
	Images  []int // trained on in this epoch
	Samples []int // trained on at all
	Time    []int // milliseconds since the run began, pauses included
}

// Piece is a part of a run's curves.
type Piece struct {
	Columns   [Quantities]Column
	Places    Places
	Epochs    []json.RawMessage // an EpochRow each, the newest epochsKept of the piece
	TrainSize int               // images of an epoch; 0 where it is not known
	After     json.RawMessage   // State after its last event
}

// push adds a value that was logged.
func (c *Column) push(step int, value float64) {
	c.Step = append(c.Step, step)
	c.Value = append(c.Value, value)
	c.Received++
	if !finite(value) {
		c.NotFinite++
	}
}

// stands says for which finite values a point stands: their mean and number.
func (c *Column) stands(i int) (mean, weight float64) {
	switch {
	case c.Weight != nil:
		return c.Mean[i], c.Weight[i]
	case finite(c.Value[i]):
		return c.Value[i], 1
	}
	return 0, 0
}

// add puts the points of a later piece behind these. It copies what it keeps.
func (c *Column) add(later *Column) {
	if c.Weight == nil && later.Weight != nil {
		c.weigh()
	}
	if c.Weight != nil {
		for i := range later.Step {
			mean, weight := later.stands(i)
			c.Mean, c.Weight = append(c.Mean, mean), append(c.Weight, weight)
		}
	}
	c.Step = append(c.Step, later.Step...)
	c.Value = append(c.Value, later.Value...)
	c.Spread = append(c.Spread, later.Spread...)
	c.Received += later.Received
	c.NotFinite += later.NotFinite
}

func (c *Column) weigh() {
	c.Mean, c.Weight = make([]float64, len(c.Step)), make([]float64, len(c.Step))
	for i := range c.Step {
		mean, weight := 0.0, 0.0
		if finite(c.Value[i]) {
			mean, weight = c.Value[i], 1
		}
		c.Mean[i], c.Weight[i] = mean, weight
	}
}

// Add puts a later piece of the same run behind this one. It copies what it keeps.
func (p *Piece) Add(later *Piece) {
	for q := range p.Columns {
		p.Columns[q].add(&later.Columns[q])
	}
	a, b := &p.Places, &later.Places
	a.Step = append(a.Step, b.Step...)
	a.Epoch = append(a.Epoch, b.Epoch...)
	a.Images = append(a.Images, b.Images...)
	a.Samples = append(a.Samples, b.Samples...)
	a.Time = append(a.Time, b.Time...)
	p.Epochs = append(p.Epochs, later.Epochs...)
	p.Epochs = p.Epochs[max(0, len(p.Epochs)-epochsKept):]
	p.TrainSize, p.After = later.TrainSize, later.After
}

// Above is the piece of the next level over some pieces in a row. They stay as they are.
func Above(pieces []*Piece) *Piece {
	joined := &Piece{}
	for _, p := range pieces {
		joined.Add(p)
	}
	joined.Thin(groups)
	return joined
}

// Thin keeps of each quantity at most that many groups of neighbors, n ≥ 1, of as many updates each; a group is at most three points, or four
// at the ends of the piece.
func (p *Piece) Thin(n int) {
	for q := range p.Columns {
		p.Columns[q].thin(n)
	}
	p.Places.thin(n)
}

// thin keeps of each group the smallest and the largest value, the first that is not finite, and the ends of the column.
func (c *Column) thin(n int) {
	count := len(c.Step)
	if count <= 3*n {
		return
	}
	kept := make([]int, 0, 5)
	thinner := Column{Received: c.Received, NotFinite: c.NotFinite, Mean: []float64{}, Weight: []float64{}}
	for start, end := range stretches(c.Step, n) {
		low, high, hole, sum, total := -1, -1, -1, 0.0, 0.0
		for i := start; i < end; i++ {
			mean, weight := c.stands(i)
			sum, total = sum+mean*weight, total+weight
			switch v := c.Value[i]; {
			case !finite(v):
				if hole < 0 {
					hole = i
				}
			case low < 0:
				low, high = i, i
			case v < c.Value[low]:
				low = i
			case v > c.Value[high]:
				high = i
			}
		}
		kept = append(kept[:0], low, high, hole)
		if start == 0 {
			kept = append(kept, 0)
		}
		if end == count {
			kept = append(kept, count-1)
		}
		slices.Sort(kept)
		thinner.take(c, slices.Compact(kept), sum, total)
	}
	*c = thinner
}

// take adds points of another column, −1 for none, that stand for values of this sum and number together.
func (c *Column) take(from *Column, points []int, sum, total float64) {
	values := 0
	for _, i := range points {
		if i >= 0 && finite(from.Value[i]) {
			values++
		}
	}
	for _, i := range points {
		if i < 0 {
			continue
		}
		c.Step, c.Value = append(c.Step, from.Step[i]), append(c.Value, from.Value[i])
		if from.Spread != nil {
			c.Spread = append(c.Spread, from.Spread[i])
		}
		mean, weight := 0.0, 0.0
		if finite(from.Value[i]) && total > 0 {
			mean, weight = sum/total, total/float64(values)
			if !finite(mean) { // the sum has no float64
				mean = from.Value[i]
			}
		}
		c.Mean, c.Weight = append(c.Mean, mean), append(c.Weight, weight)
	}
}

// stretches cuts rising steps into n stretches of as many updates each: the first index of each that is not empty, and the one after its last.
func stretches(steps []int, n int) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		first, count := steps[0], len(steps)
		width := max(1, (steps[count-1]-first)/n+1)
		for start := 0; start < count; {
			border, end := steps[start]+width-(steps[start]-first)%width, start+1
			for end < count && steps[end] < border {
				end++
			}
			if !yield(start, end) {
				return
			}
			start = end
		}
	}
}

// thin keeps the first place of each group, the last, and both ends of a pause: a wait that is longer than the rest of its group.
func (p *Places) thin(n int) {
	count := len(p.Step)
	if count <= 3*n {
		return
	}
	var thinner Places
	take := func(i int) {
		thinner.Step, thinner.Epoch = append(thinner.Step, p.Step[i]), append(thinner.Epoch, p.Epoch[i])
		thinner.Images, thinner.Samples = append(thinner.Images, p.Images[i]), append(thinner.Samples, p.Samples[i])
		thinner.Time = append(thinner.Time, p.Time[i])
	}
	for start, end := range stretches(p.Step, n) {
		take(start)
		longest := start // the wait after this place is the longest
		for i := start; i < end && i+1 < count; i++ {
			if p.Time[i+1]-p.Time[i] > p.Time[longest+1]-p.Time[longest] {
				longest = i
			}
		}
		last := min(end, count-1)
		if longest < last && 2*(p.Time[longest+1]-p.Time[longest]) > p.Time[last]-p.Time[start] {
			if longest > start {
				take(longest)
			}
			if longest+1 < end {
				take(longest + 1)
			}
		}
		if end == count && last > start && (thinner.Step[len(thinner.Step)-1] != p.Step[last]) {
			take(last)
		}
	}
	*p = thinner
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Cut keeps what lies between two steps, and one point more on each side so that lines go on. The table of epochs stays.
func (p *Piece) Cut(from, to int) {
	for q := range p.Columns {
		c := &p.Columns[q]
		a, b := around(c.Step, from, to)
		c.Step, c.Value = c.Step[a:b], c.Value[a:b]
		if c.Spread != nil {
			c.Spread = c.Spread[a:b]
		}
		if c.Weight != nil {
			c.Mean, c.Weight = c.Mean[a:b], c.Weight[a:b]
		}
	}
	at := &p.Places
	a, b := around(at.Step, from, to)
	at.Step, at.Epoch, at.Images, at.Samples, at.Time = at.Step[a:b], at.Epoch[a:b], at.Images[a:b], at.Samples[a:b], at.Time[a:b]
}

// around is the part of rising steps that covers a range.
func around(steps []int, from, to int) (a, b int) {
	a, _ = slices.BinarySearch(steps, from)
	b, _ = slices.BinarySearch(steps, to+1)
	a, b = max(0, a-1), min(len(steps), b+1)
	return a, max(a, b)
}
