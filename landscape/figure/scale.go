package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"smoothscape/landscape"
)

// scale maps values to colours, and says where the contours lie.
type scale struct {
	lo, hi float64
	colors [256]landscape.RGB
	step   decimal // between contours
	flat   bool    // all values are equal but for rounding: there are no contours
	unit   float64 // above 0: the scale is logarithmic, see logscale.go
}

// decimal is mantissa·10^exponent, so that multiples are exact and print as people write them.
type decimal struct {
	mantissa int64
	exponent int
}

func (d decimal) float() float64 {
	v, _ := strconv.ParseFloat(fmt.Sprintf("%de%d", d.mantissa, d.exponent), 64) // out of range: ±Inf or 0, as wanted
	return v
}

// newScale takes the range of the raw grid. A constant gets some room above and below.
func newScale(g landscape.Grid, palette landscape.Palette, logarithmic bool) scale {
	s := scale{}
	s.colors, _ = palette.Colors()
	lo, hi, ok := g.Range()
	if !ok {
		lo, hi = 0, 1
	}
	lo, hi = min(huge, max(-huge, lo)), min(huge, max(-huge, hi))
	// Below 1e-11 of the size the differences are rounding noise (2e-16, and some thousand operations).
	if size := max(math.Abs(lo), math.Abs(hi)); hi-lo <= 1e-11*size || hi-lo < 1e-300 {
		room := size / 2
		if room < 1e-290 {
			room = 1
		}
		lo, hi = lo-room, hi+room
		s.flat = true
	}
	s.lo, s.hi = lo, hi
	s.step = niceStep((hi - lo) / 25) // gives 10 to 25 contours
	if logarithmic && !s.flat {
		s.unit = unitOfRange * (hi - lo)
	}
	return s
}

// niceStep is the least of 1, 2 and 5 times a power of ten that is not below the wanted one.
func niceStep(wanted float64) decimal {
	e := int(math.Floor(math.Log10(wanted)))
	for {
		for _, m := range []int64{1, 2, 5} {
			if d := (decimal{m, e}); d.float() >= wanted*(1-1e-9) {
				return d
			}
		}
		e++
	}
}

// color is the colour of a finite value; values beyond the range get the colour of its end.
func (s scale) color(v float64) landscape.RGB {
	return s.colors[int(min(255, max(0, 256*s.part(v))))]
}

// level is one contour.
type level struct {
	value float64
	label decimal
	bold  bool
}

// levels are the contours inside (lo, hi). That range may leave the scale's own by its width on either side.
func (s scale) levels(lo, hi float64) []level {
	width := s.hi - s.lo
	lo, hi = max(lo, s.lo-width), min(hi, s.hi+width)
	if s.unit > 0 {
		return s.logLevels(lo, hi)
	}
	step := s.step.float()
	var all []level
	for k := int64(math.Ceil(lo / step)); len(all) < 100; k++ {
		label := decimal{k * s.step.mantissa, s.step.exponent}
		v := label.float()
		if v >= hi {
			break
		}
		if v > lo {
			all = append(all, level{value: v, label: label, bold: k%5 == 0})
		}
	}
	return all
}

// ticks are multiples of a nice step in [lo, hi], about count of them.
func ticks(lo, hi float64, count int) []level {
	step := niceStep((hi - lo) / float64(count))
	var all []level
	for k := int64(math.Ceil(lo/step.float() - 1e-9)); len(all) < 50; k++ {
		label := decimal{k * step.mantissa, step.exponent}
		v := label.float()
		if v > hi+1e-9*(hi-lo) {
			return all
		}
		all = append(all, level{value: v, label: label})
	}
	return all
}

// tickText writes the labels of ticks with a common power of ten and a common base, where the plain numbers would be long:
// value = base + text·10^power.
func tickText(at []level) (text []string, power int, base string) {
	if len(at) == 0 {
		return nil, 0, ""
	}
	m := make([]int64, len(at))
	e := at[0].label.exponent // all the same
	for i, l := range at {
		m[i] = l.label.mantissa
	}
	trim := func() {
		for any := true; any; {
			any = false
			for _, v := range m {
				if v%10 != 0 {
					return
				}
				any = any || v != 0
			}
			if any {
				for i := range m {
					m[i] /= 10
				}
				e++
			}
		}
	}
	trim()
	const digits = 5 // of a label, at most
	if largest(m) >= 100_000 {
		base = number(decimal{m[0], e}.float())
		first := m[0]
		for i := range m {
			m[i] -= first
		}
		trim()
	}
	if lead := len(strconv.FormatInt(largest(m), 10)) - 1 + e; largest(m) > 0 && (lead >= digits || lead < -3) {
		power = lead
		e -= power
	}
	text = make([]string, len(m))
	for i, v := range m {
		text[i] = decimal{v, e}.String()
	}
	return text, power, base
}

func largest(m []int64) int64 {
	var most int64
	for _, v := range m {
		most = max(most, v, -v)
	}
	return most
}

// String writes the number without an exponent, with a true minus sign.
func (d decimal) String() string {
	sign, v := "", d.mantissa
	if v < 0 {
		sign, v = "−", -v
	}
	s := strconv.FormatInt(v, 10)
	for range max(0, d.exponent) {
		if v != 0 {
			s += "0"
		}
	}
	if n := -d.exponent; n > 0 {
		for len(s) <= n {
			s = "0" + s
		}
		s = s[:len(s)-n] + "." + s[len(s)-n:]
	}
	return sign + s
}

// number writes a value for a sentence: up to 4 digits, true minus signs, 5e7 for large ones.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'g', 4, 64)
	if m, e, ok := strings.Cut(s, "e"); ok {
		power, _ := strconv.Atoi(e)
		s = fmt.Sprintf("%se%d", m, power)
	}
	return strings.ReplaceAll(s, "-", "−")
}
