package webgpu

import "slices"

// sequence is dispatches one after the other, out of several passes.
type sequence struct {
	work  []dispatch
	flops []int64 // of each
}

// add adds steps from … to−1 of a pass.
func (s *sequence) add(p *pass, from, to int) {
	for i := from; i < to; i++ {
		s.work, s.flops = append(s.work, p.work[i]), append(s.flops, p.steps[i].flops)
	}
}

// times is the sequence so many times over.
func (s *sequence) times(n int) *sequence {
	return &sequence{slices.Repeat(s.work, n), slices.Repeat(s.flops, n)}
}

// run hands the sequence to the device, in pieces of at least so many operations.
func (s *sequence) run(d device, atOnce int64) error {
	from, flops := 0, int64(0)
	for i := range s.work {
		if flops += s.flops[i]; flops < atOnce && i < len(s.work)-1 {
			continue
		}
		if err := d.run(s.work[from : i+1]); err != nil {
			return err
		}
		from, flops = i+1, 0
	}
	return nil
}
