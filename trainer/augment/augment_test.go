package augment

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"smoothscape/trainer/engine"
)

func TestPolicyByName(t *testing.T) {
	if _, ok := PolicyByName("mixup"); ok {
		t.Error("found a policy mixup")
	}
	for _, name := range Names() {
		if _, ok := PolicyByName(name); !ok {
			t.Errorf("no policy %q, though Names lists it", name)
		}
	}
	if p, _ := PolicyByName(None); p != (Policy{}) {
		t.Errorf("none is %+v, want the zero policy", p)
	}
	if p, _ := PolicyByName(Paper); p != (Policy{Padding: 4, Flip: true, Degrees: 15}) {
		t.Errorf("paper is %+v", p)
	}
}

// byHand does the steps one after the other on whole images: a real border, a real window, a real mirror, and a rotation in float64.
// unsure marks output pixels whose point lies so near the edge of a pixel that the fixed-point walk may take the neighbor.
func byHand(m Move, src []byte, shape engine.Shape) (out []byte, unsure []bool) {
	out, unsure = make([]byte, len(src)), make([]bool, len(src))
	height, width := shape.H, shape.W
	for c := range shape.C {
		// A border that is wide enough for any window.
		pad := max(m.Top, -m.Top, m.Left, -m.Left)
		bordered := make([][]byte, height+2*pad)
		for y := range bordered {
			bordered[y] = make([]byte, width+2*pad)
			if y >= pad && y < pad+height {
				copy(bordered[y][pad:], src[(c*height+y-pad)*width:(c*height+y-pad+1)*width])
			}
		}
		window := make([][]byte, height)
		for y := range window {
			window[y] = slices.Clone(bordered[pad+m.Top+y][pad+m.Left : pad+m.Left+width])
			if m.Flip {
				slices.Reverse(window[y])
			}
		}
		phi := m.Angle * math.Pi / 180
		for y := range height {
			for x := range width {
				at := (c*height+y)*width + x
				// The center of the pixel seen from that of the image, turned back.
				dx, dy := float64(x)+0.5-float64(width)/2, float64(y)+0.5-float64(height)/2
				fromX := math.Cos(phi)*dx - math.Sin(phi)*dy + float64(width)/2
				fromY := math.Sin(phi)*dx + math.Cos(phi)*dy + float64(height)/2
				if fromX >= 0 && fromX < float64(width) && fromY >= 0 && fromY < float64(height) {
					out[at] = window[int(fromY)][int(fromX)]
				}
				// Each of at most width+height steps, and the start, is rounded by at most 2⁻¹⁷; 1e-9 is for float64.
				band := float64(width+height+1)/(1<<17) + 1e-9
				unsure[at] = m.Angle != 0 && (math.Abs(fromX-math.Round(fromX)) < band || math.Abs(fromY-math.Round(fromY)) < band)
			}
		}
	}
	return out, unsure
}

func TestMoveAgainstTheStepsByHand(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	pixels, doubtful := 0, 0
	for trial := range 3000 {
		shape := engine.Shape{C: 1 + rng.IntN(4), H: 1 + rng.IntN(24), W: 1 + rng.IntN(24)}
		move := Policy{Padding: rng.IntN(8), Flip: true, Degrees: []float64{0, 15, 180}[trial%3]}.Draw(rng)
		src := make([]byte, shape.Len())
		for i := range src {
			src[i] = byte(1 + rng.IntN(255))
		}
		want, unsure := byHand(move, src, shape)
		got := make([]byte, len(src))
		move.Apply(got, src, shape)
		for i := range want {
			pixels++
			if unsure[i] {
				doubtful++
			} else if got[i] != want[i] {
				t.Fatalf("trial %d, %v, %+v: byte %d is %d, want %d", trial, shape, move, i, got[i], want[i])
			}
		}
	}
	// The bands take about 2·2·49/2¹⁷ = 0.15 % of the points.
	if doubtful > pixels/100 {
		t.Errorf("%d of %d bytes were not compared", doubtful, pixels)
	}
}

