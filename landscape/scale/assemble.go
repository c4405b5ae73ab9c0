package scale

import (
	"math"
	"slices"
)

// tree turns the tracks into data.
func (w *walker) tree(mirrorMass float64) Tree {
	w.reunite()
	for _, t := range w.all {
		t.heir(w)
	}
	w.number()
	if !(mirrorMass <= 1) { // a law whose tail is not known
		mirrorMass = 1
	}
	out := Tree{Dim: w.src.dim, Deltas: w.deltas, Tolerance: w.opt.Tolerance, MirrorMass: mirrorMass}
	for _, t := range w.all {
		out.Branches = append(out.Branches, w.branch(t))
	}
	out.Events = w.events()
	return out
}

// tied reports whether two δ are those of one event.
func tied(a, b float64) bool { return math.Abs(a-b) <= TieTolerance*max(a, b) }

// reunite joins the two halves of a minimum that was lost at an event too flat to be followed and was found again as one
// that begins there.
func (w *walker) reunite() {
	bracket := func(a, b float64) bool { return math.Abs(a-b) <= 4*w.opt.Tolerance*max(a, w.floor) }
	for _, t := range w.order(slices.Clone(w.all), 0) {
		if t.end != Valley {
			continue
		}
		var heirs []*track
		for _, u := range w.all {
			if _, far := u.first().at.to(t.last().at); far <= w.limit && u.start != Present && bracket(t.died, u.born) && (u.source == nil || u.source == t) {
				heirs = append(heirs, u)
			}
		}
		if len(heirs) == 0 {
			continue
		}
		u := w.order(heirs, heirs[0].first().delta)[0]
		for len(u.path) > 0 && u.path[0].delta <= t.last().delta {
			u.path = u.path[1:]
		}
		t.path = append(t.path, u.path...)
		t.end, t.died, t.parent = u.end, u.died, u.parent
		for _, v := range heirs[1:] {
			v.start, v.source = Split, t
		}
		w.all = slices.DeleteFunc(w.all, func(v *track) bool { return v == u })
		for _, v := range w.all {
			if v.parent == u {
				v.parent = t
			}
			if v.source == u {
				v.source = t
			}
			if _, far := v.last().at.to(t.last().at); v.end == Valley && v != t && bracket(v.died, u.born) && far <= w.limit {
				v.end, v.parent = Merged, t
			}
		}
	}
}

// heir replaces a parent that dies in the same event by its own: what inherits outlives the event.
func (t *track) heir(w *walker) {
	for t.parent != nil && t.parent.end == Merged && t.parent.parent != nil && tied(t.parent.died, t.died) {
		t.parent = t.parent.parent
	}
}

// number orders the branches by birth and then by the rule of ties.
func (w *walker) number() {
	byKeys(w.all, []key[*track]{
		{func(t *track) float64 { return t.born }, TieTolerance * w.opt.DeltaMax},
		{func(t *track) float64 { return t.first().f }, 1e-9 * (w.high - w.low)},
		{func(t *track) float64 { return t.first().at[1] }, 1e-6 * w.src.domain.Width()},
		{func(t *track) float64 { return t.first().at[0] }, 1e-6 * w.src.domain.Width()},
	})
	for i, t := range w.all {
		t.id = i
	}
}

func (w *walker) branch(t *track) Branch {
	b := Branch{ID: t.id, Start: t.start, Born: t.born, End: t.end, Last: w.coordinates(t.last().at), Points: []Point{}}
	link := func(to *track) *int {
		if to == nil {
			return nil
		}
		id := to.id
		return &id
	}
	b.Source, b.Parent = link(t.source), link(t.parent)
	if t.end != Alive {
		died := t.died
		b.Died = &died
	}
	for _, s := range t.path {
		i, ok := slices.BinarySearch(w.deltas, s.delta)
		if !ok {
			continue
		}
		if len(b.Points) == 0 {
			b.First = i
		}
		p := Point{X: w.coordinates(s.at), F: s.f, Eigenvalues: []float64{s.small, s.large}[:w.src.dim]}
		if p.Width = 1 / math.Sqrt(s.small); w.src.dim == 2 {
			p.Width = math.Pow(s.small*s.large, -0.25)
		}
		if s.deeper {
			depth := s.depth
			p.Depth = &depth
		}
		b.Points = append(b.Points, p)
	}
	if len(b.Points) == 0 {
		b.First, _ = slices.BinarySearch(w.deltas, t.first().delta)
	}
	return b
}

func (w *walker) coordinates(p place) []float64 { return slices.Clone(p[:w.src.dim]) }

// events collects deaths and births, those that are tied as one.
func (w *walker) events() []Event {
	type happening struct {
		delta float64
		id    int
		birth bool
	}
	var all []happening
	for _, t := range w.all {
		if t.start != Present {
			all = append(all, happening{t.born, t.id, true})
		}
		if t.end != Alive {
			all = append(all, happening{t.died, t.id, false})
		}
	}
	byKeys(all, []key[happening]{{func(h happening) float64 { return h.delta }, 0}})
	events := []Event{}
	last := math.Inf(-1)
	for _, h := range all {
		if len(events) == 0 || !tied(last, h.delta) {
			events = append(events, Event{Delta: h.delta})
		}
		last = h.delta
		e := &events[len(events)-1]
		if h.birth {
			e.Born = append(e.Born, h.id)
		} else {
			e.Died = append(e.Died, h.id)
		}
	}
	for i := range events {
		slices.Sort(events[i].Died)
		slices.Sort(events[i].Born)
	}
	return events
}
