package cpu

import (
	"sync"
	"sync/atomic"
)

// crew runs steps on some workers. Its goroutines live from hire to dismiss.
type crew[T Float] struct {
	kernels *kernels[T]
	workers []*worker[T]
	hired   int // workers of the running pass, the caller's goroutine among them

	do      func(w *worker[T], unit int)
	units   int64
	next    atomic.Int64
	calls   chan bool // true: there is work; false: go home
	working sync.WaitGroup
	helpers []func() // one for each worker but the first, made once so that starting one allocates nothing
}

func newCrew[T Float](k *kernels[T]) *crew[T] {
	return &crew[T]{kernels: k, calls: make(chan bool)}
}

// hire starts the goroutines of a pass.
func (c *crew[T]) hire(workers int) {
	for len(c.workers) < workers {
		w := newWorker(c.kernels)
		c.workers = append(c.workers, w)
		c.helpers = append(c.helpers, func() {
			for <-c.calls {
				c.work(w)
				c.working.Done()
			}
			c.working.Done()
		})
	}
	c.hired = workers
	for _, help := range c.helpers[1:workers] {
		go help()
	}
}

// dismiss ends the goroutines, and waits for their end.
func (c *crew[T]) dismiss() {
	c.working.Add(c.hired - 1)
	for range c.hired - 1 {
		c.calls <- false
	}
	c.working.Wait()
}

// run computes all units of the steps, one step after the other.
func (c *crew[T]) run(steps []step[T], images int) {
	for _, s := range steps {
		units := s.units(images)
		helpers := min(c.hired, units) - 1
		c.do, c.units = s.do, int64(units)
		c.next.Store(0)
		if helpers > 0 {
			c.working.Add(helpers)
			for range helpers {
				c.calls <- true
			}
		}
		c.work(c.workers[0])
		c.working.Wait()
	}
	c.do = nil
}

// work takes one unit after the other until none is left.
func (c *crew[T]) work(w *worker[T]) {
	for {
		unit := c.next.Add(1) - 1
		if unit >= c.units {
			return
		}
		c.do(w, int(unit))
	}
}
