package fullspace

import (
	"fmt"
	"math"
	"slices"
)

// State is all that a run knows after some samples: plain, finite numbers, in any encoding that keeps every bit (JSON of Go does). A
// run that is continued from it gives the same bits as one that was never broken. The slices have one number a cell, row by row.
type State struct {
	Problem   string    `json:"problem"`   // mark of the problem
	Samples   int       `json:"samples"`   // n
	Mean      []float64 `json:"mean"`      // ȳ
	Square    []float64 `json:"square"`    // Σ(y − ȳ)²
	Weight    []float64 `json:"weight"`    // b̄
	Plain     []float64 `json:"plain"`     // mean of z, over the samples of Center
	Cross     []float64 `json:"cross"`     // Σ(z − z̄)(c − c̄), likewise
	NonFinite []int     `json:"nonFinite"` // samples whose value is not finite; the numbers of such a cell mean nothing
	Center    Moments   `json:"center"`    // of c, as far as it is finite
	Lead      Moments   `json:"lead"`      // of the pairs at the center alone, likewise
	Anchor    float64   `json:"anchor"`    // a; 0 where the first sample has no finite Lead
	Anchored  bool      `json:"anchored"`  // whether it has
}

// Moments are a running mean and sum of squares.
type Moments struct {
	Count  int     `json:"count"`
	Mean   float64 `json:"mean"`
	Square float64 `json:"square"` // Σ(value − mean)²
}

// add takes a value in, unless it or its square is not finite.
func (m *Moments) add(v float64) (ok bool) {
	old := v - m.Mean
	mean := m.Mean + old/float64(m.Count+1)
	square := m.Square + old*(v-mean)
	if !finite(square) {
		return false
	}
	*m = Moments{m.Count + 1, mean, square}
	return true
}

// variance is that of the mean; +Inf below two values.
func (m Moments) variance() float64 {
	if m.Count < 2 {
		return math.Inf(1)
	}
	return m.Square / float64(m.Count-1) / float64(m.Count)
}

func newState(mark string, cells int) State {
	numbers := func() []float64 { return make([]float64, cells) }
	return State{Problem: mark, Mean: numbers(), Square: numbers(), Weight: numbers(), Plain: numbers(), Cross: numbers(), NonFinite: make([]int, cells)}
}

func (s State) clone() State {
	for _, v := range []*[]float64{&s.Mean, &s.Square, &s.Weight, &s.Plain, &s.Cross} {
		*v = slices.Clone(*v)
	}
	s.NonFinite = slices.Clone(s.NonFinite)
	return s
}

// check returns an *Error where the state is not one of that problem.
func (s State) check(mark string, cells int) error {
	const doing, advice = "continuing in full space", "begin anew"
	if s.Problem != mark {
		return refuse(doing, "the state of this very problem, "+mark, fmt.Sprintf("that of %q", s.Problem), advice)
	}
	whole := s.Samples >= 0 && s.Center.Count >= 0 && s.Lead.Count >= 0 && len(s.NonFinite) == cells
	numbers := []float64{s.Anchor, s.Center.Mean, s.Center.Square, s.Lead.Mean, s.Lead.Square}
	for _, v := range [][]float64{s.Mean, s.Square, s.Weight, s.Plain, s.Cross} {
		whole = whole && len(v) == cells
		numbers = append(numbers, v...)
	}
	if !whole || slices.ContainsFunc(numbers, func(v float64) bool { return !finite(v) }) || slices.ContainsFunc(s.NonFinite, func(n int) bool { return n < 0 || n > s.Samples }) {
		return refuse(doing, fmt.Sprintf("finite numbers for each of %d cells", cells), "others", advice)
	}
	return nil
}

// firstWeights is how many samples go by before the slope of z over c is trusted.
const firstWeights = 6

// fold takes the next sample in: the values of the cells, that of the center, and those of the center alone; the last two empty
// where there is no control variate.
func (s *State) fold(z, center, lead []float64) {
	for _, v := range lead {
		s.Lead.add(v)
	}
	if s.Samples == 0 && s.Lead.Count > 0 {
		s.Anchor, s.Anchored = s.Lead.Mean, true
	}
	s.Samples++
	control, c := false, 0.0
	before := s.Center
	if len(center) > 0 && s.Anchored {
		c = center[0]
		control = s.Center.add(c)
	}
	n, slope := float64(s.Samples), 1/before.Square
	// A center that is constant but for rounding explains nothing.
	trusted := before.Count >= firstWeights && before.Square > 1e-24*before.Mean*before.Mean*float64(before.Count) && finite(slope)
	beside := c - s.Center.Mean
	for i, value := range z {
		if s.NonFinite[i] > 0 || !finite(value) {
			if !finite(value) {
				s.NonFinite[i]++
			}
			continue
		}
		y, b := value, 0.0
		if control {
			b = 1
			if trusted {
				b = s.Cross[i] * slope
			}
			y -= b * (c - s.Anchor)
			old := value - s.Plain[i]
			s.Plain[i] += old / float64(s.Center.Count)
			s.Cross[i] += old * beside
		}
		old := y - s.Mean[i]
		mean := s.Mean[i] + old/n
		square := s.Square[i] + old*(y-mean)
		if !finite(square) || !finite(s.Plain[i]) || !finite(s.Cross[i]) { // values whose squares overflow are no better than infinite ones
			s.NonFinite[i]++
			s.Plain[i], s.Cross[i] = 0, 0
			continue
		}
		s.Mean[i], s.Square[i] = mean, square
		s.Weight[i] += (b - s.Weight[i]) / n
	}
}

// at returns the estimate of a cell and the variance of it: NaN where a value was not finite, an infinite variance below two samples.
func (s *State) at(i int, leadVariance float64) (mean, variance float64) {
	if s.NonFinite[i] > 0 || s.Samples == 0 {
		return math.NaN(), math.NaN()
	}
	mean, variance = s.Mean[i], math.Inf(1)
	if n := float64(s.Samples); n >= 2 {
		variance = s.Square[i] / (n - 1) / n
	}
	if b := s.Weight[i]; b != 0 { // it is 0 where there is no control variate
		mean += b * (s.Lead.Mean - s.Anchor)
		variance += b * b * leadVariance
	}
	return mean, variance
}

// finite reports whether v is neither infinite nor NaN.
func finite(v float64) bool { return v-v == 0 }
