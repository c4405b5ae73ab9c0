package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"smoothscape/landscape/gridfile"
	planes "smoothscape/landscape/slice"
	"smoothscape/trainer"
	"smoothscape/trainer/engine"
)

// sliceOptions are the flags of slice.
type sliceOptions struct {
	level    int
	images   int
	seed     uint64
	norm     string
	lift     bool
	engine   string
	dataset  string
	along    string
	recipe   planes.Recipe
	normal   string
	with     []string
	refining refining
	out      string
	asJSON   bool
	given    func(flag string) bool // whether a flag was given
}

func newSliceCommand(tty *terminal) *cobra.Command {
	o := &sliceOptions{}
	finest := sliceLevels().Count - 1
	cmd := &cobra.Command{
		Use:   "slice CHECKPOINT",
		Short: "Compute the loss on a plane through a checkpoint's parameters",
		Long: `Compute the loss on a plane through a network's parameters, the picture that the dashboard shows of a run:
L(θ + α·d₁ + β·d₂) for α and β from −1.75 to 1.75, the part to show being −1 to 1. The two directions are
random, filter-normalized, and the same for all checkpoints of one seed. The JSON also holds ‖d₁‖ and ‖d₂‖,
δ = ηC/√b at the checkpoint, the magnification that makes this δ a tenth of the part to show, and the lift:
what smoothing by δ does at the center in all dimensions at once.

Other planes (--along): gradient, with a random direction at right angles; hessian, the eigenvectors of the two
largest eigenvalues; checkpoints, through this one and two others (--with A.ckpt,B.ckpt); path, the first two
principal components of a run's checkpoints, with where each one is projected and how far it is from the plane.

Batch normalization goes by the statistics that the training has stored, the same ones in the whole picture, as
the network does when it is used. With --batch-norm recomputed it goes at each point by mean and variance of all
images of the slice, as in training: far from the checkpoint the stored ones fit no more, and the loss is far higher.

The finest level, 49 × 49 points, costs 2401 losses; each level less costs a quarter. A large network gets
fewer images and levels, unless --images and --level say otherwise.`,
		Example: `  smoothscape slice convnet-seed1.ckpt -o convnet.json
  smoothscape figure --slice convnet.json -o convnet.png
  smoothscape slice last.ckpt --along path --with first.ckpt,middle.ckpt -o path.json
  smoothscape slice run.ckpt --tolerance 0.01 --samples run.samples -o run.json      a tenth of the losses
  smoothscape slice run.ckpt --along hessian --level 1 -o curved.h5      for the tools of Li et al. 2018
  smoothscape slice run.ckpt --level 1 --images 128 --dataset ~/images > quick.json`,
		Args: words("one file with a checkpoint, as `smoothscape train` writes it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), tty, dataFolder(cmd), args[0])
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.level, "level", finest, "how fine: 0 (7 × 7 points) … 3 (49 × 49); of a large network less by default")
	f.IntVar(&o.images, "images", sliceImages, "training images behind each loss, always the same ones; of a large network fewer by default")
	f.Uint64Var(&o.seed, "seed", 0, "of the two directions (default: the run's)")
	f.BoolVar(&o.lift, "lift", true, "measure the lift; --lift=false leaves it out")
	f.StringVar(&o.engine, "engine", "", "who computes: "+engineWords()+" (default: who computed the checkpoint)")
	f.StringVar(&o.dataset, "dataset", "", "folder or name of the images (default: the name in the checkpoint)")
	f.StringVar(&o.along, "along", alongRandom, "directions: random, gradient, hessian, checkpoints, path")
	f.StringVar(&o.normal, "normalize", string(planes.Filter), "how random directions are scaled: "+normalizationNames())
	f.BoolVar(&o.recipe.Biases, "biases", false, "let biases and batch normalization take part in random directions")
	f.BoolVar(&o.recipe.Orthogonal, "orthogonal", false, "turn the second random direction at right angles to the first")
	f.StringVar(&o.norm, "batch-norm", normStored, "statistics of batch normalization: "+normStored+" (the checkpoint's), or "+normRecomputed+" at each point from all images of the slice")
	f.StringSliceVar(&o.with, "with", nil, "other checkpoints of the network, for --along checkpoints (two) and path (two or more, oldest first)")
	f.Float64Var(&o.refining.tolerance, "tolerance", 0, "compute losses only until the rest are known to this share of the range, such as 0.01 (default: compute all)")
	f.IntVar(&o.refining.budget, "budget", 0, "losses of --tolerance at most (default: any number)")
	f.StringVar(&o.refining.file, "samples", "", "file that keeps the losses of --tolerance: a slice that was stopped goes on from there")
	f.StringVarP(&o.out, "out", "o", "", "file: .npz, .csv, the reference implementation's .h5, else JSON (default: JSON on standard output)")
	f.BoolVar(&o.asJSON, "json", false, "print the picture as a line of JSON after each level, not the finest alone")
	return cmd
}

// run computes the slice and writes it when it is whole.
func (o *sliceOptions) run(ctx context.Context, tty *terminal, data, file string) error {
	work, err := o.prepare(ctx, data, file)
	if err != nil {
		return err
	}
	work.tell = tty.err
	slice, err := o.compute(ctx, tty, work, runName(file))
	if ctx.Err() != nil {
		if o.refining.file != "" {
			fmt.Fprintf(tty.err, "Stopped; the same command goes on from %s.\n", o.refining.file)
		} else {
			fmt.Fprintln(tty.err, "Stopped; nothing was written.")
		}
		return errAlreadyTold
	}
	if err != nil {
		return err
	}
	if format, ok := surfaceFormat(o.out); ok {
		surface := surfaceOfSlice(slice)
		if err := replaceFile(o.out, func(w io.Writer) error { return gridfile.Write(w, format, surface) }); err != nil {
			return fmt.Errorf("writing the slice: %w", err)
		}
		return nil
	}
	text, err := json.Marshal(slice)
	if err != nil {
		return fmt.Errorf("writing the slice: %w", err)
	}
	text = append(text, '\n')
	if o.toStdout() {
		if o.asJSON {
			return nil // the last line was this one
		}
		_, err = tty.out.Write(text)
		return err
	}
	err = replaceFile(o.out, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing the slice: %w", err)
	}
	return nil
}

func (o *sliceOptions) toStdout() bool { return o.out == "" || o.out == "-" }

// runName is the checkpoint's file name without its ending.
func runName(file string) string { return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) }

