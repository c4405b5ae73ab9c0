package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"smoothscape/landscape"
	"smoothscape/landscape/fullspace"
)

// fullspaceOptions are the flags of fullspace.
type fullspaceOptions struct {
	nodes    int
	images   int
	vectors  int
	times    []float64
	accuracy float64
	samples  int
	seed     uint64
	engine   string
	dataset  string
	out      string
	given    func(flag string) bool // whether a flag was given
}

func newFullspaceCommand(tty *terminal) *cobra.Command {
	o := &fullspaceOptions{}
	cmd := &cobra.Command{
		Use:   "fullspace CHECKPOINT",
		Short: "Compute what smoothing in all dimensions makes of the loss around a checkpoint",
		Long: `Compute the slice of the smoothed loss itself, E L(θ + α·d₁ + β·d₂ − δu) with u ~ N(0, I/d) in all d parameters, by
Monte Carlo, and the same with recorded noise: steps ηω, where ω is the gradient of a mini-batch minus the
full one at the checkpoint. The plane and the images are those of ` + "`smoothscape slice`" + `. A slice that is
convolved in its plane shows neither: it does not know what the loss does outside of it.

The result is lines of JSON, as GET /api/fullspace of the dashboard sends them: a head with the nodes and the
loss on them, then one line for each picture with its standard errors. A picture of 25 × 25 nodes costs 729
losses for each draw, twice that for the antithetic pairs of the first.`,
		Example: `  smoothscape fullspace convnet-seed1.ckpt -o convnet.fullspace.ndjson
  smoothscape fullspace run.ckpt --nodes 9 --vectors 64 --times 1,4      also what four times as much noise would do`,
		Args: words("one file with a checkpoint, as `smoothscape train` writes it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), tty, dataFolder(cmd), args[0])
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.nodes, "nodes", 25, "nodes a side of the view, 5 to 63")
	f.IntVar(&o.images, "images", sliceImages, "training images behind each loss, those of the slice")
	f.IntVar(&o.vectors, "vectors", 128, "recorded noise vectors")
	f.Float64SliceVar(&o.times, "times", []float64{1}, "how many times the noise of the checkpoint, for each pair of pictures, separated by commas")
	f.Float64Var(&o.accuracy, "error", 0.01, "standard error to stop at, as a share of the range")
	f.IntVar(&o.samples, "samples", 128, "draws of the first picture at most")
	f.Uint64Var(&o.seed, "seed", 1, "of the draws and the batches")
	f.StringVar(&o.engine, "engine", "", "who computes (default: who computed the checkpoint)")
	f.StringVar(&o.dataset, "dataset", "", "folder or name of the images (default: the name in the checkpoint)")
	f.StringVarP(&o.out, "out", "o", "", "file of the result (default: standard output)")
	return cmd
}

// run computes the pictures and writes them when they are whole.
func (o *fullspaceOptions) run(ctx context.Context, tty *terminal, data, file string) error {
	work, err := o.prepare(ctx, data, file)
	if err != nil {
		return err
	}
	work.tell = tty.err
	side := work.nodes + 2
	bar := newProgress(tty.err, int64(side*side*(1+len(o.times)*(2*o.samples+o.vectors))), "losses")
	defer bar.end()
	work.onLosses = func(n int) { bar.add(int64(n)) }
	var lines []any
	err = work.compute(ctx, func(value any) error {
		if head, ok := value.(SpaceHead); ok {
			bar.line("δ = %.4g: %s", head.Delta, computedOn(head.Device))
		}
		frame, ok := value.(SpaceFrame)
		if ok && !frame.Done {
			return nil
		}
		if ok {
			bar.line("%s: %s draws, standard error %s of the range", frame.Picture, grouped(frame.Samples), shareText(frame.RelErr))
		}
		lines = append(lines, value)
		return nil
	})
	if ctx.Err() != nil {
		fmt.Fprintln(tty.err, "Stopped; nothing was written.")
		return errAlreadyTold
	}
	if err != nil {
		return err
	}
	write := func(to io.Writer) error {
		w := bufio.NewWriter(to)
		for _, line := range lines {
			text, err := lineOf(line)
			if err != nil {
				return err
			}
			_, _ = w.Write(text) // Flush tells
		}
		return w.Flush()
	}
	if o.out == "" || o.out == "-" {
		return write(tty.out)
	}
	if err := replaceFile(o.out, write); err != nil {
		return fmt.Errorf("writing the pictures: %w", err)
	}
	return nil
}

// shareText is a share in per cent, "unknown" where it is not known.
func shareText(share *float64) string {
	if share == nil {
		return "unknown"
	}
	return fmt.Sprintf("%.2g %%", 100**share)
}

// prepare checks the flags, and reads the checkpoint and its images.
func (o *fullspaceOptions) prepare(ctx context.Context, data, file string) (networkSpace, error) {
	for _, flag := range []struct {
		name        string
		value       int
		least, most int
	}{{"nodes", o.nodes, 5, 63}, {"images", o.images, 1, 1 << 20}, {"vectors", o.vectors, 2, 4096}, {"samples", o.samples, 2, 1 << 20}} {
		if flag.value < flag.least || flag.value > flag.most {
			return networkSpace{}, &fault{Field: flag.name, Doing: "reading --" + flag.name, Expected: fmt.Sprintf("%d to %d", flag.least, flag.most), Found: fmt.Sprint(flag.value)}
		}
	}
	if !(o.accuracy > 0 && o.accuracy < 1) {
		return networkSpace{}, &fault{Field: "error", Doing: "reading --error", Expected: "a share of the range above 0 and below 1", Found: fmt.Sprint(o.accuracy), Advice: "0.01 is a good one."}
	}
	if len(o.times) == 0 || len(o.times) > 16 || slices.ContainsFunc(o.times, func(v float64) bool { return !(v > 0 && v <= 1e6) }) {
		return networkSpace{}, &fault{Field: "times", Doing: "reading --times", Expected: "1 to 16 numbers above 0, separated by commas", Found: fmt.Sprint(o.times), Advice: "1 is the noise as it is."}
	}
	if o.out != "" && o.out != "-" {
		if err := checkWritable("out", o.out); err != nil {
			return networkSpace{}, err
		}
	}
	checkpoint, set, err := checkpointAndImages(ctx, data, file, o.dataset, o.given("dataset"))
	if err != nil {
		return networkSpace{}, err
	}
	delta, known := checkpoint.NoiseLevel()
	if !known {
		return networkSpace{}, &fault{Doing: "smoothing the loss at " + file, Expected: "a checkpoint that knows its δ", Found: "one from before C was measured", Advice: "Take a later one."}
	}
	update := measureDefaults(checkpoint.Config, checkpoint.Spec, checkpoint.Epoch, set.Train.Len())
	return networkSpace{
		sliceWork: sliceWork{checkpoint: checkpoint, engine: o.engine, set: set, images: o.images, seed: checkpoint.Config.Seed, throttle: &throttle{}, evaluators: runtime.GOMAXPROCS(0)},
		run:       runName(file), nodes: o.nodes, law: landscape.Gaussian, noiseLevel: delta, learningRate: update.LearningRate, times: o.times, batchSize: min(update.BatchSize, set.Train.Len()), vectors: o.vectors,
		stop: fullspace.Stop{Relative: o.accuracy, Samples: o.samples}, draws: o.seed,
	}, nil
}
