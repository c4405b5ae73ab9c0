package scale

import (
	"context"
	"fmt"
	"math"
	"slices"

	"smoothscape/landscape"
)

// Limits of following, in cells but for the second.
const (
	farthest     = 1.5  // a minimum that moves farther between two δ is looked for at one between them …
	farthestPart = 0.01 // … or this part of the width of the domain, where that is more;
	splitting    = 4    // in the bracket of a split it may move so many times as far
	same         = 1e-4 // minima nearer than that are one
)

// MaxMinima is how many minima are followed at once, at most.
const MaxMinima = 4096

// sample is a minimum at one δ.
type sample struct {
	delta float64
	spot
	depth  float64
	deeper bool // a lower minimum exists, and depth says how far up the pass to it is
}

// track is a minimum while it is being followed.
type track struct {
	path   []sample // by increasing δ, also at those that are not in the tree
	start  Start
	born   float64
	source *track
	end    End
	died   float64
	parent *track
	id     int
}

func (t *track) first() sample { return t.path[0] }
func (t *track) last() sample  { return t.path[len(t.path)-1] }

// at returns the index of the sample at δ.
func (t *track) at(delta float64) (int, bool) {
	return slices.BinarySearchFunc(t.path, delta, func(s sample, d float64) int {
		switch {
		case s.delta < d:
			return -1
		case s.delta > d:
			return 1
		}
		return 0
	})
}

// walker goes from fine to coarse.
type walker struct {
	ctx    context.Context
	src    Source
	kernel landscape.Kernel
	opt    Options
	deltas []float64
	shelf  map[float64]*surface // the surfaces of the last two intervals
	all    []*track
	fresh  []*track // of all: not yet traced back to their beginning
	stale  map[int]bool
	limit  float64 // farthest, in units of the domain
	floor  float64 // the tolerance of δ below it is a part of it
	low    float64 // range of f, for ties
	high   float64
}

// Track follows the strict minima of f̂_δ in the closed domain from δ = 0 to opt.DeltaMax and returns their family tree; the
// package documentation has the rules. It returns an *OptionError, the error of the kernel or of the source, or that of
// the context, which is asked before each smoothing.
func Track(ctx context.Context, src Source, k landscape.Kernel, opt Options) (Tree, error) {
	if err := opt.validate(); err != nil {
		return Tree{}, err
	}
	if err := src.validate(k); err != nil {
		return Tree{}, err
	}
	h := src.step()
	w := &walker{ctx: ctx, src: src, kernel: k, opt: opt, deltas: opt.deltas(), shelf: map[float64]*surface{}, stale: map[int]bool{},
		limit: max(farthest*h, farthestPart*src.domain.Width())}
	w.floor = opt.DeltaMax / 100
	if !src.exact {
		w.floor = max(w.floor, h/10)
	}
	a, err := w.level(0)
	if err != nil {
		return Tree{}, err
	}
	w.low, w.high = a.sheet().bounds()
	for _, m := range a.minima(src) {
		w.all = append(w.all, &track{path: []sample{{spot: m}}, start: Present})
	}
	if len(w.all) > MaxMinima {
		return Tree{}, crowded(len(w.all), 0)
	}
	live := w.order(slices.Clone(w.all), 0)
	w.measure(a, live)
	for i, delta := range w.deltas[1:] {
		b, err := w.level(delta)
		if err != nil {
			return Tree{}, err
		}
		if live, err = w.carry(a, b, live); err != nil {
			return Tree{}, err
		}
		if live, err = w.admit(b, live); err != nil {
			return Tree{}, err
		}
		w.measure(b, live)
		if opt.Progress != nil {
			opt.Progress(delta)
		}
		for d := range w.shelf {
			if d < w.deltas[i] {
				delete(w.shelf, d)
			}
		}
		a = b
	}
	for _, t := range live {
		t.end = Alive
	}
	for i := range w.deltas {
		if w.stale[i] {
			s, err := w.level(w.deltas[i])
			if err != nil {
				return Tree{}, err
			}
			w.measure(s, w.covering(w.deltas[i]))
		}
	}
	return w.tree(a.mirror), nil
}

