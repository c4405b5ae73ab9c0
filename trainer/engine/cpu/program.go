package cpu

// step is a part of a pass over the network that falls into units which may be computed side by side in any order: no two units write
// the same memory, and no sum crosses units. So a result does not depend on who computes which unit.
type step[T Float] struct {
	units func(images int) int
	do    func(w *worker[T], unit int)
}

// program is a network laid out in memory: its values, and the steps that compute them.
type program[T Float] struct {
	kernels  *kernels[T]
	input    *input[T]
	logits   *planes[T]
	dLogits  *planes[T] // nil in a program that only evaluates
	all      []*planes[T]
	reserves []func(images int)
	ones     []T // as long as an image, and as the widest value has channels
	zeros    []T
	dead     []span // parameters that the loss does not depend on
	capacity int
	batch    batch // of the running pass
	grad     []T   // where the running pass writes the gradient of the parameters

	pack     []step[T] // brings the parameters into the order of the kernels
	forward  []step[T]
	backward []step[T]
}

// batch says what a pass is about.
type batch struct {
	images  int
	frozen  bool // batch norm takes its running statistics
	workers int
}

// begin makes room for a pass over a batch.
func (p *program[T]) begin(b batch) {
	if b.images > p.capacity {
		for _, v := range p.all {
			v.reserve(b.images)
		}
		for _, reserve := range p.reserves {
			reserve(b.images)
		}
		p.capacity = b.images
	}
	p.batch = b
}

// units cuts a batch into runs of each images.
func units(each int) func(images int) int {
	return func(images int) int { return (images + each - 1) / each }
}

// span gives the images of a unit.
func (p *program[T]) span(unit, each int) (first, images int) {
	first = unit * each
	return first, min(each, p.batch.images-first)
}

// perUnit chooses how many images of the given number of pixels make a unit: few enough to share out, and enough for some tiles,
// if possible without a rest.
func perUnit(pixels, tile int) int { return unitOf(pixels, tile, 5) }

// unitOf is perUnit for a given number of tiles.
func unitOf(pixels, tile, tiles int) int {
	if pixels == 1 {
		return 2 * tile
	}
	least := (tiles*tile + pixels - 1) / pixels
	for m := least; m < 2*least+2; m++ {
		if m*pixels%tile == 0 {
			return m
		}
	}
	return least
}

// span is a run of the parameters, or of their gradient.
type span struct{ at, n int }

// slope is the gradient of some parameters.
func (p *program[T]) slope(s span) []T { return p.grad[s.at : s.at+s.n] }
