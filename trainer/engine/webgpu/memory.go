package webgpu

import (
	"cmp"
	"fmt"
	"slices"

	"smoothscape/trainer/engine"
)

// Memory is what a network takes on a device, in bytes, known before anything is allocated.
type Memory struct {
	Parameters  int64 `json:"parameters"`  // parameters, their gradient and the statistics of batch norm
	Activations int64 `json:"activations"` // images, outputs of layers and their gradients, and parts of sums: what a training step needs at once
	Workspace   int64 `json:"workspace"`   // what passes between host and device
	Total       int64 `json:"total"`
}

func (m Memory) String() string {
	return fmt.Sprintf("%s: %s for parameters and their gradient, %s for activations, %s to pass between host and device", amount(m.Total), amount(m.Parameters), amount(m.Activations), amount(m.Workspace))
}

// memoryOf is what training takes with so many images at once.
func memoryOf(spec engine.Spec, images int, limits Limits) (Memory, error) {
	p, err := compile(spec, images, training, limits)
	if err != nil {
		return Memory{}, err
	}
	m := Memory{Workspace: int64(len(p.steps)) * limits.uniform()}
	weights, state := layTensors(spec.Tensors(), limits.Alignment), layTensors(spec.StateTensors(), limits.Alignment)
	m.Parameters = 2*weights.bytes + state.bytes + layTensors(momentTensors(spec), limits.Alignment).bytes
	m.Workspace += weights.bytes // the buffer that the gradient is read through
	for _, slot := range p.slots {
		m.Activations += slot
	}
	m.Total = m.Parameters + m.Activations + m.Workspace
	return m, nil
}

// uniform is the bytes from one step's sizes to the next one's.
func (l Limits) uniform() int64 { return roundUp(64, l.Alignment) }

// share gives arrays their slots: from its first step to its last an array has one to itself. A slot that is free is taken by the array that fits it
// best; one that is too small grows. Nothing is taken from the limits of the device.
func (c *compiler) share() error {
	for i := range c.arrays {
		c.arrays[i].first = -1
	}
	for i, s := range c.steps {
		for _, a := range s.arrays {
			if c.arrays[a].first < 0 {
				c.arrays[a].first = i
			}
			c.arrays[a].last = i
		}
	}
	for _, a := range []int{c.batch, c.labels, c.rows} { // the host writes and reads them
		c.arrays[a].first, c.arrays[a].last = 0, len(c.steps)
	}
	begin, finish := make([][]int, len(c.steps)+1), make([][]int, len(c.steps)+1)
	for i, a := range c.arrays {
		if a.place == slotted && a.first >= 0 {
			begin[a.first] = append(begin[a.first], i)
			finish[a.last] = append(finish[a.last], i)
		}
		if err := c.fits(a); err != nil {
			return err
		}
	}
	var free []int
	for i := range begin {
		for _, a := range begin[i] {
			need := c.arrays[a].bytes()
			best := -1
			for k, slot := range free {
				if best < 0 || better(c.slots[slot], c.slots[free[best]], need) {
					best = k
				}
			}
			if best < 0 {
				c.arrays[a].slot = len(c.slots)
				c.slots = append(c.slots, need)
				continue
			}
			slot := free[best]
			c.arrays[a].slot = slot
			c.slots[slot] = max(c.slots[slot], need)
			free = append(free[:best], free[best+1:]...)
		}
		for _, a := range finish[i] {
			free = append(free, c.arrays[a].slot)
		}
	}
	c.order()
	return nil
}

// order puts the largest slot first, so that the slots of passes over other numbers of images are alike.
func (c *compiler) order() {
	old := make([]int, len(c.slots))
	for i := range old {
		old[i] = i
	}
	slices.SortStableFunc(old, func(a, b int) int { return cmp.Compare(c.slots[b], c.slots[a]) })
	slots, place := make([]int64, len(old)), make([]int, len(old))
	for i, o := range old {
		slots[i], place[o] = c.slots[o], i
	}
	c.slots = slots
	for i := range c.arrays {
		if c.arrays[i].place == slotted && len(slots) > 0 {
			c.arrays[i].slot = place[c.arrays[i].slot]
		}
	}
}

// better says whether a slot of a bytes suits need better than one of b: the smallest that holds it, or else the largest.
func better(a, b, need int64) bool {
	if a >= need && b >= need {
		return a < b
	}
	return a > b
}

// fits holds an array to the device's limits.
func (c *compiler) fits(a array) error {
	if most := min(c.limits.MaxBinding, c.limits.MaxBuffer); a.bytes() > most {
		return fmt.Errorf("%w: %s with %d images at once: one array of it takes %s, expected at most %s on this device; choose a smaller batch or network", ErrMemory, c.spec.Name, c.images, amount(a.bytes()), amount(most))
	}
	return nil
}

// amount writes bytes for people.
func amount(bytes int64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.3g GB", float64(bytes)/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.3g MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.3g kB", float64(bytes)/1e3)
}