func TestMoveByEye(t *testing.T) {
	square := engine.Shape{C: 1, H: 3, W: 3}
	image := []byte{
		1, 2, 3,
		4, 5, 6,
		7, 8, 9,
	}
	for _, test := range []struct {
		name string
		move Move
		want []byte
	}{
		{"nothing", Move{}, image},
		{"window up and left: the image sinks to the right", Move{Top: -1, Left: -1}, []byte{0, 0, 0, 0, 1, 2, 0, 4, 5}},
		{"window down and right", Move{Top: 1, Left: 2}, []byte{6, 0, 0, 9, 0, 0, 0, 0, 0}},
		{"mirror", Move{Flip: true}, []byte{3, 2, 1, 6, 5, 4, 9, 8, 7}},
		{"the window is mirrored, not the image", Move{Left: 1, Flip: true}, []byte{0, 3, 2, 0, 6, 5, 0, 9, 8}},
		{"a quarter turn, counterclockwise", Move{Angle: 90}, []byte{3, 6, 9, 2, 5, 8, 1, 4, 7}},
		{"a quarter turn, clockwise", Move{Angle: -90}, []byte{7, 4, 1, 8, 5, 2, 9, 6, 3}},
		{"half a turn", Move{Angle: 180}, []byte{9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{"mirrored, then turned", Move{Flip: true, Angle: 90}, []byte{1, 4, 7, 2, 5, 8, 3, 6, 9}},
		{"what left the window does not come back", Move{Left: 1, Angle: 180}, []byte{0, 9, 8, 0, 6, 5, 0, 3, 2}},
		{"a window beside the image", Move{Left: 3}, make([]byte, 9)},
		{"a window far beside the image", Move{Top: 1 << 30, Left: -1 << 30, Angle: 10}, make([]byte, 9)},
		{"an angle that moves nothing", Move{Angle: 1e-6}, image},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := slices.Repeat([]byte{99}, 9)
			test.move.Apply(got, image, square)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestDrawIsUniform(t *testing.T) {
	const n = 90_000
	policy, _ := PolicyByName(Paper)
	rng := rand.New(rand.NewPCG(3, 3))
	tops, lefts, flips := map[int]int{}, map[int]int{}, 0
	angles := make([]float64, n)
	var product float64
	for i := range n {
		m := policy.Draw(rng)
		tops[m.Top]++
		lefts[m.Left]++
		if m.Flip {
			flips++
		}
		angles[i] = m.Angle
		product += float64(m.Top*m.Left) / n
	}
	// A count of a binomial law has the standard deviation √(np(1−p)); five of those.
	near := func(what string, count int, p float64) {
		if math.Abs(float64(count)-n*p) > 5*math.Sqrt(n*p*(1-p)) {
			t.Errorf("%s: %d of %d, want about %.0f", what, count, n, n*p)
		}
	}
	for shift := -4; shift <= 4; shift++ {
		near(fmt.Sprintf("rows shifted by %d", shift), tops[shift], 1.0/9)
		near(fmt.Sprintf("columns shifted by %d", shift), lefts[shift], 1.0/9)
	}
	if len(tops) != 9 || len(lefts) != 9 {
		t.Errorf("%d shifts of rows and %d of columns, want 9 each", len(tops), len(lefts))
	}
	near("mirrored", flips, 0.5)
	// Both shifts have the variance (9²−1)/12, so the product of the two has its square.
	if math.Abs(product) > 5*(80.0/12)/math.Sqrt(n) {
		t.Errorf("the mean of the product of both shifts is %v, want about 0", product)
	}
	// The largest distance of the empirical distribution from the uniform one (Kolmogorov–Smirnov) is above 1.95/√n once in 1,000 times.
	slices.Sort(angles)
	for i, angle := range angles {
		if d := math.Abs((angle+15)/30 - float64(i)/n); d > 1.95/math.Sqrt(n) || angle < -15 || angle > 15 {
			t.Fatalf("angle %d in order is %v: off the uniform distribution by %v", i, angle, d)
		}
	}
}

func TestDrawTakesOnlyWhatItNeeds(t *testing.T) {
	count := &counter{source: rand.NewPCG(1, 1)}
	for _, test := range []struct {
		policy Policy
		want   int
	}{
		{Policy{}, 0}, {Policy{Padding: -3, Degrees: -1}, 0}, {Policy{Degrees: math.NaN()}, 0},
		{Policy{Flip: true}, 1}, {Policy{Padding: 4}, 2}, {Policy{Degrees: 15}, 1},
	} {
		count.n = 0
		if m := test.policy.Draw(rand.New(count)); count.n != test.want || test.want == 0 && m != (Move{}) {
			t.Errorf("%+v: %d numbers for %+v, want %d", test.policy, count.n, m, test.want)
		}
	}
}

type counter struct {
	source rand.Source
	n      int
}

func (c *counter) Uint64() uint64 { c.n++; return c.source.Uint64() }

func TestApplyIsAFunctionOfItsGenerator(t *testing.T) {
	policy, _ := PolicyByName(Paper)
	shape := engine.Shape{C: 3, H: 32, W: 32}
	src := pattern(shape)
	before := slices.Clone(src)
	a, b := make([]byte, len(src)), slices.Repeat([]byte{77}, len(src))
	policy.Apply(a, src, shape, rand.New(rand.NewPCG(5, 6)))
	policy.Apply(b, src, shape, rand.New(rand.NewPCG(5, 6)))
	if !slices.Equal(a, b) {
		t.Error("the same generator gave two images")
	}
	if !slices.Equal(src, before) {
		t.Error("the source was changed")
	}
}

func TestApplyAllocatesNothing(t *testing.T) {
	policy, _ := PolicyByName(Paper)
	shape := engine.Shape{C: 3, H: 32, W: 32}
	src, dst, rng := pattern(shape), make([]byte, shape.Len()), rand.New(rand.NewPCG(1, 2))
	if n := testing.AllocsPerRun(100, func() { policy.Apply(dst, src, shape, rng) }); n != 0 {
		t.Errorf("%v allocations an image", n)
	}
}

func TestApplyRefusesWrongLengths(t *testing.T) {
	for _, test := range []struct {
		name     string
		dst, src int
		shape    engine.Shape
	}{
		{"short target", 8, 9, engine.Shape{C: 1, H: 3, W: 3}},
		{"short source", 9, 8, engine.Shape{C: 1, H: 3, W: 3}},
		{"long target", 10, 9, engine.Shape{C: 1, H: 3, W: 3}},
		{"two negative sides", 9, 9, engine.Shape{C: 1, H: -3, W: -3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			Move{Angle: 5}.Apply(make([]byte, test.dst), make([]byte, test.src), test.shape)
		})
	}
}

// FuzzApply looks for a shape and a move that read or write outside of the two images: a guard of bytes around each must stay as it
// was and never be seen.
func FuzzApply(f *testing.F) {
	f.Add(uint8(3), uint8(32), uint8(32), int32(-4), int32(4), true, 15.0)
	f.Add(uint8(1), uint8(1), uint8(1), int32(0), int32(0), false, 45.0)
	f.Add(uint8(0), uint8(5), uint8(5), int32(1), int32(0), true, 0.0)
	f.Add(uint8(2), uint8(0), uint8(9), int32(0), int32(-1), true, -90.0)
	f.Add(uint8(2), uint8(9), uint8(0), int32(1<<30), int32(-1<<30), false, 1e300)
	f.Fuzz(func(t *testing.T, channels, height, width uint8, top, left int32, flip bool, angle float64) {
		shape := engine.Shape{C: int(channels % 5), H: int(height % 70), W: int(width % 70)}
		if math.IsNaN(angle) || math.IsInf(angle, 0) {
			return
		}
		const guard, inside = 0xEE, 0x11
		size := shape.Len()
		src := slices.Repeat([]byte{guard}, size+200)
		for i := range size {
			src[100+i] = inside
		}
		dst := slices.Repeat([]byte{guard}, size+200)
		move := Move{Top: int(top) % (1<<30 + 1), Left: int(left) % (1<<30 + 1), Flip: flip, Angle: angle}
		move.Apply(dst[100:100+size], src[100:100+size], shape)
		for i, v := range dst {
			if within := i >= 100 && i < 100+size; within && v != 0 && v != inside || !within && v != guard {
				t.Fatalf("%v %+v: byte %d of the target is %#x", shape, move, i-100, v)
			}
		}
	})
}

func BenchmarkApply(b *testing.B) {
	for _, name := range Names() {
		policy, _ := PolicyByName(name)
		b.Run(name, func(b *testing.B) {
			shape := engine.Shape{C: 3, H: 32, W: 32}
			src, dst, rng := pattern(shape), make([]byte, shape.Len()), rand.New(rand.NewPCG(1, 2))
			for b.Loop() {
				policy.Apply(dst, src, shape, rng)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// A view, followed pixel by pixel as engine.View says, is what Apply makes: for every kind of move and shape, windows beyond the image included.
func TestViewIsTheMove(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 400 {
		shape := engine.Shape{C: 1 + rng.IntN(3), H: 1 + rng.IntN(20), W: 1 + rng.IntN(20)}
		src, dst := make([]byte, shape.Len()), make([]byte, shape.Len())
		for i := range src {
			src[i] = byte(1 + rng.IntN(255))
		}
		m := Move{Top: rng.IntN(60) - 30, Left: rng.IntN(9) - 4, Flip: rng.IntN(2) == 0}
		switch rng.IntN(4) {
		case 0:
			m.Angle = 360 * (rng.Float64() - 0.5)
		case 1:
			m.Angle, m.Top = 30*(rng.Float64()-0.5), rng.IntN(9)-4
		case 2:
			m.Top = rng.IntN(9) - 4
		}
		if rng.IntN(20) == 0 {
			m.Left = -1 << 30
		}
		m.Apply(dst, src, shape)
		v := m.View(5, shape)
		if v.Image != 5 {
			t.Fatalf("image %d", v.Image)
		}
		for i, want := range dst {
			c, row, column := i/(shape.H*shape.W), int32(i/shape.W%shape.H), int32(i%shape.W)
			x, y := (v.X0+column*v.XColumn+row*v.XRow)>>16, (v.Y0+column*v.YColumn+row*v.YRow)>>16
			h, w, got := int32(shape.H), int32(shape.W), byte(0)
			if x >= max(0, v.Left) && x < min(w, w+v.Left) && y >= max(0, v.Top) && y < min(h, h+v.Top) {
				got = src[(c*shape.H+int(y))*shape.W+int(x)]
			}
			if got != want {
				t.Fatalf("%+v of %v: pixel %d is %d, Apply makes it %d", m, shape, i, got, want)
			}
		}
	}
}
