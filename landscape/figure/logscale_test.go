package figure

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothscape/landscape"
)

// The place of a value on the logarithmic scale against its formula, log(1 + 1000t)/log(1001) with t the part of the range, whatever
// signs the values have; and back again.
func TestLogarithmicScale(t *testing.T) {
	for _, ends := range [][2]float64{{0, 80}, {0.02, 15}, {-3, -1}, {-5, 1e6}, {1e-9, 3e-9}} {
		lo, hi := ends[0], ends[1]
		g := landscape.Grid{X: []float64{0, 1}, Y: []float64{0, 1}, Z: []float64{lo, hi, lo, hi}}
		s := newScale(g, landscape.Viridis, true)
		before := math.Inf(-1)
		for i := range 257 {
			part := float64(i) / 256
			v := lo + (hi-lo)*part*part*part
			want := math.Log(1+1000*(v-lo)/(hi-lo)) / math.Log(1001)
			// v carries the rounding of lo, 2⁻⁵³ of its size, which counts a thousandfold where the scale is steepest.
			tol := 1e-12 + 1000*0x1p-52*math.Abs(lo)/(hi-lo)
			if got := s.part(v); math.Abs(got-want) > tol || got < before {
				t.Errorf("%v: %v stands at %v, want %v ± %v", ends, v, got, want, tol)
			} else {
				before = got
			}
			if back := s.at(want); math.Abs(back-v) > tol*(hi-lo)*10 {
				t.Errorf("%v: at %v stands %v, want %v", ends, want, back, v)
			}
			if s.color(v) != s.colors[int(min(255, 256*s.part(v)))] {
				t.Errorf("%v: the color of %v", ends, v)
			}
		}
		lines, bold := s.levels(lo, hi), 0
		for i, l := range lines {
			decades := math.Log10(l.value - lo)
			if math.Abs(decades*5-math.Round(decades*5)) > 1e-6+1e-12*math.Abs(lo)/(l.value-lo) || l.bold != (int(math.Round(decades*5))%5 == 0) || i > 0 && l.value <= lines[i-1].value {
				t.Errorf("%v: line %v is 10^%v above the least value, bold: %v", ends, l.value, decades, l.bold)
			}
			if l.bold {
				bold++
			}
		}
		if len(lines) < 20 || len(lines) > 26 || bold < 4 { // five decades
			t.Errorf("%v: %d lines, %d bold", ends, len(lines), bold)
		}
		ticks := newBar(s, "L", false, false)
		if n := len(ticks.text); n < 4 || n > 7 || ticks.label != "L, log scale" || !slices.IsSortedFunc(ticks.ticks, func(a, b level) int { return int(math.Copysign(1, a.value-b.value)) }) {
			t.Errorf("%v: ticks %v, %q", ends, ticks.text, ticks.label)
		}
		for i, tick := range ticks.ticks {
			if tick.value < lo || tick.value > hi || i > 0 && ticks.text[i] == ticks.text[i-1] {
				t.Errorf("%v: tick %v %q", ends, tick.value, ticks.text[i])
			}
		}
	}
}

// The figure says what its heights are; a landscape without any has no scale to bend.
func TestFigureWithLogarithmicHeights(t *testing.T) {
	s := Default()
	s.Raw = gridOf(33, -5, 5, rastrigin(0))
	s.Panels, s.LogHeights = Raw, true
	var bent, straight bytes.Buffer
	if err := PNG(&bent, s); err != nil || !strings.Contains(bent.String(), "Heights as log(1 + 1000t)") {
		t.Errorf("%v", err)
	}
	s.LogHeights = false
	if err := PNG(&straight, s); err != nil || strings.Contains(straight.String(), "log(1") || bytes.Equal(bent.Bytes(), straight.Bytes()) {
		t.Errorf("%v", err)
	}
	s.LogHeights, s.Raw = true, gridOf(5, 0, 1, func(float64, float64) float64 { return 3 })
	bent.Reset()
	if err := PNG(&bent, s); err != nil || !strings.Contains(bent.String(), "equal within rounding") {
		t.Errorf("%v", err)
	}
}
