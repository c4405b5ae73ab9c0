package webgpu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"smoothscape/trainer/engine"
)

// resident is what a model keeps on its device so that it can train there. A call of Updates writes what its updates read, hands all their work to the
// device, and reads what they found. How far they are stands on the device in three counters: so the same dispatches serve every update.
//
// Parameters, gradients, running statistics and what passes write are the model's.
type resident struct {
	model  *model
	images int
	each   int64 // bytes of an image, a multiple of 4
	most   int   // views of a call

	parts    []imagePart
	owned    []memory // all that follow, and the parts
	labels   memory
	table    memory
	views    memory
	rows     memory // loss and success of each view
	orders   memory // numbers of mix and sgd
	norms    memory // 64 parts of each squared norm
	sums     memory // squareThreads parts of one, and 64 of them
	first    memory // gradients, laid out as parameters
	second   memory
	velocity memory       // nil without momentum
	saved    [2][3]memory // parameters, running statistics and momentum of two moments
	ready    int          // which of the two is that of before the newest update, or of Send,
	safe     int          // and which one was so when the last call of Updates began
	counters [3]memory    // views, orders and norms that were taken

	vectors *pass                // what is done with gradients and parameters, by
	ranges  map[operation][2]int // steps of vectors
	around  map[passKey]*pass    // what comes before and after each pass
}

// imagePart is kept images in one piece of memory.
type imagePart struct {
	memory
	first, count int
}

// operation is some steps of resident.vectors.
type operation int

const (
	save        operation = iota // parameters, running statistics and momentum to the first of resident.saved,
	saveNext                     // or to the second,
	undo                         // and back from the first,
	undoNext                     // or the second
	toFirst                      // first = a·first + b·gradient
	toSecond                     // second likewise
	join                         // first = a·first + b·second
	compare                      // ‖first − second‖²
	normOfFirst                  // ‖first‖²
	normOfLast                   // ‖gradient‖²
	moveByFirst                  // θ by first
	moveByLast                   // θ by gradient
	follow                       // running statistics
)

const (
	viewBytes     = 4 * 9
	squareThreads = 4096 // parts of a squared norm
	fewSums       = 64   // parts of it that the host adds
	ordersAView   = 8    // room
	largestSide   = 8192 // pixels: places in an image, times 2¹⁶, stay within an int32
)

// Keep implements engine.ResidentModel.
func (m *model) Keep(kept engine.Kept, momentum bool) (int64, error) {
	n, size := len(kept.Labels), m.spec.Input.Len()
	if n < 1 || len(kept.Images) != n*size || len(kept.Values) != 256*m.spec.Input.C || kept.Views < 1 || int(slices.Max(kept.Labels)) >= m.spec.Classes {
		return 0, fmt.Errorf("%w: keeping images on the device: expected images of %v with labels below %d, 256 values a channel and room for a view, found %d bytes, %d labels, %d values and room for %d",
			engine.ErrShape, m.spec.Input, m.spec.Classes, len(kept.Images), n, len(kept.Values), kept.Views)
	}
	if side := max(m.spec.Input.H, m.spec.Input.W); side > largestSide {
		return 0, fmt.Errorf("%w: keeping images of %v on the device: expected at most %d pixels a side", engine.ErrShape, m.spec.Input, largestSide)
	}
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	m.resident.release()
	r := &resident{model: m, images: n, each: roundUp(int64(size), 4), most: kept.Views, around: map[passKey]*pass{}, ranges: map[operation][2]int{}}
	m.resident = r
	bytes, err := r.keep(kept, momentum)
	if err != nil {
		r.release()
		m.resident = nil
		return 0, fmt.Errorf("keeping %d images and what an update needs on the device: %w", n, err)
	}
	return bytes, nil
}

// keep allocates, and fills what never changes.
func (r *resident) keep(kept engine.Kept, momentum bool) (total int64, err error) {
	m, limits := r.model, r.model.engine.adapter.Limits
	most := min(limits.MaxBinding, limits.MaxBuffer)
	within := func(limit int64, to *memory, bytes int64) {
		switch {
		case err != nil:
		case bytes > limit:
			err = fmt.Errorf("%w: a piece of %s, expected at most %s on this device", ErrMemory, amount(bytes), amount(limit))
		default:
			if *to, err = m.engine.device.allocate(bytes); err == nil {
				r.owned, total = append(r.owned, *to), total+bytes
			}
		}
	}
	allocate := func(to *memory, bytes int64) { within(most, to, bytes) }
	vector := func(to *memory, bytes int64) { within(limits.MaxBuffer, to, bytes) } // bound in ranges
	inPart := int(max(1, most/r.each))
	for first := 0; first < r.images; first += inPart {
		p := imagePart{first: first, count: min(inPart, r.images-first)}
		allocate(&p.memory, int64(p.count)*r.each)
		r.parts = append(r.parts, p)
	}
	allocate(&r.labels, int64(4*r.images))
	allocate(&r.table, int64(4*len(kept.Values)))
	allocate(&r.views, int64(r.most*viewBytes))
	allocate(&r.rows, int64(8*r.most))
	allocate(&r.orders, int64(4*ordersAView*r.most))
	allocate(&r.norms, 4*2*fewSums*engine.MaxUpdates)
	allocate(&r.sums, 4*(squareThreads+fewSums))
	for i := range r.counters {
		allocate(&r.counters[i], 4)
	}
	vector(&r.first, m.weights.bytes)
	vector(&r.second, m.weights.bytes)
	if momentum {
		vector(&r.velocity, m.weights.bytes)
	}
	for i := range r.saved {
		vector(&r.saved[i][0], m.weights.bytes)
		vector(&r.saved[i][1], m.running.bytes)
		if momentum {
			vector(&r.saved[i][2], m.weights.bytes)
		}
	}
	if err != nil {
		return 0, err
	}
	if err := r.plan(); err != nil {
		return 0, err
	}
	return total, r.fill(kept)
}

