package nice

import (
	"cmp"
	"math"
	"slices"
)

// refined is how many local minima of λ_min on a lattice are refined, the lowest first.
const refined = 12

// modulus returns the least λ_min(∇²f̂) on the ball of that radius about center, and where; nodes is that of the lattice
// across the ball.
func (s *surface) modulus(center []float64, radius float64, nodes int) (least float64, at []float64) {
	if s.d == 1 {
		return s.modulusOnInterval(center[0], radius, nodes)
	}
	return s.modulusOnDisc(center, radius, nodes)
}

func (s *surface) modulusOnInterval(center, radius float64, nodes int) (float64, []float64) {
	step := 2 * radius / float64(nodes-1)
	p := make([]float64, 1)
	curvature := func(x float64) float64 {
		p[0] = x
		return s.least(p, step)
	}
	z := make([]float64, nodes)
	for i := range z {
		z[i] = curvature(center - radius + float64(i)*step)
	}
	best := spot{math.Inf(1), []float64{center}}
	for _, i := range lowestNodes(z, nodes, 1) {
		best.take(spot{z[i], []float64{center - radius + float64(i)*step}})
		from, to := max(i-1, 0), min(i+1, nodes-1)
		x, v := golden(curvature, center-radius+float64(from)*step, center-radius+float64(to)*step, 1e-6*step)
		best.take(spot{v, []float64{x}})
	}
	return best.value, best.x
}

func (s *surface) modulusOnDisc(center []float64, radius float64, nodes int) (float64, []float64) {
	step := 2 * radius / float64(nodes-1)
	curvature := func(x []float64) float64 { return s.least(x, step) }
	inside := func(x []float64) bool { return distance(x, center) <= radius }
	z := make([]float64, nodes*nodes)
	p := make([]float64, 2)
	place := func(k int) {
		p[0] = center[0] - radius + float64(k%nodes)*step
		p[1] = center[1] - radius + float64(k/nodes)*step
	}
	for k := range z {
		place(k)
		z[k] = math.Inf(1)
		if inside(p) {
			z[k] = curvature(p)
		}
	}
	best := spot{s.least(center, step), slices.Clone(center)}
	for _, k := range lowestNodes(z, nodes, nodes) {
		place(k)
		x := slices.Clone(p)
		best.take(spot{compass(x, curvature, inside, step/2, 1e-6*step), x})
	}
	// The border, which the lattice meets nowhere: as a line of angles.
	around := int(math.Ceil(2*math.Pi*radius/step)) + 1
	onBorder := func(angle float64) []float64 {
		return []float64{center[0] + radius*math.Cos(angle), center[1] + radius*math.Sin(angle)}
	}
	turn := 2 * math.Pi / float64(around)
	ring := make([]float64, around+1)
	for i := range ring {
		ring[i] = curvature(onBorder(float64(i) * turn))
	}
	for _, i := range lowestNodes(ring, around+1, 1) {
		angle, v := golden(func(a float64) float64 { return curvature(onBorder(a)) }, float64(i-1)*turn, float64(i+1)*turn, 1e-6*turn)
		best.take(spot{v, onBorder(angle)})
		best.take(spot{ring[i], onBorder(float64(i) * turn)})
	}
	return best.value, best.x
}

// spot is a value at a place.
type spot struct {
	value float64
	x     []float64
}

// take keeps the lower of two. NaN is lower than everything, so that it is seen.
func (s *spot) take(other spot) {
	if other.value < s.value || math.IsNaN(other.value) {
		*s = other
	}
}

// lowestNodes returns the nodes that are finite or NaN and no higher than their neighbors, the lowest first, at most
// refined of them.
func lowestNodes(z []float64, nodes, rows int) []int {
	var all []int
	for k, v := range z {
		if !math.IsInf(v, 1) && lowest(z, k, nodes, rows) {
			all = append(all, k)
		}
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(z[a], z[b]) })
	return all[:min(len(all), refined)]
}
