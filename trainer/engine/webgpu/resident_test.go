package webgpu

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/trainer/engine"
)

// keptImages are n random images for spec, some of which show its last class.
func keptImages(spec engine.Spec, n, views int) engine.Kept {
	rng := rand.New(rand.NewPCG(uint64(n), 4))
	k := engine.Kept{Images: make([]byte, n*spec.Input.Len()), Labels: make([]uint8, n), Values: make([]float32, 256*spec.Input.C), Views: views}
	for i := range k.Images {
		k.Images[i] = byte(rng.Uint32())
	}
	for i := range k.Labels {
		k.Labels[i] = uint8(rng.IntN(spec.Classes))
	}
	for i := range k.Values {
		k.Values[i] = (float32(i%256)/255 - 0.4) / 0.3
	}
	return k
}

// seen is what a network sees of views, by engine.View's words.
func seen(spec engine.Spec, k engine.Kept, views []engine.View) (x []float32, y []int) {
	in := spec.Input
	h, w := int32(in.H), int32(in.W)
	for _, v := range views {
		image := k.Images[int(v.Image)*in.Len():][:in.Len()]
		for c := range in.C {
			for row := range h {
				for column := range w {
					a, b := (v.X0+column*v.XColumn+row*v.XRow)>>16, (v.Y0+column*v.YColumn+row*v.YRow)>>16
					value := byte(0)
					if a >= max(0, v.Left) && a < min(w, w+v.Left) && b >= max(0, v.Top) && b < min(h, h+v.Top) {
						value = image[(c*in.H+int(b))*in.W+int(a)]
					}
					x = append(x, k.Values[256*c+int(value)])
				}
			}
		}
		y = append(y, int(k.Labels[v.Image]))
	}
	return x, y
}

// someViews draws views: some of the image as it is, others shifted, mirrored, turned by half a right angle.
func someViews(rng *rand.Rand, k engine.Kept, n int) []engine.View {
	views := make([]engine.View, n)
	for i := range views {
		v := engine.View{Image: int32(rng.IntN(len(k.Labels))), X0: 1 << 15, XColumn: 1 << 16, Y0: 1 << 15, YRow: 1 << 16}
		switch rng.IntN(3) {
		case 0:
			v.Left, v.Top = int32(rng.IntN(5)-2), int32(rng.IntN(5)-2)
			v.X0, v.Y0 = v.X0+v.Left<<16, v.Y0+v.Top<<16
		case 1:
			v.X0, v.XColumn, v.XRow, v.Y0, v.YColumn, v.YRow = 3<<16, 46341, -46341, -1<<16, 46341, 46341
		}
		views[i] = v
	}
	return views
}

// updates draws some of each kind.
func someUpdates(rng *rand.Rand, k engine.Kept, momentum bool) []engine.Update {
	piece := func(n int) []engine.View { return someViews(rng, k, n) }
	all := []engine.Update{
		{Batch: [][]engine.View{piece(5)}},
		{Batch: [][]engine.View{piece(4), piece(2)}},
		{First: [][]engine.View{piece(2), piece(2)}, Second: [][]engine.View{piece(3)}, Share: 4. / 7},
		{First: [][]engine.View{piece(1)}, Second: [][]engine.View{piece(1)}, Share: 1},
		{Batch: [][]engine.View{piece(5)}, First: [][]engine.View{piece(2)}, Second: [][]engine.View{piece(3)}},
	}
	for i := range all {
		u := &all[i]
		u.LearningRate, u.WeightDecay = 0.05, 0.01
		if momentum {
			u.Momentum, u.Nesterov = 0.9, i%2 == 0
		}
	}
	return all
}

