package bench

import "smoothscape/trainer/engine"

// Result is one measurement. Its JSON is what `smoothscape train --bench --json` prints.
type Result struct {
	Engine     string       `json:"engine"`
	Path       string       `json:"path"` // of the engine: which arithmetic
	Model      string       `json:"model"`
	Input      engine.Shape `json:"input"`
	Classes    int          `json:"classes"`
	Parameters int          `json:"parameters"`
	Mode       Mode         `json:"mode"`
	Batch      int          `json:"batch"`
	Workers    int          `json:"workers"` // GOMAXPROCS
	Steps      int          `json:"steps"`   // timed ones

	MedianMS        float64 `json:"medianMs"` // of a step
	MinMS           float64 `json:"minMs"`
	ImagesPerSecond float64 `json:"imagesPerSecond"` // by the median
	FlopsPerImage   int64   `json:"flopsPerImage"`   // of the mode
	GFlops          float64 `json:"gflops"`          // 1e9 operations a second, by the median

	PeakGFlops float64 `json:"peakGflops,omitempty"` // of all workers together; 0: the engine measures none
	PeakShare  float64 `json:"peakShare,omitempty"`  // GFlops / PeakGFlops

	CoresKnown  bool    `json:"coresKnown"`  // whether the next four were measured; not on every system
	CoresBefore float64 `json:"coresBefore"` // processor time over wall time of one spinning goroutine a worker, right before the steps (0 … Workers)
	CoresAfter  float64 `json:"coresAfter"`  // and right after them
	CoresUsed   float64 `json:"coresUsed"`   // processor time over wall time of the steps
	ProcessorMS float64 `json:"processorMs"` // processor time of a step, the mean, all cores together: what other load disturbs least

	Resident bool     `json:"resident,omitempty"` // images and parameters stayed on a device, and several steps were made at once
	Kernels  []Kernel `json:"kernels,omitempty"`  // the parts of a training step, each timed by itself, the longest first; of engines that know them

	PeakMemory int64   `json:"peakMemory,omitempty"` // largest resident size of the process so far, in bytes; 0: unknown
	Loss       float64 `json:"loss"`                 // of the last step, to see that something was computed
}

// Kernel is a part of a step.
type Kernel struct {
	Name   string  `json:"name"`
	Calls  int     `json:"calls"` // a step
	MS     float64 `json:"ms"`    // all of them
	GFlops float64 `json:"gflops,omitempty"`
}

// Peaker is an Engine that knows what its machine can do: 1e9 operations a second of one core, measured when asked.
type Peaker interface{ Peak() float64 }
