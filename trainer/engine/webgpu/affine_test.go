package webgpu

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/enginetest"
)

// planeOf is a set around the parameters of a model: two random directions of a tenth of their size, and a step of a hundredth.
func planeOf(m engine.Model) engine.AffineSet {
	rng := rand.New(rand.NewPCG(3, 4))
	set := engine.AffineSet{Center: append([]float32(nil), m.Params()...)}
	for _, size := range []float64{0.1, 0.1, 0.01} {
		d := make([]float32, len(set.Center))
		for i := range d {
			d[i] = float32(size * rng.NormFloat64())
		}
		set.Directions = append(set.Directions, d)
	}
	return set
}

// square is n×n places of a plane, each with a step out of it.
func square(n int) []engine.Place {
	var places []engine.Place
	for row := range n {
		for col := range n {
			places = append(places, engine.Place{2*float64(col)/float64(n-1) - 1, 2*float64(row)/float64(n-1) - 1, float64(col%3 - 1)})
		}
	}
	return places
}

// affine is the model of a specification on the device, with parameters and running statistics of some training, and the same on the CPU.
func affine(t *testing.T, e *Engine, spec engine.Spec) (device engine.AffineModel, host engine.Model) {
	t.Helper()
	on, host := pair(t, e, spec)
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range host.State() {
		host.State()[i] += float32(0.2 * rng.Float64())
		on.State()[i] = host.State()[i]
	}
	return on.(engine.AffineModel), host
}

// everywhere evaluates all places, as often as it takes.
func everywhere(t *testing.T, m engine.AffineModel, places []engine.Place) []engine.Metrics {
	t.Helper()
	out := make([]engine.Metrics, len(places))
	for done := 0; done < len(places); {
		n, err := m.EvalAt(places[done:], out[done:])
		if err != nil || n < 1 {
			t.Fatal(n, err)
		}
		done += n
	}
	return out
}

// hostLoss is the loss at a place by the CPU engine, and the size of what the device may round otherwise: the gradient times 6 roundings of all terms of each
// parameter (engine.AffineModel says so) and one of the host's.
func hostLoss(t *testing.T, host engine.Model, set engine.AffineSet, p engine.Place, x []float32, y []int, recompute bool) (engine.Metrics, float64) {
	t.Helper()
	set.At(p, host.Params())
	grad := make([]float32, len(set.Center))
	of := host.FrozenGrad
	if recompute {
		of = host.Grad
	}
	metrics, err := of(x, y, grad)
	if err != nil {
		t.Fatal(err)
	}
	slack := 0.0
	for i, g := range grad {
		terms := math.Abs(float64(set.Center[i]))
		for k, d := range set.Directions {
			terms += math.Abs(p[k] * float64(d[i]))
		}
		slack += math.Abs(float64(g)) * 7 * 0x1p-24 * terms
	}
	return metrics, slack
}

// A plane on the device is the plane on the CPU, by stored and by recomputed statistics, in more than one batch: within 1e-5 of the loss, as two engines agree at the
// same parameters (agreement_test.go), and what the parameters' rounding makes of it.
func TestAPlaneOnTheDevice(t *testing.T) {
	e := anyEngine(t)
	for _, name := range []string{"mlp", "resnet8"} {
		for _, recompute := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s recompute=%v", name, recompute), func(t *testing.T) {
				spec := small(t, name)
				device, host := affine(t, e, spec)
				set, before := planeOf(device), append([]float32(nil), device.Params()...)
				images := 9
				if name == "mlp" {
					images, set.Directions = batchImages+3, set.Directions[:2]
				}
				x, y := enginetest.Batch(spec, images, 1)
				if err := device.Lay(set, x, y, recompute); err != nil {
					t.Fatal(err)
				}
				places := square(5)
				worst, worstSlack := 0.0, 0.0
				for i, got := range everywhere(t, device, places) {
					want, slack := hostLoss(t, host, set, places[i], x, y, recompute && spec.HasBatchNorm())
					d := math.Abs(got.Loss - want.Loss)
					if !(d <= 1e-5*want.Loss+slack) {
						t.Errorf("at %v: loss %v, on the CPU %v; allowed %g", places[i], got.Loss, want.Loss, 1e-5*want.Loss+slack)
					}
					worst, worstSlack = max(worst, d/want.Loss), max(worstSlack, slack/want.Loss)
				}
				t.Logf("worst difference %.2g of the loss; the parameters' rounding may make %.2g", worst, worstSlack)
				for i, v := range device.Params() {
					if v != before[i] {
						t.Fatal("the model's own parameters changed")
					}
				}
			})
		}
	}
}

