// Package loader prepares batches of training images while the engine works on earlier ones.
//
// Which images come when is decided by whoever trains, as an Order. The Loader runs ahead of him by some batches, varies the images by
// a policy (package augment) and normalises them. However far it runs ahead and however its goroutines are scheduled, the batches are
// the same: they come in the order of the Order, and every varied image is a function of the seed, the epoch and the index of the
// image alone, by a PCG stream of its own:
//
//	PCG(seed, mix(streamAugment ⊕ 2³²·epoch ⊕ index)),      mix one to one.
//
// So a run that was resumed in the middle of an epoch sees the images of the unbroken run. With the policy "none" a Loader gives
// bit for bit what dataset.Set.Batch gives.
package loader

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/dataset"
)

// Order gives, call by call, the epoch (≥ 0) and the indices of the next images to load; ok is false at the end, after which it is not
// called again. What it calls a batch need not be an update's: to bound memory, give a large batch in pieces.
//
// A Loader with ahead > 0 calls it from a goroutine of its own, one call at a time, earlier than the images are wanted: it must not
// block, and must share no changing memory with the rest of the program. It may reuse the memory of indices in the next call.
type Order func() (epoch int, indices []int, ok bool)

// Batch is some training images, ready for an engine. It belongs to the Loader.
type Batch struct {
	Epoch   int
	Indices []int     // in the training split
	X       []float32 // len(Indices)·C·H·W, NCHW, normalised
	Y       []int     // len(Indices)

	ready chan struct{} // gets one token when X and Y are filled
}

// Loader hands out batches one after another. Next and Close belong to one goroutine.
type Loader struct {
	stop   func() error    // ctx.Err of the loader's context: not nil once it must stop
	done   <-chan struct{} // closed then
	cancel context.CancelFunc

	order   Order
	size    int     // of an image
	images  int     // in the training split
	filler  *Filler // of Next itself; nil if goroutines do the work
	current *Batch  // in the caller's hands; nil before the first
	err     error   // why there is no further batch; with goroutines, plan writes it before it closes queue

	free  chan *Batch // to be filled anew
	work  chan *Batch // given out to the workers
	queue chan *Batch // the same batches for Next, in order
	wait  sync.WaitGroup
}

// New makes a Loader for the training images of set, which is only read. It keeps up to ahead batches ready, or in the making, besides
// the one in the caller's hands: (ahead + 1) batches of 4·C·H·W bytes an image are all the memory that it takes, but for scratch. It
// owns at most ahead goroutines, and no more than there are processors, besides one for the order; with ahead ≤ 0 none: Next then
// does the work.
//
// When ctx is done the loader stops within some hundred images. Whoever calls New must call Close.
func New(ctx context.Context, set *dataset.Set, policy augment.Policy, seed uint64, ahead int, order Order) *Loader {
	ctx, cancel := context.WithCancel(ctx)
	l := &Loader{stop: ctx.Err, done: ctx.Done(), cancel: cancel, order: order, size: set.Shape.Len(), images: set.Train.Len()}
	if ahead <= 0 {
		l.filler = NewFiller(set, policy, seed)
		l.current = &Batch{}
		return l
	}
	l.free, l.work, l.queue = make(chan *Batch, ahead+1), make(chan *Batch, ahead+1), make(chan *Batch, ahead+1)
	for range ahead + 1 {
		l.free <- &Batch{ready: make(chan struct{}, 1)}
	}
	l.wait.Go(l.plan)
	for range min(ahead, runtime.GOMAXPROCS(0)) {
		filler := NewFiller(set, policy, seed)
		l.wait.Go(func() {
			for b := range l.work {
				if l.fill(filler, b) {
					b.ready <- struct{}{}
				}
			}
		})
	}
	return l
}

// Next gives the next batch of the order. It is the caller's until the next call of Next or Close, which may overwrite it. At the end
// of the order the error is io.EOF; it wraps ctx.Err() once the context is done, and after Close. An error is final.
func (l *Loader) Next() (*Batch, error) {
	if l.stop() != nil {
		return nil, l.stopped()
	}
	if l.filler != nil {
		return l.now()
	}
	if l.current != nil {
		l.free <- l.current
		l.current = nil
	}
	select {
	case b, ok := <-l.queue:
		if !ok {
			return nil, l.err
		}
		select {
		case <-b.ready:
			l.current = b
			return b, nil
		case <-l.done:
		}
	case <-l.done:
	}
	return nil, l.stopped()
}

// now is Next without goroutines.
func (l *Loader) now() (*Batch, error) {
	if l.err == nil {
		l.err = l.ask(l.current)
	}
	if l.err != nil {
		return nil, l.err
	}
	if !l.fill(l.filler, l.current) {
		return nil, l.stopped()
	}
	return l.current, nil
}

// Close stops the loader and waits until all its goroutines have ended. It may be called twice.
func (l *Loader) Close() {
	l.cancel()
	l.wait.Wait()
}

// plan asks the order for one batch after the other, as long as there is memory free for them.
func (l *Loader) plan() {
	defer close(l.work)
	defer close(l.queue)
	for {
		select {
		case b := <-l.free:
			if l.err = l.ask(b); l.err != nil {
				return
			}
			// Neither waits: both have room for all batches that there are.
			l.work <- b
			l.queue <- b
		case <-l.done:
			l.err = l.stopped()
			return
		}
	}
}

// ask lets the order decide about a batch, and makes room for its images.
func (l *Loader) ask(b *Batch) error {
	epoch, indices, ok := l.order()
	if !ok {
		return io.EOF
	}
	for _, i := range indices {
		if i < 0 || i >= l.images {
			return fmt.Errorf("loading images of epoch %d: expected indices from 0 to %d, found %d", epoch, l.images-1, i)
		}
	}
	n := len(indices)
	b.Epoch, b.Indices = epoch, append(b.Indices[:0], indices...)
	if cap(b.X) < n*l.size || cap(b.Y) < n {
		b.X, b.Y = make([]float32, n*l.size), make([]int, n)
	}
	b.X, b.Y = b.X[:n*l.size], b.Y[:n]
	return nil
}

// stopEvery is how many images are filled between two looks at the context.
const stopEvery = 256

// fill fills a batch; false if the loader was stopped meanwhile.
func (l *Loader) fill(filler *Filler, b *Batch) bool {
	for start := 0; start < len(b.Indices); start += stopEvery {
		if l.stop() != nil {
			return false
		}
		end := min(start+stopEvery, len(b.Indices))
		filler.Fill(b.Epoch, b.Indices[start:end], b.X[start*l.size:end*l.size], b.Y[start:end])
	}
	return true
}

func (l *Loader) stopped() error { return fmt.Errorf("loading images: %w", l.stop()) }