// fill takes images, labels and values to the device.
func (r *resident) fill(kept engine.Kept) error {
	d, size := r.model.engine.device, r.model.spec.Input.Len()
	for _, p := range r.parts {
		bytes := make([]byte, int64(p.count)*r.each)
		for i := range p.count {
			copy(bytes[int64(i)*r.each:], kept.Images[(p.first+i)*size:][:size])
		}
		if err := d.write(p.memory, bytes); err != nil {
			return err
		}
	}
	var labels []byte
	for _, label := range kept.Labels {
		labels = binary.LittleEndian.AppendUint32(labels, uint32(label))
	}
	return errors.Join(d.write(r.labels, labels), d.write(r.table, encode(nil, kept.Values)))
}

// plan makes vectors.
func (r *resident) plan() error {
	var f frame
	m := r.model
	orders, taken := span{r.orders, 0, int64(4 * ordersAView * r.most)}, span{r.counters[1], 0, 4}
	theta, gradient := m.memories[parameters], m.memories[gradients]
	define := func(o operation, add func()) {
		from := len(f.steps)
		add()
		r.ranges[o] = [2]int{from, len(f.steps)}
	}
	// ranges visits vectors, part by part.
	ranges := func(bytes int64, visit func(part func(memory) span, values int)) {
		limits := m.engine.adapter.Limits
		most := min(limits.MaxBinding, limits.MaxBuffer) / limits.Alignment * limits.Alignment
		for from := int64(0); from < bytes; from += most {
			length := min(most, bytes-from)
			visit(func(of memory) span { return span{of, from, length} }, int(length/4))
		}
	}
	copied := func(from, to memory, bytes int64) {
		if to == nil {
			return
		}
		ranges(bytes, func(part func(memory) span, values int) {
			f.add("fetch", sizes{Count: uint32(values)}, values, part(from), part(to))
		})
	}
	now := [3]memory{theta, m.memories[running], r.velocity}
	bytes := [3]int64{m.weights.bytes, m.running.bytes, m.weights.bytes}
	for i, saved := range r.saved {
		define(save+operation(i), func() {
			for k := range now {
				copied(now[k], saved[k], bytes[k])
			}
		})
		define(undo+operation(i), func() {
			for k := range now {
				copied(saved[k], now[k], bytes[k])
			}
		})
	}
	mix := func(from, into memory) func() {
		return func() {
			ranges(m.weights.bytes, func(part func(memory) span, values int) {
				f.add("mix", sizes{Count: uint32(values)}, values, orders, taken, part(from), part(into))
			})
			f.add("advance", sizes{Count: 2}, 1, taken)
		}
	}
	define(toFirst, mix(gradient, r.first))
	define(toSecond, mix(gradient, r.second))
	define(join, mix(r.second, r.first))
	square := func(a, b memory) func() {
		return func() {
			parts, few := span{r.sums, 0, 4 * squareThreads}, span{r.sums, 4 * squareThreads, 4 * fewSums}
			s := sizes{Parts: squareThreads, Option: flag(a != b)}
			ranges(m.weights.bytes, func(part func(memory) span, values int) {
				s.Count = uint32(values)
				f.add("squares", s, squareThreads, part(a), part(b), parts)
				s.Accumulate = 1
			})
			f.add("sum_parts", sizes{Count: fewSums, Parts: squareThreads / fewSums, Stride: fewSums}, fewSums, parts, few)
			f.add("keep", sizes{Count: fewSums, Stride: fewSums}, fewSums, few, span{r.counters[2], 0, 4}, span{r.norms, 0, 4 * 2 * fewSums * engine.MaxUpdates})
			f.add("advance", sizes{Count: 1}, 1, span{r.counters[2], 0, 4})
		}
	}
	define(compare, square(r.first, r.second))
	define(normOfFirst, square(r.first, r.first))
	define(normOfLast, square(gradient, gradient))
	move := func(by memory) func() {
		return func() {
			ranges(m.weights.bytes, func(part func(memory) span, values int) {
				if r.velocity == nil {
					f.add("sgd", sizes{Count: uint32(values)}, values, orders, taken, part(by), part(theta))
				} else {
					f.add("momentum", sizes{Count: uint32(values)}, values, orders, taken, part(by), part(theta), part(r.velocity))
				}
			})
			f.add("advance", sizes{Count: 4}, 1, taken)
		}
	}
	define(moveByFirst, move(r.first))
	define(moveByLast, move(gradient))
	define(follow, func() {
		for i, t := range m.moments.tensors {
			channels := t.Len / 3
			at := func(place memory, l layout, i int) span {
				return span{place, l.offsets[i], 4 * int64(l.tensors[i].Len)}
			}
			f.add("moving", sizes{Channels: uint32(channels)}, channels, at(m.memories[moments], m.moments, i), at(m.memories[running], m.running, 2*i), at(m.memories[running], m.running, 2*i+1))
		}
	})
	var err error
	r.vectors, err = bind(m.engine, &f.plan, func(a array) span { return f.spans[a.slot] })
	return err
}

