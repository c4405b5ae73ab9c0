package bench

import (
	"fmt"
	"time"
)

// Mode is what one step computes.
type Mode string

// The modes: a training step, or the loss alone.
const (
	Train   Mode = "train"
	Forward Mode = "forward"
)

// Options say what to measure.
type Options struct {
	Batch  int  // images of a step, ≥ 1
	Mode   Mode // "" is Train
	Warmup int  // steps before the first timed one; at least one is made, which allocates
	Steps  int  // timed steps; 0: as many as Time takes, and at least MinSteps
	Time   time.Duration
}

// MinSteps is how many steps are timed at least where Options.Steps does not say.
const MinSteps = 5

// maxSteps bounds the timed steps of very small networks.
const maxSteps = 1 << 16

// validate reports the first option that makes no sense.
func (o Options) validate() error {
	bad := func(field, expected string, found any) error {
		return fmt.Errorf("bench: reading the options: expected %s, found %s %v; correct it", expected, field, found)
	}
	switch {
	case o.Batch < 1:
		return bad("batch", "a batch of at least one image", o.Batch)
	case o.Mode != "" && o.Mode != Train && o.Mode != Forward:
		return bad("mode", fmt.Sprintf("%q or %q", Train, Forward), o.Mode)
	case o.Warmup < 0:
		return bad("warm-up", "no negative number of steps", o.Warmup)
	case o.Steps < 0 || o.Steps > maxSteps:
		return bad("steps", fmt.Sprintf("0 to %d steps", maxSteps), o.Steps)
	case o.Time < 0:
		return bad("time", "no negative time", o.Time)
	}
	return nil
}
