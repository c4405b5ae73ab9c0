package scale

import (
	"fmt"
	"slices"

	"smoothscape/landscape"
)

// admit lists the minima of b anew, and traces those that no track holds back to where they began.
func (w *walker) admit(b *surface, live []*track) ([]*track, error) {
	held := make([]spot, len(live))
	for i, t := range live {
		held[i] = t.last().spot
	}
	for _, m := range b.minima(w.src) {
		if near(held, m.at, b.cell/2) >= 0 {
			continue
		}
		t := &track{path: []sample{{delta: b.delta, spot: m}}}
		w.all, w.fresh = append(w.all, t), append(w.fresh, t)
		live, held = append(live, t), append(held, m)
	}
	if len(live) > MaxMinima {
		return nil, crowded(len(live), b.delta)
	}
	fresh := w.order(w.fresh, b.delta)
	w.fresh = nil
	for _, t := range fresh {
		if err := w.trace(t); err != nil {
			return nil, err
		}
	}
	return live, nil
}

// trace follows a track down the known δ, and between them where it is lost, to its beginning.
func (w *walker) trace(t *track) error {
	for {
		next, from := latest(t.backward())
		lower, ok := w.below(from.delta)
		if !ok { // at the first δ, too shallow for the catalog
			t.start, t.born = Present, from.delta
			return nil
		}
		s, err := w.level(lower)
		if err != nil {
			return err
		}
		m := w.follow(next, from, s)
		var twin *track
		if m.state == kept {
			tracks, spots := w.spots(s, &m.to.at, t)
			if i := near(spots, m.to.at, same*s.cell); i >= 0 {
				twin = tracks[i]
			}
		}
		switch {
		case m.state == kept && twin == nil:
			t.precede(w, sample{delta: lower, spot: m.to})
			continue
		case !w.fine(lower, from.delta):
			if _, err := w.level(w.aim(zero(t.backward()), from.delta, lower)); err != nil {
				return err
			}
			continue
		case m.state == gone:
			t.start, t.born = Entered, w.crossing(from, sample{delta: lower, spot: m.to})
			return nil
		case twin != nil:
			t.start, t.source, t.born = Split, twin, vanish(t.backward(), lower, from.delta)
			return nil
		}
		// Lost: it began at a fold, or where a minimum became a saddle.
		reached, _ := w.spill(next, from, s)
		tracks, spots := w.spots(s, nil, t)
		upper, err := w.level(from.delta)
		if err != nil {
			return err
		}
		if m, ok := w.free(upper, reached, spots, from.at); ok {
			t.precede(w, sample{delta: lower, spot: m})
			continue
		}
		t.start, t.born = Appeared, vanish(t.backward(), lower, from.delta)
		if len(reached) > 0 {
			if i := near(spots, reached[0].at, s.cell/2); i >= 0 {
				t.source = tracks[i]
				if _, far := from.at.to(spots[i].at); far <= w.limit/4 {
					t.start = Split
				}
			}
		}
		return nil
	}
}

// precede puts a sample before the others.
func (t *track) precede(w *walker, s sample) {
	t.path = slices.Insert(t.path, 0, s)
	if i, ok := slices.BinarySearch(w.deltas, s.delta); ok {
		w.stale[i] = true
	}
}

// below returns the greatest known δ below one: of a surface on the shelf, or a sampled one.
func (w *walker) below(delta float64) (lower float64, ok bool) {
	for d := range w.shelf {
		if d < delta && (!ok || d > lower) {
			lower, ok = d, true
		}
	}
	i, _ := slices.BinarySearch(w.deltas, delta)
	if i > 0 && (!ok || w.deltas[i-1] > lower) {
		lower, ok = w.deltas[i-1], true
	}
	return lower, ok
}

func crowded(count int, delta float64) error {
	return &landscape.GridError{Doing: "following minima", Expected: fmt.Sprintf("at most %d at once", MaxMinima),
		Found: fmt.Sprintf("%d at δ = %g", count, delta), Advice: "these are the minima of noise; take fewer nodes or a smaller domain"}
}
