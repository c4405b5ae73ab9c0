package scale

import (
	"math"
	"slices"
)

// admitFrom is how wide an interval of δ is, as a part of δ, in the middle of which new minima are looked for.
const admitFrom = 2e-3

// move is what became of a track between two δ.
type move struct {
	to    spot
	state state
}

type state int

const (
	kept state = iota
	lost       // no minimum there
	gone       // over the border
)

// follow looks for the minimum of the sample from on the surface, first where the motion since prev leads it.
func (w *walker) follow(prev, from sample, s *surface) move {
	if prev.delta != from.delta {
		d, _ := prev.at.to(from.at)
		t := (s.delta - from.delta) / (from.delta - prev.delta)
		if _, long := (place{}).to(place{t * d[0], t * d[1]}); long > same*s.cell && long < w.limit/2 {
			if m := w.check(from, from.at.plus(t, d), s); m.state != lost {
				return m
			}
		}
	}
	return w.check(from, from.at, s)
}

func (w *walker) check(from sample, guess place, s *surface) move {
	m, ok := s.settle(guess)
	if _, far := from.at.to(m.at); !ok || far > w.limit {
		return move{state: lost}
	}
	if !w.src.contains(m.at) {
		return move{m, gone}
	}
	return move{m, kept}
}

// forward returns the last samples, at most three, by increasing δ.
func (t *track) forward() []sample { return t.path[max(0, len(t.path)-3):] }

// backward returns the first samples, at most three, by decreasing δ.
func (t *track) backward() []sample {
	trail := slices.Clone(t.path[:min(3, len(t.path))])
	slices.Reverse(trail)
	return trail
}

// latest returns the last sample of a trail and the one before it, or the last one twice.
func latest(trail []sample) (prev, from sample) {
	return trail[max(0, len(trail)-2)], trail[len(trail)-1]
}

// carry takes the tracks from surface a to b. Where each is found again, alone in its place, that is all; else it goes by
// the middle, until the two are so near that what happens between them is an event.
func (w *walker) carry(a, b *surface, live []*track) ([]*track, error) {
	moves := make([]move, len(live))
	smooth := true
	for i, t := range live {
		prev, from := latest(t.forward())
		moves[i] = w.follow(prev, from, b)
		smooth = smooth && moves[i].state == kept
	}
	for i := 0; smooth && i < len(moves); i++ {
		for j := range i {
			if _, d := moves[i].to.at.to(moves[j].to.at); d <= same*b.cell {
				smooth = false
			}
		}
	}
	if smooth {
		for i, t := range live {
			t.path = append(t.path, sample{delta: b.delta, spot: moves[i].to})
		}
		return live, nil
	}
	if w.fine(a.delta, b.delta) {
		return w.part(a, b, live, moves), nil
	}
	mid, err := w.level(w.between(a.delta, b.delta, live, moves))
	if err != nil {
		return nil, err
	}
	if live, err = w.carry(a, mid, live); err != nil {
		return nil, err
	}
	if b.delta-a.delta > admitFrom*b.delta {
		if live, err = w.admit(mid, live); err != nil {
			return nil, err
		}
	}
	return w.carry(mid, b, live)
}

// between returns the δ in (a, b) at which to look next: a little to this side of the first δ at which one of the lost
// tracks will vanish as far as is known, and once the last look was that near, a little to the other side, which closes the
// bracket. Where nothing is known it is the middle.
func (w *walker) between(a, b float64, live []*track, moves []move) float64 {
	first := math.Inf(1)
	for i, t := range live {
		if moves[i].state == lost {
			if delta := zero(t.forward()); delta < first { // not NaN
				first = delta
			}
		}
	}
	return w.aim(first, a, b)
}

// aim is between for an event that is expected at δ = about, beyond from, on the way to to, in either direction.
func (w *walker) aim(about, from, to float64) float64 {
	width := math.Abs(to - from)
	pad := 0.4 * w.opt.Tolerance * max(from, to, w.floor)
	ahead := about - from // along the way
	if to < from {
		ahead = -ahead
	}
	if !(ahead < 0.95*width) || ahead < -pad {
		return (from + to) / 2
	}
	if ahead > pad {
		ahead -= pad
	} else {
		ahead += pad
	}
	ahead = min(max(ahead, 0.05*width), 0.95*width)
	// A round number, so that events tied by a symmetry share their surfaces.
	unit := math.Exp2(math.Floor(math.Log2(pad / 8)))
	return math.Round((from+math.Copysign(ahead, to-from))/unit) * unit
}

// part decides who lives on at b and who inherits from those who do not.
func (w *walker) part(a, b *surface, live []*track, moves []move) []*track {
	fate := make(map[*track]move, len(live))
	for i, t := range live {
		fate[t] = moves[i]
	}
	live = w.order(live, a.delta)
	var heirs []*track
	var places []spot
	settle := func(t *track, m spot) {
		t.path = append(t.path, sample{delta: b.delta, spot: m})
		heirs, places = append(heirs, t), append(places, m)
	}
	// Those that were found. Several in one place have become one: the first by the rule of ties lives on.
	for _, t := range live {
		m := fate[t]
		if m.state != kept {
			continue
		}
		if i := near(places, m.to.at, same*b.cell); i >= 0 {
			t.die(Merged, heirs[i], vanish(t.forward(), a.delta, b.delta))
		} else {
			settle(t, m.to)
		}
	}
	for _, t := range live {
		switch m := fate[t]; m.state {
		case gone:
			t.die(Left, nil, w.crossing(t.last(), sample{delta: b.delta, spot: m.to}))
		case lost:
			prev, from := latest(t.forward())
			reached, drained := w.spill(prev, from, b)
			died := vanish(t.forward(), a.delta, b.delta)
			if m, ok := w.free(a, reached, places, from.at); ok { // a split: it lives on beside its old place
				settle(t, m)
				continue
			}
			i := -1
			if len(reached) > 0 {
				i = near(places, reached[0].at, b.cell/2)
				if i < 0 && reached[0].small >= listed*reached[0].large { // born since the last sampled δ
					fresh := &track{}
					w.all, w.fresh = append(w.all, fresh), append(w.fresh, fresh)
					settle(fresh, reached[0])
					i = len(places) - 1
				}
			}
			switch {
			case i >= 0:
				t.die(Merged, heirs[i], died)
			case drained:
				t.die(Drained, nil, died)
			default:
				t.die(Valley, nil, died)
			}
		}
	}
	return heirs
}

