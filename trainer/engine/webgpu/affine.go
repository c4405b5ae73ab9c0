package webgpu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"smoothscape/trainer/engine"
)

// laid is an affine set and images that stay on the device, and the work of evaluating a place of it. It has memory of its own for all that this
// takes, so that neither EvalAt nor the model's other calls disturb each other.
//
// Whose turn it is stands on the device, and the same dispatches serve one place after the other: a block of places is the work of one place many times, its
// factors written before and its losses read after it.
type laid struct {
	engine *Engine
	layout layout // of the parameters
	set    engine.AffineSet

	greatest [1 + engine.MaxDirections]float64 // |value| of the center and of each direction, NaN if one is not finite
	doubts   []float64                         // of each image: 0, or NaN if a value is not finite

	vectors               [1 + engine.MaxDirections]memory // center and directions, laid out as the parameters
	parameters            memory                           // of the place
	running, moments      memory
	batches               []batch
	slots                 []memory // of all passes
	factors, place, kept  memory
	owned                 []memory // all of these
	passes                map[int]*pass
	around                *pass    // what is done before and after each pass
	work                  sequence // of a place
	placeFlops            int64
	most                  int // places in a block, at most
	block                 int // in the next one
	atOnce                int64
	bytes                 []byte
	images, imagesInBatch int
}

// batch is a piece of the images.
type batch struct {
	x, y  memory
	first int // of its images
	n     int
}

const (
	// batchImages is how many images go through the network at once where nothing else decides.
	batchImages = 128
	// mostPlaces and mostKept (bytes) bound a block.
	mostPlaces = 64
	mostKept   = 16 << 20
	// blockTime is how long a block is to take: some of Windows' and macOS's watchdogs end what keeps a device for a second or two, a stop waits for it, and
	// what is done once a block takes a hundredth of it.
	blockTime = 250 * time.Millisecond
)

// Lay implements engine.AffineModel.
func (m *model) Lay(set engine.AffineSet, x []float32, y []int, recompute bool) error {
	if err := errors.Join(set.Check(m.spec), engine.CheckBatch(m.spec, len(x), y)); err != nil {
		return err
	}
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	m.laid.release()
	m.laid = nil
	l := &laid{engine: m.engine, layout: m.weights, set: set, images: len(y), block: 1, atOnce: mostFlopsAtOnce, passes: map[int]*pass{}}
	if err := l.lay(m, x, y, recompute && m.spec.HasBatchNorm()); err != nil {
		l.release()
		return fmt.Errorf("laying a plane and %d images on the device: %w", len(y), err)
	}
	m.laid = l
	return nil
}

// Turn implements engine.AffineModel.
func (m *model) Turn(k int, direction []float32) error {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	if m.laid == nil {
		return engine.AffineSet{}.CheckPlaces(1, 1)
	}
	if err := m.laid.set.CheckTurn(k, direction); err != nil {
		return err
	}
	m.laid.set.Directions[k] = direction
	return m.laid.put(1+k, direction)
}

// EvalAt implements engine.AffineModel.
func (m *model) EvalAt(places []engine.Place, out []engine.Metrics) (int, error) {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	set := engine.AffineSet{}
	if m.laid != nil {
		set = m.laid.set
	}
	if err := set.CheckPlaces(len(places), len(out)); err != nil {
		return 0, err
	}
	return m.laid.eval(places, out)
}

// lay plans everything before it allocates any of it.
func (l *laid) lay(m *model, x []float32, y []int, recompute bool) error {
	plans, err := l.plan(m.spec, recompute)
	if err != nil {
		return err
	}
	each := len(x) / len(y)
	var slots []int64
	for _, p := range plans {
		for i, bytes := range p.slots {
			if i == len(slots) {
				slots = append(slots, 0)
			}
			slots[i] = max(slots[i], bytes)
		}
	}
	perPlace := 8 * int64(l.images)
	l.most = int(max(1, min(mostPlaces, mostKept/perPlace)))
	if room := l.engine.adapter.Limits; perPlace*int64(l.most) > room.MaxBinding {
		return fmt.Errorf("%w: the losses of %d images take %s, expected at most %s in one array; choose fewer images", ErrMemory, l.images, amount(perPlace), amount(room.MaxBinding))
	}
	for i := range l.set.Directions {
		l.allocate(&l.vectors[1+i], l.layout.bytes, &err)
	}
	l.allocate(&l.vectors[0], l.layout.bytes, &err)
	l.allocate(&l.parameters, l.layout.bytes, &err)
	l.allocate(&l.running, m.running.bytes, &err)
	l.allocate(&l.moments, m.moments.bytes, &err)
	l.allocate(&l.factors, int64(4*engine.MaxDirections*l.most), &err)
	l.allocate(&l.place, 4, &err)
	l.allocate(&l.kept, perPlace*int64(l.most), &err)
	l.slots = make([]memory, len(slots))
	for i, bytes := range slots {
		l.allocate(&l.slots[i], bytes, &err)
	}
	for first := 0; first < l.images; first += l.imagesInBatch {
		b := batch{first: first, n: min(l.imagesInBatch, l.images-first)}
		l.allocate(&b.x, int64(4*each*b.n), &err)
		l.allocate(&b.y, int64(4*b.n), &err)
		l.batches = append(l.batches, b)
	}
	if err != nil {
		return err
	}
	for _, p := range plans {
		if l.passes[p.images], err = bind(l.engine, p, l.at); err != nil {
			delete(l.passes, p.images)
			return err
		}
	}
	if err := l.chain(); err != nil {
		return err
	}
	return l.fill(m, x, y, each)
}

