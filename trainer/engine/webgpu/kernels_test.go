package webgpu

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// kernelCase is one kernel alone: arrays in the order of its bindings, of which it writes the one called out, and what plain loops in float64 make of
// them.
type kernelCase struct {
	name, kernel string
	sizes        sizes
	threads      int
	arrays       [][]float32
	out          int
	want         []float64
	parts        int // more than 0: the kernel gives that many parts, of which the sum is compared
}

// Every kernel alone gives what plain loops give, at sizes that are multiples of nothing. Some hundred terms near 1, each rounded to float32
// (6e-8) a few times, leave 1e-5 of the largest value with room to spare.
func TestKernelsAlone(t *testing.T) { kernelsAlone(t, anyEngine(t)) }

func kernelsAlone(t *testing.T, e *Engine) {
	const tolerance = 1e-5
	tested := map[string]bool{}
	for _, c := range slices.Concat(convolutionCases(), normCases(), pixelCases(), lossCases(), placeCases(), residentCases()) {
		tested[c.kernel] = true
		t.Run(c.kernel+", "+c.name, func(t *testing.T) {
			if shape, _, ok := shapeOf(c.kernel); ok {
				needTiles(t, e)
				if e.adapter.Kind == CPU && shape != tileShapes[0] {
					t.Skip("one shape of tiles is enough for a driver that takes so long to compile it; the others are tested in a browser")
				}
			}
			got := runAlone(t, e, c)
			if c.parts > 0 {
				got = fold(got, c.parts)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d values, expected %d", len(got), len(c.want))
			}
			scale := 0.0
			for _, v := range c.want {
				if !math.IsNaN(v) {
					scale = max(scale, math.Abs(v))
				}
			}
			for i, want := range c.want {
				if !(math.Abs(got[i]-want) <= tolerance*scale) && !(math.IsNaN(got[i]) && math.IsNaN(want)) {
					t.Fatalf("value %d of %d: %v, expected %v", i, len(got), got[i], want)
				}
			}
		})
	}
	for name := range kernelTexts(t) {
		if !tested[name] {
			t.Errorf("no case for kernel %s", name)
		}
	}
}

// runAlone gives the array that the kernel writes.
func runAlone(t *testing.T, e *Engine, c kernelCase) []float64 {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	p := &plan{steps: []step{{kernel: c.kernel, sizes: c.sizes, threads: c.threads}}}
	var spans []span
	for i, values := range c.arrays {
		m, err := e.device.allocate(4 * int64(len(values)))
		if err != nil {
			t.Fatal(err)
		}
		defer m.release()
		if err := e.device.write(m, encode(nil, values)); err != nil {
			t.Fatal(err)
		}
		spans = append(spans, span{m, 0, 4 * int64(len(values))})
		p.steps[0].arrays = append(p.steps[0].arrays, i)
		p.arrays = append(p.arrays, array{slot: i, values: len(values)})
	}
	made, err := bind(e, p, func(a array) span { return spans[a.slot] })
	if err != nil {
		t.Fatal(err)
	}
	defer made.release()
	if err := made.run(e.device); err != nil {
		t.Fatal(err)
	}
	bytes := make([]byte, spans[c.out].bytes)
	if err := e.device.read(spans[c.out], bytes); err != nil {
		t.Fatal(err)
	}
	got := make([]float64, len(bytes)/4)
	for i := range got {
		got[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:])))
	}
	return got
}

// fold adds up parts.
func fold(values []float64, parts int) []float64 {
	sum := make([]float64, len(values)/parts)
	for i, v := range values {
		sum[i%len(sum)] += v
	}
	return sum
}

// draw gives n normally distributed values, the same for the same n.
func draw(n uint32) []float32 {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	return values
}

// sevens is what stands in an array before a kernel sets it or adds to it.
func sevens(n uint32) []float32 { return slices.Repeat([]float32{7}, int(n)) }

// products visits every product y[j] += w[k]·x[i] of a convolution.
func products(s sizes, visit func(i, k, j uint32)) {
	for n := range s.Images {
		for f := range s.Filters {
			for r := range s.Rows {
				for q := range s.Columns {
					for c := range s.Channels {
						for a := range s.Kernel {
							for b := range s.Kernel {
								h, w := int(r*s.Stride+a)-int(s.Padding), int(q*s.Stride+b)-int(s.Padding)
								if h < 0 || w < 0 || h >= int(s.Height) || w >= int(s.Width) {
									continue
								}
								visit(((n*s.Channels+c)*s.Height+uint32(h))*s.Width+uint32(w), ((f*s.Channels+c)*s.Kernel+a)*s.Kernel+b, ((n*s.Filters+f)*s.Rows+r)*s.Columns+q)
							}
						}
					}
				}
			}
		}
	}
}

