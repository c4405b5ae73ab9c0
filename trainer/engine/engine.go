// Package engine says what a training engine is: something that, for a network and a mini-batch, gives the mean
// loss and its gradient. Engines never update parameters, never draw random numbers and never see a schedule; package
// trainer does. So two engines differ in how they compute and in nothing else, and each is a witness of the other.
package engine

import "errors"

// Errors of Build and of models. Callers test with errors.Is.
var (
	// ErrUnsupported: this engine cannot express a layer of the specification.
	ErrUnsupported = errors.New("engine: layer not supported")
	// ErrShape: two sizes that must agree do not.
	ErrShape = errors.New("engine: shapes do not fit")
)

// Engine builds models. An Engine keeps no state and may be used by many goroutines.
type Engine interface {
	// Name is what the command line calls the engine: "cpu", "gorgonia".
	Name() string
	// Path names the arithmetic that decides the last bit of a result: "go-float32/amd64", say. A checkpoint records it;
	// on the same Path a resumed run gives the same numbers bit for bit.
	Path() string
	// Build makes a model of spec with all parameters zero and the running statistics of InitialState. It returns ErrShape or ErrUnsupported, with the
	// layer named.
	Build(spec Spec) (Model, error)
}

// Model is one network with its parameters and work space. It belongs to one goroutine; Clone gives another its own.
// Inputs x are images in NCHW order, len(x) = len(y)·C·H·W; labels y lie in [0, Classes). The batch size len(y) ≥ 1 may
// change from call to call. A wrong length or label is an error that wraps ErrShape and leaves the model as it was.
type Model interface {
	Spec() Spec
	// Params is the flat parameter vector θ itself, not a copy: writing to it changes the model. Spec().Tensors() says
	// where each tensor lies.
	Params() []float32
	// State is the flat vector of the running statistics of batch norm itself: see Spec.StateTensors. It is empty without
	// batch norm. Eval and FrozenGrad read it; nothing here writes to it.
	State() []float32
	// Grad computes the mean cross-entropy over the batch in training mode, where batch norm uses the mean and the (biased)
	// variance of this very batch, and writes its gradient into grad (len(Params())). With a nil grad it leaves the way back out: loss and
	// BatchStats alone take a third of the time. It keeps none of its arguments. A loss that is not finite is returned as it is, with a nil error.
	Grad(x []float32, y []int, grad []float32) (Metrics, error)
	// BatchStats is laid out as State: mean and unbiased variance of the batch of the last Grad; a variance of one value is
	// given as 0. It is a view, valid until the next call. Whoever trains moves State by BatchNormMomentum towards it.
	BatchStats() []float32
	// FrozenGrad computes in evaluation mode what Eval computes, and its exact gradient.
	FrozenGrad(x []float32, y []int, grad []float32) (Metrics, error)
	// Eval computes the mean cross-entropy over the batch in evaluation mode, where batch norm uses State.
	Eval(x []float32, y []int) (Metrics, error)
	// Clone copies parameters and running statistics; the copy shares no memory with its origin.
	Clone() (Model, error)
	// Close frees what the model holds outside Go's memory.
	Close() error
}

// Metrics are the results of one pass over a batch.
type Metrics struct {
	Loss    float64 // mean cross-entropy in nats; may be NaN or infinite
	Correct int     // images whose largest logit is that of the label (0 … batch size)
}
