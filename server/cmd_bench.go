package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"smoothscape/trainer"
	"smoothscape/trainer/bench"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// benchOptions are the flags of train that measure instead of training.
type benchOptions struct {
	on       bool
	dump     bool
	forward  bool
	batch    int
	workers  int
	steps    int
	duration time.Duration
	input    string
	classes  int
}

// benchFlags are those that train needs --bench or --dump-spec for, and shared those of train that these two listen to.
var (
	benchFlags = []string{"forward", "workers", "steps", "duration", "input", "classes"}
	shared     = []string{"bench", "dump-spec", "batch", "model", "engine", "spec", "json", "data"}
)

// register adds the flags.
func (o *benchOptions) register(f *pflag.FlagSet) {
	f.BoolVar(&o.on, "bench", false, "train nothing: measure how fast an engine computes a network, on random images")
	f.BoolVar(&o.dump, "dump-spec", false, "train nothing: print the network as JSON, which --spec takes")
	f.BoolVar(&o.forward, "forward", false, "with --bench: the loss alone instead of a training step")
	f.IntVar(&o.batch, "batch", 128, "images of a step: the same as --batch-size, and with --bench 128 unless it is given")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "with --bench: cores to use")
	f.IntVar(&o.steps, "steps", 0, "with --bench: steps to time (default: as many as --duration takes, at least 5)")
	f.DurationVar(&o.duration, "duration", 2*time.Second, "with --bench: how long to time steps")
	f.StringVar(&o.input, "input", "3x32x32", "with --bench or --dump-spec: channels, height and width of an image")
	f.IntVar(&o.classes, "classes", 100, "with --bench or --dump-spec: number of classes")
}

// wanted says whether a measurement or a specification was asked for; flags that do not go together are *fault.
func (o *benchOptions) wanted(f *pflag.FlagSet) (bool, error) {
	wanted := o.on || o.dump
	var wrong error
	f.Visit(func(given *pflag.Flag) {
		switch own := slices.Contains(benchFlags, given.Name); {
		case own && !wanted:
			wrong = errors.Join(wrong, &fault{Field: given.Name, Doing: "reading --" + given.Name, Expected: "--bench beside it", Found: "a training run", Advice: "Add --bench, or leave --" + given.Name + " away."})
		case wanted && !own && !slices.Contains(shared, given.Name):
			wrong = errors.Join(wrong, &fault{
				Field: given.Name, Doing: "reading --" + given.Name, Expected: "flags of a measurement", Found: "one of a training run",
				Advice: "Leave it away: --bench and --dump-spec train nothing.",
			})
		}
	})
	return wanted, wrong
}