func convolutionCases() []kernelCase {
	var all []kernelCase
	for _, c := range []struct {
		name  string
		sizes sizes
	}{
		{"3×3", sizes{Images: 3, Channels: 5, Height: 7, Width: 9, Filters: 11, Kernel: 3, Stride: 1, Padding: 1}},
		{"3×3 in steps of 2", sizes{Images: 2, Channels: 9, Height: 9, Width: 7, Filters: 13, Kernel: 3, Stride: 2, Padding: 1}},
		{"1×1 in steps of 2", sizes{Images: 3, Channels: 10, Height: 7, Width: 5, Filters: 3, Kernel: 1, Stride: 2}},
		{"5×5", sizes{Images: 1, Channels: 2, Height: 6, Width: 11, Filters: 17, Kernel: 5, Stride: 1, Padding: 2}},
		{"2×2 in steps of 3", sizes{Images: 2, Channels: 3, Height: 8, Width: 10, Filters: 1, Kernel: 2, Stride: 3}},
		{"linear", sizes{Images: 37, Channels: 67, Height: 1, Width: 1, Filters: 70, Kernel: 1, Stride: 1}},
	} {
		s := c.sizes
		s.Rows, s.Columns = (s.Height+2*s.Padding-s.Kernel)/s.Stride+1, (s.Width+2*s.Padding-s.Kernel)/s.Stride+1
		plane := s.Rows * s.Columns
		x, w, dy, bias := draw(s.Images*s.Channels*s.Height*s.Width), draw(s.Filters*s.Channels*s.Kernel*s.Kernel), draw(s.Images*s.Filters*plane), draw(s.Filters)
		y, dx, dw, db := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w)), make([]float64, len(bias))
		biased := make([]float64, len(dy))
		products(s, func(i, k, j uint32) {
			y[j] += float64(w[k]) * float64(x[i])
			dx[i] += float64(w[k]) * float64(dy[j])
			dw[k] += float64(dy[j]) * float64(x[i])
		})
		for j := range y {
			f := uint32(j) / plane % s.Filters
			biased[j] = y[j] + float64(bias[f])
			db[f] += float64(dy[j])
		}
		forward := tiles(int(s.Images*plane), 4) * tiles(int(s.Filters), 8)
		input := tiles(int(s.Images*s.Height*s.Width), 4) * tiles(int(s.Channels), 8)
		withBias, adding, parted := s, s, s
		withBias.Option, adding.Accumulate, parted.Parts = 1, 1, 3
		all = append(all,
			kernelCase{name: c.name, kernel: "conv_forward", sizes: s, threads: forward, arrays: [][]float32{w, bias, x, sevens(uint32(len(y)))}, out: 3, want: y},
			kernelCase{name: c.name + ", bias", kernel: "conv_forward", sizes: withBias, threads: forward, arrays: [][]float32{w, bias, x, sevens(uint32(len(y)))}, out: 3, want: biased},
			kernelCase{name: c.name, kernel: "conv_input", sizes: s, threads: input, arrays: [][]float32{w, dy, sevens(uint32(len(x)))}, out: 2, want: dx},
			kernelCase{name: c.name + ", added", kernel: "conv_input", sizes: adding, threads: input, arrays: [][]float32{w, dy, sevens(uint32(len(x)))}, out: 2, want: plus7(dx)},
			kernelCase{
				name: c.name, kernel: "conv_weights", sizes: parted, threads: 3 * tiles(int(s.Channels*s.Kernel*s.Kernel), 4) * tiles(int(s.Filters), 8),
				arrays: [][]float32{dy, x, sevens(3 * uint32(len(w)))}, out: 2, want: dw, parts: 3,
			},
			kernelCase{name: c.name, kernel: "bias_sums", sizes: parted, threads: 3 * int(s.Filters), arrays: [][]float32{dy, sevens(3 * s.Filters)}, out: 1, want: db, parts: 3},
		)
		for _, direct := range all[len(all)-6:] {
			if lines, columns := direct.sizes.product(direct.kernel); lines > 0 {
				for i, shape := range tileShapes {
					if i > 0 && c.name != "3×3 in steps of 2" && c.name != "linear" { // what else there is does not depend on the shape
						continue
					}
					tile := direct
					tile.kernel, tile.threads = shape.kernel(direct.kernel), 64*max(1, direct.parts)*shape.tiles(lines, columns)
					all = append(all, tile)
				}
			}
		}
	}
	return all
}