// Parameters on the device: the center itself where all factors are 0, elsewhere as near to the exact sum as promised, in ranges as long as a binding may be.
func TestParametersOfAPlace(t *testing.T) {
	e := anyEngine(t)
	whole := e.adapter.Limits
	defer func() { e.adapter.Limits = whole }()
	spec := small(t, "resnet8")
	device, _ := affine(t, e, spec)
	m := device.(*model)
	set := planeOf(device)
	set.Center[0] = float32(math.Copysign(0, -1))
	x, y := enginetest.Batch(spec, 2, 1)
	for _, binding := range []int64{whole.MaxBinding, m.weights.bytes * 2 / 3} {
		e.adapter.Limits.MaxBinding = binding
		if err := device.Lay(set, x, y, false); err != nil {
			t.Fatal(err)
		}
		for _, place := range []engine.Place{{}, {1, -0.7, 0.1}, {-1.75, 1.3, 1}} {
			everywhere(t, device, []engine.Place{place})
			if err := m.receive(m.laid.parameters, m.weights.bytes); err != nil {
				t.Fatal(err)
			}
			for k, tensor := range m.weights.tensors {
				got := make([]float32, tensor.Len)
				decode(got, m.bytes[m.weights.offsets[k]:])
				for j, v := range got {
					i := tensor.Offset + j
					sum, terms := float64(set.Center[i]), math.Abs(float64(set.Center[i]))
					for c, d := range set.Directions {
						sum += place[c] * float64(d[i])
						terms += math.Abs(place[c] * float64(d[i]))
					}
					if d := math.Abs(float64(v) - sum); !(d <= 6*0x1p-24*terms) || place == (engine.Place{}) && v != set.Center[i] {
						t.Fatalf("parameter %d at %v: %v, expected %v within %g", i, place, v, sum, 6*0x1p-24*terms)
					}
				}
			}
		}
	}
}

// What a place gives does not depend on the block that it is in, and a new direction is one.
func TestPlacesDoNotDependOnTheirBlock(t *testing.T) {
	e := anyEngine(t)
	spec := small(t, "resnet8")
	device, host := affine(t, e, spec)
	m := device.(*model)
	set := planeOf(device)
	x, y := enginetest.Batch(spec, 5, 1)
	if err := device.Lay(set, x, y, false); err != nil {
		t.Fatal(err)
	}
	places := square(4)
	var first []engine.Metrics
	for _, block := range []int{1, 3, 64} {
		var all []engine.Metrics
		for len(all) < len(places) {
			m.laid.block = block
			m.laid.atOnce = max(1, m.laid.placeFlops/int64(block)) // a place in several pieces, or several places in one
			out := make([]engine.Metrics, len(places)-len(all))
			n, err := device.EvalAt(places[len(all):], out)
			if err != nil || n != min(block, len(out)) {
				t.Fatal(n, err)
			}
			all = append(all, out[:n]...)
		}
		if first == nil {
			first = all
		}
		for i := range all {
			if all[i] != first[i] {
				t.Errorf("in blocks of %d place %d has %v, alone %v", block, i, all[i], first[i])
			}
		}
	}
	step := append([]float32(nil), set.Directions[0]...)
	if err := device.Turn(2, step); err != nil {
		t.Fatal(err)
	}
	set.Directions[2] = step
	place := engine.Place{0.5, 0.5, 1}
	want, slack := hostLoss(t, host, set, place, x, y, false)
	if got := everywhere(t, device, []engine.Place{place})[0]; !(math.Abs(got.Loss-want.Loss) <= 1e-5*want.Loss+slack) {
		t.Errorf("after a turn %v, on the CPU %v", got.Loss, want.Loss)
	}
}

// A loss that is not finite is that of its place and of no other.
func TestPlacesThatAreNotFinite(t *testing.T) {
	e := anyEngine(t)
	spec := small(t, "resnet8")
	device, _ := affine(t, e, spec)
	set := planeOf(device)
	x, y := enginetest.Batch(spec, 3, 1)
	lay := func(x []float32) {
		if err := device.Lay(set, x, y, true); err != nil {
			t.Fatal(err)
		}
		device.(*model).laid.block = 64
	}
	lay(x)
	places := []engine.Place{{0.5, 0, 0}, {math.NaN(), 0, 0}, {0.5, 0, 0}, {0, 1e39, 0}, {0.5, 0, 0}, {0, 0, math.Inf(-1)}, {0.5, 0, 0}, {1e30, -1e30, 1e35}, {0.5, 0, 0}}
	out := everywhere(t, device, places)
	for i, m := range out {
		if i%2 == 0 && (math.IsNaN(m.Loss) || m != out[0]) {
			t.Errorf("place %d has %v, the first %v", i, m, out[0])
		}
		if i%2 == 1 && i < 7 && !math.IsNaN(m.Loss) {
			t.Errorf("at %v: %v, expected NaN", places[i], m.Loss)
		}
	}
	set.Directions[1][7] = float32(math.Inf(1))
	lay(x)
	if m := everywhere(t, device, places[:1])[0]; !math.IsNaN(m.Loss) {
		t.Errorf("beside an infinite direction: %v, expected NaN as 0·∞ is", m.Loss)
	}
	set.Directions[1][7] = 0
	x[1] = float32(math.NaN())
	lay(x)
	if m := everywhere(t, device, places[:1])[0]; !math.IsNaN(m.Loss) {
		t.Errorf("of an image that is not finite: %v", m.Loss)
	}
}

