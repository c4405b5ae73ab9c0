package cpu

import "smoothscape/trainer/engine"

// conv is a convolution, or a linear layer, which is one of kernel 1 on images of one pixel. It is computed as a matrix product whose
// left rows are the windows, read where they lie: see tile.
type conv[T Float] struct {
	p                       *program[T]
	kernel, stride, padding int
	in, out                 *planes[T]
	weight, bias            []T // [O][C][kernel][kernel] and [O]; bias may be nil
	relu                    bool
	add                     bool     // to what out holds
	fold                    *norm[T] // batch norm to be folded into the weights, in a program that only evaluates; may be nil
	after                   func(w *worker[T], unit, first, images int)
	each                    int     // images of a unit
	blocks                  []block // of output channels
	packed                  []T     // weights in the order of the tiles, block after block
	init                    []T     // bias, padded
	from, to                []int   // of the windows and outputs of a unit
	taps                    []int
	length                  int
	chunks                  []chunk // of the taps
}

// block is a run of channels that one tile computes.
type block struct{ start, width int }

func newConv[T Float](p *program[T], spec engine.Layer, in, out *planes[T], weight, bias []T) *conv[T] {
	c := &conv[T]{p: p, kernel: 1, stride: 1, in: in, out: out, weight: weight, bias: bias}
	if spec.Kind == engine.Conv {
		c.kernel, c.stride, c.padding = spec.Kernel, spec.Stride, spec.Padding
	}
	k := p.kernels
	c.each = unitOf(out.shape.H*out.shape.W, k.pixels, tilesPerUnit(len(weight)))
	c.blocks = blocksOf(out.channels, k)
	c.init = make([]T, out.channels)
	c.window()
	c.chunks = cut(c.taps, c.length)
	c.packed = make([]T, len(c.taps)*c.length*out.channels)
	for m := range c.each {
		for h := range out.shape.H {
			for w := range out.shape.W {
				shift := in.border - c.padding
				c.from = append(c.from, in.pixel(m, h*c.stride+shift, w*c.stride+shift))
				c.to = append(c.to, out.pixel(m, h, w))
			}
		}
	}
	return c
}

// window lists the runs of values that a window consists of: a row of it is one run if no padding lies between the channels of
// its pixels.
func (c *conv[T]) window() {
	across := c.kernel
	c.length = c.in.shape.C
	if c.in.channels == c.in.shape.C {
		c.length, across = c.kernel*c.in.shape.C, 1
	}
	for r := range c.kernel {
		for t := range across {
			c.taps = append(c.taps, c.in.pixel(0, r, t))
		}
	}
}

// tilesPerUnit is how many tiles make a unit: more where the weights, which each unit reads once, come from far away.
func tilesPerUnit(weights int) int {
	if weights > 1<<18 {
		return 16
	}
	return 5
}

// chunk is a part of the sum of a tile, whose weights stay in the second-level cache while all tiles of a unit pass over them.
type chunk struct {
	taps          []int
	length, start int // values of each tap, and in all before it
}

// cut parts a sum that is too long for the cache.
func cut(taps []int, length int) []chunk {
	const most, fits = 768, 2400 // values: 96 KB and 300 KB of weights on the widest path
	if len(taps)*length <= fits {
		return []chunk{{taps, length, 0}}
	}
	var chunks []chunk
	pieces := (length + most - 1) / most
	for i, tap := range taps {
		for p := range pieces {
			from, to := p*length/pieces, (p+1)*length/pieces
			chunks = append(chunks, chunk{[]int{tap + from}, to - from, i*length + from})
		}
	}
	return chunks
}

// blocksOf cuts padded channels into blocks, the widest first.
func blocksOf[T Float](channels int, k *kernels[T]) []block {
	var blocks []block
	for start := 0; start < channels; {
		width := widest(k.tileWidths, channels-start)
		blocks = append(blocks, block{start, width})
		start += width
	}
	return blocks
}

// packSteps brings weights and bias into the order of the tiles.
func (c *conv[T]) packSteps() []step[T] {
	return []step[T]{{units: func(int) int { return len(c.blocks) }, do: c.packBlock}}
}

// packBlock writes [C][kernel][kernel] of each output channel of a block as [kernel][kernel][C][width].
func (c *conv[T]) packBlock(w *worker[T], unit int) {
	b := c.blocks[unit]
	inputs, area := c.in.shape.C, c.kernel*c.kernel
	steps := inputs * area
	valid := min(b.width, c.out.shape.C-b.start)
	into := c.packed[b.start*steps:][:b.width*steps]
	if valid < b.width {
		clear(into)
	}
	raw := into
	if area > 1 {
		raw = w.room(b.width * steps)
	}
	w.kernels.transpose(raw, c.weight[b.start*steps:], valid, steps, b.width, steps)
	if area > 1 {
		for i := range inputs {
			for t := range area {
				copy(into[(t*inputs+i)*b.width:][:valid], raw[(i*area+t)*b.width:])
			}
		}
	}
	for v := range valid {
		c.init[b.start+v] = 0
		if c.bias != nil {
			c.init[b.start+v] = c.bias[b.start+v]
		}
	}
	if c.fold != nil {
		scale, shift := c.fold.scale[b.start:][:b.width], c.fold.shift[b.start:][:b.width]
		for s := range steps {
			row := into[s*b.width:][:b.width]
			for v := range row {
				row[v] *= scale[v]
			}
		}
		for v := range valid {
			c.init[b.start+v] = c.init[b.start+v]*scale[v] + shift[v]
		}
	}
}

func (c *conv[T]) forwardSteps() []step[T] {
	return []step[T]{{units: units(c.each), do: func(w *worker[T], unit int) {
		first, images := c.p.span(unit, c.each)
		for _, b := range c.blocks {
			n := images * c.out.shape.H * c.out.shape.W
			for i, part := range c.chunks {
				w.tile = tile[T]{
					in: c.in.before(first), out: c.out.at(first)[b.start:], weight: c.packed[b.start*len(c.taps)*c.length+part.start*b.width:], init: c.init[b.start:],
					taps: part.taps, length: part.length, width: b.width, add: c.add || i > 0, relu: c.relu && i == len(c.chunks)-1,
				}
				if i > 0 {
					w.tile.init = w.none
				}
				w.tiles(c.from[:n], c.to[:n])
			}
		}
		if c.after != nil {
			c.after(w, unit, first, images)
		}
	}}}
}
