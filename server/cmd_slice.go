package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"smoothscape/trainer"
)

// sliceOptions are the flags of slice.
type sliceOptions struct {
	level   int
	images  int
	seed    uint64
	lift    bool
	engine  string
	dataset string
	out     string
	asJSON  bool
	given   func(flag string) bool // whether a flag was given
}

func newSliceCommand(tty *terminal) *cobra.Command {
	o := &sliceOptions{}
	finest := sliceLevels().Count - 1
	cmd := &cobra.Command{
		Use:   "slice CHECKPOINT",
		Short: "Compute the loss on a plane through a checkpoint's parameters, as JSON",
		Long: `Compute the loss on a plane through a network's parameters, the picture that the dashboard shows of a run:
L(θ + α·d₁ + β·d₂) for α and β from −1.75 to 1.75, the part to show being −1 to 1. The two directions are
random, filter-normalized, and the same for all checkpoints of one seed. The JSON also holds ‖d₁‖ and ‖d₂‖,
δ = ηC/√b at the checkpoint, the magnification that makes this δ a tenth of the part to show, and the lift:
what smoothing by δ does at the center in all dimensions at once.

The finest level, 49 × 49 points, costs 2401 losses; each level less costs a quarter. A large network gets
fewer images and levels, unless --images and --level say otherwise.`,
		Example: `  smoothscape slice convnet-seed1.ckpt -o convnet.json
  smoothscape figure --slice convnet.json -o convnet.png
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
	f.StringVar(&o.engine, "engine", "", "who computes: "+strings.Join(trainer.EngineNames(), ", ")+" (default: who computed the checkpoint)")
	f.StringVar(&o.dataset, "dataset", "", "folder or name of the images (default: the name in the checkpoint)")
	f.StringVarP(&o.out, "out", "o", "", "file of the JSON (default: standard output)")
	f.BoolVar(&o.asJSON, "json", false, "print the picture as a line of JSON after each level, not the finest alone")
	return cmd
}

// run computes the slice and writes it when it is whole.
func (o *sliceOptions) run(ctx context.Context, tty *terminal, data, file string) error {
	work, err := o.prepare(ctx, data, file)
	if err != nil {
		return err
	}
	slice, err := o.compute(ctx, tty, work, runName(file))
	if ctx.Err() != nil {
		fmt.Fprintln(tty.err, "Stopped; nothing was written.")
		return errAlreadyTold
	}
	if err != nil {
		return err
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
	if !o.toStdout() {
		if err := checkWritable("out", o.out); err != nil {
			return sliceWork{}, err
		}
	}
	checkpoint, set, err := checkpointAndImages(ctx, data, file, o.dataset, o.given("dataset"))
	if err != nil {
		return sliceWork{}, err
	}
	if o.engine != "" {
		if _, err := trainer.EngineByName(o.engine); err != nil {
			return sliceWork{}, configFaults(err)
		}
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
		evaluators: runtime.GOMAXPROCS(0), throttle: &throttle{},
	}
	if o.given("seed") {
		work.seed = o.seed
	}
	if delta, ok := checkpoint.NoiseLevel(); ok && o.lift {
		work.delta = finite(delta)
	}
	return work, nil
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
	work.onLoss = func() { bar.add(1) }
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
			slice = newSlice(run, work.checkpoint.Step, work.seed, delta, delta, line.Level)
			slice.Lift = lift
			n := len(slice.Alphas)
			bar.line("level %d of %d: %d × %d points", slice.Level, slice.Levels-1, n, n)
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