// plan compiles the passes: one for whole batches, one for the rest. Batches are halved until the device can hold one; statistics of all images need them in one.
func (l *laid) plan(spec engine.Spec, recompute bool) ([]*plan, error) {
	mode, limits := evaluation, l.engine.adapter.Limits
	l.imagesInBatch = min(batchImages, l.images)
	if recompute {
		mode, l.imagesInBatch = renormed, l.images
	}
	for {
		whole, err := compile(spec, l.imagesInBatch, mode, limits)
		switch {
		case errors.Is(err, ErrMemory) && !recompute && l.imagesInBatch > 1:
			l.imagesInBatch /= 2
			continue
		case errors.Is(err, ErrMemory) && recompute:
			return nil, fmt.Errorf("%w (statistics that are recomputed need all images at once: choose fewer, or the stored ones)", err)
		case err != nil:
			return nil, err
		}
		rest := l.images % l.imagesInBatch
		if rest == 0 {
			return []*plan{whole}, nil
		}
		p, err := compile(spec, rest, mode, limits)
		return []*plan{whole, p}, err
	}
}

// allocate makes memory that release gives back, unless something went wrong before.
func (l *laid) allocate(to *memory, bytes int64, err *error) {
	limits := l.engine.adapter.Limits
	if *err != nil {
		return
	}
	if bytes > limits.MaxBuffer {
		*err = fmt.Errorf("%w: a piece of %s, expected at most %s on this device; choose a smaller network or fewer images", ErrMemory, amount(bytes), amount(limits.MaxBuffer))
		return
	}
	if *to, *err = l.engine.device.allocate(bytes); *err == nil {
		l.owned = append(l.owned, *to)
	}
}

// at is where the array of a pass lies.
func (l *laid) at(a array) span {
	switch a.place {
	case parameters:
		return span{l.parameters, a.offset, a.bytes()}
	case running:
		return span{l.running, a.offset, a.bytes()}
	case moments:
		return span{l.moments, a.offset, a.bytes()}
	}
	return span{l.slots[a.slot], 0, a.bytes()}
}

// chain puts the work of a place together: its parameters, range by range; of each batch the images, the labels, the pass, and what it gave; the next turn.
func (l *laid) chain() error {
	limits := l.engine.adapter.Limits
	var f frame
	turn := span{l.place, 0, 4}
	most := min(limits.MaxBinding, limits.MaxBuffer) / limits.Alignment * limits.Alignment
	for from := int64(0); from < l.layout.bytes; from += most {
		bytes := min(most, l.layout.bytes-from)
		on := make([]span, 0, 7)
		for _, v := range l.vectors {
			if v == nil {
				v = l.vectors[0]
			}
			on = append(on, span{v, from, bytes})
		}
		on = append(on, span{l.factors, 0, int64(4 * engine.MaxDirections * l.most)}, turn, span{l.parameters, from, bytes})
		f.add("combine", sizes{Count: uint32(bytes / 4)}, int(bytes/4), on...)
	}
	begin := len(f.steps)
	for _, b := range l.batches {
		p := l.passes[b.n]
		for _, copied := range []struct {
			from memory
			to   array
		}{{b.x, p.arrays[p.batch]}, {b.y, p.arrays[p.labels]}} {
			f.add("fetch", sizes{Count: uint32(copied.to.values)}, copied.to.values, span{copied.from, 0, copied.to.bytes()}, l.at(copied.to))
		}
		f.add("keep", sizes{Count: uint32(2 * b.n), First: uint32(2 * b.first), Stride: uint32(2 * l.images)}, 2*b.n,
			l.at(p.arrays[p.rows]), turn, span{l.kept, 0, int64(8 * l.images * l.most)})
	}
	f.add("advance", sizes{Count: 1}, 1, turn)
	var err error
	if l.around, err = bind(l.engine, &f.plan, func(a array) span { return f.spans[a.slot] }); err != nil {
		return err
	}
	l.work.add(l.around, 0, begin)
	for i, b := range l.batches {
		l.work.add(l.around, begin+3*i, begin+3*i+2)
		l.work.add(l.passes[b.n], 0, len(l.passes[b.n].work))
		l.work.add(l.around, begin+3*i+2, begin+3*i+3)
	}
	l.work.add(l.around, len(f.steps)-1, len(f.steps))
	for _, flops := range l.work.flops {
		l.placeFlops += flops
	}
	return nil
}

