package cpu

// weightSums computes the gradient of a convolution's weights: the sum over all outputs of their gradient times their window,
//
//	dWeight[o][c][r][t] = Σ over images and outputs (h, w) of dOut[h][w][o] · in[h·stride+r][w·stride+t][c],
//
// as outer products of depth channels of the output with a run of values of a row of the window. Each cell of the sum belongs to one
// unit, which adds up the images in their order.
type weightSums[T Float] struct {
	c      *conv[T]
	dOut   *planes[T]
	runs   []run
	across int // values of a row of a window, padded
	ld     int // values of all rows of a window
	group  int // images that are taken through all cells before the next ones are touched
	cells  []T // [O, padded][row of the window][across]
	direct int // output channels whose cells are those of the gradient itself
}

// run is a part of a row of the window.
type run struct{ row, start, width int }

func (s *weightSums[T]) layout() {
	k, in := s.c.p.kernels, s.c.in
	s.across = roundUp(s.c.kernel*in.channels, k.lanes)
	if s.c.kernel == 1 {
		s.across = roundUp(in.shape.C, k.lanes)
	}
	s.ld = s.c.kernel * s.across
	for r := range s.c.kernel {
		for start := 0; start < s.across; {
			width := widest(k.outerWidths, s.across-start)
			s.runs = append(s.runs, run{r, start, width})
			start += width
		}
	}
	// A group's inputs and gradients should stay in the second-level cache while all cells pass over them, but each cell must find
	// enough pixels to be worth its loading.
	const cache, least = 1 << 18, 512 // values; pixels
	pixels := s.dOut.shape.H * s.dOut.shape.W
	s.group = max(1, cache/(in.image+s.dOut.image), least/pixels)
	if pixels == 1 {
		s.group = 1 << 30
	}
	s.cells = make([]T, s.dOut.channels*s.ld)
	if s.c.kernel == 1 && in.shape.C == s.ld {
		s.direct = s.dOut.shape.C / k.depth * k.depth
	}
}

func (s *weightSums[T]) steps(dWeight span) []step[T] {
	depth := s.c.p.kernels.depth
	deep := (s.dOut.shape.C + depth - 1) / depth
	parts := func(int) int { return min(s.c.p.batch.workers, len(s.runs)*deep) }
	return []step[T]{
		{units: parts, do: func(w *worker[T], part int) {
			all, of := len(s.runs)*deep, parts(0)
			s.sum(w, s.c.p.slope(dWeight), part*all/of, (part+1)*all/of, deep)
		}},
		{units: func(int) int { return s.dOut.shape.C - s.direct }, do: func(_ *worker[T], o int) { s.unpack(s.c.p.slope(dWeight), s.direct+o) }},
	}
}

// sum computes the cells from … to−1, counted depth by depth within a run.
func (s *weightSums[T]) sum(w *worker[T], dWeight []T, from, to, deep int) {
	c, depth := s.c, s.c.p.kernels.depth
	place := func(i int) []T {
		r, o := s.runs[i/deep], i%deep*depth
		if o < s.direct {
			return dWeight[o*s.ld+r.start:]
		}
		return s.cells[o*s.ld+r.row*s.across+r.start:]
	}
	for i := from; i < to; i++ {
		cells := place(i)
		for d := range depth {
			clear(cells[d*s.ld:][:s.runs[i/deep].width])
		}
	}
	images := c.p.batch.images
	shift := c.in.border - c.padding
	for first := 0; first < images; first += s.group {
		for i := from; i < to; i++ {
			r, o := s.runs[i/deep], i%deep*depth
			w.outer = outer[T]{
				dst: place(i), ld: s.ld, width: r.width,
				s: s.dOut.at(first)[o:], sImage: s.dOut.image, sRow: s.dOut.row, sPixel: s.dOut.channels,
				x: c.in.before(first)[c.in.pixel(0, shift+r.row, shift)+r.start:], xImage: c.in.image, xRow: c.stride * c.in.row, xPixel: c.stride * c.in.channels,
				images: min(s.group, images-first), rows: s.dOut.shape.H, pixels: s.dOut.shape.W,
			}
			if o := &w.outer; o.rows == 1 && o.pixels == 1 { // one long loop instead of many short ones
				o.images, o.pixels, o.sPixel, o.xPixel = 1, o.images, o.sImage, o.xImage
			}
			w.kernels.outer(&w.outer)
		}
	}
}

// unpack writes the sums of output channel o in the order of the parameters.
func (s *weightSums[T]) unpack(dWeight []T, o int) {
	kernel, inputs := s.c.kernel, s.c.in.shape.C
	into := dWeight[o*inputs*kernel*kernel:][:inputs*kernel*kernel]
	for r := range kernel {
		for t := range kernel {
			from := s.cells[o*s.ld+r*s.across+t*s.c.in.channels:][:inputs]
			if kernel == 1 {
				copy(into, from)
				continue
			}
			for i, v := range from {
				into[(i*kernel+r)*kernel+t] = v
			}
		}
	}
}
