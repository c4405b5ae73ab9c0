package trainer

import (
	"smoothscape/trainer/device"
	"smoothscape/trainer/measure"
)

// Kind says what an Event reports.
type Kind string

// The kinds of event, in the order in which a run emits them.
const (
	KindStarted    Kind = "started"    // the first event of each job: a new run, or one resumed at Step
	KindUpdate     Kind = "update"     // after each parameter update
	KindEpoch      Kind = "epoch"      // after each pass over the training data
	KindCheckpoint Kind = "checkpoint" // a checkpoint is safely on disk
	KindEnded      Kind = "ended"      // the last event of each job
)

// Event is one line of a run's log. Exactly the payload that its Kind names is set.
type Event struct {
	Kind       Kind           `json:"kind"`
	Time       int64          `json:"time"` // Unix milliseconds, by the clock of whoever writes the line
	Step       int            `json:"step"` // parameter updates done so far
	Started    *Started       `json:"started,omitempty"`
	Update     *Update        `json:"update,omitempty"`
	Epoch      *EpochResult   `json:"epoch,omitempty"`
	Checkpoint *CheckpointRef `json:"checkpoint,omitempty"`
	Ended      *Ended         `json:"ended,omitempty"`
}

// Started describes the job that now works on the run.
type Started struct {
	Engine     string       `json:"engine"`
	Path       string       `json:"path"`             // engine.Engine.Path
	Device     *device.Info `json:"device,omitempty"` // where it computes; nil: on the processors
	Parameters int          `json:"parameters"`       // number of parameters d
	TrainSize  int          `json:"trainSize"`        // n
	TestSize   int          `json:"testSize"`
	TotalSteps int          `json:"totalSteps"` // updates of the whole run
	Resumed    bool         `json:"resumed"`
	Warning    string       `json:"warning,omitempty"` // e.g. the checkpoint was written on another Path, or a device was refused
}

// Update reports one parameter update. LearningRate, BatchSize and Loss are those the update used, Loss at the parameters before it.
type Update struct {
	Epoch         int     `json:"epoch"` // 0-based index of the running epoch
	LearningRate  float64 `json:"learningRate"`
	BatchSize     int     `json:"batchSize"` // images really in this batch (the last of an epoch may be smaller)
	TrainLoss     Number  `json:"trainLoss"`
	GradStdDev    *Number `json:"gradStdDev,omitempty"`    // C, averaged over the last measurements; nil until the first
	GradStdDevErr *Number `json:"gradStdDevErr,omitempty"` // spread of those measurements: their standard deviation
	NoiseLevel    *Number `json:"noiseLevel,omitempty"`    // δ = ηC/√b; nil while C is not known
	GradNorm      *Number `json:"gradNorm,omitempty"`      // ‖g‖ of the mini-batch gradient g, at the updates that measured C: what δ with momentum needs besides
}

// EpochResult reports one pass over the training data.
type EpochResult struct {
	Epoch         int     `json:"epoch"`     // 0-based index of the epoch that ended
	TrainLoss     Number  `json:"trainLoss"` // mean of the epoch's mini-batch losses (moving parameters)
	TrainAccuracy float64 `json:"trainAccuracy"`
	TestLoss      Number  `json:"testLoss"`
	TestAccuracy  float64 `json:"testAccuracy"` // 0 … 1
}

// CheckpointRef names a checkpoint that is on disk.
type CheckpointRef struct {
	SHA256     string         `json:"sha256"`
	Bytes      int64          `json:"bytes"`
	Parameters *CheckpointRef `json:"parameters,omitempty"` // the same state without momentum, for looking back; nil where there is none, or nobody keeps it
}

// Outcome says how a job ended.
type Outcome string

// The outcomes of a job. A run that was stopped on request can be resumed; the others are final, except that a failed one may be tried again.
const (
	OutcomeDone     Outcome = "done"
	OutcomeStopped  Outcome = "stopped" // on request, after a checkpoint
	OutcomeDiverged Outcome = "diverged"
	OutcomeFailed   Outcome = "failed"
)

// Ended is the last word of a job.
type Ended struct {
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"` // one sentence for diverged and failed
}

// Number is a float64 that survives JSON, NaN and ±Inf included.
type Number = measure.Number
