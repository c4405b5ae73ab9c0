package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"smoothscape/trainer/measure"
)

// measureOptions are the flags of measure.
type measureOptions struct {
	what    []string
	request measure.Request // what is not given follows the checkpoint, see measureDefaults
	engine  string
	dataset string
	out     string
	asJSON  bool
	given   func(flag string) bool // whether a flag was given
}

func newMeasureCommand(tty *terminal) *cobra.Command {
	o := &measureOptions{request: measure.DefaultRequest()}
	cmd := &cobra.Command{
		Use:   "measure CHECKPOINT",
		Short: "Measure a network: gradient noise, δ, sharpness, Hessian",
		Long: `Measure the network of a checkpoint: how far the gradients of single images spread (C), how much the noise of
mini-batches smooths the loss (δ), how that noise is distributed, and how sharp and how curved the loss is.
Each number comes with its definition, its unit, and its standard error where it has one. Everything is
computed on training images, with batch normalization as in evaluation.

What can be asked for, cheapest first (` + "`--what all`" + ` for everything):
` + measureTable() + `
Progress goes to standard error, the result to standard output; --json gives it whole, with the series for
pictures. The same seed gives the same numbers on the same engine.`,
		Example: `  smoothscape measure convnet-seed1.ckpt
  smoothscape measure run.ckpt --what c,noise-scale --images 4096
  smoothscape measure run.ckpt --what hessian,density --images 512 --json > curvature.json`,
		Args: words("one file with a checkpoint, as `smoothscape train` writes it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), tty, dataFolder(cmd), args[0])
		},
	}
	f, r := cmd.Flags(), &o.request
	f.StringSliceVar(&o.what, "what", []string{"spread", "smoothing", "sharpness"}, "what to measure, separated by commas")
	f.IntVar(&r.Images, "images", r.Images, "training images to measure on, chosen by --seed; 0: all; of a large network fewer by default")
	f.Uint64Var(&r.Seed, "seed", r.Seed, "of everything random: same seed, same numbers")
	f.StringVar(&o.engine, "engine", "", "who computes: "+engineWords()+" (default: who computed the checkpoint)")
	f.StringVar(&o.dataset, "dataset", "", "folder or name of the images (default: the name in the checkpoint)")
	f.Float64Var(&r.LearningRate, "learning-rate", 0, "η of the update whose δ is asked (default: the run's next one)")
	f.IntVar(&r.BatchSize, "batch-size", 0, "b of that update (default: the run's next one)")
	f.Float64Var(&r.Momentum, "momentum", 0, "momentum of that update (default: the run's)")
	f.Float64Var(&r.MomentOrder, "moment-order", r.MomentOrder, "p of the heavy-tailed δ_p, above 1 and at most 2")
	f.IntVar(&r.Samples, "samples", r.Samples, "images whose own gradients give C")
	f.IntVar(&r.Pairs, "pairs", r.Pairs, "pairs of batches for each of the other estimates of C")
	f.IntVar(&r.NoiseBatches, "noise-batches", r.NoiseBatches, "mini-batches for the distribution of the noise")
	f.IntVar(&r.Coordinates, "coordinates", r.Coordinates, "coordinates whose noise is kept")
	f.Float64Var(&r.Radius, "radius", r.Radius, "ρ of plain sharpness")
	f.Float64Var(&r.AdaptiveRadius, "adaptive-radius", r.AdaptiveRadius, "ρ of adaptive sharpness, relative to |w|")
	f.IntVar(&r.Iterations, "iterations", r.Iterations, "ascent steps a batch of the worst case")
	f.IntVar(&r.Perturbations, "perturbations", r.Perturbations, "antithetic pairs a batch of the average")
	f.Float64Var(&r.KeskarEpsilon, "keskar-epsilon", r.KeskarEpsilon, "half-width of Keskar's box")
	f.IntVar(&r.Eigenvalues, "eigenvalues", r.Eigenvalues, "largest eigenvalues to report")
	f.IntVar(&r.LanczosSteps, "lanczos-steps", r.LanczosSteps, "Hessian-vector products of a Lanczos run")
	f.IntVar(&r.TraceVectors, "trace-vectors", r.TraceVectors, "random vectors of the trace")
	f.IntVar(&r.DensityRuns, "density-runs", r.DensityRuns, "random starts of the spectral density")
	f.IntVar(&r.CurvedImages, "curved-images", r.CurvedImages, "images whose gradients meet the Hessian in B_noise")
	f.BoolVar(&r.Double, "double", r.Double, "Hessian in double precision: right for networks with ReLU, and far slower; off by default for large networks")
	f.StringVarP(&o.out, "out", "o", "", "file of the result (default: standard output)")
	f.BoolVar(&o.asJSON, "json", false, "the result as JSON, with the series for pictures")
	return cmd
}