func TestPlanesThatAreRefused(t *testing.T) {
	e := anyEngine(t)
	whole := e.adapter.Limits
	defer func() { e.adapter.Limits = whole }()
	spec := small(t, "resnet8")
	device, _ := affine(t, e, spec)
	set := planeOf(device)
	x, y := enginetest.Batch(spec, 40, 1)
	out := make([]engine.Metrics, 1)
	if _, err := device.EvalAt([]engine.Place{{}}, out); !errors.Is(err, engine.ErrShape) {
		t.Errorf("before anything was laid: %v", err)
	}
	if err := device.Turn(0, set.Center); !errors.Is(err, engine.ErrShape) {
		t.Errorf("a turn before anything was laid: %v", err)
	}
	if err := device.Lay(engine.AffineSet{Center: set.Center}, x, y, false); !errors.Is(err, engine.ErrShape) {
		t.Errorf("no directions: %v", err)
	}
	if err := device.Lay(set, x[1:], y, false); !errors.Is(err, engine.ErrShape) {
		t.Errorf("half an image: %v", err)
	}
	// The widest layer of 40 images takes 8·8·8·4·40 = 82 kB. Batches are cut to what fits; statistics of all images cannot be.
	e.adapter.Limits.MaxBinding = 64 << 10
	if err := device.Lay(set, x, y, false); err != nil || device.(*model).laid.imagesInBatch != 20 {
		t.Errorf("in batches: %v", err)
	}
	for _, turn := range []int{-1, 3} {
		if err := device.Turn(turn, set.Center); !errors.Is(err, engine.ErrShape) {
			t.Errorf("direction %d: %v", turn, err)
		}
	}
	if err := device.Lay(set, x, y, true); !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), "choose fewer") {
		t.Errorf("all at once: %v", err)
	}
	if _, err := device.EvalAt([]engine.Place{{}}, out); !errors.Is(err, engine.ErrShape) {
		t.Errorf("after what was refused: %v", err)
	}
	e.adapter.Limits = whole
	e.adapter.Limits.MaxBuffer = 4 << 10
	if err := device.Lay(set, x, y, false); !errors.Is(err, ErrMemory) {
		t.Errorf("without memory: %v", err)
	}
}

// placeCases are the kernels between the places of a plane, at the second of three.
func placeCases() []kernelCase {
	bits := func(values ...uint32) []float32 {
		floats := make([]float32, len(values))
		for i, v := range values {
			floats[i] = math.Float32frombits(v)
		}
		return floats
	}
	doubles := func(values []float32) []float64 {
		wide := make([]float64, len(values))
		for i, v := range values {
			wide[i] = float64(v)
		}
		return wide
	}
	const n = 101
	center, d1, d2, d3, factors := draw(n), draw(n + 1)[:n], draw(n + 2)[:n], draw(n + 3)[:n], draw(9)
	formed := doubles(center)
	for i := range formed {
		formed[i] += float64(factors[3])*float64(d1[i]) + float64(factors[4])*float64(d2[i]) + float64(factors[5])*float64(d3[i])
	}
	rows := draw(6)
	kept := doubles(sevens(30))
	copy(kept[10+4:], doubles(rows)) // the second and last batch of 5 images, 3 of them
	odd := bits(0x7fc00001, 1, 3, 0x80000000, 0xffffffff)
	return []kernelCase{
		{name: "second of three places", kernel: "combine", sizes: sizes{Count: n}, threads: n, arrays: [][]float32{center, d1, d2, d3, factors, bits(1), sevens(n)}, out: 6, want: formed},
		{name: "some of it", kernel: "fetch", sizes: sizes{Count: n}, threads: n, arrays: [][]float32{draw(n + 5), sevens(n + 5)}, out: 1, want: append(doubles(draw(n + 5)[:n]), 7, 7, 7, 7, 7)},
		{name: "bits of labels and of NaN", kernel: "fetch", sizes: sizes{Count: 5}, threads: 5, arrays: [][]float32{odd, sevens(5)}, out: 1, want: doubles(odd)},
		{name: "second batch", kernel: "keep", sizes: sizes{Count: 6, First: 4, Stride: 10}, threads: 6, arrays: [][]float32{rows, bits(1), sevens(30)}, out: 2, want: kept},
	}
}
