package main

import (
	"context"
	"fmt"
	"math"
	"sync"
)

// sliceRanges remembers the ranges of kept slices, each of which takes a file to be read. The zero value is empty.
type sliceRanges struct {
	mu    sync.Mutex
	known map[string]*[2]float64 // by run, step and level; nil: no finite loss
}

const rangesKept = 10_000

// add gives the moments of a run the least and the greatest finite loss of their views, so that pictures of all of them can share one scale.
// A moment that was thinned out meanwhile gets none.
func (r *sliceRanges) add(ctx context.Context, rs *Runs, id string, moments []SliceMoment) error {
	for i := range moments {
		m := &moments[i]
		key := fmt.Sprintf("%s %d %d", id, m.Step, m.Level)
		r.mu.Lock()
		found, ok := r.known[key]
		r.mu.Unlock()
		if !ok {
			slice, err := rs.keptSlice(ctx, id, m.Step)
			if known := faults(err); len(known) > 0 {
				continue
			}
			if err != nil {
				return err
			}
			found = slice.rangeInView()
			r.mu.Lock()
			if r.known == nil || len(r.known) >= rangesKept {
				r.known = map[string]*[2]float64{}
			}
			r.known[key] = found
			r.mu.Unlock()
		}
		m.Range = found
	}
	return nil
}

// rangeInView is the least and the greatest finite loss within the view, halo excluded; nil if there is none.
func (s *Slice) rangeInView() *[2]float64 {
	lo, hi, reach := math.Inf(1), math.Inf(-1), s.ViewHalfWidth*(1+1e-9)
	for i, v := range s.Z {
		inside := math.Abs(s.Alphas[i%len(s.Alphas)]) <= reach && math.Abs(s.Betas[i/len(s.Alphas)]) <= reach
		if inside && math.Abs(v) <= math.MaxFloat32 { // losses are float32: what lies beyond has overflowed
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		return nil
	}
	return &[2]float64{lo, hi}
}