func plus7(values []float64) []float64 {
	more := slices.Clone(values)
	for i := range more {
		more[i] += 7
	}
	return more
}

// normCases are the kernels of batch norm in training, evaluation and on the way back through both; the mean is far from 0.
func normCases() []kernelCase {
	s := sizes{Images: 5, Channels: 3, Height: 3, Width: 7, Parts: 4}
	plane := s.Height * s.Width
	s.Count = s.Images * s.Channels * plane
	x, gamma, beta, dy := draw(s.Count), draw(s.Channels), []float32{1, -2, 0.5}, draw(s.Count + 1)[:s.Count]
	for i := range x {
		x[i] += 30
	}
	c3 := s.Channels
	parts, stats := make([]float64, 2*s.Parts*c3), make([]float64, 3*c3)
	for c := range c3 {
		var all []float64
		for n := range s.Images {
			for p := range plane {
				all = append(all, float64(x[(n*c3+c)*plane+p]))
			}
		}
		mean, squares := momentsOf(all)
		n := float64(len(all))
		stats[c], stats[c3+c], stats[2*c3+c] = mean, 1/math.Sqrt(squares/n+1e-5), squares/(n-1)
		for part := range s.Parts {
			var some []float64
			for j := int(part); j < len(all); j += int(s.Parts) {
				some = append(some, all[j])
			}
			parts[part*2*c3+c], parts[(part*2+1)*c3+c] = momentsOf(some)
		}
	}
	stats32 := narrow(stats)
	normalized := func(i int) (c int, v float64) {
		c = i / int(plane) % int(c3)
		return c, (float64(x[i]) - float64(stats32[c])) * float64(stats32[int(c3)+c])
	}
	y, cut, sums := make([]float64, s.Count), make([]float64, s.Count), make([]float64, 2*c3)
	for i := range y {
		c, v := normalized(i)
		y[i] = float64(gamma[c])*v + float64(beta[c])
		cut[i] = max(y[i], 0)
		if cut[i] > 0 {
			sums[c] += float64(dy[i]) * v
			sums[int(c3)+c] += float64(dy[i])
		}
	}
	sums32 := narrow(sums)
	dx, dxFrozen := make([]float64, s.Count), make([]float64, s.Count)
	m := float64(s.Images * plane)
	for i := range dx {
		c, v := normalized(i)
		d := 0.0
		if cut[i] > 0 {
			d = float64(dy[i])
		}
		scale := float64(gamma[c]) * float64(stats32[int(c3)+c])
		dxFrozen[i] = scale*d + 7
		dx[i] = scale * (d - float64(sums32[int(c3)+c])/m - v*float64(sums32[c])/m)
	}
	running := []float64{1, 2, 3, 1 / math.Sqrt(0.25+1e-5), 1 / math.Sqrt(1+1e-5), 1 / math.Sqrt(9+1e-5), 0.25, 1, 9}
	relu, trained, added := s, s, s
	relu.Relu, trained.Relu, trained.Option, added.Relu, added.Accumulate = 1, 1, 1, 1, 1
	out := sevens(s.Count)
	back := [][]float32{dy, narrow(cut), x, stats32, gamma, sums32[:c3], sums32[c3:], out}
	return []kernelCase{
		{name: "a mean of 30", kernel: "norm_parts", sizes: s, threads: int(s.Parts * c3), arrays: [][]float32{x, sevens(2 * s.Parts * c3)}, out: 1, want: parts},
		{name: "a mean of 30", kernel: "norm_stats", sizes: s, threads: int(c3), arrays: [][]float32{narrow(parts), sevens(3 * c3)}, out: 1, want: stats},
		{name: "running", kernel: "norm_frozen", sizes: s, threads: int(c3), arrays: [][]float32{{1, 2, 3}, {0.25, 1, 9}, sevens(3 * c3)}, out: 2, want: running},
		{name: "alone", kernel: "norm_apply", sizes: s, threads: int(s.Count), arrays: [][]float32{x, stats32, gamma, beta, out}, out: 4, want: y},
		{name: "cut", kernel: "norm_apply", sizes: relu, threads: int(s.Count), arrays: [][]float32{x, stats32, gamma, beta, out}, out: 4, want: cut},
		{name: "cut", kernel: "norm_sums", sizes: relu, threads: int(s.Parts * c3), arrays: [][]float32{dy, narrow(cut), x, stats32, sevens(2 * s.Parts * c3)}, out: 4, want: sums, parts: int(s.Parts)},
		{name: "training", kernel: "norm_back", sizes: trained, threads: int(s.Count), arrays: back, out: 7, want: dx},
		{name: "running, added", kernel: "norm_back", sizes: added, threads: int(s.Count), arrays: back, out: 7, want: dxFrozen},
		{
			name: "from the fourth on", kernel: "sum_parts", sizes: sizes{Count: 2, Parts: 3, Stride: 5, First: 3}, threads: 2,
			arrays: [][]float32{{0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 5, 6}, sevens(2)}, out: 1, want: []float64{9, 12},
		},
	}
}

