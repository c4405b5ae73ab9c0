package cpu

// worker is the memory of one goroutine at work: operands of the kernels, which would otherwise be allocated at each call, and
// scratch.
type worker[T Float] struct {
	kernels *kernels[T]
	tile    tile[T]
	outer   outer[T]
	sheet   sheet[T]
	pool    pool[T]
	rest    []T   // the last tile of a unit, which may hold fewer pixels than a tile
	from    []int // its pixels, the last one repeated
	to      []int // their places in rest
	scratch []T   // packing
	none    []T   // zeros, a tile wide
}

func newWorker[T Float](k *kernels[T]) *worker[T] {
	width := k.tileWidths[0]
	w := &worker[T]{kernels: k, rest: make([]T, k.pixels*width), from: make([]int, k.pixels), to: make([]int, k.pixels), none: make([]T, width)}
	for i := range w.to {
		w.to[i] = i * width
	}
	return w
}

// tiles computes w.tile for all pixels: whole tiles in place, and what is left by way of a buffer.
func (w *worker[T]) tiles(from, to []int) {
	whole := len(from) / w.kernels.pixels * w.kernels.pixels
	if whole > 0 {
		w.tile.from, w.tile.to = from[:whole], to[:whole]
		w.kernels.tile(&w.tile)
	}
	from, to = from[whole:], to[whole:]
	if len(from) == 0 {
		return
	}
	for i := range w.from {
		w.from[i] = from[min(i, len(from)-1)]
	}
	out, add, relu := w.tile.out, w.tile.add, w.tile.relu
	w.tile.out, w.tile.from, w.tile.to, w.tile.add, w.tile.relu = w.rest, w.from, w.to, false, false
	w.kernels.tile(&w.tile)
	for i, at := range to {
		sum, into := w.rest[w.to[i]:][:w.tile.width], out[at:][:w.tile.width]
		for v, x := range sum {
			if add {
				x += into[v]
			}
			if relu {
				x = max(x, 0)
			}
			into[v] = x
		}
	}
}

// room is scratch of n values, of any content.
func (w *worker[T]) room(n int) []T {
	if len(w.scratch) < n {
		w.scratch = make([]T, n)
	}
	return w.scratch[:n]
}

// sheets calls kernel once for each image of a run of images, or once for all if an image is one pixel. y, x and z (each may be nil) lie as their planes say;
// the rest of the sheet is the caller's.
func (w *worker[T]) sheets(kernel func(*sheet[T]), y, x, z *planes[T], first, images int, s sheet[T]) {
	w.sheet = s
	shape := firstOf(y, x, z).shape
	w.sheet.channels, w.sheet.rows, w.sheet.pixels = firstOf(y, x, z).channels, shape.H, shape.W
	single := shape.H == 1 && shape.W == 1
	calls := images
	if single {
		w.sheet.rows, calls = images, 1
	}
	step := func(p *planes[T]) int {
		if single {
			return p.image
		}
		return p.row
	}
	for m := first; m < first+calls; m++ {
		if y != nil {
			w.sheet.y, w.sheet.yRow = y.at(m), step(y)
		}
		if x != nil {
			w.sheet.x, w.sheet.xRow = x.at(m), step(x)
		}
		if z != nil {
			w.sheet.z, w.sheet.zRow = z.at(m), step(z)
		}
		kernel(&w.sheet)
	}
}

func firstOf[T Float](all ...*planes[T]) *planes[T] {
	for _, p := range all {
		if p != nil {
			return p
		}
	}
	return nil
}
