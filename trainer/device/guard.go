package device

import (
	"errors"
	"fmt"
	"math"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// Fault is an error of a device at work: it is lost, it ran out of memory, or it computes nonsense. The parameters of its model are those from
// before the call, so the run can go on from there on any engine.
type Fault struct {
	Device Info
	Err    error
}

func (f *Fault) Error() string {
	return fmt.Sprintf("%v: %v; resume the run, on another engine if this happens again", f.Device, f.Err)
}

func (f *Fault) Unwrap() error { return f.Err }

// Guard watches over a device: each of its errors becomes a *Fault; a result that is not finite is computed again on the CPU, and is a *Fault where
// the CPU's is; and hung, unless it is nil, is called with a sentence, from a goroutine of its own, if a call does not return in time. There is no way to
// stop such a call: hung must end the process. Models are engine.AffineModels and engine.ResidentModels where the device's
// are; of what a ResidentModel finds nothing is computed again, for whoever trains goes back and asks for the gradients themselves.
func Guard(d Device, info Info, hung func(sentence string)) engine.Engine {
	return &guarded{Engine: d, info: info, hung: hung}
}

type guarded struct {
	engine.Engine
	info Info
	hung func(string)
}

func (g *guarded) Build(spec engine.Spec) (engine.Model, error) {
	m := &guardedModel{watch: watch{hung: g.hung, info: g.info, flops: spec.Flops()}}
	err := m.watch.during("building a network", 1, func() (err error) {
		m.Model, err = g.Engine.Build(spec)
		return err
	})
	if err != nil {
		return nil, g.info.fault(err)
	}
	return m.exposed(), nil
}

// fault makes an error the device's, unless it is about what was asked for.
func (i Info) fault(err error) error {
	if err == nil || errors.Is(err, engine.ErrShape) || errors.Is(err, engine.ErrUnsupported) {
		return err
	}
	return &Fault{Device: i, Err: err}
}

// doubts is how many results of a model that are not finite are computed again: a network that diverges, or one far out in a slice, has many, and
// they take the CPU's time.
const doubts = 3

// overflow is the loss from which on a difference between two engines is no fault: float32 ends soon behind it, and where depends on the order of a sum.
const overflow = 1e6

type guardedModel struct {
	engine.Model
	watch  watch
	doubts int
}

func (m *guardedModel) Clone() (engine.Model, error) {
	clone := &guardedModel{watch: m.watch.fresh()}
	err := clone.watch.during("copying a network", 1, func() (err error) {
		clone.Model, err = m.Model.Clone()
		return err
	})
	if err != nil {
		return nil, m.watch.info.fault(err)
	}
	return clone.exposed(), nil
}

// exposed is the model with all that the device's model can do.
func (m *guardedModel) exposed() engine.Model {
	affine, isAffine := m.Model.(engine.AffineModel)
	resident, isResident := m.Model.(engine.ResidentModel)
	stays := &guardedResident{watch: &m.watch, model: resident}
	switch plane := (&guardedAffine{guardedModel: m, affine: affine}); {
	case isAffine && isResident:
		return struct {
			*guardedAffine
			*guardedResident
		}{plane, stays}
	case isAffine:
		return plane
	case isResident:
		return struct {
			*guardedModel
			*guardedResident
		}{m, stays}
	}
	return m
}

// Profile gives nothing where the device's model knows nothing.
func (m *guardedModel) Profile(images int) (parts []engine.KernelTime, err error) {
	profiler, ok := m.Model.(engine.Profiler)
	if !ok {
		return nil, nil
	}
	err = m.watch.during("a profile", images, func() error {
		parts, err = profiler.Profile(images)
		return err
	})
	return parts, m.watch.info.fault(err)
}

func (m *guardedModel) Close() error { return m.watch.info.fault(m.Model.Close()) }

func (m *guardedModel) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	return m.call("a gradient", x, y, grad, m.Model.Grad, engine.Model.Grad)
}

func (m *guardedModel) FrozenGrad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	return m.call("a gradient with stored statistics", x, y, grad, m.Model.FrozenGrad, engine.Model.FrozenGrad)
}

func (m *guardedModel) Eval(x []float32, y []int) (engine.Metrics, error) {
	eval := func(x []float32, y []int, _ []float32) (engine.Metrics, error) { return m.Model.Eval(x, y) }
	again := func(cpu engine.Model, x []float32, y []int, _ []float32) (engine.Metrics, error) {
		return cpu.Eval(x, y)
	}
	return m.call("a loss", x, y, nil, eval, again)
}

