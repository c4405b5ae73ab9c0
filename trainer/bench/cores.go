package bench

import (
	"runtime"
	"sync"
	"time"
)

// Cores measures how many cores the machine lends to this process at this moment: workers goroutines spin for the given time, and
// what is returned is the processor time that they got over the wall time, 0 … workers. ok is false where the system does not tell processor
// times. A virtual machine whose host gives its processors to somebody else does not see that.
func Cores(workers int, wall time.Duration) (cores float64, ok bool) {
	before, ok := processTime()
	if !ok {
		return 0, false
	}
	start := time.Now()
	var spinning sync.WaitGroup
	for range workers {
		spinning.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for time.Since(start) < wall {
			}
		})
	}
	spinning.Wait()
	took := time.Since(start)
	after, _ := processTime()
	return min((after-before).Seconds()/took.Seconds(), float64(workers)), true
}
