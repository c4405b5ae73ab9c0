package scale

import (
	"fmt"

	"smoothscape/landscape"
)

// margin is how many cells beyond the border of its domain a function is looked at: a minimum is followed across the
// border and a path of steepest descent may run a little outside.
const margin = 8

// minimaRing is how many cells more the search for minima and the smoothing need.
const minimaRing = 4

// Source gives f̂_δ for every δ: its values, gradients and Hessians. It is made by FromSmoother, FromLine or
// FromObjective and may be used by many goroutines.
type Source struct {
	dim    int
	domain landscape.Rect // of one variable, YMin = YMax = 0
	nodes  int            // of the search grid, an axis
	exact  bool           // jets come from a closed form
	fixed  bool           // its kernel is its own
	at     func(k landscape.Kernel, delta float64) (*surface, error)
	under  func(e landscape.Empirical, delta float64) (*surface, error) // nil for closed forms
}

// Dim returns the number of variables, 1 or 2.
func (s Source) Dim() int { return s.dim }

// validate returns the error of the kernel, if it is asked for one.
func (s Source) validate(k landscape.Kernel) error {
	if s.fixed {
		return nil
	}
	return k.Validate()
}

// step is the cell of the search grid.
func (s Source) step() float64 { return s.domain.Width() / float64(s.nodes-1) }

// beside reports whether p lies in the domain or at most its margin outside.
func (s Source) beside(p place) bool {
	wide, d := margin*s.step(), s.domain
	return d.XMin-wide <= p[0] && p[0] <= d.XMax+wide && d.YMin-wide <= p[1] && p[1] <= d.YMax+wide
}

// contains reports whether p lies in the closed domain, to 10⁻⁹ of its width.
func (s Source) contains(p place) bool {
	d, slack := s.domain, 1e-9*s.domain.Width()
	return (landscape.Rect{XMin: d.XMin - slack, XMax: d.XMax + slack, YMin: d.YMin - slack, YMax: d.YMax + slack}).Contains(p[0], p[1])
}

// surface is f̂ at one δ. It serves one goroutine at a time.
type surface struct {
	delta  float64
	dim    int
	cell   float64
	jet    func(p place, l *lens) (jet, bool)
	sheet  func() *sheet // f̂ on the search grid with its margin; made at the first call
	mirror float64       // part of the kernel's mass that may have reached the mirror
	limits limits
}

// limits tell a strict minimum from a valley and from rounding.
type limits struct {
	isolated float64 // least ratio of the eigenvalues of the Hessian
	noise    float64 // least eigenvalue
}

// FromSmoother takes f̂ from a smoothed grid, for functions without a closed form and for slices of a network's loss:
// between the nodes the polynomial of degree 6 per axis through the nodes around a place. It transforms the field once more,
// with its margin counted as inner nodes, and returns a *landscape.GridError where that has too many. Whether f̂ exists
// under a kernel is not its matter: ask Kernel.Exists with the growth of f first.
func FromSmoother(s *landscape.Smoother) (Source, error) {
	f := s.Field()
	more := max(0, margin+minimaRing-f.Cells)
	h, d, m := f.Step(), f.Domain, f.M()
	wide := landscape.Field{N: f.N + 2*margin, Cells: f.Cells + more - margin, Domain: landscape.Rect{
		XMin: d.XMin - margin*h, XMax: d.XMax + margin*h, YMin: d.YMin - margin*h, YMax: d.YMax + margin*h}}
	wide.Z = make([]float64, 0, wide.M()*wide.M())
	for row := range wide.M() {
		for col := range wide.M() {
			wide.Z = append(wide.Z, f.Z[mirror(row-more, m)*m+mirror(col-more, m)])
		}
	}
	smoother, err := landscape.NewSmoother(wide)
	if err != nil {
		return Source{}, err
	}
	wrap := func(delta float64, g landscape.Smoothed, err error) (*surface, error) {
		if err != nil {
			return nil, err
		}
		return gridSurface(delta, &sheet{dim: 2, n: f.N, cells: margin, origin: place{d.XMin, d.YMin}, step: h, z: g.Z}, g.MirrorMass), nil
	}
	return Source{dim: 2, domain: d, nodes: f.N,
		at: func(k landscape.Kernel, delta float64) (*surface, error) {
			g, err := smoother.Smooth(k, delta)
			return wrap(delta, g, err)
		},
		under: func(e landscape.Empirical, delta float64) (*surface, error) {
			g, err := smoother.SmoothEmpirical(e, delta)
			return wrap(delta, g, err)
		}}, nil
}

// FromLine is FromSmoother for a function of one variable.
func FromLine(l landscape.Line) (Source, error) {
	more := max(0, margin+minimaRing-l.Cells)
	h := l.Step()
	wide := landscape.Line{Lo: l.Lo - margin*h, Hi: l.Hi + margin*h, N: l.N + 2*margin, Cells: l.Cells + more - margin}
	for i := range wide.M() {
		wide.Z = append(wide.Z, l.Z[mirror(i-more, l.M())])
	}
	if _, err := landscape.NewLine(wide.Lo, wide.Hi, wide.N, wide.Cells, wide.Z); err != nil {
		return Source{}, err
	}
	wrap := func(delta float64, g landscape.SmoothedLine, err error) (*surface, error) {
		if err != nil {
			return nil, err
		}
		return gridSurface(delta, &sheet{dim: 1, n: l.N, cells: margin, origin: place{l.Lo, 0}, step: h, z: g.Z}, g.MirrorMass), nil
	}
	return Source{dim: 1, domain: landscape.Rect{XMin: l.Lo, XMax: l.Hi}, nodes: l.N,
		at: func(k landscape.Kernel, delta float64) (*surface, error) {
			g, err := wide.Smooth(k, delta)
			return wrap(delta, g, err)
		},
		under: func(e landscape.Empirical, delta float64) (*surface, error) {
			g, err := wide.SmoothEmpirical(e, delta)
			return wrap(delta, g, err)
		}}, nil
}

