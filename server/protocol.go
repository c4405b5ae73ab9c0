package main

import (
	"encoding/json"
	"math"
	"strconv"

	"smoothscape/trainer"
)

// This file is what crosses the wire about runs; static/src/protocol.ts says the same in TypeScript. Both are tested against
// testdata/frames.json.
//
// A viewer of a run gets text frames: one helloFrame, then the log from the offset that it asked for in eventsFrames, in order, without
// gap and without repetition, and between them the newest runFrame and the newest sliceFrame whenever they change. A viewer that comes
// back asks from the `next` of the last frame that it got. One that takes curves may be told by a helloFrame to leap over a part of the log.

// Status says where a run stands.
type Status string

// The statuses of a run. Those that end in -ing besides running are on their way to the status that their name says.
const (
	StatusQueued      Status = "queued"      // waits for a place among the running ones
	StatusRunning     Status = "running"     // a worker trains it
	StatusPausing     Status = "pausing"     // the worker has been told to stop, by "pause"
	StatusPaused      Status = "paused"      // stopped after a checkpoint, meant to go on
	StatusStopping    Status = "stopping"    // the worker has been told to stop, by "stop"
	StatusStopped     Status = "stopped"     // stopped after a checkpoint
	StatusDone        Status = "done"        // all epochs trained
	StatusDiverged    Status = "diverged"    // the loss stopped being finite
	StatusInterrupted Status = "interrupted" // the worker or the whole program ended without its last word
	StatusFailed      Status = "failed"      // the worker reported an error, or broke the protocol
	StatusRecorded    Status = "recorded"    // it ships with the program, and never changes
)

// Move is something that a person may ask of a run.
type Move string

// The moves.
const (
	MovePause  Move = "pause"
	MoveResume Move = "resume"
	MoveStop   Move = "stop"
)

// accepts is the table of allowed moves: what a run in this status accepts, in the order of the buttons. Never nil.
func (s Status) accepts() []Move {
	switch s {
	case StatusQueued, StatusRunning:
		return []Move{MovePause, MoveStop}
	case StatusPausing:
		return []Move{MoveStop}
	case StatusPaused:
		return []Move{MoveResume, MoveStop}
	case StatusStopped, StatusInterrupted, StatusFailed:
		return []Move{MoveResume}
	}
	return []Move{}
}

// RunView is a run as the pages and the JSON API see it.
type RunView struct {
	ID           string           `json:"id"`
	Name         string           `json:"name"`
	Status       Status           `json:"status"`
	Reason       string           `json:"reason"`  // a sentence or two for diverged, failed, interrupted and recorded, else empty
	Created      int64            `json:"created"` // Unix milliseconds
	Config       trainer.Config   `json:"config"`
	Started      *trainer.Started `json:"started"`      // of the newest job; nil before the first
	Step         int              `json:"step"`         // parameter updates in the log
	TotalSteps   int              `json:"totalSteps"`   // 0 before the first job
	Epoch        int              `json:"epoch"`        // 0-based index of the epoch of the newest update
	TestAccuracy *float64         `json:"testAccuracy"` // after the newest finished epoch, 0 … 1
	Accepts      []Move           `json:"accepts"`

	LearningRate *float64 `json:"learningRate"` // η of the newest update; null before the first, as the next two
	BatchSize    *int     `json:"batchSize"`    // b of it
	NoiseLevel   *float64 `json:"noiseLevel"`   // δ of it; null while C is not known, too

	Pinned bool     `json:"pinned"` // what people say of it: see runChange
	Tags   []string `json:"tags"`   // never null
	Color  string   `json:"color"`  // one of runColorSet, or empty
	Notes  string   `json:"notes"`

	Study string `json:"study"` // the comparison that it belongs to, as /compare?study= names it, or empty
}

// helloFrame opens the conversation.
type helloFrame struct {
	Type   string  `json:"type"` // "hello"
	Run    RunView `json:"run"`
	Next   int64   `json:"next"`   // offset of the first event that will follow: what the viewer asked for, or more: see socket
	Length int64   `json:"length"` // events in the log now, so that a page can say how much history is still to come
}

// runFrame is sent whenever the status changes.
type runFrame struct {
	Type string  `json:"type"` // "run"
	Run  RunView `json:"run"`
}

