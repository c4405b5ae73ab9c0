package trainer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/gorgonia"
)

// EngineNames lists the names that OpenEngine knows. A device among several is called webgpu:NAME besides.
func EngineNames() []string { return []string{"auto", "cpu", "gorgonia", device.EngineName} }

// knownEngine says whether a name may be one of an engine; whether this machine has it shows when it is opened.
func knownEngine(name string) bool {
	switch name {
	case "auto", "cpu", "gorgonia":
		return true
	}
	_, ok := device.Named(name)
	return ok
}

// Opening says for what an engine is opened. The zero value is fine where no memory can be planned and nobody watches.
type Opening struct {
	Devices device.System         // nil: those of this machine, checked in this very process
	Spec    engine.Spec           // network that will be computed, and
	Batch   int                   // the most images at once: what memory is planned for; 0: it is not planned
	Trusted string                // a Path whose device is not checked again, since it passed when it computed the checkpoint at hand; "": none
	Must    bool                  // the job goes on in any case: a device that is named but not there is replaced, too
	Fast    bool                  // nobody insists on a device: a software driver is replaced by the CPU, which is faster
	Hung    func(sentence string) // of device.Guard
}

// Open makes the engine of the job's configuration ready and puts it into the job: Engine, Device and Notice. A job that resumes goes on in any case. Of Opening it
// gives Devices and Hung.
func (j *Job) Open(ctx context.Context, devices device.System, hung func(sentence string)) (Opened, error) {
	spec, err := j.Config.Network(j.Set.Shape, j.Set.Classes)
	if err != nil {
		return Opened{}, err
	}
	opened, err := OpenEngine(ctx, j.Config.Engine, Opening{Devices: devices, Hung: hung, Spec: spec, Batch: j.largestPiece(spec), Must: j.Resume != nil})
	if err == nil {
		j.Engine, j.Device, j.Notice = opened.Engine, opened.Device, opened.Warning
	}
	return opened, err
}

// largestPiece is how many images the engine sees at once, at most.
func (j *Job) largestPiece(spec engine.Spec) int {
	schedule, err := ScheduleFor(j.Config)
	if err != nil || !spec.HasBatchNorm() {
		return chunkImages
	}
	return max(chunkImages, largestBatch(j.Config, schedule, j.Set.Train.Len()))
}

// Opened is an engine that is ready. Its owner closes it, after its models.
type Opened struct {
	Engine  engine.Engine
	Device  *device.Info // where it computes; nil: on this machine's processors
	Warning string       // why it is not what was asked for, with the figures; "" if it is
	close   func() error
}

// Close lets go of the device.
func (o Opened) Close() error {
	if o.close == nil {
		return nil
	}
	return o.close()
}

// OpenEngine makes the engine of that name ready.
//
// A device has to pass crosscheck.Run first, and to have the memory. "webgpu" is the best device, "webgpu:NAME" is what device.Choose finds, and "auto" is the
// best device that is no software driver. If the device is refused by the check, the CPU takes its place, and Opened.Warning says so with the figures;
// under "auto" it also does so, without a word, where there is no such device. Otherwise a device that is not there or too small is an error, unless Opening.Must; an
// unknown name is a *FieldError.
func OpenEngine(ctx context.Context, name string, o Opening) (Opened, error) {
	switch which, ok := device.Named(name); {
	case name == "cpu":
		return Opened{Engine: cpu.New()}, nil
	case name == "gorgonia":
		return Opened{Engine: gorgonia.New()}, nil
	case name == "auto":
		return o.auto(ctx)
	case ok:
		return o.device(ctx, which)
	}
	return Opened{}, errNoEngine(name)
}

func errNoEngine(name string) error {
	return &FieldError{
		Field: "engine", Doing: "choosing who computes", Expected: "one of " + strings.Join(EngineNames(), ", ") + ", " + device.EngineName + ":NAME", Found: quote(name),
		Advice: "choose one of these",
	}
}

// device opens a device that somebody asked for.
func (o Opening) device(ctx context.Context, which string) (Opened, error) {
	adapters, err := o.system().Adapters(ctx)
	if err != nil {
		return o.without(nil, err)
	}
	chosen, err := device.Choose(adapters, which)
	if err != nil {
		return o.without(nil, err)
	}
	if o.Fast && adapters[chosen].Software {
		return Opened{Engine: cpu.New()}, nil
	}
	return o.open(ctx, adapters[chosen])
}

// auto opens the best device that may be faster than the CPU.
func (o Opening) auto(ctx context.Context) (Opened, error) {
	adapters, err := o.system().Adapters(ctx)
	o.Must = true
	switch {
	case ctx.Err() != nil:
		return Opened{}, ctx.Err()
	case err != nil && !errors.Is(err, device.ErrNone):
		return o.without(nil, err)
	case len(adapters) == 0 || adapters[0].Software:
		return Opened{Engine: cpu.New()}, nil
	}
	return o.open(ctx, adapters[0])
}

func (o Opening) system() device.System {
	if o.Devices == nil {
		return device.Local{}
	}
	return o.Devices
}

// errRefused: a device did not pass the check.
var errRefused = errors.New("refused")

// open checks a device, opens it and plans its memory.
func (o Opening) open(ctx context.Context, a device.Adapter) (Opened, error) {
	info := device.InfoOf(a)
	if o.Trusted != a.Path && !strings.HasPrefix(o.Trusted, a.Path+"/") { // an engine adds to its device's what it found there
		report, err := o.system().Check(ctx, a)
		switch {
		case ctx.Err() != nil:
			return Opened{}, ctx.Err()
		case err != nil:
			return o.without(&info, fmt.Errorf("%w: %w", errRefused, err))
		case !report.Passed:
			return o.without(&info, fmt.Errorf("%w: %v where %.2g is allowed", errRefused, report.Worst, report.Tolerance))
		}
		info.Checked = float64(report.Worst.L2)
	}
	opened, err := o.system().Open(a)
	if err != nil {
		return o.without(&info, err)
	}
	if o.Batch > 0 {
		if info.Memory, err = opened.Memory(o.Spec, o.Batch); err != nil {
			return o.without(&info, errors.Join(err, opened.Close()))
		}
	}
	return Opened{Engine: device.Guard(opened, info, o.Hung), Device: &info, close: opened.Close}, nil
}

// without is the CPU instead of a device, where that is right, or the error.
func (o Opening) without(info *device.Info, err error) (Opened, error) {
	if info != nil {
		err = fmt.Errorf("%v: %w", info, err)
	}
	if !o.Must && !errors.Is(err, errRefused) {
		return Opened{}, err
	}
	return Opened{Engine: cpu.New(), Warning: "The CPU computes, not the device: " + strings.TrimSuffix(err.Error(), ".") + "."}, nil
}