// fill takes the vectors, the running statistics and the images to the device.
func (l *laid) fill(m *model, x []float32, y []int, each int) error {
	for i, v := range append([][]float32{l.set.Center}, l.set.Directions...) {
		if err := l.put(i, v); err != nil {
			return err
		}
	}
	if err := m.send(l.running, m.running, m.state); err != nil {
		return err
	}
	d := l.engine.device
	for _, b := range l.batches {
		l.bytes = encode(l.bytes[:0], x[b.first*each:][:b.n*each])
		if err := d.write(b.x, l.bytes); err != nil {
			return err
		}
		l.bytes = l.bytes[:0]
		for _, label := range y[b.first:][:b.n] {
			l.bytes = binary.LittleEndian.AppendUint32(l.bytes, uint32(label))
		}
		if err := d.write(b.y, l.bytes); err != nil {
			return err
		}
	}
	l.doubts = make([]float64, len(y))
	for i := range l.doubts {
		l.doubts[i] = doubt(x[i*each:][:each])
	}
	return nil
}

// put takes the center (0) or a direction to the device.
func (l *laid) put(i int, v []float32) error {
	l.greatest[i] = 0
	for _, x := range v {
		l.greatest[i] = max(l.greatest[i], math.Abs(float64(x))) // max keeps NaN
	}
	l.bytes = slices.Grow(l.bytes[:0], int(l.layout.bytes))[:l.layout.bytes]
	for k, t := range l.layout.tensors {
		encode(l.bytes[:l.layout.offsets[k]], v[t.Offset:][:t.Len])
	}
	return l.engine.device.write(l.vectors[i], l.bytes)
}

// eval does a block.
func (l *laid) eval(places []engine.Place, out []engine.Metrics) (int, error) {
	began := time.Now()
	n := min(len(places), l.block)
	d := l.engine.device
	l.bytes = l.bytes[:0]
	for _, p := range places[:n] {
		for k, c := range p {
			if k >= len(l.set.Directions) {
				c = 0
			}
			l.bytes = binary.LittleEndian.AppendUint32(l.bytes, math.Float32bits(float32(c)))
		}
	}
	if err := errors.Join(d.write(l.factors, l.bytes), d.write(l.place, make([]byte, 4))); err != nil {
		return 0, err
	}
	if err := l.work.times(n).run(d, l.atOnce); err != nil {
		return 0, err
	}
	each := 8 * l.images
	l.bytes = slices.Grow(l.bytes[:0], n*each)[:n*each]
	if err := d.read(span{l.kept, 0, int64(n * each)}, l.bytes); err != nil {
		return 0, err
	}
	for i, p := range places[:n] {
		whole := l.doubt(p)
		out[i] = sumRows(l.bytes[i*each:], l.images, func(image int) float64 { return whole + l.doubts[image] })
	}
	l.pace(time.Since(began) / time.Duration(n))
	return n, nil
}

// pace sizes the next block, and the pieces of a place that takes longer than a block should, by how long a place took.
func (l *laid) pace(took time.Duration) {
	share := float64(blockTime) / float64(max(took, 1))
	l.block = max(1, min(2*l.block, l.most, int(min(share, mostPlaces))))
	l.atOnce = max(1, int64(min(mostFlopsAtOnce, share*float64(l.placeFlops))))
}

// doubt is 0, or NaN where the parameters of a place are not finite or may leave float32.
func (l *laid) doubt(p engine.Place) float64 {
	reach := l.greatest[0]
	for k := range l.set.Directions {
		reach += math.Abs(float64(float32(p[k]))) * l.greatest[1+k]
	}
	if reach <= math.MaxFloat32 {
		return 0
	}
	return math.NaN()
}

func (l *laid) release() {
	if l == nil {
		return
	}
	for _, p := range l.passes {
		p.release()
	}
	if l.around != nil {
		l.around.release()
	}
	for _, m := range l.owned {
		m.release()
	}
}
