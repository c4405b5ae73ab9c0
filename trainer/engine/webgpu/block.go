package webgpu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"smoothscape/trainer/engine"
)

// block is the work of some updates, and what it reads.
type block struct {
	*resident
	sequence
	views  []byte
	orders []float32
	count  int // of views
	norms  int // that are written
}

// Updates implements engine.ResidentModel.
func (m *model) Updates(updates []engine.Update) ([]engine.UpdateResult, error) {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	r := m.resident
	if r == nil {
		return nil, m.checkResident(nil)
	}
	b := block{resident: r}
	if err := b.prepare(updates); err != nil {
		return nil, err
	}
	r.safe = r.ready
	for i, u := range updates {
		if i == len(updates)-1 {
			r.ready = 1 - r.safe
			b.do(&b.sequence, save+operation(r.ready))
		}
		if err := b.update(u); err != nil {
			return nil, err
		}
	}
	rows, norms, err := b.carryOut()
	if err != nil {
		return nil, err
	}
	results := make([]engine.UpdateResult, len(updates))
	for i, u := range updates {
		results[i], rows, norms = resultOf(u, rows, norms)
	}
	return results, nil
}

// EvalKept implements engine.ResidentModel.
func (m *model) EvalKept(from, to int) (engine.Metrics, error) {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	r := m.resident
	if r == nil {
		return engine.Metrics{}, m.checkResident(nil)
	}
	if from < 0 || to <= from || to > r.images {
		return engine.Metrics{}, fmt.Errorf("%w: expected some of %d kept images, found %d to %d", engine.ErrShape, r.images, from, to)
	}
	var total engine.Metrics
	for at := from; at < to; {
		b := block{resident: r}
		if err := b.fit(evaluation, min(batchImages, r.most, to-at), (to-from)%min(batchImages, r.most)); err != nil {
			return total, err
		}
		for at < to {
			n := min(batchImages, r.most, to-at)
			if b.count+n > r.most {
				break
			}
			views := make([]engine.View, n)
			for i := range views {
				views[i] = engine.View{Image: int32(at + i), XColumn: 1 << 16, YRow: 1 << 16}
			}
			if err := b.pass(evaluation, views); err != nil {
				return total, err
			}
			at += n
		}
		rows, _, err := b.carryOut()
		if err != nil {
			return total, err
		}
		part := sumRows(rows, b.count, func(int) float64 { return 0 })
		total.Loss += part.Loss * float64(b.count) / float64(to-from)
		total.Correct += part.Correct
	}
	return total, nil
}

// prepare refuses updates that cannot be made and makes all their passes, so that none is made while others are at work.
func (b *block) prepare(updates []engine.Update) error {
	views := 0
	var pieces []int
	for _, u := range updates {
		if (u.Batch == nil) && (u.First == nil || u.Second == nil) || (u.First == nil) != (u.Second == nil) {
			return fmt.Errorf("%w: expected updates by a batch, two samples, or both", engine.ErrShape)
		}
		for _, sample := range [][][]engine.View{u.Batch, u.First, u.Second} {
			for _, piece := range sample {
				views += len(piece)
				pieces = append(pieces, len(piece))
				for _, v := range piece {
					if v.Image < 0 || int(v.Image) >= b.images {
						return fmt.Errorf("%w: expected a view of one of %d kept images, found image %d", engine.ErrShape, b.images, v.Image)
					}
				}
			}
		}
	}
	if len(updates) == 0 || len(updates) > engine.MaxUpdates || views > b.most || slices.Contains(pieces, 0) {
		return fmt.Errorf("%w: expected 1 to %d updates with at most %d views in all and no empty piece, found %d updates with %d", engine.ErrShape, engine.MaxUpdates, b.most, len(updates), views)
	}
	return b.fit(training, pieces...)
}

// fit makes passes over pieces of these sizes; 0 is none. One that needs more memory than those before drops them, so they are asked for until all are there.
func (b *block) fit(mode mode, pieces ...int) error {
	slices.Sort(pieces)
	pieces = slices.DeleteFunc(slices.Compact(pieces), func(n int) bool { return n == 0 })
	for range 3 {
		made := b.model.made
		for _, n := range pieces {
			if _, _, err := b.piece(mode, n); err != nil {
				return err
			}
		}
		if made == b.model.made {
			return nil
		}
	}
	return fmt.Errorf("%w: expected updates with at most %d sizes of pieces, found %d", engine.ErrShape, mostPasses, len(pieces))
}