// Under returns the source with an empirical kernel in place of the one that is given to Track or Convex: δ is then the factor
// of the recorded vectors. It reports false for closed forms, which have none under such a kernel.
func (s Source) Under(e landscape.Empirical) (measured Source, ok bool) {
	if s.under == nil {
		return Source{}, false
	}
	under := s.under
	s.at = func(_ landscape.Kernel, delta float64) (*surface, error) { return under(e, delta) }
	s.fixed = true
	return s, true
}

// gridSurface wraps a smoothed grid.
func gridSurface(delta float64, sh *sheet, mirrorMass float64) *surface {
	return &surface{delta: delta, dim: sh.dim, cell: sh.step, jet: sh.jet, sheet: func() *sheet { return sh }, mirror: mirrorMass,
		limits: limits{isolated: 1e-5, noise: 1e-9 * sh.peak() / (sh.step * sh.step)}}
}

// mirror returns the node in [0, m) that stands at position i of the whole-sample symmetric extension.
func mirror(i, m int) int {
	period := 2 * (m - 1)
	i = ((i % period) + period) % period
	return min(i, period-i)
}

// ClosedFormError says why the closed form of an objective cannot be used.
type ClosedFormError struct{ ID, Expected, Found, Advice string }

func (e *ClosedFormError) Error() string {
	return fmt.Sprintf("taking f̂ of %q in closed form: expected %s, found %s; %s", e.ID, e.Expected, e.Found, e.Advice)
}

// FromObjective takes f̂, its gradient and its Hessian from the closed form of an objective of one or two variables, at any
// δ and without a border. New minima are searched for on a grid of that many nodes an axis (8 to 1009). It returns a
// *ClosedFormError where the objective has none; where it has none for a kernel, Track does.
func FromObjective(o landscape.Objective, nodes int) (Source, error) {
	if o.Dim != 1 && o.Dim != 2 {
		return Source{}, &ClosedFormError{o.ID, "one or two variables", fmt.Sprint(o.Dim), "take a slice of it"}
	}
	if o.Smoothed == nil {
		return Source{}, &ClosedFormError{o.ID, "a closed form of f̂", "none", "smooth it on a grid"}
	}
	if most := landscape.MaxNodes - 2*margin; nodes < landscape.MinNodes || nodes > most {
		return Source{}, &landscape.GridError{Doing: "choosing the grid on which minima are searched for",
			Expected: fmt.Sprintf("%d to %d nodes an axis", landscape.MinNodes, most), Found: fmt.Sprint(nodes), Advice: "129, 201 and 257 are good sizes"}
	}
	src := Source{dim: o.Dim, domain: o.Square(), nodes: nodes, exact: true}
	if o.Dim == 1 {
		src.domain.YMin, src.domain.YMax = 0, 0
	}
	src.at = func(k landscape.Kernel, delta float64) (*surface, error) {
		if err := k.Validate(); err != nil {
			return nil, err
		}
		if err := k.Exists(o.Growth); err != nil {
			return nil, err
		}
		f, ok := o.Smoothed(k, delta)
		if !ok || f.Func == nil || f.Grad == nil || f.Hess == nil {
			return nil, &ClosedFormError{o.ID, "a closed form of f̂ with gradient and Hessian",
				fmt.Sprintf("none for the %s kernel of %d dimensions", k.Law, k.Dim), "smooth it on a grid"}
		}
		return closedSurface(src, f, delta), nil
	}
	return src, nil
}

// closedSurface wraps a function with its derivatives.
func closedSurface(src Source, f landscape.Function, delta float64) *surface {
	d, h := src.dim, src.step()
	x, g, hess := make([]float64, d), make([]float64, d), make([]float64, d*d)
	s := &surface{delta: delta, dim: d, cell: h}
	s.jet = func(p place, _ *lens) (jet, bool) {
		copy(x, p[:])
		j := jet{f: f.Func(x)}
		f.Grad(x, g)
		if !f.Hess(x, hess) {
			return jet{}, false
		}
		j.x, j.xx = g[0], hess[0]
		if d == 2 {
			j.y, j.xy, j.yy = g[1], hess[1], hess[3]
		}
		return j, j.finite()
	}
	var made *sheet
	s.sheet = func() *sheet {
		if made != nil {
			return made
		}
		made = &sheet{dim: d, n: src.nodes, cells: margin, origin: place{src.domain.XMin, src.domain.YMin}, step: h}
		m := made.m()
		rows := 1
		if d == 2 {
			rows = m
		}
		made.z = make([]float64, rows*m)
		for i := range made.z {
			p := made.node(i%m-margin, i/m-margin)
			copy(x, p[:])
			made.z[i] = f.Func(x)
		}
		return made
	}
	s.limits = limits{isolated: 1e-9}
	return s
}