func (m *guardedModel) call(what string, x []float32, y []int, grad []float32, mine func([]float32, []int, []float32) (engine.Metrics, error), again func(engine.Model, []float32, []int, []float32) (engine.Metrics, error)) (engine.Metrics, error) {
	var metrics engine.Metrics
	err := m.watch.during(what, len(y), func() (err error) {
		metrics, err = mine(x, y, grad)
		return err
	})
	if err != nil {
		return metrics, m.watch.info.fault(err)
	}
	if finite(metrics.Loss) && allFinite(grad) || m.doubts >= doubts {
		return metrics, nil
	}
	m.doubts++
	return metrics, m.doubt(what, metrics, x, y, make([]float32, len(grad)), again)
}

// doubt asks the CPU about a batch whose result is not finite.
func (m *guardedModel) doubt(what string, found engine.Metrics, x []float32, y []int, grad []float32, again func(engine.Model, []float32, []int, []float32) (engine.Metrics, error)) error {
	witness, err := cpu.New().Build(m.Model.Spec())
	if err != nil {
		return err
	}
	copy(witness.Params(), m.Model.Params())
	copy(witness.State(), m.Model.State())
	right, err := again(witness, x, y, grad)
	if err != nil {
		return err
	}
	if !finite(right.Loss) || right.Loss > overflow || !allFinite(grad) {
		return nil // the network, not the device
	}
	wrong := fmt.Sprintf("the loss %v", found.Loss)
	if finite(found.Loss) {
		wrong = "values that are not numbers"
	}
	return m.watch.info.fault(fmt.Errorf("%w: computing %s of %d images it gives %s where the CPU finds the loss %.6g and finite numbers, at the same parameters", ErrNonsense, what, len(y), wrong, right.Loss))
}

// ErrNonsense: a device gives what is not a number where there is one.
var ErrNonsense = errors.New("the device or its driver computes wrongly")

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// allFinite: v − v is 0 for a finite number, and NaN for all others. Four sums, since each addition would wait for the one before it: this is done at every
// step, for millions of numbers.
func allFinite(values []float32) bool {
	var a, b, c, d float32
	for ; len(values) >= 4; values = values[4:] {
		a += values[0] - values[0]
		b += values[1] - values[1]
		c += values[2] - values[2]
		d += values[3] - values[3]
	}
	for _, v := range values {
		a += v - v
	}
	return a+b+c+d == 0
}

// watch times the calls of one model.
type watch struct {
	hung  func(string)
	info  Info
	flops int64 // of a forward pass on one image

	slowest map[call]time.Duration // the longest call of a kind and size so far
}

// call is a kind of call, and its images.
type call struct {
	what   string
	images int
}

// The time that a call may take without a sign. A driver that is alive either finishes a submit or is reset by the operating system within 2 to 10 s; our submits
// are shorter than that, so silence means that driver and system both wait for something that will not come. What may take long all the same is
// compiling, once for each kind and size of call (up to two minutes were measured on a software driver), and computing on a driver without a device: 0.3e9
// operations a second were measured, and a third of that is allowed. From the second call on it is the longest one so far that counts.
const (
	firstCall  = 5 * time.Minute
	laterCall  = time.Minute
	leastSpeed = 1e8 // operations a second
	slower     = 20  // times the longest call so far
	// mostSeconds keeps the sum of a damaged network within a time.Duration.
	mostSeconds = 1e6
)

// limit is how long the next call may take. A gradient takes three times the operations of a forward pass.
func (w *watch) limit(c call) time.Duration {
	if longest, known := w.slowest[c]; known {
		return laterCall + slower*longest
	}
	computing := 3 * float64(w.flops) * float64(c.images) / leastSpeed // seconds
	return firstCall + time.Duration(min(computing, mostSeconds)*float64(time.Second))
}

// fresh is the watch of a copy.
func (w *watch) fresh() watch { return watch{hung: w.hung, info: w.info, flops: w.flops} }

// during runs a call under the watch.
func (w *watch) during(what string, images int, work func() error) error {
	if w.hung == nil {
		return work()
	}
	c := call{what, images}
	limit := w.limit(c)
	timer := time.AfterFunc(limit, func() {
		w.hung(fmt.Sprintf("%v hangs: for %v it has given no sign of %s of %d images, which is longer than any call may take. The driver may have to be reset; resume the run, on another engine if this happens again.",
			w.info, limit.Round(time.Second), what, images))
	})
	began := time.Now()
	err := work()
	timer.Stop()
	if w.slowest == nil {
		w.slowest = map[call]time.Duration{}
	}
	w.slowest[c] = max(w.slowest[c], time.Since(began))
	return err
}