// byHand makes an update by Grad, in float64 but for the gradients.
func byHand(t *testing.T, m engine.Model, k engine.Kept, u engine.Update, velocity []float32) engine.UpdateResult {
	t.Helper()
	d := len(m.Params())
	of := func(sample [][]engine.View) (gradient []float64, metrics engine.Metrics) {
		gradient, g, n := make([]float64, d), make([]float32, d), 0
		for _, piece := range sample {
			n += len(piece)
		}
		for _, piece := range sample {
			x, y := seen(m.Spec(), k, piece)
			part, err := m.Grad(x, y, g)
			if err != nil {
				t.Fatal(err)
			}
			share := float64(len(piece)) / float64(n)
			for i, v := range g {
				gradient[i] += share * float64(v)
			}
			metrics.Loss += share * part.Loss
			metrics.Correct += part.Correct
		}
		return gradient, metrics
	}
	square := func(a []float64) (sum float64) {
		for _, v := range a {
			sum += v * v
		}
		return sum
	}
	var result engine.UpdateResult
	var g []float64
	if u.First != nil {
		a, first := of(u.First)
		b, second := of(u.Second)
		between := make([]float64, d)
		g = make([]float64, d)
		for i := range a {
			between[i] = a[i] - b[i]
			g[i] = u.Share*a[i] + (1-u.Share)*b[i]
		}
		result.Distance2 = square(between)
		result.Metrics = engine.Metrics{Loss: u.Share*first.Loss + (1-u.Share)*second.Loss, Correct: first.Correct}
		if u.Share != 1 {
			result.Correct += second.Correct
		}
	}
	if u.Batch != nil {
		g, result.Metrics = of(u.Batch)
	}
	if u.First != nil {
		result.GradNorm2 = square(g)
	}
	for i, theta := range m.Params() {
		step := g[i] + float64(u.WeightDecay)*float64(theta)
		if velocity != nil {
			v := float64(u.Momentum)*float64(velocity[i]) + step
			velocity[i] = float32(v)
			if u.Nesterov {
				v = step + float64(u.Momentum)*v
			}
			step = v
		}
		m.Params()[i] = float32(float64(theta) - float64(u.LearningRate)*step)
	}
	for i, v := range m.BatchStats() {
		m.State()[i] += engine.BatchNormMomentum * (v - m.State()[i])
	}
	return result
}

// Updates on the device are those of its own gradients and a plain loop, of every kind, with and without momentum and batch norm: what differs is the rounding of
// the optimizer (some 6e-8 of a parameter an update), which the next gradients see. Blocks of any size give the same bits, and Undo goes back one update further than the last block.
func TestResidentUpdates(t *testing.T) {
	e := anyEngine(t)
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-4*max(1e-3, math.Abs(want))) {
			t.Errorf("%s: %v, by hand %v", what, got, want)
		}
	}
	for _, c := range []struct {
		name     string
		momentum bool
	}{{"mlp", false}, {"resnet8", true}} {
		t.Run(c.name, func(t *testing.T) {
			spec := small(t, c.name)
			k := keptImages(spec, 40, 100)
			device, host := pair(t, e, spec)
			resident := device.(engine.ResidentModel)
			if bytes, err := resident.Keep(k, c.momentum); err != nil || bytes < int64(len(k.Images)) {
				t.Fatalf("%d bytes, %v", bytes, err)
			}
			velocity := func() []float32 {
				if c.momentum {
					return make([]float32, len(host.Params()))
				}
				return nil
			}
			begin := append([]float32(nil), host.Params()...)
			state := append([]float32(nil), host.State()...)
			updates := someUpdates(rand.New(rand.NewPCG(5, 5)), k, c.momentum)
			v := velocity()
			var want []engine.UpdateResult
			for _, u := range updates {
				want = append(want, byHand(t, host, k, u, v))
			}
			wantEval := metricsOfKept(t, host, k, 3, 40)

			var first []float32
			for _, block := range []int{1, 2, len(updates)} {
				copy(device.Params(), begin)
				copy(device.State(), state)
				mine := velocity()
				if err := resident.Send(mine); err != nil {
					t.Fatal(err)
				}
				var got []engine.UpdateResult
				for from := 0; from < len(updates); from += block {
					some := updates[from:min(from+block, len(updates))]
					results, err := resident.Updates(some)
					if err != nil {
						t.Fatal(err)
					}
					if block == 2 { // back, by way of the host, and once more
						if err := errors.Join(resident.Undo(), resident.Fetch(mine), resident.Send(mine)); err != nil {
							t.Fatal(err)
						}
						if results, err = resident.Updates(updates[max(0, from-1):min(from+block, len(updates))]); err != nil {
							t.Fatal(err)
						}
						results = results[min(from, 1):]
					}
					got = append(got, results...)
				}
				for i, w := range want {
					near("loss", got[i].Loss, w.Loss)
					near("‖g‖²", got[i].GradNorm2, w.GradNorm2)
					near("‖g₁ − g₂‖²", got[i].Distance2, w.Distance2)
					if got[i].Correct != w.Correct {
						t.Errorf("update %d: %d right, by hand %d", i, got[i].Correct, w.Correct)
					}
				}
				metrics, err := resident.EvalKept(3, 40)
				if err != nil {
					t.Fatal(err)
				}
				near("loss of kept images", metrics.Loss, wantEval.Loss)
				if err := resident.Fetch(mine); err != nil {
					t.Fatal(err)
				}
				if d := distance(device.Params(), host.Params()); !(d <= 1e-6) {
					t.Errorf("blocks of %d: parameters differ by %.3g", block, d)
				}
				if d := distance(device.State(), host.State()); len(state) > 0 && !(d <= 1e-5) {
					t.Errorf("blocks of %d: running statistics differ by %.3g", block, d)
				}
				if c.momentum {
					if d := distance(mine, v); !(d <= 1e-4) {
						t.Errorf("blocks of %d: momentum differs by %.3g", block, d)
					}
				}
				if first == nil {
					first = append(first, device.Params()...)
				}
				if distance(device.Params(), first) != 0 {
					t.Errorf("blocks of %d give other bits than single updates", block)
				}
			}
		})
	}
}