// momentsOf is the mean, and the sum of squares about it.
func momentsOf(values []float64) (mean, squares float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, squares
}

func narrow(values []float64) []float32 {
	narrowed := make([]float32, len(values))
	for i, v := range values {
		narrowed[i] = float32(v)
	}
	return narrowed
}

// pixelCases are the kernels that work on values one by one, or on small windows.
func pixelCases() []kernelCase {
	const n = 131
	count, cut, added := sizes{Count: n}, sizes{Count: n, Relu: 1}, sizes{Count: n, Relu: 1, Accumulate: 1}
	a, b := draw(n), draw(n + 1)[:n]
	b[5], a[7] = -a[5], float32(math.NaN()) // a sum of 0, and what is not a number
	relu, sum, cutSum, passed := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		relu[i], sum[i] = float64(a[i]), float64(a[i])+float64(b[i])
		cutSum[i] = sum[i]
		if relu[i] < 0 {
			relu[i] = 0
		}
		if sum[i] < 0 {
			cutSum[i] = 0
		}
		if i != 7 && cutSum[i] > 0 {
			passed[i] = float64(b[i])
		}
	}
	y := narrow(cutSum)
	y[7] = 0 // gates by numbers alone
	all := []kernelCase{
		{name: "NaN stays", kernel: "relu", sizes: count, threads: n, arrays: [][]float32{a, sevens(n)}, out: 1, want: relu},
		{name: "two values", kernel: "add", sizes: count, threads: n, arrays: [][]float32{a, b, sevens(n)}, out: 2, want: sum},
		{name: "cut", kernel: "add", sizes: cut, threads: n, arrays: [][]float32{a, b, sevens(n)}, out: 2, want: cutSum},
		{name: "cut", kernel: "pass_back", sizes: cut, threads: n, arrays: [][]float32{b, y, sevens(n)}, out: 2, want: passed},
		{name: "cut, added", kernel: "pass_back", sizes: added, threads: n, arrays: [][]float32{b, y, sevens(n)}, out: 2, want: plus7(passed)},
		{name: "all", kernel: "zero", sizes: count, threads: n, arrays: [][]float32{sevens(n)}, out: 0, want: make([]float64, n)},
	}
	for _, c := range []struct {
		name           string
		kernel, stride uint32
	}{{"2×2", 2, 2}, {"overlapping", 3, 2}, {"with gaps", 1, 3}} {
		all = append(all, poolCases(c.name, c.kernel, c.stride)...)
	}
	const planes, plane = 6, 35
	x, d := draw(planes*plane), draw(planes)
	mean, back := make([]float64, planes), make([]float64, planes*plane)
	for i, v := range x {
		mean[i/plane] += float64(v) / plane
		back[i] = float64(d[i/plane]) / plane
	}
	s := sizes{Count: planes, Height: 5, Width: 7}
	t := sizes{Count: planes * plane, Height: 5, Width: 7, Accumulate: 1}
	return append(all,
		kernelCase{name: "5×7", kernel: "mean", sizes: s, threads: planes, arrays: [][]float32{x, sevens(planes)}, out: 1, want: mean},
		kernelCase{name: "5×7, added", kernel: "mean_back", sizes: t, threads: planes * plane, arrays: [][]float32{d, sevens(planes * plane)}, out: 1, want: plus7(back)})
}

