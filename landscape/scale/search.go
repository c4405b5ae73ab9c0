package scale

import (
	"math"

	"smoothscape/landscape"
)

// Limits of the search, in cells.
const (
	newtonSteps  = 60
	newtonSettle = 1e-9
	newtonTired  = 1e-5 // accepted after newtonSteps: near a death the rounding of the gradient is amplified by 1/λ₁
	stride       = 0.5  // of a path of steepest descent
	patience     = 40   // steps without a lower value, after which a path is stuck
	detour       = 40   // times the nodes of an axis: the longest path, in steps
)

// listed is the least ratio of the eigenvalues of a minimum that landscape.Minima lists.
const listed = 1e-3

// spot is a strict local minimum of a surface.
type spot struct {
	at           place
	f            float64
	small, large float64 // eigenvalues of the Hessian
	slow         place   // unit eigenvector of the small one
}

// settle runs Newton's method from p, with steps of at most one cell. It reports false where the Hessian is not positive
// definite on the way, where it leaves the sheet, or where it ends at what is no strict minimum.
func (s *surface) settle(p place) (spot, bool) {
	var l lens
	for n := 0; ; n++ {
		j, ok := s.jet(p, &l)
		if !ok {
			return spot{}, false
		}
		small, large, slow := j.spectrum(s.dim)
		if !(small > 0) {
			return spot{}, false
		}
		d := j.newton(s.dim)
		_, long := place{}.to(d)
		long /= s.cell
		if long < newtonSettle || n >= newtonSteps && long < newtonTired {
			return spot{at: p, f: j.f, small: small, large: large, slow: slow}, small >= s.limits.isolated*large && small >= s.limits.noise
		}
		if !(long < math.Inf(1)) || n >= newtonSteps {
			return spot{}, false
		}
		p = p.plus(1/max(1, long), d)
	}
}

// minima lists the strict minima in the closed domain as the catalog does (landscape.Minima, or the same rules on a
// line), and then settles each on the surface itself.
func (s *surface) minima(src Source) []spot {
	sh := s.sheet()
	var seeds []place
	if s.dim == 2 {
		for _, p := range landscape.Minima(sh.field(src.domain)) {
			seeds = append(seeds, place{p.X, p.Y})
		}
	} else {
		for i := -1; i <= sh.n; i++ {
			z := sh.z[i+sh.cells-1:]
			if z[1] < z[0] && z[1] <= z[2] {
				seeds = append(seeds, sh.node(i, 0))
			}
		}
	}
	var found []spot
	for _, p := range seeds {
		m, ok := s.settle(p)
		if _, far := p.to(m.at); !ok || far > s.cell || !src.contains(m.at) || near(found, m.at, s.cell/2) >= 0 {
			continue
		}
		found = append(found, m)
	}
	return found
}

// near returns the index of the spot nearest to p within a distance, measured by the greater coordinate, or −1.
func near(spots []spot, p place, within float64) int {
	best := -1
	for i, m := range spots {
		if _, d := p.to(m.at); d <= within {
			best, within = i, d
		}
	}
	return best
}

// course is how a path of steepest descent ended.
type course int

const (
	arrived course = iota // in a strict minimum of the domain
	outside               // beyond the border
	stuck                 // in a valley without a strict minimum
)

// descend follows the gradient flow x′ = −∇f̂ from p to where it ends. Each step is the exact flow of the local quadratic
// model, Δ = −Σ vᵢ(vᵢ·g)(1 − e^(−λᵢτ))/λᵢ, with τ so long that Δ is half a cell: it is as true in a narrow valley, where a
// step along the gradient would swing from wall to wall, as on a slope, and near a minimum it becomes Newton's.
func (s *surface) descend(src Source, p place) (spot, course) {
	var l lens
	lowest, idle := math.Inf(1), 0
	for n := 0; idle < patience && n < detour*src.nodes; n++ {
		j, ok := s.jet(p, &l)
		if !ok || !src.beside(p) {
			return spot{}, outside
		}
		if idle++; j.f < lowest {
			lowest, idle = j.f, 0
		}
		small, large, slow := j.spectrum(s.dim)
		if small > 0 {
			if _, long := (place{}).to(j.newton(s.dim)); long <= stride*s.cell {
				switch m, ok := s.settle(p); {
				case ok && src.contains(m.at):
					return m, arrived
				case ok:
					return m, outside
				} // else it may still be above the place where a minimum has just vanished
			}
		}
		d := s.flow(j, small, large, slow)
		if _, long := (place{}).to(d); !(long > 1e-12*s.cell) {
			return spot{}, stuck
		}
		p = p.plus(1, d)
	}
	return spot{}, stuck
}

// flow is one step of descend.
func (s *surface) flow(j jet, small, large float64, slow place) place {
	fast := place{-slow[1], slow[0]}
	a, b := slow[0]*j.x+slow[1]*j.y, fast[0]*j.x+fast[1]*j.y
	step := func(tau float64) place {
		return place{}.plus(-a*relax(small, tau), slow).plus(-b*relax(large, tau), fast)
	}
	scale := max(math.Abs(small), math.Abs(large), math.Hypot(j.x, j.y)/s.cell)
	if !(scale > 0) {
		return place{}
	}
	// |Δ| grows with τ: bisection of its logarithm.
	lo, hi := -80.0, 80.0
	for range 40 {
		mid := (lo + hi) / 2
		d := step(math.Exp(mid) / scale)
		if math.Hypot(d[0], d[1]) <= stride*s.cell {
			lo = mid
		} else {
			hi = mid
		}
	}
	return step(math.Exp(lo) / scale)
}

// relax is ∫₀^τ e^(−λt) dt = (1 − e^(−λτ))/λ.
func relax(lambda, tau float64) float64 {
	if w := lambda * tau; math.Abs(w) > 1e-8 {
		return -math.Expm1(-w) / lambda
	}
	return tau
}