// prepare checks the flags, and reads the checkpoint and its images.
func (o *sliceOptions) prepare(ctx context.Context, data, file string) (sliceWork, error) {
	finest := sliceLevels().Count - 1
	if o.given("level") && (o.level < 0 || o.level > finest) {
		return sliceWork{}, &fault{Field: "level", Doing: "reading --level", Expected: fmt.Sprintf("0 to %d", finest), Found: fmt.Sprint(o.level), Advice: "Leave it away for the finest."}
	}
	if o.given("images") && o.images < 1 {
		return sliceWork{}, &fault{Field: "images", Doing: "reading --images", Expected: "a whole number from 1 on", Found: fmt.Sprint(o.images), Advice: fmt.Sprintf("The dashboard takes %d.", sliceImages)}
	}
	if o.given("tolerance") && !(o.refining.tolerance > 0 && o.refining.tolerance < 1) {
		return sliceWork{}, &fault{Field: "tolerance", Doing: "reading --tolerance", Expected: "a share of the range above 0 and below 1", Found: fmt.Sprint(o.refining.tolerance), Advice: "0.01 is a good one."}
	}
	for _, flag := range []string{"samples", "budget"} {
		if o.given(flag) && !o.given("tolerance") {
			return sliceWork{}, &fault{Field: flag, Doing: "reading --" + flag, Expected: "it together with --tolerance", Found: "it alone", Advice: "Add --tolerance 0.01."}
		}
	}
	if o.refining.budget < 0 {
		return sliceWork{}, &fault{Field: "budget", Doing: "reading --budget", Expected: "a whole number above 0", Found: fmt.Sprint(o.refining.budget)}
	}
	if o.refining.file != "" {
		if err := checkWritable("samples", o.refining.file); err != nil {
			return sliceWork{}, err
		}
	}
	if !o.toStdout() {
		if format, err := gridfile.FormatOf(o.out); err == nil && format == gridfile.NPY {
			return sliceWork{}, &fault{Field: "out", Doing: "reading --out", Expected: "a format with room for the axes", Found: quoted(o.out), Advice: "Take .npz, .csv, .h5 or .json."}
		}
		if err := checkWritable("out", o.out); err != nil {
			return sliceWork{}, err
		}
	}
	checkpoint, set, err := checkpointAndImages(ctx, data, file, o.dataset, o.given("dataset"))
	if err != nil {
		return sliceWork{}, err
	}
	if err := o.checkNorm(checkpoint.Spec); err != nil {
		return sliceWork{}, err
	}
	plane, err := o.plane(checkpoint)
	if err != nil {
		return sliceWork{}, err
	}
	plan := planSlice(checkpoint.Spec)
	if o.given("level") {
		plan.Levels = o.level + 1
	}
	if o.given("images") {
		plan.Images = o.images
	}
	work := sliceWork{
		checkpoint: checkpoint, engine: o.engine, set: set, images: plan.Images, seed: checkpoint.Config.Seed, levels: plan.Levels, of: finest + 1,
		evaluators: runtime.GOMAXPROCS(0), throttle: &throttle{}, plane: plane, refining: o.refining, recomputed: o.norm == normRecomputed,
	}
	if work.recomputed && work.images > mostRecomputed {
		return sliceWork{}, &fault{Field: "images", Doing: "reading --images for --batch-norm " + normRecomputed, Expected: fmt.Sprintf("at most %d, which go through the network at once", mostRecomputed), Found: fmt.Sprint(work.images), Advice: "Take fewer images, or the stored statistics."}
	}
	if o.given("seed") {
		work.seed = o.seed
	}
	if delta, ok := checkpoint.NoiseLevel(); ok && o.lift {
		work.delta = finite(delta)
	}
	return work, nil
}