func (t *track) die(end End, parent *track, died float64) {
	t.end, t.parent, t.died = end, parent, died
}

// free returns the first of the spots that no track holds, that is as near to p as a minimum that splits may move, and that
// was not there, apart from p, on the surface before.
func (w *walker) free(before *surface, reached, held []spot, p place) (spot, bool) {
	for _, m := range reached {
		if _, far := p.to(m.at); far > splitting*w.limit || near(held, m.at, w.src.step()/2) >= 0 {
			continue
		}
		old, ok := before.settle(m.at)
		if _, far := p.to(old.at); !ok || far <= same*before.cell {
			return m, true
		}
	}
	return spot{}, false
}

// spill returns the minima into which the basin of a minimum that vanished drains on the surface, by the rule of ties, and
// whether a part of it drains out of the domain.
func (w *walker) spill(prev, from sample, s *surface) (reached []spot, drained bool) {
	for _, way := range ways(prev, from, s.cell, s.dim) {
		m, end := s.descend(w.src, from.at.plus(stride*s.cell, way))
		switch {
		case end == arrived && near(reached, m.at, same/10*s.cell) < 0:
			reached = append(reached, m)
		case end == outside:
			drained = true
		}
	}
	ranked(w, reached, func(m spot) spot { return m })
	return reached, drained
}

// ways returns the directions in which the basin of a minimum drains that vanished: the way it moved, if that is the way its
// Hessian is flattest, for there is the saddle that it met; else both ways along the flattest direction; and where it is as
// flat in both, the way it moved, or all ways. Each is split into two, 0.2 to either side, lest the path keep to a line of
// symmetry that is a ridge farther on.
func ways(prev, from sample, cell float64, dim int) []place {
	u, _ := prev.at.to(from.at)
	moved := math.Hypot(u[0], u[1])
	along := u[0]*from.slow[0] + u[1]*from.slow[1]
	still, round := moved <= 1e-3*cell, dim == 2 && from.large < 10*from.small
	var list []place
	switch {
	case round && still:
		for i := range 8 {
			sin, cos := math.Sincos(0.3 + float64(i)*math.Pi/4)
			list = append(list, place{cos, sin})
		}
		return list
	case round:
		list = []place{{u[0] / moved, u[1] / moved}}
	case !still && math.Abs(along) > 0.3*moved:
		list = []place{place{}.plus(math.Copysign(1, along), from.slow)}
	default:
		list = []place{from.slow, place{}.plus(-1, from.slow)}
	}
	if dim == 1 {
		return list
	}
	sin, cos := math.Sincos(0.2)
	var split []place
	for _, d := range list {
		split = append(split, place{cos*d[0] - sin*d[1], sin*d[0] + cos*d[1]}, place{cos*d[0] + sin*d[1], cos*d[1] - sin*d[0]})
	}
	return split
}

// vanish returns where zero lies between two δ, or the middle.
func vanish(trail []sample, a, b float64) float64 {
	delta := zero(trail)
	if math.IsNaN(delta) {
		return (a + b) / 2
	}
	return min(max(delta, min(a, b)), max(a, b))
}

// zero returns the δ at which the least eigenvalue reaches 0 beyond the last of the samples, or NaN: at a fold λ₁² is linear
// in δ, where a symmetry holds the minimum λ₁ is. Of the two laws it takes the one that fits three samples better.
func zero(trail []sample) float64 {
	n := len(trail)
	if n < 2 {
		return math.NaN()
	}
	slope := func(i int, power float64) float64 { // from sample i to the next
		return (math.Pow(trail[i+1].small, power) - math.Pow(trail[i].small, power)) / (trail[i+1].delta - trail[i].delta)
	}
	power := 2.0
	if n > 2 && math.Abs(slope(n-3, 1)/slope(n-2, 1)-1) < math.Abs(slope(n-3, 2)/slope(n-2, 2)-1) {
		power = 1
	}
	last := trail[n-1]
	step := -math.Pow(last.small, power) / slope(n-2, power)
	if step*(last.delta-trail[n-2].delta) < 0 { // it grows
		return math.NaN()
	}
	return last.delta + step
}

// crossing returns the δ at which the straight line from one sample to the next crosses the border.
func (w *walker) crossing(in, out sample) float64 {
	d := w.src.domain
	t := 1.0
	for i, border := range [2][2]float64{{d.XMin, d.XMax}, {d.YMin, d.YMax}} {
		for _, b := range border {
			if x, y := in.at[i]-b, out.at[i]-b; x*y < 0 {
				t = min(t, x/(x-y))
			}
		}
	}
	return in.delta + t*(out.delta-in.delta)
}