// sliceFrame carries the newest picture of a run; older ones are not sent.
type sliceFrame struct {
	Type  string          `json:"type"`  // "slice"
	Slice json.RawMessage `json:"slice"` // a Slice
}

// appendEventsFrame appends the frame of the events whose first has offset from; bodies are trainer.Events as they stand in the log.
func appendEventsFrame(dst []byte, from int64, bodies [][]byte) []byte {
	dst = append(dst, `{"type":"events","from":`...)
	dst = strconv.AppendInt(dst, from, 10)
	dst = append(dst, `,"next":`...)
	dst = strconv.AppendInt(dst, from+int64(len(bodies)), 10)
	dst = append(dst, `,"events":[`...)
	for i, body := range bodies {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, body...)
	}
	return append(dst, "]}"...)
}

// Slice is the loss on a plane through a checkpoint's parameters: z(α, β) = L(θ + α·d₁ + β·d₂), both directions filter-normalised.
type Slice struct {
	Run           string       `json:"run"`
	Step          int          `json:"step"`   // of the checkpoint
	Delta         *float64     `json:"delta"`  // δ at that step, vector convention, a length in parameter space; nil while C is not known
	Alphas        []float64    `json:"alphas"` // n rising values, in units of d₁
	Betas         []float64    `json:"betas"`
	Z             numbers      `json:"z"`     // n·n, z[row·n + col], row ↔ β, col ↔ α; null where the loss is not finite
	Level         int          `json:"level"` // 0 … Levels−1, coarse to fine
	Levels        int          `json:"levels"`
	ViewHalfWidth float64      `json:"viewHalfWidth"`        // the part to show is [−ViewHalfWidth, ViewHalfWidth]²
	Halo          float64      `json:"halo"`                 // evaluated beyond it on each side, for the kernel's tails
	Norms         [2]float64   `json:"norms"`                // ‖d₁‖, ‖d₂‖
	Cosine        float64      `json:"cosine"`               // of the angle between them
	Images        int          `json:"images"`               // fixed training images behind each loss
	Parameters    int          `json:"parameters,omitempty"` // d, of the network; 0 in slices of versions that did not say
	Loss          *float64     `json:"loss"`                 // at the center; nil where it is not finite
	Lift          *Lift        `json:"lift"`
	Label         string       `json:"label"`
	Plane         string       `json:"plane,omitempty"`             // which directions these are, in words; "" of slices of older versions: two filter-normalized ones
	Path          []SlicePoint `json:"path,omitempty"`              // other checkpoints, where the plane was chosen by them
	Explained     []float64    `json:"explainedVariance,omitempty"` // part of the variance of the path that each direction has
	Evaluated     int          `json:"evaluated,omitempty"`         // losses computed, where the others were interpolated
	Expected      *float64     `json:"expectedError,omitempty"`     // greatest error that is expected of those, as a share of the range
	BatchNorm     string       `json:"batchNorm,omitempty"`         // statistics of batch normalization, "stored" or "recomputed"; "" without it
	Device        string       `json:"device,omitempty"`            // that computed the losses; "": the processors
	Magnification *float64     `json:"magnification"`               // m that makes the run's first δ a tenth of the view's half-width; nil while δ is not known
}

// Lift is what the smoothing does at the center itself, in the whole parameter space: E f(θ + δu) − f(θ), u ~ N(0, I/d), by Monte Carlo.
type Lift struct {
	Mean   float64 `json:"mean"`
	StdErr float64 `json:"stdErr"`
	Pairs  int     `json:"pairs"` // antithetic pairs
	Delta  float64 `json:"delta"`
}

// numbers are float64 in JSON, with null for what JSON has no word for: NaN and ±Inf. Seven digits, as float32 losses have.
type numbers []float64

// MarshalJSON implements json.Marshaler.
func (z numbers) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 2+12*len(z))
	out = append(out, '[')
	for i, v := range z {
		if i > 0 {
			out = append(out, ',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32 {
			out = append(out, "null"...)
			continue
		}
		out = strconv.AppendFloat(out, v, 'g', -1, 32)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON implements json.Unmarshaler; null becomes NaN.
func (z *numbers) UnmarshalJSON(text []byte) error {
	var values []*float64
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	*z = make(numbers, len(values))
	for i, v := range values {
		(*z)[i] = math.NaN()
		if v != nil {
			(*z)[i] = *v
		}
	}
	return nil
}

// finite is a pointer to v, or nil where JSON has no word for it.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