// checkNorm holds --batch-norm to the network.
func (o *sliceOptions) checkNorm(spec engine.Spec) error {
	bad := func(expected, found, advice string) error {
		return &fault{Field: "batch-norm", Doing: "reading --batch-norm", Expected: expected, Found: found, Advice: advice}
	}
	switch {
	case o.norm != normStored && o.norm != normRecomputed:
		return bad(normStored+" or "+normRecomputed, quoted(o.norm), "")
	case o.norm == normRecomputed && !spec.HasBatchNorm():
		return bad("a network with batch normalization", "one without", "Leave it away.")
	}
	return nil
}

// plane is what --along and its companions say, with the other checkpoints read.
func (o *sliceOptions) plane(center *trainer.Checkpoint) (planeChoice, error) {
	o.recipe.Normalization = planes.Normalization(o.normal)
	if err := o.recipe.Validate(); err != nil {
		return planeChoice{}, &fault{Field: "normalize", Doing: "reading --normalize", Expected: "one of " + normalizationNames(), Found: quoted(o.normal)}
	}
	choice := planeChoice{along: o.along, recipe: o.recipe}
	least, most := 0, 0
	switch o.along {
	case alongRandom, alongGradient, alongHessian:
	case alongCheckpoints:
		least, most = 2, 2
	case alongPath:
		least, most = 2, 1000
	default:
		return choice, &fault{Field: "along", Doing: "reading --along", Expected: "random, gradient, hessian, checkpoints or path", Found: quoted(o.along)}
	}
	if n := len(o.with); n < least || n > most {
		expected := map[bool]string{true: "no other checkpoints", false: fmt.Sprintf("%d to %d other checkpoints", least, most)}[most == 0]
		return choice, &fault{Field: "with", Doing: "reading --with for --along " + o.along, Expected: expected, Found: fmt.Sprint(n), Advice: "Join their names by commas."}
	}
	for _, name := range o.with {
		other, err := loadCheckpoint(name)
		if err != nil {
			return choice, err
		}
		if !reflect.DeepEqual(other.Spec, center.Spec) {
			return choice, &fault{Field: "with", Doing: "reading the checkpoint " + quoted(name), Expected: "one of the same network", Found: "another network", Advice: "Give checkpoints of one run."}
		}
		choice.others = append(choice.others, otherCheckpoint{name: runName(name), step: other.Step, params: other.Params})
	}
	return choice, nil
}

// surfaceFormat is the format of a file that is not JSON.
func surfaceFormat(name string) (gridfile.Format, bool) {
	format, err := gridfile.FormatOf(name)
	return format, err == nil && format != gridfile.NPY
}

// surfaceOfSlice is the slice as other programs read it. Losses that are not finite are NaN.
func surfaceOfSlice(s Slice) gridfile.Surface {
	z := make([]float64, len(s.Z))
	for i, v := range s.Z {
		if z[i] = v; math.Abs(v) > math.MaxFloat32 {
			z[i] = math.NaN()
		}
	}
	return gridfile.Surface{
		X: s.Alphas, Y: s.Betas, Values: []gridfile.Values{{Name: "train_loss", Z: z}},
		Notes: []gridfile.Note{{Name: "label", Text: s.Label}, {Name: "dir_file", Text: s.Run}, {Name: "norms", Text: fmt.Sprintf("%.7g %.7g", s.Norms[0], s.Norms[1])}},
	}
}

// compute samples the plane while the terminal shows how far it is.
func (o *sliceOptions) compute(ctx context.Context, tty *terminal, work sliceWork, run string) (Slice, error) {
	losses := sliceLevels().Nodes(work.levels - 1)
	total := losses * losses
	if work.delta != nil {
		total += 2*slicePairs + 1
	}
	bar := newProgress(tty.err, int64(total), "losses")
	defer bar.end()
	work.onLosses = func(n int) { bar.add(int64(n)) }
	var delta *float64
	if level, ok := work.checkpoint.NoiseLevel(); ok {
		delta = finite(level)
	}
	var slice Slice
	err := work.sample(ctx, func(line sliceLine) error {
		switch {
		case line.Level != nil:
			lift := slice.Lift
			// The run's first δ is not in its checkpoint: the newest decides the magnification.
			slice = newSlice(run, work.checkpoint.Step, delta, delta, line.Level)
			slice.Lift = lift
			n := len(slice.Alphas)
			if slice.Evaluated > 0 {
				expected := "unknown"
				if slice.Expected != nil {
					expected = fmt.Sprintf("%.2g %%", 100**slice.Expected)
				}
				bar.line("%s of %s losses %s, expected error of the others %s of the range", grouped(slice.Evaluated), grouped(n*n), computedOn(slice.Device), expected)
			} else {
				bar.line("level %d of %d: %d × %d points, %s", slice.Level, slice.Levels-1, n, n, computedOn(slice.Device))
			}
		case line.Lift != nil:
			slice.Lift = line.Lift
			bar.line("lift at the center: %.3g ± %.2g for δ = %.3g", line.Lift.Mean, line.Lift.StdErr, line.Lift.Delta)
		}
		if o.asJSON {
			return lineWriter{tty.out}.write(slice)
		}
		return nil
	})
	return slice, err
}