// piece makes sure that a pass over so many views is there.
func (r *resident) piece(mode mode, n int) (p, around *pass, err error) {
	key := passKey{mode, n}
	if p, err = r.model.pass(mode, n); err != nil {
		return nil, nil, err
	}
	if around, ok := r.around[key]; ok {
		return p, around, nil
	}
	var f frame
	in := r.model.spec.Input
	views, seen := span{r.views, 0, int64(r.most * viewBytes)}, span{r.counters[0], 0, 4}
	at := func(a int) span { return r.model.at(p.arrays[a]) }
	for _, part := range r.parts {
		f.add("gather", sizes{
			Images: uint32(n), Channels: uint32(in.C), Height: uint32(in.H), Width: uint32(in.W),
			First: uint32(part.first), Count: uint32(part.count), Stride: uint32(r.each / 4),
		}, n*in.Len(), span{part.memory, 0, int64(part.count) * r.each}, views, span{r.table, 0, int64(4 * 256 * in.C)}, seen, at(p.batch))
	}
	f.add("labels", sizes{Count: uint32(n)}, n, span{r.labels, 0, int64(4 * r.images)}, views, seen, at(p.labels))
	f.add("keep", sizes{Count: uint32(2 * n), Stride: 2}, 2*n, at(p.rows), seen, span{r.rows, 0, int64(8 * r.most)})
	f.add("advance", sizes{Count: uint32(n)}, 1, seen)
	if around, err = bind(r.model.engine, &f.plan, func(a array) span { return f.spans[a.slot] }); err != nil {
		return nil, nil, err
	}
	r.around[key] = around
	return p, around, nil
}

// forget releases what is bound to memory of passes.
func (r *resident) forget() {
	if r == nil {
		return
	}
	for _, p := range r.around {
		p.release()
	}
	clear(r.around)
}

func (r *resident) release() {
	if r == nil {
		return
	}
	r.forget()
	if r.vectors != nil {
		r.vectors.release()
	}
	for _, m := range r.owned {
		m.release()
	}
}

// Send implements engine.ResidentModel.
func (m *model) Send(velocity []float32) error {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	if err := m.checkResident(velocity); err != nil {
		return err
	}
	if err := errors.Join(m.send(m.memories[parameters], m.weights, m.params), m.send(m.memories[running], m.running, m.state)); err != nil {
		return err
	}
	if velocity != nil {
		if err := m.send(m.resident.velocity, m.weights, velocity); err != nil {
			return err
		}
	}
	m.resident.ready = 0
	return m.resident.run(save)
}

// Fetch implements engine.ResidentModel.
func (m *model) Fetch(velocity []float32) error {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	if err := m.checkResident(velocity); err != nil {
		return err
	}
	bring := func(from memory, l layout, to []float32) error {
		if len(to) == 0 {
			return nil
		}
		if err := m.receive(from, l.bytes); err != nil {
			return err
		}
		for i, t := range l.tensors {
			decode(to[t.Offset:][:t.Len], m.bytes[l.offsets[i]:])
		}
		return nil
	}
	return errors.Join(bring(m.memories[parameters], m.weights, m.params), bring(m.memories[running], m.running, m.state), bring(m.resident.velocity, m.weights, velocity))
}

// checkResident says what keeps momentum from being moved.
func (m *model) checkResident(velocity []float32) error {
	switch r := m.resident; {
	case r == nil:
		return fmt.Errorf("%w: expected images that are kept, found none", engine.ErrShape)
	case (r.velocity == nil) != (velocity == nil) || velocity != nil && len(velocity) != len(m.params):
		return fmt.Errorf("%w: expected momentum of %d values, if it was wanted, found %d", engine.ErrShape, len(m.params), len(velocity))
	}
	return nil
}

// Undo implements engine.ResidentModel.
func (m *model) Undo() error {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	if m.resident == nil {
		return m.checkResident(nil)
	}
	return m.resident.run(undo + operation(m.resident.safe))
}

// do adds an operation.
func (r *resident) do(s *sequence, o operation) { s.add(r.vectors, r.ranges[o][0], r.ranges[o][1]) }

func (r *resident) run(o operation) error {
	var s sequence
	r.do(&s, o)
	return s.run(r.model.engine.device, mostFlopsAtOnce)
}