func metricsOfKept(t *testing.T, m engine.Model, k engine.Kept, from, to int) engine.Metrics {
	t.Helper()
	var views []engine.View
	for i := from; i < to; i++ {
		views = append(views, engine.View{Image: int32(i), XColumn: 1 << 16, YRow: 1 << 16})
	}
	x, y := seen(m.Spec(), k, views)
	metrics, err := m.Eval(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return metrics
}

// A device that sees little at once keeps images in several pieces, and vectors are worked on in ranges: the numbers are the same.
func TestResidentInPieces(t *testing.T) {
	e := anyEngine(t)
	spec := small(t, "mlp")
	k := keptImages(spec, 40, 16)
	rng := rand.New(rand.NewPCG(8, 8))
	updates := []engine.Update{
		{First: [][]engine.View{someViews(rng, k, 3)}, Second: [][]engine.View{someViews(rng, k, 3)}, Share: 0.5, LearningRate: 0.1},
		{Batch: [][]engine.View{someViews(rng, k, 5)}, LearningRate: 0.1},
	}
	var want []engine.UpdateResult
	var params []float32
	for _, binding := range []int64{e.adapter.Limits.MaxBinding, 100 << 10} { // the first layer has 98 kB of weights
		narrow := &Engine{adapter: e.adapter, device: e.device, kernels: e.kernels}
		narrow.adapter.Limits.MaxBinding = binding
		m, err := narrow.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		copy(m.Params(), engine.Initialize(spec, rand.New(rand.NewPCG(1, 2))))
		r := m.(engine.ResidentModel)
		if _, err := r.Keep(k, false); err != nil {
			t.Fatal(err)
		}
		if err := r.Send(nil); err != nil {
			t.Fatal(err)
		}
		got, err := r.Updates(updates)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Fetch(nil); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want, params = got, append(params, m.Params()...)
		}
		for i := range want {
			if got[i].Metrics != want[i].Metrics || !(math.Abs(got[i].Distance2-want[i].Distance2) <= 1e-5*want[i].Distance2) {
				t.Errorf("update %d in pieces of %d: %+v, else %+v", i, binding, got[i], want[i])
			}
		}
		if distance(m.Params(), params) != 0 {
			t.Errorf("other parameters in pieces of %d", binding)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What does not fit is refused, and leaves a model that works.
func TestResidentRefuses(t *testing.T) {
	e := anyEngine(t)
	spec := small(t, "mlp")
	m, err := e.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	r := m.(engine.ResidentModel)
	good := keptImages(spec, 10, 8)
	view := func(image int32) [][]engine.View { return [][]engine.View{{{Image: image}}} }
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, engine.ErrShape) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = r.Updates([]engine.Update{{Batch: view(0)}})
	refused("an update before Keep", err)
	refused("Send before Keep", r.Send(nil))
	refused("Fetch before Keep", r.Fetch(nil))
	refused("Undo before Keep", r.Undo())
	_, err = r.EvalKept(0, 1)
	refused("EvalKept before Keep", err)
	for what, change := range map[string]func(*engine.Kept){
		"no image": func(k *engine.Kept) { k.Images, k.Labels = nil, nil }, "half an image": func(k *engine.Kept) { k.Images = k.Images[1:] },
		"a label too large": func(k *engine.Kept) { k.Labels[3] = uint8(spec.Classes) }, "no values": func(k *engine.Kept) { k.Values = nil }, "no room": func(k *engine.Kept) { k.Views = 0 },
	} {
		k := keptImages(spec, 10, 8)
		change(&k)
		_, err := r.Keep(k, false)
		refused(what, err)
	}
	if _, err := r.Keep(good, false); err != nil {
		t.Fatal(err)
	}
	refused("momentum that was not wanted", r.Send(make([]float32, len(m.Params()))))
	for what, u := range map[string][]engine.Update{
		"no update": nil, "an update of nothing": {{}}, "one sample": {{First: view(0)}}, "an image that is not there": {{Batch: view(10)}}, "a negative one": {{Batch: view(-1)}},
		"an empty piece": {{Batch: [][]engine.View{{}}}}, "too many views": {{Batch: [][]engine.View{make([]engine.View, 9)}}}, "too many": make([]engine.Update, engine.MaxUpdates+1),
	} {
		_, err := r.Updates(u)
		refused(what, err)
	}
	for _, span := range [][2]int{{-1, 3}, {3, 3}, {0, 11}} {
		_, err := r.EvalKept(span[0], span[1])
		refused("images that are not there", err)
	}
	if err := r.Send(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Updates([]engine.Update{{Batch: view(1), LearningRate: 0.1}}); err != nil {
		t.Errorf("after all that was refused: %v", err)
	}
	tight := &Engine{adapter: e.adapter, device: e.device, kernels: e.kernels}
	other, err := tight.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tight.adapter.Limits.MaxBuffer = 1 << 10
	if _, err := other.(engine.ResidentModel).Keep(good, true); !errors.Is(err, ErrMemory) {
		t.Errorf("without memory: %v", err)
	}
}

// residentCases are the kernels of updates.
func residentCases() []kernelCase {
	bits := func(values ...int32) []float32 {
		floats := make([]float32, len(values))
		for i, v := range values {
			floats[i] = math.Float32frombits(uint32(v))
		}
		return floats
	}
	wide := func(values []float32) []float64 {
		all := make([]float64, len(values))
		for i, v := range values {
			all[i] = float64(v)
		}
		return all
	}
	spec := engine.Spec{Input: engine.Shape{C: 2, H: 3, W: 5}, Classes: 4}
	k := keptImages(spec, 6, 9)
	views := someViews(rand.New(rand.NewPCG(6, 6)), k, 7)
	var listed []int32
	for _, v := range views {
		listed = append(listed, v.Image, v.Left, v.Top, v.X0, v.XColumn, v.XRow, v.Y0, v.YColumn, v.YRow)
	}
	var bytes []int32 // of images 2 … 5, in 8 words each
	for i := 2; i < 6; i++ {
		image := append(append([]byte(nil), k.Images[30*i:][:30]...), 0, 0)
		for ; len(image) > 0; image = image[4:] {
			bytes = append(bytes, int32(uint32(image[0])|uint32(image[1])<<8|uint32(image[2])<<16|uint32(image[3])<<24))
		}
	}
	x, y := seen(spec, k, views[2:])
	gathered, labels := sevens(uint32(len(x))), make([]int32, len(y))
	for i, v := range views[2:] {
		if v.Image >= 2 {
			copy(gathered[30*i:][:30], x[30*i:])
		}
		labels[i] = int32(y[i])
	}
	var kept []int32
	for _, label := range k.Labels {
		kept = append(kept, int32(label))
	}
	const n = 101
	orders := []float32{9, 9, 0.25, 0.5, 0.9, 1}
	a, b, c := draw(n), draw(n + 1)[:n], draw(n + 2)[:n]
	mixed, over, plain, heavy, nesterov := wide(a), wide(a), wide(b), wide(b), wide(b)
	velocity := append([]float32(nil), c...)
	velocity[3], a[3], b[3] = 0x1p-110, 0, 0
	heavy[3], nesterov[3], plain[3], mixed[3], over[3] = 0, 0, 0, 0, 0
	for i := range n {
		mixed[i] = 0.25*float64(b[i]) + 0.5*float64(a[i]) // into is b
		over[i] = 0.5 * float64(a[i])
		d := float64(a[i]) + 0.5*float64(b[i])
		plain[i] = float64(b[i]) - 0.25*d
		v := float64(float32(0.9))*float64(velocity[i]) + d
		heavy[i] = float64(b[i]) - 0.25*v
		nesterov[i] = float64(b[i]) - 0.25*(d+float64(float32(0.9))*v)
	}
	stats, mean, variance := draw(9), draw(3), draw(4)[:3]
	moved := wide(mean)
	for i := range moved {
		moved[i] += 0.1 * (float64(stats[i]) - moved[i])
	}
	spread := wide(variance)
	for i := range spread {
		spread[i] += 0.1 * (float64(stats[6+i]) - spread[i])
	}
	squares, apart := make([]float64, 8), make([]float64, 8)
	for i := range n {
		squares[i%8] += float64(a[i]) * float64(a[i])
		d := float64(a[i]) - float64(b[i])
		apart[i%8] += d * d
	}
	for i := range apart {
		apart[i] += 7
	}
	at := bits(2)
	return []kernelCase{
		{name: "part of the images, from the third view on", kernel: "gather", sizes: sizes{Images: 5, Channels: 2, Height: 3, Width: 5, First: 2, Count: 4, Stride: 8}, threads: len(x),
			arrays: [][]float32{bits(bytes...), bits(listed...), k.Values, at, sevens(uint32(len(x)))}, out: 4, want: wide(gathered)},
		{name: "from the third view on", kernel: "labels", sizes: sizes{Count: 5}, threads: 5, arrays: [][]float32{bits(kept...), bits(listed...), at, sevens(5)}, out: 3, want: wide(bits(labels...))},
		{name: "five", kernel: "advance", sizes: sizes{Count: 5}, threads: 1, arrays: [][]float32{at}, out: 0, want: wide(bits(7))},
		{name: "sum", kernel: "mix", sizes: sizes{Count: n}, threads: n, arrays: [][]float32{orders, at, a, b}, out: 3, want: mixed},
		{name: "over NaN", kernel: "mix", sizes: sizes{Count: 1}, threads: 1, arrays: [][]float32{{0, 0, 0, 0.5}, at, a, {float32(math.NaN())}}, out: 3, want: over[:1]},
		{name: "plain", kernel: "sgd", sizes: sizes{Count: n}, threads: n, arrays: [][]float32{orders, at, a, b}, out: 3, want: plain},
		{name: "heavy ball", kernel: "momentum", sizes: sizes{Count: n}, threads: n, arrays: [][]float32{{0, 0, 0.25, 0.5, 0.9, 0}, at, a, b, velocity}, out: 3, want: heavy},
		{name: "Nesterov", kernel: "momentum", sizes: sizes{Count: n}, threads: n, arrays: [][]float32{orders, at, a, b, velocity}, out: 3, want: nesterov},
		{name: "dying", kernel: "momentum", sizes: sizes{Count: 1}, threads: 1, arrays: [][]float32{orders, at, {0}, {0}, {0x1p-100}}, out: 4, want: []float64{0}},
		{name: "mean", kernel: "moving", sizes: sizes{Channels: 3}, threads: 3, arrays: [][]float32{stats, mean, variance}, out: 1, want: moved},
		{name: "variance", kernel: "moving", sizes: sizes{Channels: 3}, threads: 3, arrays: [][]float32{stats, mean, variance}, out: 2, want: spread},
		{name: "length", kernel: "squares", sizes: sizes{Count: n, Parts: 8}, threads: 8, arrays: [][]float32{a, b, sevens(8)}, out: 2, want: squares},
		{name: "distance, added", kernel: "squares", sizes: sizes{Count: n, Parts: 8, Option: 1, Accumulate: 1}, threads: 8, arrays: [][]float32{a, b, sevens(8)}, out: 2, want: apart},
	}
}