// run prints the network that the flags of train choose, or measures it.
func (o *benchOptions) run(ctx context.Context, tty *terminal, train *trainOptions) error {
	spec, err := o.network(train)
	if err != nil {
		return err
	}
	if o.dump {
		encoder := json.NewEncoder(tty.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(spec)
	}
	if err := o.check(); err != nil {
		return err
	}
	opened, err := trainer.OpenEngine(ctx, train.config.Engine, trainer.Opening{Devices: devices{}, Spec: spec, Batch: o.batch, Hung: exitHung(tty.err)})
	if err != nil {
		return configFaults(err)
	}
	defer func() { _ = opened.Close() }() // the program ends right after
	if opened.Warning != "" {
		fmt.Fprintln(tty.err, "smoothscape:", opened.Warning)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(o.workers))
	mode := bench.Train
	if o.forward {
		mode = bench.Forward
	}
	options := bench.Options{Batch: o.batch, Mode: mode, Steps: o.steps, Time: o.duration}
	result := benchReport{Device: opened.Device}
	result.Result, err = bench.Measure(ctx, opened.Engine, spec, options)
	if err == nil && opened.Device != nil {
		err = result.compare(ctx, tty, opened.Engine, spec, options)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(tty.err, "Stopped; nothing was measured.")
		return errAlreadyTold
	case errors.Is(err, engine.ErrUnsupported), errors.Is(err, engine.ErrShape):
		return &fault{Field: "engine", Doing: "building the network", Expected: "one that the engine can express", Found: err.Error(), Advice: "Choose another --engine."}
	case err != nil:
		return err
	case train.asJSON:
		return json.NewEncoder(tty.out).Encode(result)
	}
	return writeBench(tty.out, result)
}

// benchReport is a measurement, and of a device what others need for the same steps. Its JSON is what --json prints.
type benchReport struct {
	bench.Result
	Device *device.Info       `json:"device,omitempty"`
	CPU    *bench.Result      `json:"cpu,omitempty"`   // the CPU engine on this machine
	Torch  *bench.TorchResult `json:"torch,omitempty"` // PyTorch on this machine; nil: there is none
}

// compare measures what a device's figures should be seen beside.
func (r *benchReport) compare(ctx context.Context, tty *terminal, e engine.Engine, spec engine.Spec, options bench.Options) error {
	peak, err := bench.MatmulPeak(ctx, e)
	if err != nil {
		return err
	}
	r.PeakGFlops, r.PeakShare = peak, r.GFlops/peak
	beside, err := bench.Measure(ctx, cpu.New(), spec, options)
	if err != nil {
		return err
	}
	r.CPU = &beside
	torch, err := bench.Torch(ctx, spec, options)
	switch {
	case err == nil:
		r.Torch = &torch
	case !errors.Is(err, bench.ErrNoTorch):
		fmt.Fprintln(tty.err, "smoothscape:", err)
	}
	return nil
}

// check refuses numbers that make no sense, all at once.
func (o *benchOptions) check() error {
	between := func(flag string, n, least, most int, advice string) error {
		if n >= least && n <= most {
			return nil
		}
		return &fault{Field: flag, Doing: "reading --" + flag, Expected: fmt.Sprintf("a number from %d to %d", least, most), Found: fmt.Sprint(n), Advice: advice}
	}
	err := errors.Join(
		between("batch", o.batch, 1, 1<<20, "Type a number such as 128."),
		between("workers", o.workers, 1, 1<<10, fmt.Sprintf("This machine has %d cores.", runtime.NumCPU())),
		between("steps", o.steps, 0, 1<<16, "Leave it away to time as many as --duration takes."),
	)
	if o.duration < 0 || o.duration > time.Hour {
		err = errors.Join(err, &fault{Field: "duration", Doing: "reading --duration", Expected: "a time of at most an hour", Found: o.duration.String(), Advice: "Type one such as 2s."})
	}
	return err
}

// network is the file of --spec, or the model for --input and --classes. What a file leaves out comes from there too.
func (o *benchOptions) network(train *trainOptions) (engine.Spec, error) {
	var shape engine.Shape
	if _, err := fmt.Sscanf(o.input, "%dx%dx%d", &shape.C, &shape.H, &shape.W); err != nil || fmt.Sprintf("%dx%dx%d", shape.C, shape.H, shape.W) != o.input {
		return engine.Spec{}, &fault{Field: "input", Doing: "reading --input", Expected: "channels, height and width", Found: quoted(o.input), Advice: "Type them like 3x32x32."}
	}
	misfit := func(field, what string, err error) error {
		return &fault{Field: field, Doing: "fitting " + what + " to --input " + o.input, Expected: "a network for images of this size", Found: err.Error(), Advice: "Choose another, or other --input or --classes."}
	}
	if train.spec == "" {
		model := train.config.Model
		if !slices.Contains(engine.Models(), model) {
			return engine.Spec{}, &fault{Field: "model", Doing: "reading --model", Expected: "one of " + strings.Join(engine.Models(), ", "), Found: quoted(model), Advice: "Choose one of these, or a file with --spec."}
		}
		spec, err := engine.SpecFor(model, shape, o.classes)
		if err != nil {
			return spec, misfit("input", "model "+model, err)
		}
		return spec, nil
	}
	if train.given("model") {
		return engine.Spec{}, &fault{Field: "spec", Doing: "reading --spec beside --model", Expected: "one network", Found: "two", Advice: "Leave one of them out."}
	}
	spec, err := specFile(train.spec)
	if err != nil {
		return engine.Spec{}, err
	}
	if train.given("input") || spec.Input == (engine.Shape{}) {
		spec.Input = shape
	}
	if train.given("classes") || spec.Classes == 0 {
		spec.Classes = o.classes
	}
	if err := spec.Validate(); err != nil {
		return engine.Spec{}, misfit("spec", quoted(train.spec), err)
	}
	return *spec, nil
}

// writeBench prints a measurement for people.
func writeBench(w io.Writer, r benchReport) error {
	what := "training step"
	if r.Mode == bench.Forward {
		what = "forward pass"
	}
	var text strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&text, "  %-10s%s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&text, "%s, %s parameters: %s of %d images of %v, %s on %s\n", r.Model, grouped(r.Parameters), what, r.Batch, r.Input, counted(r.Workers, "worker"), r.Path)
	line("images/s", "%s", plain(r.ImagesPerSecond))
	steps := fmt.Sprintf("%.4g median, %.4g least of %d", r.MedianMS, r.MinMS, r.Steps)
	if r.CoresKnown {
		steps += fmt.Sprintf("; %.4g of processor time", r.ProcessorMS)
	}
	line("ms a step", "%s", steps)
	switch {
	case r.Device != nil:
		line("device", "%v, %.4g MB planned on it", *r.Device, float64(r.Device.Memory)/1e6)
		line("GFLOP/s", "%.4g, %.0f %% of what it reaches with large matrices (%.4g)", r.GFlops, 100*r.PeakShare, r.PeakGFlops)
	case r.PeakGFlops > 0:
		line("GFLOP/s", "%.4g, %.0f %% of the peak of %.4g", r.GFlops, 100*r.PeakShare, r.PeakGFlops)
	default:
		line("GFLOP/s", "%.4g (this engine measures no peak)", r.GFlops)
	}
	total := 0.0
	for _, k := range r.Kernels {
		total += k.MS
	}
	for i, k := range r.Kernels {
		name := ""
		if i == 0 {
			name = "kernels"
		}
		more := ""
		if k.GFlops > 0 {
			more = fmt.Sprintf(", %.4g GFLOP/s", k.GFlops)
		}
		line(name, "%-20s %3d a step, %8.4g ms, %3.0f %%%s", k.Name, k.Calls, k.MS, 100*k.MS/max(total, 1e-9), more)
	}
	if len(r.Kernels) > 0 {
		line("", "each by itself between two waits; together %.4g ms", total)
	}
	if r.CoresKnown {
		line("cores", "%.2f used; free for %s: %.2f before, %.2f after", r.CoresUsed, counted(r.Workers, "spinning worker"), r.CoresBefore, r.CoresAfter)
	} else {
		line("cores", "this system does not tell how many were free")
	}
	if r.PeakMemory > 0 {
		line("memory", "%.0f MB at most", float64(r.PeakMemory)/1e6)
	}
	if r.CPU != nil {
		line("CPU", "%.4g images/s on %s: the device is %.3g times as fast", r.CPU.ImagesPerSecond, r.CPU.Path, r.ImagesPerSecond/r.CPU.ImagesPerSecond)
		if r.Torch != nil {
			line("PyTorch", "%.4g images/s, version %s on %s, %s: the device is %.3g times as fast", r.Torch.ImagesPerSecond, r.Torch.Version, r.Torch.Device, r.Torch.Layout, r.ImagesPerSecond/r.Torch.ImagesPerSecond)
		} else {
			line("PyTorch", "python3 has none here")
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
