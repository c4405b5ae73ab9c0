package cpu

// convBack is the way back through a convolution: the gradients of its input, its weights and its bias.
//
// The gradient of the input is a convolution of that of the output. Pixel h of the input is seen by the outputs (h+padding−r)/stride, for the rows r of the
// kernel for which this is whole: r = (h+padding) mod stride, plus any number of strides. So the pixels fall into stride² phases, each with a
// part of the taps, and within a phase the gradient is read in windows as the input is on the way forward.
type convBack[T Float] struct {
	*conv[T]
	dOut, dIn *planes[T] // dIn is nil where nobody wants it
	add       bool       // add to what dIn holds
	dWeight   span
	dBias     span                                        // empty without bias
	before    func(w *worker[T], unit, first, images int) // makes dOut; may be nil
	phases    []phase[T]
	blank     bool // some pixels of the input are seen by no output
	blocks    []block
	each      int // images of a unit of dIn
	biases    []T // for each unit, the sum of dOut over its images
	sums      weightSums[T]
}

// phase is a set of input pixels that are seen through the same taps.
type phase[T Float] struct {
	rows, cols []int // taps, in the order of the windows: descending
	from, to   []int
	taps       []int
	length     int
	chunks     []chunk // of the taps
	packed     []T
}

// dOutBorder is the border that the gradient of a convolution's output needs.
func dOutBorder(kernel, stride, padding, in, out int) int {
	reach := (kernel-1)/stride - padding/stride // outputs before the first
	last := (in-1+padding)/stride - (out - 1)   // and behind the last
	return max(0, reach, last)
}

func newConvBack[T Float](c *conv[T], dOut, dIn *planes[T], add bool, dWeight, dBias span) *convBack[T] {
	b := &convBack[T]{conv: c, dOut: dOut, dIn: dIn, add: add, dWeight: dWeight, dBias: dBias}
	b.each = unitOf(c.in.shape.H*c.in.shape.W, c.p.kernels.pixels, tilesPerUnit(len(c.weight)))
	b.sums.c, b.sums.dOut = c, dOut
	b.sums.layout()
	if dIn == nil {
		b.each = c.each
		return b
	}
	b.blocks = blocksOf(dIn.channels, c.p.kernels)
	for r := range c.stride {
		for t := range c.stride {
			b.addPhase(r, t)
		}
	}
	return b
}

// addPhase lists the pixels (h, w) with (h+padding) mod stride = r and (w+padding) mod stride = t.
func (b *convBack[T]) addPhase(r, t int) {
	f := phase[T]{rows: tapsOf(r, b.kernel, b.stride), cols: tapsOf(t, b.kernel, b.stride)}
	if len(f.rows) == 0 || len(f.cols) == 0 {
		b.blank = true
		return
	}
	shift := b.dOut.border
	for m := range b.each {
		for h := range b.dIn.shape.H {
			for w := range b.dIn.shape.W {
				if (h+b.padding)%b.stride != r || (w+b.padding)%b.stride != t {
					continue
				}
				top, left := (h+b.padding)/b.stride-(len(f.rows)-1), (w+b.padding)/b.stride-(len(f.cols)-1)
				f.from = append(f.from, b.dOut.pixel(m, top+shift, left+shift))
				f.to = append(f.to, b.dIn.pixel(m, h, w))
			}
		}
	}
	if len(f.from) == 0 {
		return
	}
	across := len(f.cols)
	f.length = b.dOut.shape.C
	if b.dOut.channels == b.dOut.shape.C {
		f.length, across = len(f.cols)*b.dOut.shape.C, 1
	}
	for i := range f.rows {
		for j := range across {
			f.taps = append(f.taps, b.dOut.pixel(0, i, j))
		}
	}
	f.chunks = cut(f.taps, f.length)
	f.packed = make([]T, len(f.taps)*f.length*b.dIn.channels)
	b.phases = append(b.phases, f)
}

// tapsOf lists first, first+stride, … below kernel, the last one first: it meets the output with the lowest index.
func tapsOf(first, kernel, stride int) []int {
	var taps []int
	for r := first; r < kernel; r += stride {
		taps = append([]int{r}, taps...)
	}
	return taps
}

func (b *convBack[T]) packSteps() []step[T] {
	if b.dIn == nil {
		return nil
	}
	return []step[T]{{units: func(int) int { return len(b.blocks) }, do: b.packBlock}}
}

// packBlock writes the weights [O][C][kernel][kernel] of a block of input channels as [taps of the phase][O][width].
func (b *convBack[T]) packBlock(w *worker[T], unit int) {
	k := b.blocks[unit]
	outputs, inputs, area := b.out.shape.C, b.in.shape.C, b.kernel*b.kernel
	valid := min(k.width, inputs-k.start)
	raw := w.room(k.width * area)
	clear(raw)
	for o := range outputs {
		w.kernels.transpose(raw, b.weight[(o*inputs+k.start)*area:], valid, area, k.width, area)
		for i := range b.phases {
			f := &b.phases[i]
			into := f.packed[k.start*len(f.taps)*f.length:]
			for i, r := range f.rows {
				for j, t := range f.cols {
					copy(into[((i*len(f.cols)+j)*outputs+o)*k.width:][:k.width], raw[(r*b.kernel+t)*k.width:])
				}
			}
		}
	}
}

// backwardSteps computes dOut, by way of before, and dIn from it; then the weights' gradients.
func (b *convBack[T]) backwardSteps() []step[T] {
	each := b.each
	steps := []step[T]{{units: units(each), do: func(w *worker[T], unit int) {
		first, images := b.p.span(unit, each)
		if b.before != nil {
			b.before(w, unit, first, images)
		}
		if b.dBias.n > 0 {
			sum := b.biases[unit*b.dOut.channels:][:b.dOut.channels]
			clear(sum)
			w.sheets(w.kernels.sums, nil, b.dOut, nil, first, images, sheet[T]{a: sum})
		}
		if b.dIn != nil {
			b.inputGradient(w, first, images)
		}
	}}}
	steps = append(steps, b.sums.steps(b.dWeight)...)
	if b.dBias.n > 0 {
		steps = append(steps, step[T]{units: func(int) int { return 1 }, do: func(*worker[T], int) { b.sumBias() }})
	}
	return steps
}

func (b *convBack[T]) inputGradient(w *worker[T], first, images int) {
	if b.blank && !b.add {
		b.dIn.clear(first, images)
	}
	for _, k := range b.blocks {
		for i := range b.phases {
			f := &b.phases[i]
			n := len(f.from) / b.each * images
			for i, part := range f.chunks {
				w.tile = tile[T]{
					in: b.dOut.before(first), out: b.dIn.at(first)[k.start:], weight: f.packed[k.start*len(f.taps)*f.length+part.start*k.width:], init: w.none,
					taps: part.taps, length: part.length, width: k.width, add: b.add || i > 0,
				}
				w.tiles(f.from[:n], f.to[:n])
			}
		}
	}
}

// reserve makes room for the units of a batch.
func (b *convBack[T]) reserve(images int) {
	if need := units(b.each)(images) * b.dOut.channels; b.dBias.n > 0 && len(b.biases) < need {
		b.biases = make([]T, need)
	}
}

// sumBias adds up the sums of the units, in their order.
func (b *convBack[T]) sumBias() {
	n := units(b.each)(b.p.batch.images)
	dBias := b.p.slope(b.dBias)
	for o := range dBias {
		sum := 0.0
		for u := range n {
			sum += float64(b.biases[u*b.dOut.channels+o])
		}
		dBias[o] = T(sum)
	}
}
