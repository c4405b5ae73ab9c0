package cpu

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHighestOffset(t *testing.T) {
	if k := kernelPaths(); len(k) == 1 {
		t.Skip("no assembly on this machine")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 60; n++ {
		offsets := make([]int, n)
		for i := range offsets {
			offsets[i] = rng.IntN(1 << (1 + rng.IntN(62)))
		}
		for i := range offsets { // the largest at every place, then a negative one
			offsets[i] = slices.Max(offsets) + rng.IntN(2)
			if got, want := highest(offsets), slices.Max(offsets); got != want {
				t.Fatalf("highest(%v) = %d, want %d", offsets, got, want)
			}
			offset := offsets[i]
			offsets[i] = -1 - rng.IntN(1000)
			if !panics(func() { highest(offsets) }) {
				t.Fatalf("highest(%v) takes a negative offset", offsets)
			}
			offsets[i] = offset
		}
	}
}

// A kernel whose operands are too short, or whose sizes it cannot handle, panics before it touches anything.
func TestWrongOperandsPanic(t *testing.T) {
	everyPath(t, func(t *testing.T, k kernels[float32], _ *rand.Rand) {
		if k.path == "go" {
			t.Skip("the language checks")
		}
		room := func() []float32 { return make([]float32, 4096) }
		offsets := make([]int, k.pixels)
		for name, change := range map[string]func(*tile[float32]){
			"input too short":        func(l *tile[float32]) { l.in = l.in[:l.length-1] },
			"output too short":       func(l *tile[float32]) { l.out = l.out[:l.width-1] },
			"weights too short":      func(l *tile[float32]) { l.weight = l.weight[:l.length*l.width-1] },
			"start too short":        func(l *tile[float32]) { l.init = l.init[:l.width-1] },
			"half a tile":            func(l *tile[float32]) { l.from, l.to = l.from[:3], l.to[:3] },
			"fewer places":           func(l *tile[float32]) { l.to = l.to[:0] },
			"no taps":                func(l *tile[float32]) { l.taps = nil },
			"no length":              func(l *tile[float32]) { l.length = 0 },
			"width of no kernel":     func(l *tile[float32]) { l.width = 3 * k.lanes },
			"place before the first": func(l *tile[float32]) { l.to = append([]int{-1}, l.to[1:]...) },
		} {
			l := tile[float32]{in: room(), out: room(), weight: room(), init: room(), from: offsets, to: offsets, taps: []int{0}, length: 9, width: k.lanes}
			if change(&l); !panics(func() { k.tile(&l) }) {
				t.Errorf("tile, %s: no panic", name)
			}
		}
		for name, change := range map[string]func(*outer[float32]){
			"cells too short":    func(o *outer[float32]) { o.dst = o.dst[:(k.depth-1)*o.ld+o.width-1] },
			"s too short":        func(o *outer[float32]) { o.s = o.s[:k.depth-1] },
			"x too short":        func(o *outer[float32]) { o.x = o.x[:o.width-1] },
			"no images":          func(o *outer[float32]) { o.images = 0 },
			"width of no kernel": func(o *outer[float32]) { o.width = k.lanes / 2 },
		} {
			o := outer[float32]{dst: room(), s: room(), x: room(), images: 1, rows: 1, pixels: 1, ld: k.lanes, width: k.lanes}
			if change(&o); !panics(func() { k.outer(&o) }) {
				t.Errorf("outer, %s: no panic", name)
			}
		}
		for name, change := range map[string]func(*sheet[float32]){
			"x too short":           func(s *sheet[float32]) { s.x = s.x[:s.channels-1] },
			"z too short":           func(s *sheet[float32]) { s.z = s.z[:s.channels-1] },
			"y too short":           func(s *sheet[float32]) { s.y = s.y[:s.channels-1] },
			"a too short":           func(s *sheet[float32]) { s.a = s.a[:s.channels-1] },
			"no rows":               func(s *sheet[float32]) { s.rows = 0 },
			"a part of the vectors": func(s *sheet[float32]) { s.channels-- },
		} {
			s := sheet[float32]{x: room(), y: room(), z: room(), a: room(), b: room(), c: room(), rows: 1, pixels: 1, channels: k.lanes}
			if change(&s); !panics(func() { k.blend(&s) }) {
				t.Errorf("blend, %s: no panic", name)
			}
		}
	})
}

func panics(do func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	do()
	return false
}
