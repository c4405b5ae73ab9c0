package engine

import "time"

// Profiler is what a Model may be besides: one that knows the parts of a training step.
type Profiler interface {
	Model
	// Profile times what a training step of so many images consists of, each part by itself, the longest first. Their sum need not be the time of a step, whose
	// parts may overlap. It leaves Params as they are.
	Profile(images int) ([]KernelTime, error)
}

// KernelTime is one part of a training step.
type KernelTime struct {
	Kernel string
	Calls  int           // a step
	Time   time.Duration // of all of them
	Flops  int64         // of convolutions and linear layers, a step; 0 elsewhere
}