// pass adds a pass over a piece.
func (b *block) pass(mode mode, views []engine.View) error {
	p, around, err := b.piece(mode, len(views))
	if err != nil {
		return err
	}
	last := len(around.work) - 2
	b.add(around, 0, last)
	b.add(p, 0, len(p.work))
	b.add(around, last, len(around.work))
	b.count += len(views)
	b.views, err = binary.Append(b.views, binary.LittleEndian, views)
	return err
}

// sample adds the gradient of a sample, as the sum of its pieces' shares.
func (b *block) sample(pieces [][]engine.View, into operation) error {
	images := 0
	for _, piece := range pieces {
		images += len(piece)
	}
	for i, piece := range pieces {
		if err := b.pass(training, piece); err != nil {
			return err
		}
		old := float32(0)
		if i > 0 {
			old = 1
		}
		b.order(into, old, float32(len(piece))/float32(images))
	}
	return nil
}

// order adds an operation and its numbers.
func (b *block) order(o operation, numbers ...float32) {
	b.do(&b.sequence, o)
	b.orders = append(b.orders, numbers...)
}

func (b *block) update(u engine.Update) error {
	step := []float32{u.LearningRate, u.WeightDecay, u.Momentum, float32(flag(u.Nesterov))}
	by, norm := moveByFirst, normOfFirst
	if u.First != nil {
		if err := errors.Join(b.sample(u.First, toFirst), b.sample(u.Second, toSecond)); err != nil {
			return err
		}
		b.do(&b.sequence, compare)
		b.norms += 2
	}
	switch {
	case len(u.Batch) == 1:
		if err := b.pass(training, u.Batch[0]); err != nil {
			return err
		}
		by, norm = moveByLast, normOfLast
	case u.Batch != nil:
		if err := b.sample(u.Batch, toFirst); err != nil {
			return err
		}
	case u.Share != 1:
		b.order(join, float32(u.Share), float32(1-u.Share))
	}
	if u.First != nil {
		b.do(&b.sequence, norm)
	}
	b.order(by, step...)
	b.do(&b.sequence, follow)
	return nil
}

// carryOut does the work and brings back the rows of all views and the squared norms.
func (b *block) carryOut() (rows []byte, norms []float64, err error) {
	d := b.model.engine.device
	zero := make([]byte, 4)
	if err := d.write(b.resident.views, b.views); err != nil {
		return nil, nil, err
	}
	if len(b.orders) > 0 {
		if err := d.write(b.resident.orders, encode(nil, b.orders)); err != nil {
			return nil, nil, err
		}
	}
	for _, c := range b.counters {
		if err := d.write(c, zero); err != nil {
			return nil, nil, err
		}
	}
	if err := b.sequence.run(d, mostFlopsAtOnce); err != nil {
		return nil, nil, err
	}
	rows = make([]byte, 8*b.count)
	if err := d.read(span{b.resident.rows, 0, int64(len(rows))}, rows); err != nil || b.norms == 0 {
		return rows, nil, err
	}
	parts := make([]byte, 4*fewSums*b.norms)
	if err := d.read(span{b.resident.norms, 0, int64(len(parts))}, parts); err != nil {
		return nil, nil, err
	}
	norms = make([]float64, b.norms)
	for i := range norms {
		for k := range fewSums {
			norms[i] += float64(math.Float32frombits(binary.LittleEndian.Uint32(parts[4*(i*fewSums+k):])))
		}
	}
	return rows, norms, nil
}

// resultOf takes the result of an update off the front of what a block found.
func resultOf(u engine.Update, rows []byte, norms []float64) (engine.UpdateResult, []byte, []float64) {
	sample := func(pieces [][]engine.View) engine.Metrics {
		n := 0
		for _, piece := range pieces {
			n += len(piece)
		}
		if n == 0 {
			return engine.Metrics{}
		}
		m := sumRows(rows, n, func(int) float64 { return 0 })
		rows = rows[8*n:]
		return m
	}
	var result engine.UpdateResult
	first, second := sample(u.First), sample(u.Second)
	switch {
	case u.Batch != nil:
		result.Metrics = sample(u.Batch)
	case u.Share == 1:
		result.Metrics = first
	default:
		result.Metrics = engine.Metrics{Loss: u.Share*first.Loss + (1-u.Share)*second.Loss, Correct: first.Correct + second.Correct}
	}
	if u.First != nil {
		result.Distance2, result.GradNorm2 = norms[0], norms[1]
		norms = norms[2:]
	}
	return result, rows, norms
}
