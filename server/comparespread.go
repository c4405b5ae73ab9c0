package main

import (
	"math"
	"sort"
)

// spread is what several runs that differ in their seed alone say about one number.
type spread struct {
	N    int      `json:"n"` // runs in which the number is known and finite
	Mean float64  `json:"mean"`
	SD   *float64 `json:"sd"` // standard deviation, with n − 1; nil for n < 2
	Min  float64  `json:"min"`
	Max  float64  `json:"max"`
}

// spreadOf takes the finite values; ok is false if there is none.
func spreadOf(values []float64) (s spread, ok bool) {
	for _, v := range values {
		if !isFinite(v) {
			continue
		}
		if s.N == 0 {
			s.Min, s.Max = v, v
		}
		s.N++
		s.Mean += (v - s.Mean) / float64(s.N)
		s.Min, s.Max = math.Min(s.Min, v), math.Max(s.Max, v)
	}
	if s.N < 2 {
		return s, s.N > 0
	}
	squares := 0.0
	for _, v := range values {
		if isFinite(v) {
			squares += (v - s.Mean) * (v - s.Mean)
		}
	}
	sd := math.Sqrt(squares / float64(s.N-1))
	s.SD = &sd
	return s, true
}

// band is a spread at each point of a curve. SD, Min and Max are nil where no point has more than one run.
type band struct {
	Mean numbers `json:"mean"`
	SD   numbers `json:"sd,omitempty"`
	Min  numbers `json:"min,omitempty"`
	Max  numbers `json:"max,omitempty"`
}

// bandOf takes the values of all runs at each point.
func bandOf(points [][]float64) band {
	n := len(points)
	b := band{Mean: make(numbers, n)}
	several := false
	for i, values := range points {
		s, ok := spreadOf(values)
		if b.Mean[i] = s.Mean; !ok {
			b.Mean[i] = math.NaN()
		}
		if s.N > 1 && !several {
			several = true
			b.SD, b.Min, b.Max = allNaN(n), allNaN(n), allNaN(n)
		}
		if s.N > 1 {
			b.SD[i], b.Min[i], b.Max[i] = *s.SD, s.Min, s.Max
		}
	}
	return b
}

func allNaN(n int) numbers {
	z := make(numbers, n)
	for i := range z {
		z[i] = math.NaN()
	}
	return z
}

// curves are some quantities of a group of runs at the same points. Epoch may have a fraction.
type curves struct {
	Step    []int           `json:"step"`
	Epoch   numbers         `json:"epoch"`
	Samples []int           `json:"samples"`
	Seconds numbers         `json:"seconds"` // since the run began, pauses included; the mean of the runs
	N       []int           `json:"n"`       // runs that have come so far
	Lost    []int           `json:"lost"`    // the points at which a loss was not finite, as indices
	Bands   map[string]band `json:"bands"`
}

// point is what one run says at one place.
type point struct {
	step, samples int
	seconds       float64
	lost          bool
	values        map[string]float64
}

// curvesOf lays the points of several runs over one another: those at the same update are one point. images are those of the training set.
func curvesOf(runs [][]point, images int) *curves {
	places := map[int][]point{}
	for _, run := range runs {
		for _, p := range run {
			places[p.step] = append(places[p.step], p)
		}
	}
	c := &curves{Step: make([]int, 0, len(places)), Lost: []int{}, Bands: map[string]band{}}
	for step := range places {
		c.Step = append(c.Step, step)
	}
	sort.Ints(c.Step)
	names := map[string]bool{}
	for i, step := range c.Step {
		here := places[step]
		c.Samples = append(c.Samples, here[0].samples)
		c.Epoch = append(c.Epoch, float64(here[0].samples)/float64(max(1, images)))
		c.N = append(c.N, len(here))
		lost, seconds := false, 0.0
		for _, p := range here {
			seconds += p.seconds / float64(len(here))
			lost = lost || p.lost
			for name := range p.values {
				names[name] = true
			}
		}
		c.Seconds = append(c.Seconds, seconds)
		if lost {
			c.Lost = append(c.Lost, i)
		}
	}
	for name := range names {
		columns := make([][]float64, len(c.Step))
		for i, step := range c.Step {
			for _, p := range places[step] {
				if v, ok := p.values[name]; ok {
					columns[i] = append(columns[i], v)
				}
			}
		}
		c.Bands[name] = bandOf(columns)
	}
	return c
}
