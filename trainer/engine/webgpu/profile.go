package webgpu

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"smoothscape/trainer/engine"
)

const (
	profileTime = 30 * time.Millisecond // one kernel is repeated for so long, so that the wait at the end counts little
	profileMost = 256                   // times
	profileBest = 3                     // the fastest of so many rounds
)

// Profile implements engine.Profiler. It hands all dispatches of a kernel to the device, some times over, and waits for their end; what a wait costs by itself is taken
// off. Timestamps of the device would tell the same more finely; not every device has them.
func (m *model) Profile(images int) ([]engine.KernelTime, error) {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	p, err := m.pass(training, images)
	if err != nil {
		return nil, err
	}
	if err := m.send(m.memories[parameters], m.weights, m.params); err != nil {
		return nil, err
	}
	if err := p.run(m.engine.device); err != nil { // so that every kernel finds numbers
		return nil, err
	}
	kernels := map[string]*sequence{}
	var all []engine.KernelTime
	at := map[string]int{}
	for i, s := range p.steps {
		if kernels[s.kernel] == nil {
			kernels[s.kernel], at[s.kernel] = &sequence{}, len(all)
			all = append(all, engine.KernelTime{Kernel: s.kernel})
		}
		kernels[s.kernel].add(p, i, i+1)
		k := &all[at[s.kernel]]
		k.Calls++
		if strings.HasPrefix(s.kernel, "conv_") {
			k.Flops += s.flops
		}
	}
	wait, err := m.timed(&sequence{}, 1)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Time, err = m.repeated(kernels[all[i].Kernel], wait); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b engine.KernelTime) int { return cmp.Compare(b.Time, a.Time) })
	return all, nil
}

// repeated is the time of one round of a sequence.
func (m *model) repeated(s *sequence, wait time.Duration) (time.Duration, error) {
	for times := 1; ; times *= 4 {
		took, err := m.timed(s, times)
		if err != nil {
			return 0, err
		}
		if took-wait >= profileTime || times >= profileMost {
			return max(0, took-wait) / time.Duration(times), nil
		}
	}
}

// timed is how long it takes to hand over so many rounds of a sequence and to wait for them.
func (m *model) timed(s *sequence, times int) (time.Duration, error) {
	best := time.Duration(-1)
	var one [4]byte
	for range profileBest {
		began := time.Now()
		for range times {
			if err := s.run(m.engine.device, mostFlopsAtOnce); err != nil {
				return 0, err
			}
		}
		if err := m.engine.device.read(span{m.memories[gradients], 0, 4}, one[:]); err != nil {
			return 0, err
		}
		if took := time.Since(began); best < 0 || took < best {
			best = took
		}
	}
	return best, nil
}
