package main

import (
	"encoding/json"

	"smoothscape/landscape"
	planes "smoothscape/landscape/slice"
	"smoothscape/trainer"
	"smoothscape/trainer/measure"
)

// workerTask is the first line that a worker reads: exactly one of them is set.
type workerTask struct {
	Train      *trainTask      `json:"train,omitempty"`
	Slice      *sliceTask      `json:"slice,omitempty"`
	Measure    *measureTask    `json:"measure,omitempty"`
	Fullspace  *fullspaceTask  `json:"fullspace,omitempty"`
	Trajectory *trajectoryTask `json:"trajectory,omitempty"`
	Devices    *devicesTask    `json:"devices,omitempty"`
}

// count is how many tasks the line asks for.
func (t workerTask) count() int {
	n := 0
	for _, set := range []bool{t.Train != nil, t.Slice != nil, t.Fullspace != nil, t.Measure != nil, t.Trajectory != nil, t.Devices != nil} {
		if set {
			n++
		}
	}
	return n
}

// workerNews is a further line: something that the worker had better know.
type workerNews struct {
	Share float64 `json:"share"` // of the time that a measurement may work from now on, 0 < Share ≤ 1
}

// trainTask asks for a run, from its beginning or from a checkpoint. The worker answers with trainer.Event lines.
type trainTask struct {
	Config trainer.Config `json:"config"`
	Folder string         `json:"folder"` // of the data set; "" is the embedded one
	Blobs  string         `json:"blobs"`  // folder of the checkpoints
	Resume []string       `json:"resume"` // hashes of checkpoints, best first: the first that can be read is taken; none means from the beginning
}

// sliceTask asks for the picture around a checkpoint. The worker answers with sliceLine lines.
type sliceTask struct {
	Folder     string   `json:"folder"`
	Blobs      string   `json:"blobs"`
	Checkpoint string   `json:"checkpoint"`
	Delta      *float64 `json:"delta"`      // δ of the lift; nil: no lift
	Evaluators int      `json:"evaluators"` // goroutines that evaluate losses, each with its own model; 0 means 1
	Share      float64  `json:"share"`      // of its time that an evaluator may work, 0 < Share ≤ 1; 0 means 1
	Cores      int      `json:"cores"`      // processor cores that the worker may use at once; 0 means all
	Hurry      bool     `json:"hurry"`      // up to the end of level 0, work without pauses: somebody waits for a first picture
	Past       bool     `json:"past"`       // one of many of a run's history: as fine as is worth it for them all
}

// sliceLine is one line of a slice worker: a level, the lift, or the reason why there will be no more.
type sliceLine struct {
	Level *sliceLevel `json:"level,omitempty"`
	Lift  *Lift       `json:"lift,omitempty"`
	Error string      `json:"error,omitempty"`
}

// fullspaceTask asks for the pictures in full space on the plane of a slice. The worker answers with the lines of GET /api/fullspace; the Failed
// of the last one says why there will be no more.
type fullspaceTask struct {
	Run        string        `json:"run"` // its name
	Folder     string        `json:"folder"`
	Blobs      string        `json:"blobs"`
	Checkpoint string        `json:"checkpoint"`
	Law        landscape.Law `json:"law"`        // of the kernel, whose convention is that of vectors
	Delta      float64       `json:"delta"`      // δ of the pictures, a length in parameter space
	Own        *float64      `json:"own"`        // δ of the run at the checkpoint; nil where it is not known: then there is no measured picture
	Evaluators int           `json:"evaluators"` // as of a slice
	Share      float64       `json:"share"`      // of its time that an evaluator may work, until news changes it
}

// trajectoryTask asks where parameters lie in the plane of a slice. The worker answers with one trajectoryLine.
type trajectoryTask struct {
	Blobs  string            `json:"blobs"`
	Step   int               `json:"step"`   // of the slice
	Center string            `json:"center"` // hash of its parameters
	Places []trajectoryPlace `json:"places"`
}

type trajectoryPlace struct {
	Step       int    `json:"step"`
	Checkpoint string `json:"checkpoint"` // its hash
}

type trajectoryLine struct {
	Trajectory *Trajectory `json:"trajectory,omitempty"`
	Error      string      `json:"error,omitempty"`
}

// measureTask asks for a report on a network. The worker answers with measureLine lines.
type measureTask struct {
	Folder      string          `json:"folder"`
	Blobs       string          `json:"blobs"`
	Checkpoints []string        `json:"checkpoints"` // hashes, newest first: the first that can be read is measured
	Request     json.RawMessage `json:"request"`     // the fields of a measure.Request that were given; the others follow the checkpoint
	Share       float64         `json:"share"`       // of the time that it may work, 0 < Share ≤ 1; 0 means 1
}

// measureLine is one line of a measuring worker: first the step of the checkpoint, then how far it is, at the end the report or why there
// is none.
type measureLine struct {
	Step     *int             `json:"step,omitempty"`
	Progress *MeasureProgress `json:"progress,omitempty"`
	Report   *measure.Report  `json:"report,omitempty"`
	Error    string           `json:"error,omitempty"`
}

// MeasureProgress says how far a measurement is.
type MeasureProgress struct {
	Group measure.Kind `json:"group"` // at work
	Done  int          `json:"done"`  // images passed through the network, forward and backward
	Total int          `json:"total"` // about
}

// sliceLevel is the whole picture as fine as it is by now.
type sliceLevel struct {
	Level      int        `json:"level"` // 0 … Levels−1
	Levels     int        `json:"levels"`
	Alphas     []float64  `json:"alphas"`
	Betas      []float64  `json:"betas"`
	Z          numbers    `json:"z"` // z[row·n + col], row ↔ β
	Norms      [2]float64 `json:"norms"`
	Cosine     float64    `json:"cosine"`
	Loss       *float64   `json:"loss"` // in the center
	Images     int        `json:"images"`
	Parameters int        `json:"parameters"` // of the network
	// Plane says which directions these are; Path and Explained are those of Slice.
	Plane     string       `json:"plane"`
	Path      []SlicePoint `json:"path,omitempty"`
	Explained []float64    `json:"explainedVariance,omitempty"`
	BatchNorm string       `json:"batchNorm,omitempty"` // as in Slice
	Device    string       `json:"device,omitempty"`
	// Of a picture by refinement: losses computed, and the error that is expected of the others, as a share of the range.
	Evaluated int      `json:"evaluated,omitempty"`
	Expected  *float64 `json:"expectedError,omitempty"`
}

// The geometry of a run's slice.
const (
	sliceHalfWidth = 1.0  // the part to show is [−1, 1]², in units of the directions
	sliceHalo      = 0.75 // evaluated beyond it: 5 standard deviations of the widest kernel that the page's slider allows, 0.15
	sliceImages    = 512  // fixed training images behind each loss
	slicePairs     = 16   // antithetic pairs of the lift
)

// sliceLevels are 7, 13, 25 and 49 points a side, over the view and its halo.
func sliceLevels() planes.Levels { return planes.DefaultLevels(sliceHalfWidth + sliceHalo) }

// The level from which on a newer checkpoint may replace a slice that is being computed: 13×13.
const sliceEnough = 1