// measureTable lists what can be measured.
func measureTable() string {
	var text strings.Builder
	for _, c := range measureChoices() {
		fmt.Fprintf(&text, "  %-10s %s\n", c.Kind, c.Title)
	}
	return text.String()
}

// run measures, and writes the report when it is whole.
func (o *measureOptions) run(ctx context.Context, tty *terminal, data, file string) error {
	work, err := o.prepare(ctx, data, file)
	if err != nil {
		return err
	}
	work.tell = tty.err
	report, err := o.measure(ctx, tty, work)
	if ctx.Err() != nil {
		fmt.Fprintln(tty.err, "Stopped; nothing was written.")
		return errAlreadyTold
	}
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		if o.asJSON {
			return writeReportJSON(w, work.checkpoint, report)
		}
		return writeReport(w, work.checkpoint, report)
	}
	if o.out == "" || o.out == "-" {
		return write(tty.out)
	}
	if err := replaceFile(o.out, write); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// prepare checks the flags, and reads the checkpoint and its images.
func (o *measureOptions) prepare(ctx context.Context, data, file string) (measureWork, error) {
	if o.out != "" && o.out != "-" {
		if err := checkWritable("out", o.out); err != nil {
			return measureWork{}, err
		}
	}
	checkpoint, set, err := checkpointAndImages(ctx, data, file, o.dataset, o.given("dataset"))
	if err != nil {
		return measureWork{}, err
	}
	given, err := o.asked()
	if err != nil {
		return measureWork{}, err
	}
	request, err := requestOver(measureDefaults(checkpoint.Config, checkpoint.Spec, checkpoint.Epoch, set.Train.Len()), given, set.Train.Len())
	if err != nil {
		return measureWork{}, flagFaults(err)
	}
	return measureWork{checkpoint: checkpoint, engine: o.engine, set: set, request: request}, nil
}

// flagsOfRequest names the flag of each field of a measure.Request.
func flagsOfRequest() map[string]string {
	return map[string]string{
		"what": "what", "images": "images", "seed": "seed", "learningRate": "learning-rate", "batchSize": "batch-size", "momentum": "momentum",
		"momentOrder": "moment-order", "samples": "samples", "pairs": "pairs", "noiseBatches": "noise-batches", "coordinates": "coordinates",
		"radius": "radius", "adaptiveRadius": "adaptive-radius", "iterations": "iterations", "perturbations": "perturbations",
		"keskarEpsilon": "keskar-epsilon", "eigenvalues": "eigenvalues", "lanczosSteps": "lanczos-steps", "traceVectors": "trace-vectors",
		"densityRuns": "density-runs", "curvedImages": "curved-images", "double": "double",
	}
}

// asked is what was given, as the fields of a request.
func (o *measureOptions) asked() (json.RawMessage, error) {
	for _, v := range []float64{o.request.LearningRate, o.request.Momentum, o.request.MomentOrder, o.request.Radius, o.request.AdaptiveRadius, o.request.KeskarEpsilon} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, &fault{Doing: "reading the flags", Expected: "finite numbers", Found: fmt.Sprint(v), Advice: "Type a number such as 0.001."}
		}
	}
	text, err := json.Marshal(o.request)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	for field, flag := range flagsOfRequest() {
		if !o.given(flag) {
			delete(fields, field)
		}
	}
	what := o.what
	if len(what) == 1 && what[0] == "all" {
		what = nil
		for _, kind := range measure.Kinds() {
			what = append(what, string(kind))
		}
	}
	if fields["what"], err = json.Marshal(what); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

// flagFaults turns the fields of faults into the names of flags.
func flagFaults(err error) error {
	known := faults(err)
	if len(known) == 0 {
		return err
	}
	flags := flagsOfRequest()
	var all []error
	for _, f := range known {
		named := *f
		if flag, ok := flags[f.Field]; ok {
			named.Field, named.Doing = flag, "reading --"+flag
		}
		all = append(all, &named)
	}
	return errors.Join(all...)
}

// measure runs while the terminal shows how far it is.
func (o *measureOptions) measure(ctx context.Context, tty *terminal, work measureWork) (*measure.Report, error) {
	c := work.checkpoint
	fmt.Fprintf(tty.err, "%s at update %s: %s parameters, %s of %s images\n", c.Config.Model, grouped(c.Step), grouped(len(c.Params)), grouped(work.request.Population(work.set.Train.Len())), grouped(work.set.Train.Len()))
	var bar *progress
	defer func() { bar.end() }()
	total, group := 0, measure.Kind("")
	return work.run(ctx, func(p measure.Progress) {
		if bar == nil {
			total = p.Total
			bar = newProgress(tty.err, int64(total), "images")
		}
		if p.Total != total {
			total = p.Total
			bar.resize(int64(total))
		}
		if p.Group != group {
			if group = p.Group; bar.bar == nil {
				bar.line("%s", group.Title())
			}
			bar.describe(group.Title())
		}
		bar.set(int64(min(p.Done, p.Total)))
	})
}