// poolCases have equal values, of which the first is to have the gradient.
func poolCases(name string, kernel, stride uint32) []kernelCase {
	const planes, height, width = 3, 8, 11
	rows, columns := (height-kernel)/stride+1, (width-kernel)/stride+1
	x := draw(planes * height * width)
	for i := range x {
		x[i] = float32(math.Round(float64(x[i])))
	}
	outs := planes * rows * columns
	dy, y, dx := draw(outs), make([]float64, outs), make([]float64, len(x))
	for j := range outs {
		corner := j/(rows*columns)*height*width + j/columns%rows*stride*width + j%columns*stride
		best := corner
		for a := range kernel {
			for b := range kernel {
				if at := corner + a*width + b; x[at] > x[best] {
					best = at
				}
			}
		}
		y[j] = float64(x[best])
		dx[best] += float64(dy[j])
	}
	s := sizes{Images: 1, Channels: planes, Height: height, Width: width, Rows: rows, Columns: columns, Kernel: kernel, Stride: stride, Count: outs}
	back := s
	back.Count, back.Accumulate = planes*height*width, 1
	return []kernelCase{
		{name: name, kernel: "pool", sizes: s, threads: int(outs), arrays: [][]float32{x, sevens(outs)}, out: 1, want: y},
		{name: name + ", added", kernel: "pool_back", sizes: back, threads: len(x), arrays: [][]float32{dy, x, sevens(uint32(len(x)))}, out: 2, want: plus7(dx)},
	}
}

// lossCases have logits that would overflow without their maximum taken off, and an image whose logits are equal.
func lossCases() []kernelCase {
	const images, classes = 5, 7
	logits := draw(images * classes)
	logits[3], logits[4] = 200, 190
	clear(logits[2*classes : 3*classes])
	labels := []int{3, 1, 0, 6, 2}
	bits, rows, slope := make([]float32, images), make([]float64, 2*images), make([]float64, images*classes)
	for n, label := range labels {
		bits[n] = math.Float32frombits(uint32(label))
		z := logits[n*classes:][:classes]
		best, sum := 0, 0.0
		for c, v := range z {
			if v > z[best] {
				best = c
			}
			sum += math.Exp(float64(v))
		}
		rows[2*n] = math.Log(sum) - float64(z[label])
		if best == label {
			rows[2*n+1] = 1
		}
		for c, v := range z {
			slope[n*classes+c] = math.Exp(float64(v)) / sum / images
		}
		slope[n*classes+label] -= 1.0 / images
	}
	s := sizes{Images: images, Channels: classes}
	arrays := [][]float32{logits, bits, sevens(2 * images), sevens(images * classes)}
	return []kernelCase{
		{name: "losses", kernel: "loss", sizes: s, threads: images, arrays: arrays, out: 2, want: rows},
		{name: "gradient", kernel: "loss", sizes: s, threads: images, arrays: arrays, out: 3, want: slope},
	}
}

// A logit that is not finite is told by the kernel, and a maximum is not a number where one of its values is not, wherever in the window it lies.
func TestWhatIsNotFiniteIsTold(t *testing.T) {
	e := anyEngine(t)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	logits := []float32{1, inf, 2, nan, 1, 2, 1, 2, -inf, 1, 2, 3}
	rows := runAlone(t, e, kernelCase{kernel: "loss", sizes: sizes{Images: 4, Channels: 3}, threads: 4, arrays: [][]float32{logits, make([]float32, 4), sevens(8), sevens(12)}, out: 2})
	for n, want := range []float64{2, 2, 2, 0} {
		if got := rows[2*n+1]; got != want {
			t.Errorf("image %d with logits %v: %v, expected %v", n, logits[3*n:3*n+3], got, want)
		}
	}
	for place := range 4 {
		x := []float32{1, 3, 2, 4}
		x[place] = nan
		s := sizes{Images: 1, Channels: 1, Height: 2, Width: 2, Rows: 1, Columns: 1, Kernel: 2, Stride: 2, Count: 1}
		if y := runAlone(t, e, kernelCase{kernel: "pool", sizes: s, threads: 1, arrays: [][]float32{x, sevens(1)}, out: 1}); !math.IsNaN(y[0]) {
			t.Errorf("the maximum of %v is %v", x, y[0])
		}
	}
}
