package figure

import "math"

// A logarithmic scale shows three decades above the least value: with u = v − lo, the place of v grows as sign(u)·log(1 + |u|/unit), where
// unit is a thousandth of the range. That is safe where values are zero or negative, and is the scale of the pages (heights.ts).
const (
	unitOfRange    = 1e-3
	linesADecade   = 5
	leastLineUnits = 1e-2 // contours begin at this part of the unit above lo
)

// bent is what the place of a value is linear in.
func (s scale) bent(v float64) float64 {
	if s.unit == 0 {
		return v
	}
	u := v - s.lo
	return math.Copysign(math.Log1p(math.Abs(u)/s.unit), u)
}

// part is 0 at lo and 1 at hi.
func (s scale) part(v float64) float64 {
	floor := s.bent(s.lo)
	return (s.bent(v) - floor) / (s.bent(s.hi) - floor)
}

// at is the value at a part of the scale.
func (s scale) at(part float64) float64 {
	if s.unit == 0 {
		return s.lo + (s.hi-s.lo)*part
	}
	return s.lo + s.unit*math.Expm1(part*s.bent(s.hi))
}

// logLevels are the contours inside (lo, hi): five to a decade of the height above the scale's lo, each fifth bold.
func (s scale) logLevels(lo, hi float64) []level {
	var all []level
	for k := int(math.Floor(linesADecade*math.Log10(leastLineUnits*s.unit))) + 1; len(all) < 100; k++ {
		v := s.lo + math.Pow(10, float64(k)/linesADecade)
		if !(v < hi) {
			break
		}
		if v > lo {
			all = append(all, level{value: v, bold: k%linesADecade == 0})
		}
	}
	return all
}

// logTicks are about count round values, spread over the scale. Where it starts at zero they are 1, 2 or 5 times powers of ten, else
// multiples of a step that the place can tell apart.
func (s scale) logTicks(count int) []level {
	var all []level
	for i := range count + 1 {
		v := s.at(float64(i) / float64(count))
		switch {
		case math.Abs(s.lo) >= s.unit:
			step := niceStep((v - s.at((float64(i)-0.5)/float64(count))) / 2).float()
			v = math.Round(v/step) * step
		case v > s.unit/2:
			v = niceStep(v / 1.5).float()
		default:
			v = 0
		}
		if v >= s.lo && v <= s.hi && (len(all) == 0 || v > all[len(all)-1].value) {
			all = append(all, level{value: v})
		}
	}
	return all
}