// level returns f̂_δ, from the shelf or made now.
func (w *walker) level(delta float64) (*surface, error) {
	if s, ok := w.shelf[delta]; ok {
		return s, nil
	}
	if err := w.ctx.Err(); err != nil {
		return nil, fmt.Errorf("following minima at δ = %g: %w", delta, err)
	}
	s, err := w.src.at(w.kernel, delta)
	if err != nil {
		return nil, fmt.Errorf("following minima at δ = %g: %w", delta, err)
	}
	if w.src.exact {
		// Rounding of a second derivative, from the size of f over a cell at δ = 0, where it is the roughest.
		size := max(math.Abs(w.low), math.Abs(w.high))
		if delta == 0 {
			size = s.sheet().peak()
		}
		s.limits.noise = 1e-14 * size / (s.cell * s.cell)
	}
	w.shelf[delta] = s
	return s, nil
}

// fine reports whether nothing between the two δ is looked at.
func (w *walker) fine(a, b float64) bool {
	return b-a <= w.opt.Tolerance*max(b, w.floor)
}

// covering returns the tracks that are there at δ.
func (w *walker) covering(delta float64) []*track {
	var list []*track
	for _, t := range w.all {
		if t.first().delta <= delta && delta <= t.last().delta {
			list = append(list, t)
		}
	}
	return list
}

// spots returns where the tracks that are there at the δ of a surface lie on it, those near p alone where near is not
// nil. A track that was not yet looked at there is settled from its nearest sample.
func (w *walker) spots(s *surface, about *place, except *track) ([]*track, []spot) {
	var tracks []*track
	var spots []spot
	for _, t := range w.covering(s.delta) {
		if t == except {
			continue
		}
		i, exact := t.at(s.delta)
		if !exact && s.delta-t.path[i-1].delta < t.path[i].delta-s.delta {
			i--
		}
		m := t.path[i].spot
		if about != nil {
			if _, d := about.to(m.at); d > 3*w.limit {
				continue
			}
		}
		if !exact {
			var ok bool
			if m, ok = s.settle(m.at); !ok {
				continue
			}
		}
		tracks, spots = append(tracks, t), append(spots, m)
	}
	return tracks, spots
}

// order sorts tracks by their samples at δ, by the rule of ties: lowest first, then the smallest y, then the smallest x,
// where values within 10⁻⁹ of the range and coordinates within 10⁻⁶ of the width are equal.
func (w *walker) order(tracks []*track, delta float64) []*track {
	at := make(map[*track]spot, len(tracks))
	for _, t := range tracks {
		if i, ok := t.at(delta); ok {
			at[t] = t.path[i].spot
		} else {
			at[t] = t.first().spot
		}
	}
	ranked(w, tracks, func(t *track) spot { return at[t] })
	return tracks
}

// ranked sorts by the rule of ties.
func ranked[T any](w *walker, list []T, at func(T) spot) {
	wide := 1e-6 * w.src.domain.Width()
	byKeys(list, []key[T]{
		{func(t T) float64 { return at(t).f }, 1e-9 * (w.high - w.low)},
		{func(t T) float64 { return at(t).at[1] }, wide},
		{func(t T) float64 { return at(t).at[0] }, wide},
	})
}

// key is a number to sort by; numbers that follow each other within tie are equal.
type key[T any] struct {
	of  func(T) float64
	tie float64
}

// byKeys sorts by the first key, then each run of equals by the next. (A comparison with a tolerance would not be
// transitive.)
func byKeys[T any](list []T, keys []key[T]) {
	if len(keys) == 0 || len(list) < 2 {
		return
	}
	k := keys[0]
	slices.SortStableFunc(list, func(a, b T) int {
		switch x, y := k.of(a), k.of(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	start := 0
	for i := 1; i <= len(list); i++ {
		if i == len(list) || k.of(list[i])-k.of(list[i-1]) > k.tie {
			byKeys(list[start:i], keys[1:])
			start = i
		}
	}
}
